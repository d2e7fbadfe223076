"""Corpus → index. Needs `pyarrow` and `pydivsufsort`; nothing that answers queries imports this.

Memory: about 9 bytes for each byte of text at the peak (4 of them for the suffix array before it is
thinned out to word starts): 2.2 GB for the 255 MB of a starter corpus. Time: nearly all of it goes
into suffix sorting on one core, 41 s of CPU for that corpus and 3 s for 20 MB. Disk: 1.46 times the
text, the text itself included. A lookup in that index takes about 1 ms for 400 bytes.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import numpy as np

from attribution.normal_form import SEPARATOR, comparable, word_starts
from attribution.segment import (
    MANIFEST_NAME,
    OFFSETS,
    ROWS,
    SEGMENT,
    SUFFIXES,
    TEXT,
    IndexManifest,
    SourceDocument,
)
from inkling.atomic import atomic_folder, sha256_file, write_json
from inkling.errors import InklingError, require

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

MAX_BYTES = 1_000_000_000
"""Of one segment: what int32 offsets reach, and a machine of 8 GB can sort."""
_CORPUS_VERSION = 1
_COLUMNS = tuple(SourceDocument.__dataclass_fields__)


def build_index(
    corpus: Path, out: Path, on_step: Callable[[str], None] = lambda name: None
) -> IndexManifest:
    """Index the training documents of `corpus` in the folder `out`, whole or not at all.

    Args:
        out: replaced if it holds an earlier index.
        on_step: told the name of each step as it begins.

    Raises:
        InklingError: no corpus, or an empty, too large or newer one; something else at `out`.
    """
    sort = require("pydivsufsort", "evaluate").divsufsort
    _check_target(out)
    corpus_hash = _corpus_hash(corpus)
    with atomic_folder(out) as folder:
        segment = folder / SEGMENT
        segment.mkdir(parents=True)
        on_step("reading the corpus")
        documents, size = _write_documents(corpus, segment)
        on_step(f"sorting the suffixes of {size / 1e6:,.1f} MB")
        text = np.fromfile(segment / TEXT, dtype=np.uint8)
        order = sort(text)
        on_step("keeping the word starts")
        suffixes = order[word_starts(text)[order]]
        if not len(suffixes):
            raise InklingError(f"The corpus {corpus} has no word.", "Curate more source code.")
        suffixes.astype("<i4", copy=False).tofile(segment / SUFFIXES)
        files = {
            f"{SEGMENT}/{path.name}": {"bytes": path.stat().st_size, "sha256": sha256_file(path)}
            for path in sorted(segment.iterdir())
        }
        manifest = IndexManifest(corpus_hash, documents, size, len(suffixes), files)
        write_json(folder / MANIFEST_NAME, manifest.to_json())
    return manifest


def _check_target(out: Path) -> None:
    if (
        out.exists()
        and not (out / MANIFEST_NAME).is_file()
        and (out.is_file() or any(out.iterdir()))
    ):
        raise InklingError(
            f"There is something else than an index at {out}.", "Name another folder with --out."
        )


def _corpus_hash(corpus: Path) -> str:
    """Hex SHA-256 of `corpus.json`: the corpus's identity (see `curation.corpus`)."""
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


def _write_documents(corpus: Path, segment: Path) -> tuple[int, int]:
    """Write text and document table; returns the numbers of documents and of text bytes."""
    offsets: list[tuple[int, int]] = []
    size = rows_size = 0
    with (segment / TEXT).open("wb") as texts, (segment / ROWS).open("wb") as rows:
        for document in _train_documents(corpus):
            offsets.append((size, rows_size))
            text = comparable(document["text"].encode())
            if SEPARATOR in text:
                raise InklingError(
                    f"The document {document['repo']}/{document['path']} holds a NUL byte.",
                    "Make the corpus with 'python -m curation run', which drops such files.",
                )
            size += texts.write(text) + texts.write(bytes([SEPARATOR]))
            if size > MAX_BYTES:
                raise InklingError(
                    f"The corpus {corpus} has more than {MAX_BYTES / 1e9:.0f} GB of text, "
                    "the most that an index can hold.",
                    "Curate fewer sources into it.",
                )
            row = json.dumps({name: document[name] for name in _COLUMNS}) + "\n"
            rows_size += rows.write(row.encode())
    if not offsets:
        raise InklingError(
            f"The corpus {corpus} has no training document.", "Curate more source code."
        )
    np.array(offsets, dtype="<i8").tofile(segment / OFFSETS)
    return len(offsets), size


def _train_documents(corpus: Path) -> Iterator[dict[str, Any]]:
    pyarrow = require("pyarrow", "evaluate")
    parquet = require("pyarrow.parquet", "evaluate")
    for shard in sorted((corpus / "documents").glob("*.parquet")):
        try:
            for batch in parquet.ParquetFile(shard).iter_batches(
                batch_size=256, columns=[*_COLUMNS, "text", "split"]
            ):
                yield from (row for row in batch.to_pylist() if row["split"] == "train")
        except (pyarrow.ArrowException, OSError) as error:
            cause = str(error).partition("\n")[0].rstrip(".")
            raise InklingError(
                f"The shard {shard} can't be read: {cause}.", "Make the corpus again."
            ) from error
