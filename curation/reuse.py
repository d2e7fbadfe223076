"""Incremental runs: the stages' result for a file is kept and used again while nothing changed.

A result is keyed by the file's content hash and all that the stages know of it (repository, path,
licence, stars, whose it is), inside a folder keyed by the rules: options, stage versions, the table
of quality cards. So after a commit only changed files run again; after a change of rules all do.
Kept results are the filtered shards of the last run that finished; a file that is gone is not asked
for any more. Shards go by a hash of the file's name, so that a file's result stays in its place.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as parquet
from datatrove.pipeline.base import PipelineStep

from curation.stages.cleaning import LINE_MAP_KEY
from curation.stages.readable import UNREADABLE_KEY
from curation.stages.signature import SIGNATURE_KEY
from curation.stages.stage import DROP_KEY

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from datatrove.data import Document

    from curation.options import CurationOptions
    from curation.stages.stage import Stage

KEY = "cache_key"
_INPUTS = ("repo", "path", "license", "license_source", "stars", "own", "format")
_SOURCE_OPTIONS = ("environment", "lock", "standard_library", "folders", "heldout",
                   "near_threshold")  # fmt: skip
_RESULTS = ("language", "license", "license_source")


def shard_of(repo: str, path: str, shards: int) -> int:
    """The shard that a file belongs to; `shards` is a power of two.

    With twice as many shards a shard's files go to two of them and to no other.
    """
    digest = hashlib.sha256(f"{repo}\0{path}".encode()).digest()
    return int.from_bytes(digest[:4]) % shards


def shards_for(files: int, workers: int, files_a_shard: int) -> int:
    """So many shards that none is much larger than `files_a_shard`: a power of two."""
    wanted = max(workers, -(-files // files_a_shard), 1)
    return 1 << (wanted - 1).bit_length()


def rules_key(options: CurationOptions, stages: Sequence[Stage], cards: str) -> str:
    """What the results depend on besides the file: options, rules, and the table of cards."""
    chosen = {k: v for k, v in asdict(options).items() if k not in _SOURCE_OPTIONS}
    versions = [(stage.name, stage.version) for stage in stages]
    text = json.dumps([chosen, versions, cards], default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def file_key(document: Document) -> str:
    """What the results depend on of a file that was just read."""
    known = [document.metadata[name] for name in _INPUTS]
    text = json.dumps([document.id, known], default=str)
    return hashlib.sha256(text.encode()).hexdigest()


class ReusableStages(PipelineStep):  # type: ignore[misc]  # datatrove is untyped
    """Runs all stages, but on a file whose result is kept takes that.

    Args:
        kept: folder of filtered shards from an earlier run under the same rules; may be absent.
        reused: folder for one file a task that says how many results were taken.
    """

    name = "stages"
    type = "inkling"

    def __init__(self, stages: Sequence[Stage], kept: Path, reused: Path) -> None:
        super().__init__()
        self.stages = list(stages)
        self.kept = kept
        self.reused = reused

    def run(
        self, data: Iterator[Document], rank: int = 0, world_size: int = 1
    ) -> Iterator[Document]:
        known = self._known_results(rank, world_size)
        taken = 0
        for document in data:
            document.metadata[KEY] = file_key(document)
            row = known.get(document.metadata[KEY])
            if row is not None and UNREADABLE_KEY not in document.metadata:
                apply_result(document, row)
                taken += 1
            else:
                for stage in self.stages:
                    (document,) = stage.run(iter([document]), rank, world_size)
            yield document
        self.reused.mkdir(parents=True, exist_ok=True)
        (self.reused / f"{rank:05d}").write_text(str(taken))

    def _known_results(self, rank: int, world_size: int) -> dict[str, dict[str, Any]]:
        """Results of the files of this task, whatever number of shards the earlier run had."""
        files = sorted(self.kept.glob("*.parquet")) if self.kept.is_dir() else []
        step = min(len(files), world_size)
        own = [file for number, file in enumerate(files) if number % step == rank % step]
        return {row[KEY]: row for file in own for row in parquet.read_table(file).to_pylist()}


def apply_result(document: Document, row: dict[str, Any]) -> None:
    """Make a document what the stages made of the same file before."""
    metadata = document.metadata
    document.text = row["text"]
    metadata.update({name: row[name] for name in _RESULTS})
    metadata.update(json.loads(row["stages"]))
    metadata[SIGNATURE_KEY] = row[SIGNATURE_KEY]
    metadata[LINE_MAP_KEY] = row[LINE_MAP_KEY]
    if row["drop_stage"] is not None:
        metadata[DROP_KEY] = (row["drop_stage"], row["drop_reason"], row["drop_detail"])


def count_reused(folder: Path) -> int:
    """Results that were taken by all tasks."""
    return sum(int(path.read_text()) for path in folder.iterdir()) if folder.is_dir() else 0
