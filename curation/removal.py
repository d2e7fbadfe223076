"""Takes opted-out documents out of a corpus that is already made, and out of its work folder.

Shards without such a document keep their bytes. The removal stands in the manifest and, row by row,
among the dropped; what pretraining, tuning or an index made of the old corpus is not changed by it.
A copy of a removed document that may stay was dropped for it, so its text isn't in this corpus: it
comes back with the next run.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as parquet

from curation import corpus
from curation.counts import count_documents
from curation.stages import dedup, opt_out
from inkling.atomic import atomic_folder, write_json
from inkling.optout import OptOut

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from inkling.optout import OptOutList


_ENTRIES_SHOWN = 10


@dataclass(frozen=True)
class Removal:
    """What was removed, and which permitted files had been dropped as copies of that."""

    removed: list[corpus.DroppedFile]
    twins: list[corpus.DroppedFile]


def remove_opted_out(folder: Path, entries: OptOutList) -> Removal:
    """Remove from the corpus at `folder` what `entries` name.

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
        return Removal([], [])
    twins = _permitted_twins(folder, {f"{row.repo}/{row.path}" for row in removed}, entries)
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
    return Removal(removed, twins)


def entries_without_hit(folder: Path, entries: OptOutList) -> list[OptOut]:
    """Entries that nothing of a corpus fell under, when it was made or since.

    Raises:
        InklingError: the folder is no finished corpus.
    """
    hit: set[OptOut] = set()
    for row in corpus.read_dropped(folder):
        if row.stage == opt_out.NAME:
            hit.add(OptOut(row.reason, row.detail))
            hit.update(entries.matches(row.repo, row.path, row.id, origin=row.origin))
    return [entry for entry in entries.entries if entry not in hit]


def without_hit_text(missed: Sequence[OptOut]) -> str:
    """What to tell of entries that nothing fell under; nothing of none."""
    if not missed:
        return ""
    names = ", ".join(map(str, missed[:_ENTRIES_SHOWN]))
    more = f" and {len(missed) - _ENTRIES_SHOWN:,} more" * (len(missed) > _ENTRIES_SHOWN)
    text = f"Entries of the opt-out list that nothing fell under: {names}{more}."
    if any(entry.kind == "owner" for entry in missed):
        text += (
            " Whose a plain folder is nobody can tell: an owner is known of checkouts with a "
            "remote 'origin' and of datasets only."
        )
    return text


def _permitted_twins(
    folder: Path, removed: set[str], entries: OptOutList
) -> list[corpus.DroppedFile]:
    """Files that dedup dropped for a removed document and that no entry covers."""
    return [
        row
        for row in corpus.read_dropped(folder)
        if row.stage in (dedup.EXACT_NAME, dedup.NEAR_NAME)
        and dedup.kept_instead(row.detail) in removed
        and entries.match(row.repo, row.path, row.id, origin=row.origin) is None
    ]


def _dropped(row: dict[str, Any], entry: OptOut) -> corpus.DroppedFile:
    return corpus.DroppedFile(
        row["id"], row["repo"], row["path"], row["revision"], len(row["text"].encode()),
        opt_out.NAME, entry.kind, entry.value, row.get("origin"),
    )  # fmt: skip


def _append_dropped(folder: Path, removed: list[corpus.DroppedFile]) -> None:
    number = len(list(folder.glob("*.parquet")))
    rows = [vars(row) for row in removed]
    table = pa.Table.from_pylist(rows, corpus.dropped_schema())
    parquet.write_table(table, folder / f"{number:05d}.parquet", compression="zstd")
