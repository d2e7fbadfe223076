"""Takes opted-out documents out of a corpus that is already made.

Shards without such a document keep their bytes. The removal stands in the manifest and, row by row,
among the dropped; what pretraining, tuning or an index made of the old corpus is not changed by it.
"""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as parquet

from curation import corpus
from curation.counts import count_documents
from curation.stages import opt_out
from inkling.atomic import atomic_folder, write_json

if TYPE_CHECKING:
    from pathlib import Path

    from inkling.optout import OptOut, OptOutList


def remove_opted_out(folder: Path, entries: OptOutList) -> list[corpus.DroppedFile]:
    """Remove from the corpus at `folder` what `entries` name; returns what was removed.

    The corpus is replaced as a whole, and only if something in it is to go.

    Raises:
        InklingError: the folder is no finished corpus.
    """
    manifest = corpus.read_manifest(folder)
    removed: list[corpus.DroppedFile] = []
    kept_by_shard: dict[str, pa.Table] = {}
    for shard in sorted((folder / corpus.DOCUMENTS_FOLDER).glob("*.parquet")):
        table = parquet.read_table(shard)
        keep = []
        for row in table.to_pylist():
            hashes, origin = (row["id"], row["text_sha256"]), row.get("origin")
            entry = entries.match(row["repo"], row["path"], *hashes, origin=origin)
            keep.append(entry is None)
            if entry is not None:
                removed.append(_dropped(row, entry))
        if not all(keep):
            kept_by_shard[shard.name] = table.filter(pa.array(keep))
    if not removed:
        return []
    with atomic_folder(folder) as building:
        shutil.copytree(folder, building, dirs_exist_ok=True)
        for name, table in kept_by_shard.items():
            parquet.write_table(
                table, building / corpus.DOCUMENTS_FOLDER / name, compression="zstd"
            )
        _append_dropped(building / corpus.DROPPED_FOLDER, removed)
        counts = count_documents(building)
        record = {
            "list_sha256": entries.sha256,
            "entries": len(entries.entries),
            "removed_later": manifest.opt_out.get("removed_later", 0) + len(removed),
        }
        changed = replace(
            manifest,
            documents=counts.documents,
            bytes=counts.bytes,
            packages=counts.packages,
            opt_out={**manifest.opt_out, **record},
        )
        write_json(building / corpus.MANIFEST_NAME, changed.to_json())
    return removed


def _dropped(row: dict[str, Any], entry: OptOut) -> corpus.DroppedFile:
    return corpus.DroppedFile(
        row["id"], row["repo"], row["path"], row["revision"], len(row["text"].encode()),
        opt_out.NAME, entry.kind, entry.value,
    )  # fmt: skip


def _append_dropped(folder: Path, removed: list[corpus.DroppedFile]) -> None:
    number = len(list(folder.glob("*.parquet")))
    rows = [vars(row) for row in removed]
    table = pa.Table.from_pylist(rows, corpus.dropped_schema())
    parquet.write_table(table, folder / f"{number:05d}.parquet", compression="zstd")
