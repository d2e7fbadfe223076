"""A curated corpus (see `inkling.corpus`) as this package reads it: its shards and documents."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from attribution.documents import COLUMNS, SourceDocument
from attribution.normal_form import comparable
from inkling.corpus import DOCUMENTS_FOLDER, TRAIN
from inkling.errors import InklingError, require

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pyarrow.parquet as pq

_KINDS = {
    **dict.fromkeys(("id", "text", "text_sha256", "repo", "path", "language"), str),
    **dict.fromkeys(("revision", "license", "license_source", "origin"), str | None),
    "committed_at": int | None,
    "line_map": list | None,
}
_NEEDED = {*COLUMNS, "text", "split"} - {"origin"}  # which corpora of before have not
_SHA256 = re.compile(r"[0-9a-fA-F]{64}")


def shards(corpus: Path) -> list[Path]:
    """The Parquet shards of the documents, in order."""
    return sorted((corpus / DOCUMENTS_FOLDER).glob("*.parquet"))


def text_bytes(shard: Path) -> int:
    """An upper bound of the text in a shard, from its metadata alone.

    Raises:
        InklingError: the shard can't be read.
    """
    with _reading(shard):
        metadata = _opened(shard).metadata
        return sum(
            column.total_uncompressed_size
            for group in map(metadata.row_group, range(metadata.num_row_groups))
            for column in map(group.column, range(metadata.num_columns))
            if column.path_in_schema == "text"
        )


def read_documents(shard: Path, split: str = TRAIN) -> Iterator[tuple[SourceDocument, bytes]]:
    """The documents of a shard that belong to `split`, with their texts in comparable form.

    Raises:
        InklingError: the shard can't be read.
    """
    with _reading(shard):
        for batch in _opened(shard).iter_batches(
            batch_size=256, columns=[*COLUMNS, "text", "split"]
        ):
            for row in batch.to_pylist():
                if row.pop("split") == split:
                    if (wrong := _flaw(row)) is not None:
                        raise _unreadable(shard, f"it holds a document with {wrong}")
                    text = row.pop("text")
                    row["line_map"] = _line_map(row["line_map"], text)
                    yield SourceDocument(**row), comparable(text.encode())


def _opened(shard: Path) -> pq.ParquetFile:
    parquet = require("pyarrow.parquet", "attribution").ParquetFile(shard)
    if missing := _NEEDED - set(parquet.schema_arrow.names):
        raise _unreadable(shard, f"it has no column '{min(missing)}'")
    return parquet


def _flaw(row: dict[str, Any]) -> str | None:
    """What of a document can't be, if anything."""
    for name, kind in _KINDS.items():
        if not isinstance(row.get(name), kind):
            return f"the {name} {repr(row[name])[:80]}"
    if _SHA256.fullmatch(row["text_sha256"]) is None:
        return f"the text_sha256 {repr(row['text_sha256'])[:80]}"
    return None


def _line_map(line_map: list[int] | None, text: str) -> list[int] | None:
    """The line map with a number for each line of the comparable form.

    Curation takes a lone `\\r` for a part of its line; the comparable form ends a line there.
    """
    if line_map is None or "\r" not in text:
        return line_map
    lines = text.replace("\r\n", "\n").split("\n")
    counts = (line.count("\r") + 1 for line in lines)
    return [number for number, count in zip(line_map, counts, strict=False) for _ in range(count)]


@contextmanager
def _reading(shard: Path) -> Iterator[None]:
    pyarrow = require("pyarrow", "attribution")
    try:
        yield
    except (pyarrow.ArrowException, OSError, UnicodeDecodeError) as error:
        cause = str(error).partition("\n")[0].rstrip(".")
        raise _unreadable(shard, cause) from error


def _unreadable(shard: Path, cause: str) -> InklingError:
    return InklingError(f"The shard {shard} can't be read: {cause}.", "Make the corpus again.")
