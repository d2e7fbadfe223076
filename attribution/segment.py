"""An index on disk: one immutable segment, memory-mapped, and the manifest `index.json`.

    index/
        index.json                  version, corpus manifest hash, counts, file sizes and hashes
        segments/00000/
            text.bin                documents in comparable form, a zero byte after each
            suffixes.bin            int32: the word starts of text.bin in order of what follows them
            documents.jsonl         one row a document
            documents.bin           int64, shape (documents, 2): offset in text.bin, in the .jsonl

Numbers are little-endian. Opening reads the manifest only; pages come in as queries touch them.
"""

from __future__ import annotations

import json
import mmap
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from inkling.atomic import sha256_file
from inkling.errors import InklingError

if TYPE_CHECKING:
    from pathlib import Path

INDEX_VERSION = 1
MANIFEST_NAME = "index.json"
SEGMENT = "segments/00000"
TEXT, SUFFIXES, ROWS, OFFSETS = "text.bin", "suffixes.bin", "documents.jsonl", "documents.bin"

_REMEDY = "Build it again with: python -m attribution build."


@dataclass(frozen=True)
class SourceDocument:
    """Where an indexed text comes from; the columns of `curation.corpus` that matter here."""

    id: str
    repo: str
    path: str
    revision: str | None
    language: str
    license: str | None
    license_source: str | None
    committed_at: int | None
    line_map: list[int] | None

    @classmethod
    def from_json(cls, row: bytes) -> SourceDocument:
        value = json.loads(row)
        return cls(**{field.name: value[field.name] for field in fields(cls)})


@dataclass(frozen=True)
class IndexManifest:
    """What `index.json` says.

    Attributes:
        corpus: manifest hash of the corpus, as checkpoints and bundles carry it.
        documents, bytes, word_starts: what the index holds.
        files: path in the index → size in bytes and hex SHA-256.
    """

    corpus: str
    documents: int
    bytes: int
    word_starts: int
    files: dict[str, dict[str, Any]]
    version: int = INDEX_VERSION

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Segment:
    """An opened segment.

    Attributes:
        text: all documents, a zero byte after each.
        suffixes: offsets in `text`, shape (word starts,), int32, in lexicographic order.
        starts: offset in `text` of each document, shape (documents,), ascending.
    """

    manifest: IndexManifest
    text: mmap.mmap
    suffixes: np.ndarray
    starts: np.ndarray
    rows: mmap.mmap
    row_starts: np.ndarray

    def document(self, number: int) -> SourceDocument:
        end = self.row_starts[number + 1] if number + 1 < len(self.row_starts) else len(self.rows)
        return SourceDocument.from_json(self.rows[self.row_starts[number] : end])


def read_index_manifest(folder: Path) -> IndexManifest:
    """Read `index.json`.

    Raises:
        InklingError: no finished index, damaged, or written by a newer Inkling.
    """
    path = folder / MANIFEST_NAME
    if not path.is_file():
        raise InklingError(
            f"There is no finished index at {folder}.",
            "Build one with: python -m attribution build CORPUS.",
        )
    try:
        value = json.loads(path.read_bytes())
        if value["version"] > INDEX_VERSION:
            raise InklingError(
                f"The index {folder} has version {value['version']}; "
                f"this Inkling reads up to {INDEX_VERSION}.",
                "Upgrade Inkling, or build the index again.",
            )
        known = {field.name for field in fields(IndexManifest)}
        return IndexManifest(**{key: item for key, item in value.items() if key in known})
    except (ValueError, KeyError, TypeError) as error:
        raise InklingError(f"The manifest {path} is damaged: {error!r}.", _REMEDY) from error


def open_segment(folder: Path, *, verify: bool = False) -> Segment:
    """Open the index in `folder`; sizes are always checked, with `verify` the hashes as well.

    Raises:
        InklingError: missing, truncated, altered, or written by a newer Inkling.
    """
    manifest = read_index_manifest(folder)
    for name in (TEXT, SUFFIXES, ROWS, OFFSETS):
        _check_file(folder, f"{SEGMENT}/{name}", manifest, verify)
    segment = folder / SEGMENT
    offsets = np.memmap(segment / OFFSETS, dtype="<i8", mode="r").reshape(-1, 2)
    return Segment(
        manifest,
        _map(segment / TEXT),
        np.asarray(np.memmap(segment / SUFFIXES, dtype="<i4", mode="r")),
        np.ascontiguousarray(offsets[:, 0]),
        _map(segment / ROWS),
        np.ascontiguousarray(offsets[:, 1]),
    )


def _map(path: Path) -> mmap.mmap:
    with path.open("rb") as handle:
        return mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ)


def _check_file(folder: Path, name: str, manifest: IndexManifest, verify: bool) -> None:
    path = folder / name
    try:
        expected = manifest.files[name]
        whole = path.stat().st_size == expected["bytes"] > 0
        whole = whole and not (verify and sha256_file(path) != expected["sha256"])
    except (KeyError, TypeError, FileNotFoundError):
        whole = False
    if not whole:
        raise InklingError(f"The index file {path} is missing or damaged.", _REMEDY)
