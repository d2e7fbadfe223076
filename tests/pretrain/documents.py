"""Documents and a small corpus on disk to train on."""

from __future__ import annotations

import hashlib
import random
from dataclasses import asdict
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as parquet

from curation.corpus import (
    DOCUMENTS_FOLDER,
    MANIFEST_NAME,
    TRAIN,
    CorpusDocument,
    CorpusManifest,
    document_schema,
)
from inkling.atomic import write_json

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

NAMES = ["value", "total", "result", "item", "index", "count", "path", "name", "left", "right"]


def module_text(seed: object, functions: int = 6) -> str:
    """Python source made of a few names, so that a tiny model can learn something of it."""
    rng = random.Random(f"module {seed}")
    parts = ["import json\n"]
    for number in range(functions):
        first, second, third = rng.sample(NAMES, 3)
        parts.append(
            f"\n\ndef {first}_{number}({second}, {third}={rng.randrange(1000)}):\n"
            f"    # {third} of {second}\n"
            f"    {first} = {second} + {third} * {rng.randrange(100)}\n"
            f"    if {first} > {second}:\n"
            f"        return json.dumps([{first}, {third}])\n"
            f"    return {first}\n"
        )
    return "".join(parts)


def document(
    text: str,
    repo: str = "repo",
    path: str = "package/module.py",
    split: str = TRAIN,
    language: str = "python",
) -> CorpusDocument:
    """A document of that text."""
    digest = hashlib.sha256(text.encode()).hexdigest()
    return CorpusDocument(
        id=digest, text=text, text_sha256=digest, line_map=None, repo=repo, path=path,
        revision="1", language=language, license="MIT", license_source="metadata",
        committed_at=None, stars=None, split=split, stages="{}",
    )  # fmt: skip


def write_corpus(folder: Path, documents: Sequence[CorpusDocument]) -> Path:
    """A finished corpus of one shard; returns its folder."""
    shard = folder / DOCUMENTS_FOLDER / "00000.parquet"
    shard.parent.mkdir(parents=True)
    rows = [asdict(item) for item in documents]
    parquet.write_table(pa.Table.from_pylist(rows, document_schema()), shard)
    counts = {"documents": {TRAIN: len(rows)}, "bytes": {}}
    manifest = CorpusManifest([{"kind": "test"}], {}, [], **counts)
    write_json(folder / MANIFEST_NAME, manifest.to_json())
    return folder
