"""A curated corpus as this package reads it: its identity, its shards, its training documents.

The columns are the contract of `curation.corpus`; this package doesn't import that one.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import contextmanager
from typing import TYPE_CHECKING

from attribution.documents import COLUMNS, SourceDocument
from attribution.normal_form import comparable
from inkling.errors import InklingError, require

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_CORPUS_VERSION = 1


def corpus_hash(corpus: Path) -> str:
    """Hex SHA-256 of `corpus.json`: the corpus's identity.

    Raises:
        InklingError: no finished corpus, a damaged manifest, or a newer version.
    """
    path = corpus / "corpus.json"
    if not path.is_file():
        raise InklingError(
            f"There is no finished corpus at {corpus}.", "Make one with: python -m curation run."
        )
    raw = path.read_bytes()
    try:
        version = json.loads(raw)["version"]
        newer = version > _CORPUS_VERSION
    except (ValueError, KeyError, TypeError) as error:
        raise InklingError(
            f"The manifest {path} is damaged: {error!r}.", "Make the corpus again."
        ) from error
    if newer:
        raise InklingError(
            f"The corpus {corpus} has version {version}; "
            f"this Inkling reads up to {_CORPUS_VERSION}.",
            "Upgrade Inkling, or make the corpus again.",
        )
    return hashlib.sha256(raw).hexdigest()


def shards(corpus: Path) -> list[Path]:
    """The Parquet shards of the documents, in order."""
    return sorted((corpus / "documents").glob("*.parquet"))


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


def read_documents(shard: Path, split: str = "train") -> Iterator[tuple[SourceDocument, bytes]]:
    """The documents of a shard that belong to `split`, with their texts in comparable form.

    Raises:
        InklingError: the shard can't be read.
    """
    with _reading(shard):
        parquet = require("pyarrow.parquet", "attribution").ParquetFile(shard)
        for batch in parquet.iter_batches(batch_size=256, columns=[*COLUMNS, "text", "split"]):
            for row in batch.to_pylist():
                if row.pop("split") == split:
                    text = comparable(row.pop("text").encode())
                    yield SourceDocument(**row), text


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
