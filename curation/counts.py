"""What a corpus holds: documents and bytes by split and by package."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as parquet

from curation import corpus

if TYPE_CHECKING:
    from pathlib import Path

_COLUMNS = ["repo", "revision", "license", "split", "text"]


@dataclass(frozen=True)
class Counts:
    """Documents and bytes by split; repo → revision, licence, split, documents and bytes."""

    documents: dict[str, int] = field(default_factory=dict)
    bytes: dict[str, int] = field(default_factory=dict)
    packages: dict[str, dict[str, Any]] = field(default_factory=dict)


def count_documents(folder: Path) -> Counts:
    """Count the documents of a corpus, whether or not its manifest is written yet."""
    counts = Counts()
    for shard in sorted((folder / corpus.DOCUMENTS_FOLDER).glob("*.parquet")):
        for row in parquet.read_table(shard, columns=_COLUMNS).to_pylist():
            size = len(row["text"].encode())
            split = row["split"]
            counts.documents[split] = counts.documents.get(split, 0) + 1
            counts.bytes[split] = counts.bytes.get(split, 0) + size
            known = {key: row[key] for key in ("revision", "license", "split")}
            entry = counts.packages.setdefault(row["repo"], {**known, "documents": 0, "bytes": 0})
            entry["revision"] = entry["revision"] or row["revision"]  # edited files have none
            entry["documents"] += 1
            entry["bytes"] += size
    ordered = dict(sorted(counts.packages.items()))
    return Counts(counts.documents, counts.bytes, ordered)
