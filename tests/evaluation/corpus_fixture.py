"""A small real corpus for tests: Parquet with the contract's schema, and a manifest."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from curation.corpus import (
    DOCUMENTS_FOLDER,
    HELDOUT,
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


def document(
    text: str, repo: str = "sample", path: str = "sample/module.py", split: str = HELDOUT
) -> CorpusDocument:
    """A document of that text; its id is the hash of repo, path and text."""
    return CorpusDocument(
        id=hashlib.sha256(f"{repo}/{path}\0{text}".encode()).hexdigest(),
        text=text,
        text_sha256=hashlib.sha256(text.encode()).hexdigest(),
        line_map=None,
        repo=repo,
        path=path,
        revision="1.0",
        language="python",
        license="MIT",
        license_source="metadata",
        committed_at=None,
        stars=None,
        split=split,
        stages="{}",
    )


def write_corpus(folder: Path, documents: Sequence[CorpusDocument]) -> Path:
    """Write `documents` as a finished corpus of one shard."""
    shard = folder / DOCUMENTS_FOLDER / "00000.parquet"
    shard.parent.mkdir(parents=True)
    rows = [asdict(item) for item in documents]
    pq.write_table(pa.Table.from_pylist(rows, schema=document_schema()), shard)
    manifest = CorpusManifest(
        sources=[{"kind": "test"}],
        stages={},
        funnel=[],
        documents={s: sum(d.split == s for d in documents) for s in (TRAIN, HELDOUT)},
        bytes={
            s: sum(len(d.text.encode()) for d in documents if d.split == s)
            for s in (TRAIN, HELDOUT)
        },
    )
    write_json(folder / MANIFEST_NAME, manifest.to_json())
    return folder


def module_text(name: str, functions: int = 6) -> str:
    """Python source with a docstring, comments, and `functions` functions named after `name`."""
    parts = [f'"""Module {name}.\n\nIt holds functions.\n"""\n\nimport json\n']
    for number in range(functions):
        parts.append(
            f"\n\ndef {name}_{number}(first, second={number}):\n"
            f'    """Add the two and {number}."""\n'
            f"    # a comment on its own line\n"
            f"    total = first + second * {number}\n"
            f"    if total > {number}:  # a comment at the end\n"
            f"        return json.dumps([total, {number}])\n"
            f"    return {name}_{number}(total, second)\n"
        )
    return "".join(parts)
