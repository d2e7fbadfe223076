"""The document table of a segment: where each text comes from, and under which licence.

    documents.jsonl    one row a document, with everything that is shown of a source
    documents.bin      one fixed-size row a document: offsets, and numbers to group holders by
    names.json         the repositories, their addresses, and licences that those numbers mean

Grouping reads only the second; rows are parsed for the few sources that are shown.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from attribution.mapping import map_file
from inkling.corpus import DocumentOrigin
from inkling.origin import place_in_origin

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from inkling.optout import OptOutList

ROWS, TABLE, NAMES = "documents.jsonl", "documents.bin", "names.json"

ROW = np.dtype(
    [
        ("text", "<u4"),
        ("row", "<u4"),
        ("repo", "<u4"),
        ("license", "<u4"),
        ("content", "<u8"),
        ("committed_at", "<i8"),
    ]
)
"""Offsets in text and rows; indices into the names; start of the content's SHA-256; seconds."""
NO_DATE = np.iinfo(np.int64).max


@dataclass(frozen=True)
class SourceDocument(DocumentOrigin):
    """Where an indexed text comes from."""

    @property
    def key(self) -> str:
        """Identifies a text at a place."""
        return f"{self.repo}\0{self.path}\0{self.text_sha256}"

    @property
    def address(self) -> str | None:
        """`host/owner/name` of the checkout that it comes from, if that is known."""
        return place_in_origin(self.origin, self.path)[0] if self.origin is not None else None

    def is_covered_by(self, opt_out: OptOutList) -> bool:
        """Whether the document must stay out of the index."""
        hashes = self.id, self.text_sha256
        return opt_out.match(self.repo, self.path, *hashes, origin=self.origin) is not None

    @classmethod
    def from_json(cls, row: bytes) -> SourceDocument:
        value = json.loads(row)
        return cls(**{f.name: value[f.name] for f in fields(cls) if f.name in value})


COLUMNS = tuple(field.name for field in fields(SourceDocument))


class DocumentWriter:
    """Writes the table of one segment; `close` at the end."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._rows = (folder / ROWS).open("wb")
        self._table: list[tuple[int, int, int, int, int, int]] = []
        self._repos: dict[str, int] = {}
        self._licenses: dict[str | None, int] = {}
        self._origins: dict[str, set[str]] = {}
        self._size = 0
        self.languages: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._table)

    def add(self, document: SourceDocument, text_offset: int) -> None:
        """Append the row of the text that begins at `text_offset`."""
        self._table.append(
            (
                text_offset,
                self._size,
                self._repos.setdefault(document.repo, len(self._repos)),
                self._licenses.setdefault(document.license, len(self._licenses)),
                int(document.text_sha256[:16], 16),
                NO_DATE if document.committed_at is None else document.committed_at,
            )
        )
        if document.address is not None:
            self._origins.setdefault(document.repo, set()).add(document.address)
        self.languages[document.language] = self.languages.get(document.language, 0) + 1
        self._size += self._rows.write(json.dumps(asdict(document)).encode() + b"\n")

    def close(self) -> None:
        self._rows.close()
        np.array(self._table, dtype=ROW).tofile(self._folder / TABLE)
        names = {
            "repos": list(self._repos),
            "licenses": list(self._licenses),
            "origins": {repo: sorted(found) for repo, found in self._origins.items()},
        }
        (self._folder / NAMES).write_text(json.dumps(names), encoding="utf-8")


class DocumentTable:
    """An opened table.

    Attributes:
        table: shape (documents,), `ROW`, ascending in `text`.
        starts: offset in the segment's text of each document, shape (documents,), int64.
        repos, licenses: what the numbers in `table` mean.
        origins: repository → addresses (host/owner/name) that its checkouts come from.
        rows: the mapped file of rows.
    """

    def __init__(self, folder: Path) -> None:
        names = json.loads((folder / NAMES).read_bytes())
        self.repos: list[str] = names["repos"]
        self.licenses: list[str | None] = names["licenses"]
        self.origins: dict[str, list[str]] = names.get("origins", {})
        self.table = np.fromfile(folder / TABLE, dtype=ROW)
        self.starts = self.table["text"].astype(np.int64)
        self.rows = map_file(folder / ROWS)

    def __len__(self) -> int:
        return len(self.table)

    def __getitem__(self, number: int) -> SourceDocument:
        last = number + 1 == len(self.table)
        end = len(self.rows) if last else int(self.table["row"][number + 1])
        return SourceDocument.from_json(self.rows[int(self.table["row"][number]) : end])

    def __iter__(self) -> Iterator[SourceDocument]:
        return (self[number] for number in range(len(self)))

    def numbers(self, offsets: Iterable[int] | np.ndarray) -> np.ndarray:
        """For each offset in the text the number of the document that holds it."""
        found: np.ndarray = np.searchsorted(self.starts, np.asarray(offsets), side="right") - 1
        return found
