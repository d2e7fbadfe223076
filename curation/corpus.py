"""The corpus on disk: Parquet shards, one row a document, and the manifest `corpus.json`.

    corpus/
        corpus.json            stages, versions, sources, funnel
        documents/00000.parquet …   the curated documents
        dropped/00000.parquet …     every dropped file: stage, reason, detail (no text)

`split` is `train` or `heldout`; held-out packages are whole and share no near-duplicate with the
training side.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any

from inkling.errors import InklingError, flaw, require

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pyarrow as pa

CORPUS_VERSION = 1
MANIFEST_NAME = "corpus.json"
DOCUMENTS_FOLDER = "documents"
DROPPED_FOLDER = "dropped"
TRAIN = "train"
HELDOUT = "heldout"


@dataclass(frozen=True)
class CorpusDocument:
    """One curated document.

    Attributes:
        id: hex SHA-256 of the file's original bytes.
        text: the curated text.
        text_sha256: hex SHA-256 of `text` in UTF-8.
        line_map: for each curated line the number (from 1) of its original line; None: identical.
        repo: repository, or package name for an installed environment.
        path: path inside `repo`, with forward slashes.
        revision: commit id, or package version.
        language: a name of `inkling.languages`.
        license: SPDX expression, or None if none was found.
        license_source: how it was found (`metadata`, `classifier`, `file`, …).
        committed_at: last commit of the file, seconds since 1970, if known.
        stars: of the repository, if known.
        split: `train` or `heldout`.
        stages: what stages measured, as JSON.
    """

    id: str
    text: str
    text_sha256: str
    line_map: list[int] | None
    repo: str
    path: str
    revision: str | None
    language: str
    license: str | None
    license_source: str | None
    committed_at: int | None
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
    """

    sources: list[dict[str, Any]]
    stages: dict[str, str]
    funnel: list[dict[str, Any]]
    documents: dict[str, int]
    bytes: dict[str, int]
    packages: dict[str, dict[str, Any]] = field(default_factory=dict)
    opt_out: dict[str, Any] = field(default_factory=dict)
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
        ]
    )


def dropped_schema() -> pa.Schema:
    """Arrow schema of `dropped/`."""
    pa = require("pyarrow", "train")
    names = ("id", "repo", "path", "revision", "bytes", "stage", "reason", "detail")
    return pa.schema([pa.field(n, pa.int64() if n == "bytes" else pa.string()) for n in names])


def read_manifest(corpus: Path) -> CorpusManifest:
    """Read `corpus.json`.

    Raises:
        InklingError: the folder is no corpus, is unfinished, or was written by a newer Inkling.
    """
    path = corpus / MANIFEST_NAME
    if not path.is_file():
        raise InklingError(
            f"There is no finished corpus at {corpus}.", "Make one with: python -m curation run."
        )
    try:
        value = json.loads(path.read_bytes())
        version = value["version"]
        if version > CORPUS_VERSION:
            raise InklingError(
                f"The corpus {corpus} has version {version}; "
                f"this Inkling reads up to {CORPUS_VERSION}.",
                "Upgrade Inkling, or make the corpus again.",
            )
        known = {f.name for f in fields(CorpusManifest)}
        return CorpusManifest(**{key: item for key, item in value.items() if key in known})
    except (ValueError, KeyError, TypeError) as error:
        raise InklingError(
            f"The manifest {path} is damaged: {flaw(error)}.", "Make the corpus again."
        ) from error


def manifest_hash(corpus: Path) -> str:
    """The corpus's identity: hex SHA-256 of its manifest, which checkpoint and bundle carry on."""
    read_manifest(corpus)
    return hashlib.sha256((corpus / MANIFEST_NAME).read_bytes()).hexdigest()


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
