"""A curated corpus (see `inkling.corpus`) as this package reads it: its shards and documents."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from attribution.documents import COLUMNS, SourceDocument
from attribution.normal_form import comparable
from inkling.corpus import DOCUMENTS_FOLDER, TRAIN
from inkling.errors import InklingError, require

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def shards(corpus: Path) -> list[Path]:
    """The Parquet shards of the documents, in order."""
    return sorted((corpus / DOCUMENTS_FOLDER).glob("*.parquet"))


def text_bytes(shard: Path) -> int:
    """An upper bound of the text in a shard, from its metadata alone.

    Raises:
        InklingError: the shard can't be read.
    """
    with _reading(shard):
        metadata = require("pyarrow.parquet", "attribution").ParquetFile(shard).metadata
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
        parquet = require("pyarrow.parquet", "attribution").ParquetFile(shard)
        for batch in parquet.iter_batches(batch_size=256, columns=[*COLUMNS, "text", "split"]):
            for row in batch.to_pylist():
                if row.pop("split") == split:
                    text = row.pop("text")
                    row["line_map"] = _line_map(row["line_map"], text)
                    yield SourceDocument(**row), comparable(text.encode())


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
    except (pyarrow.ArrowException, OSError) as error:
        cause = str(error).partition("\n")[0].rstrip(".")
        raise InklingError(
            f"The shard {shard} can't be read: {cause}.", "Make the corpus again."
        ) from error
