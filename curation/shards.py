"""The datatrove steps that read raw files and write shards, and their intermediate format.

Between filtering and dedup a shard is one Parquet file of every document, kept or dropped, under
its final name only when it is complete: datatrove's own writers leave half files when killed.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as parquet
from datatrove.data import Document
from datatrove.pipeline.base import PipelineStep

from curation.corpus import document_schema, dropped_schema
from curation.progress import TaskProgress
from curation.reuse import shard_of
from curation.sources.head import is_blob
from curation.stages.cleaning import LINE_MAP_KEY
from curation.stages.language import FORMAT_KEY
from curation.stages.origin import VENDORED_KEY
from curation.stages.readable import MAX_BYTES, UNREADABLE_KEY, decode
from curation.stages.secrets import REDACTIONS_KEY
from curation.stages.signature import SIGNATURE_KEY
from curation.stages.stage import DROP_KEY, Drop
from inkling.atomic import atomic_file

if TYPE_CHECKING:
    from collections.abc import Iterator

_EMPTY_HASH = hashlib.sha256(b"").hexdigest()
_ROWS_A_GROUP = 512
_MEASURED = ("license_class", "own", REDACTIONS_KEY, VENDORED_KEY)
"""What stages note in a document's metadata that its row in the corpus keeps."""


def filtered_schema() -> pa.Schema:
    """Arrow schema between filtering and dedup: a document's columns, signature and drop."""
    document = [field.with_nullable(True) for field in document_schema()]
    extra = [
        pa.field("bytes", pa.int64()),
        pa.field("own", pa.bool_()),
        pa.field(SIGNATURE_KEY, pa.binary()),
        pa.field("drop_stage", pa.string()),
        pa.field("drop_reason", pa.string()),
        pa.field("drop_detail", pa.string()),
    ]
    return pa.schema(document + extra)


class FileReader(PipelineStep):  # type: ignore[misc]  # datatrove is untyped
    """Reads a shard's files of a listing (JSON lines of `SourceFile`), of 2^n shards.

    What can't be read becomes a document without text that says why; nothing ends the run.
    """

    name = "files"
    type = "inkling"

    def __init__(self, listing: Path, heldout: frozenset[str]) -> None:
        super().__init__()
        self.listing = listing
        self.heldout = heldout

    def run(
        self, data: Iterator[Document] | None = None, rank: int = 0, world_size: int = 1
    ) -> Iterator[Document]:
        with self.listing.open(encoding="utf-8") as lines:
            for line in lines:
                source = json.loads(line)
                if shard_of(source["repo"], source["path"], world_size) == rank:
                    yield read_source_file(source, self.heldout)


def read_source_file(source: dict[str, Any], heldout: frozenset[str]) -> Document:
    """The document of one listed file."""
    content: str | Drop
    raw: bytes | None = None
    digest = _EMPTY_HASH
    if source["flaw"] is not None:
        content = Drop(*source["flaw"])
    elif source["bytes"] > MAX_BYTES:
        content = Drop("too_large", f"{source['bytes']} bytes, at most {MAX_BYTES} pass")
    else:
        try:
            raw = Path(source["location"]).read_bytes()
        except OSError as error:
            content = Drop("unreadable", error.strerror or str(error))
        else:
            digest = hashlib.sha256(raw).hexdigest()
            content = decode(raw)
    metadata = {
        key: source[key]
        for key in (
            "repo",
            "path",
            "revision",
            "license",
            "license_source",
            "bytes",
            "committed_at",
            "stars",
            "own",
            "origin",
            FORMAT_KEY,
        )
    }
    if raw is not None and source["blob"] is not None and not is_blob(raw, source["blob"]):
        metadata["revision"] = None  # it doesn't hold these bytes
    metadata["split"] = "heldout" if source["repo"] in heldout else "train"
    metadata["language"] = None
    if isinstance(content, Drop):
        metadata[UNREADABLE_KEY] = (content.reason, content.detail)
        content = ""
    # datatrove refuses no empty text here, but its own steps do; they never see this document.
    return Document(text=content, id=digest, metadata=metadata)


class ShardWriter(PipelineStep):  # type: ignore[misc]  # datatrove is untyped
    """Writes all documents of a task to `folder/RANK.parquet`, whole or not at all."""

    name = "shards"
    type = "inkling"

    def __init__(self, folder: Path, progress: Path) -> None:
        super().__init__()
        self.folder = folder
        self.progress = progress

    def run(
        self, data: Iterator[Document], rank: int = 0, world_size: int = 1
    ) -> Iterator[Document]:
        schema = filtered_schema()
        counter = TaskProgress(self.progress, rank)
        with (
            atomic_file(self.folder / f"{rank:05d}.parquet") as temporary,
            parquet.ParquetWriter(temporary, schema, compression="zstd") as writer,
        ):
            rows: list[dict[str, Any]] = []
            for document in data:
                rows.append(filtered_row(document))
                counter.advance()
                if len(rows) == _ROWS_A_GROUP:
                    writer.write_table(pa.Table.from_pylist(rows, schema))
                    rows = []
            writer.write_table(pa.Table.from_pylist(rows, schema))
        counter.finish()
        yield from ()


def filtered_row(document: Document) -> dict[str, Any]:
    """One row of a filtered shard. A dropped document's text isn't kept."""
    metadata = document.metadata
    stage, reason, detail = metadata.get(DROP_KEY, (None, None, None))
    text = document.text if stage is None else ""
    measured = {key: metadata[key] for key in _MEASURED if metadata.get(key)}
    return {
        **{key: metadata[key] for key in ("repo", "path", "revision", "language", "license")},
        "license_source": metadata["license_source"],
        "committed_at": metadata["committed_at"],
        "stars": metadata["stars"],
        "origin": metadata["origin"],
        "split": metadata["split"],
        "bytes": metadata["bytes"],
        "own": metadata["own"],
        "id": document.id,
        "text": text,
        "text_sha256": hashlib.sha256(text.encode()).hexdigest(),
        "line_map": metadata.get(LINE_MAP_KEY) if stage is None else None,
        "stages": json.dumps(measured, sort_keys=True),
        SIGNATURE_KEY: metadata.get(SIGNATURE_KEY),
        "drop_stage": stage,
        "drop_reason": reason,
        "drop_detail": detail,
    }


class CorpusWriter(PipelineStep):  # type: ignore[misc]  # datatrove is untyped
    """Splits filtered shards into the corpus's `documents/` and `dropped/`, applying dedup.

    Args:
        duplicates: JSON file of [shard, row, stage, reason, detail].
    """

    name = "corpus"
    type = "inkling"

    def __init__(
        self, filtered: Path, duplicates: Path, documents: Path, dropped: Path, progress: Path
    ) -> None:
        super().__init__()
        self.filtered = filtered
        self.duplicates = duplicates
        self.documents = documents
        self.dropped = dropped
        self.progress = progress

    def run(
        self, data: Iterator[Document] | None = None, rank: int = 0, world_size: int = 1
    ) -> Iterator[Document]:
        decided = {
            row: (stage, reason, detail)
            for shard, row, stage, reason, detail in json.loads(self.duplicates.read_bytes())
            if shard == rank
        }
        counter = TaskProgress(self.progress, rank)
        kept: list[dict[str, Any]] = []
        dropped: list[dict[str, Any]] = []
        table = parquet.read_table(self.filtered / f"{rank:05d}.parquet")
        for number, row in enumerate(table.to_pylist()):
            own = (row["drop_stage"], row["drop_reason"], row["drop_detail"])
            stage, reason, detail = decided.get(number, own)
            if stage is None:
                kept.append({name: row[name] for name in document_schema().names})
            else:
                drop = {"stage": stage, "reason": reason, "detail": detail}
                dropped.append({n: drop.get(n, row.get(n)) for n in dropped_schema().names})
            counter.advance()
        _write(self.documents / f"{rank:05d}.parquet", kept, document_schema())
        _write(self.dropped / f"{rank:05d}.parquet", dropped, dropped_schema())
        counter.finish()
        yield from ()


def _write(path: Path, rows: list[dict[str, Any]], schema: pa.Schema) -> None:
    with atomic_file(path) as temporary:
        parquet.write_table(pa.Table.from_pylist(rows, schema), temporary, compression="zstd")
