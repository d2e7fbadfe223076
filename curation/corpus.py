"""The corpus on disk: Parquet shards, one row a document, and the manifest `corpus.json`.

    corpus/
        corpus.json            stages, versions, sources, funnel
        documents/00000.parquet …   the curated documents
        dropped/00000.parquet …     every dropped file: stage, reason, detail (no text)

`split` is `train` or `heldout`; held-out packages are whole and share no near-duplicate with the
training side.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any

from inkling.corpus import (
    CORPUS_VERSION,
    DOCUMENTS_FOLDER,
    HELDOUT,
    MANIFEST_NAME,
    TRAIN,
    DocumentOrigin,
    damaged,
    read_corpus_json,
)
from inkling.corpus import corpus_hash as manifest_hash
from inkling.errors import InklingError, require

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pyarrow as pa

__all__ = [
    "CORPUS_VERSION",
    "DOCUMENTS_FOLDER",
    "DROPPED_FOLDER",
    "HELDOUT",
    "MANIFEST_NAME",
    "TRAIN",
    "CorpusDocument",
    "CorpusManifest",
    "DroppedFile",
    "document_schema",
    "dropped_schema",
    "manifest_hash",
    "read_documents",
    "read_dropped",
    "read_manifest",
]

DROPPED_FOLDER = "dropped"


@dataclass(frozen=True)
class CorpusDocument(DocumentOrigin):
    """One curated document.

    Attributes:
        text: the curated text.
        stars: of the repository, if known.
        split: `train` or `heldout`.
        stages: what stages measured, as JSON.
    """

    text: str
    stars: int | None
    split: str
    stages: str


@dataclass(frozen=True)
class DroppedFile:
    """Why a file is not in the corpus."""

    id: str
    repo: str
    path: str
    revision: str | None
    bytes: int
    stage: str
    reason: str
    detail: str
    origin: str | None = None


@dataclass(frozen=True)
class CorpusManifest:
    """What `corpus.json` says.

    Attributes:
        sources: descriptions of what was read.
        stages: name → version of each stage's rule.
        funnel: one row a stage: name, files and bytes that entered and left, drops by reason.
        documents, bytes: what the corpus holds, by split.
        packages: repo → revision, licence, documents and bytes kept, split.
        opt_out: hash and length of the opt-out list, and what it removed from the finished corpus.
        options: what was asked of the run, as `CurationOptions.as_record` has it; empty in
            manifests of before.
    """

    sources: list[dict[str, Any]]
    stages: dict[str, str]
    funnel: list[dict[str, Any]]
    documents: dict[str, int]
    bytes: dict[str, int]
    packages: dict[str, dict[str, Any]] = field(default_factory=dict)
    opt_out: dict[str, Any] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    version: int = CORPUS_VERSION

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def document_schema() -> pa.Schema:
    """Arrow schema of `documents/`: explicit, so no key depends on what the first row holds."""
    pa = require("pyarrow", "train")
    return pa.schema(
        [
            pa.field("id", pa.string(), nullable=False),
            pa.field("text", pa.large_string(), nullable=False),
            pa.field("text_sha256", pa.string(), nullable=False),
            pa.field("line_map", pa.list_(pa.int32())),
            pa.field("repo", pa.string(), nullable=False),
            pa.field("path", pa.string(), nullable=False),
            pa.field("revision", pa.string()),
            pa.field("language", pa.string(), nullable=False),
            pa.field("license", pa.string()),
            pa.field("license_source", pa.string()),
            pa.field("committed_at", pa.int64()),
            pa.field("stars", pa.int64()),
            pa.field("split", pa.string(), nullable=False),
            pa.field("stages", pa.string(), nullable=False),
            pa.field("origin", pa.string()),
        ]
    )


def dropped_schema() -> pa.Schema:
    """Arrow schema of `dropped/`."""
    pa = require("pyarrow", "train")
    names = ("id", "repo", "path", "revision", "bytes", "stage", "reason", "detail", "origin")
    return pa.schema([pa.field(n, pa.int64() if n == "bytes" else pa.string()) for n in names])


def read_manifest(corpus: Path) -> CorpusManifest:
    """Read `corpus.json`.

    Raises:
        InklingError: the folder is no corpus, is unfinished, or was written by a newer Inkling.
    """
    value = read_corpus_json(corpus)
    known = {f.name for f in fields(CorpusManifest)}
    try:
        return CorpusManifest(**{key: item for key, item in value.items() if key in known})
    except TypeError as error:
        raise damaged(corpus / MANIFEST_NAME, error) from error


def read_documents(corpus: Path, split: str | None = None) -> Iterator[CorpusDocument]:
    """The documents in their stored order, of one split or of both.

    Raises:
        InklingError: the folder is no finished corpus, or a shard is damaged.
    """
    for row in _read_rows(corpus, DOCUMENTS_FOLDER):
        if split is None or row["split"] == split:
            yield CorpusDocument(**row)


def read_dropped(corpus: Path) -> Iterator[DroppedFile]:
    """Every dropped file with its reason.

    Raises:
        InklingError: the folder is no finished corpus, or a shard is damaged.
    """
    for row in _read_rows(corpus, DROPPED_FOLDER):
        yield DroppedFile(**row)


def _read_rows(corpus: Path, folder: str) -> Iterator[dict[str, Any]]:
    read_manifest(corpus)
    pyarrow = require("pyarrow", "train")
    parquet = require("pyarrow.parquet", "train")
    for shard in sorted((corpus / folder).glob("*.parquet")):
        try:
            for batch in parquet.ParquetFile(shard).iter_batches(batch_size=256):
                yield from batch.to_pylist()
        except (pyarrow.ArrowException, OSError) as error:
            cause = str(error).partition("\n")[0].rstrip(".")
            raise InklingError(
                f"The shard {shard} can't be read: {cause}.", "Make the corpus again."
            ) from error
