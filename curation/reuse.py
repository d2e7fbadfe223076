"""Incremental runs: what a costly stage made of a content is remembered and used again.

A result is keyed by the stage's rule (its name, version and own parameters) and by what the rule
looks at: the text as it reaches the stage, and the few facts that the stage names in `reads`. So
after a commit only changed files are judged anew, after a change of one rule only that rule is
asked, and runs that take turns with other options find their own results. Cheap stages (opt-out,
licence, language …) always judge, so an entry in a list touches what it matches and nothing else.

Results are kept per corpus for some runs after they were last used. What opt-out names is not:
each result says which file it came from. Shards go by a hash of the file's name, so that a file's
results stay in their place.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as parquet
from datatrove.pipeline.base import PipelineStep

from curation.stages.signature import SIGNATURE_KEY
from curation.stages.stage import DROP_KEY
from inkling.atomic import atomic_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from datatrove.data import Document

    from curation.stages.stage import Stage
    from inkling.optout import OptOutList

RUNS_REMEMBERED = 8
"""A result goes when so many finished runs had no use for it."""
_SCHEMA = pa.schema(
    [
        pa.field("key", pa.string()),
        pa.field("place", pa.int64()),
        pa.field("unused", pa.int32()),
        pa.field("repo", pa.string()),
        pa.field("path", pa.string()),
        pa.field("origin", pa.string()),
        pa.field("id", pa.string()),
        pa.field("drop_reason", pa.string()),
        pa.field("drop_detail", pa.string()),
        pa.field("text", pa.large_string()),
        pa.field("measured", pa.string()),
        pa.field(SIGNATURE_KEY, pa.binary()),
    ]
)


def place_of(repo: str, path: str) -> int:
    """Where a file stands among the shards: 32 bits of a hash of its name."""
    return int.from_bytes(hashlib.sha256(f"{repo}\0{path}".encode()).digest()[:4])


def shard_of(repo: str, path: str, shards: int) -> int:
    """The shard that a file belongs to; `shards` is a power of two.

    With twice as many shards a shard's files go to two of them and to no other.
    """
    return place_of(repo, path) % shards


def shards_for(files: int, workers: int, files_a_shard: int) -> int:
    """So many shards that none is much larger than `files_a_shard`: a power of two."""
    wanted = max(workers, -(-files // files_a_shard), 1)
    return 1 << (wanted - 1).bit_length()


def result_key(stage: Stage, text_sha256: str, metadata: dict[str, Any]) -> str:
    """What a stage's result depends on: its rule, and what the rule looks at."""
    read = [metadata.get(name) for name in stage.reads or ()]
    value = [stage.name, stage.version, stage.parameters, text_sha256, read]
    return hashlib.sha256(json.dumps(value, default=str).encode()).hexdigest()[:32]


def read_results(folder: Path, rank: int, world_size: int) -> Iterator[dict[str, Any]]:
    """The results for a task's files, whatever number of shards the earlier run had."""
    files = sorted(folder.glob("*.parquet")) if folder.is_dir() else []
    step = min(len(files), world_size)
    for number, file in enumerate(files):
        if number % step == rank % step:
            for row in parquet.read_table(file).to_pylist():
                if row["place"] % world_size == rank:
                    yield row


def forget_results(folder: Path, entries: OptOutList) -> int:
    """Remove what was made of the files that a list names; returns how many results that were."""
    forgotten = 0
    for file in sorted(folder.glob("*.parquet")):
        rows = parquet.read_table(file).to_pylist()
        left = [row for row in rows if not _is_covered(row, entries)]
        if len(left) < len(rows):
            forgotten += len(rows) - len(left)
            _write(file, left)
    return forgotten


def _is_covered(row: dict[str, Any], entries: OptOutList) -> bool:
    found = entries.match(row["repo"], row["path"], row["id"], origin=row["origin"])
    return found is not None


def _write(path: Path, rows: list[dict[str, Any]]) -> None:
    with atomic_file(path) as temporary:
        parquet.write_table(pa.Table.from_pylist(rows, _SCHEMA), temporary, compression="zstd")


class ReusableStages(PipelineStep):  # type: ignore[misc]  # datatrove is untyped
    """Runs all stages, but takes the result of a costly one from memory where it is known.

    Args:
        memory: folder of results of earlier runs; may be absent.
        results: folder for the results that the next run may use, a file a task.
        anew: folder for one file a task that says how many files a costly stage judged.
        opt_out: nothing of what it names is remembered.
    """

    name = "stages"
    type = "inkling"

    def __init__(
        self, stages: Sequence[Stage], memory: Path, results: Path, anew: Path, opt_out: OptOutList
    ) -> None:
        super().__init__()
        self.stages = list(stages)
        self.memory = memory
        self.results = results
        self.anew = anew
        self.opt_out = opt_out

    def run(
        self, data: Iterator[Document], rank: int = 0, world_size: int = 1
    ) -> Iterator[Document]:
        known = {
            row["key"]: {**row, "unused": row["unused"] + 1}
            for row in read_results(self.memory, rank, world_size)
            if not _is_covered(row, self.opt_out)
        }
        anew = 0
        for document in data:
            anew += self._judge(document, known)
            yield document
        _write(
            self.results / f"{rank:05d}.parquet",
            [row for row in known.values() if row["unused"] < RUNS_REMEMBERED],
        )
        self.anew.mkdir(parents=True, exist_ok=True)
        (self.anew / f"{rank:05d}").write_text(str(anew))

    def _judge(self, document: Document, known: dict[str, dict[str, Any]]) -> bool:
        """Send a document past the stages; whether a costly one had to look at it."""
        anew = False
        text, digest = None, ""
        for stage in self.stages:
            if DROP_KEY in document.metadata:
                break
            if stage.reads is None:
                stage.apply_to(document)
                continue
            if text is not document.text:
                text = document.text
                digest = hashlib.sha256(text.encode()).hexdigest()
            key = result_key(stage, digest, document.metadata)
            if key not in known:
                known[key] = {"key": key, **_result_of(stage, document)}
                anew = True
            else:
                known[key]["unused"] = 0
                _apply(stage, document, known[key])
        return anew


def _result_of(stage: Stage, document: Document) -> dict[str, Any]:
    """Let a stage judge a document; what it did, as a row of the memory."""
    text, before = document.text, dict(document.metadata)
    stage.apply_to(document)
    metadata = document.metadata
    _, reason, detail = metadata.get(DROP_KEY, (None, None, None))
    apart = {DROP_KEY, SIGNATURE_KEY}
    measured = {
        name: value
        for name, value in metadata.items()
        if name not in apart and (name not in before or before[name] != value)
    }
    return {
        "place": place_of(metadata["repo"], metadata["path"]),
        "unused": 0,
        **{name: metadata[name] for name in ("repo", "path", "origin")},
        "id": document.id,
        "drop_reason": reason,
        "drop_detail": detail,
        "text": None if document.text == text else document.text,
        "measured": json.dumps(measured) if measured else None,
        SIGNATURE_KEY: metadata.get(SIGNATURE_KEY),
    }


def _apply(stage: Stage, document: Document, row: dict[str, Any]) -> None:
    """Make a document what a stage made of the same content before."""
    metadata = document.metadata
    if row["text"] is not None:
        document.text = row["text"]
    if row["measured"] is not None:
        metadata.update(json.loads(row["measured"]))
    if row[SIGNATURE_KEY] is not None:
        metadata[SIGNATURE_KEY] = row[SIGNATURE_KEY]
    if row["drop_reason"] is not None:
        metadata[DROP_KEY] = (stage.name, row["drop_reason"], row["drop_detail"])


def count_anew(folder: Path) -> int:
    """Files that a costly stage judged, in all tasks."""
    return sum(int(path.read_text()) for path in folder.iterdir()) if folder.is_dir() else 0
