"""What a corpus on disk promises to the packages that read it without importing `curation`.

    corpus/
        corpus.json                  the manifest, with the options of the run that made it; its
                                     hash is the corpus's identity
        documents/00000.parquet …    one row a document: where it comes from, its text, its split

`curation.corpus` writes it and says what else is in it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from inkling.errors import InklingError, flaw

if TYPE_CHECKING:
    from pathlib import Path

CORPUS_VERSION = 1
MANIFEST_NAME = "corpus.json"
DOCUMENTS_FOLDER = "documents"
TRAIN = "train"
HELDOUT = "heldout"


@dataclass(frozen=True)
class DocumentOrigin:
    """Where a curated document comes from.

    Attributes:
        id: hex SHA-256 of the file's original bytes.
        text_sha256: hex SHA-256 of the curated text in UTF-8.
        repo: repository, or package name for an installed environment.
        path: path inside `repo`, with forward slashes.
        revision: commit id, or package version.
        language: a name of `inkling.languages`.
        license: SPDX expression, or None if none was found.
        license_source: how it was found (`metadata`, `classifier`, `file`, …).
        committed_at: last commit of the file, seconds since 1970, if known.
        line_map: for each curated line the number (from 1) of its original line; None: identical.
        origin: where the checkout comes from, as `inkling.origin` has it, if that is known.
    """

    id: str
    text_sha256: str
    repo: str
    path: str
    revision: str | None
    language: str
    license: str | None
    license_source: str | None
    committed_at: int | None
    line_map: list[int] | None
    origin: str | None = field(default=None, kw_only=True)


def read_corpus_json(corpus: Path) -> dict[str, Any]:
    """Read `corpus.json`, which has at least its `version` and the number of `documents`.

    Raises:
        InklingError: the folder is no corpus, is unfinished, or was written by a newer Inkling.
    """
    path = corpus / MANIFEST_NAME
    if not path.is_file():
        raise InklingError(
            f"There is no finished corpus at {corpus}.", "Make one with: python -m curation run."
        )
    try:
        value: dict[str, Any] = json.loads(path.read_bytes())
        version = value["version"]
        newer = version > CORPUS_VERSION
        if not newer and "documents" not in value:
            raise KeyError("documents")
    except (ValueError, KeyError, TypeError) as error:
        raise damaged(path, error) from error
    if newer:
        raise InklingError(
            f"The corpus {corpus} has version {version}; "
            f"this Inkling reads up to {CORPUS_VERSION}.",
            "Upgrade Inkling, or make the corpus again.",
        )
    return value


def damaged(manifest: Path, error: Exception) -> InklingError:
    """What to say of a manifest that can't be understood."""
    return InklingError(
        f"The manifest {manifest} is damaged: {flaw(error)}.", "Make the corpus again."
    )


def corpus_hash(corpus: Path) -> str:
    """The corpus's identity: hex SHA-256 of its manifest, which checkpoint and bundle carry on.

    Raises:
        InklingError: as `read_corpus_json`.
    """
    read_corpus_json(corpus)
    return hashlib.sha256((corpus / MANIFEST_NAME).read_bytes()).hexdigest()
