"""Corpus → index: segments built side by side, each whole or not at all, then one manifest.

The shards of the corpus are dealt into tasks of about a segment each. A finished task leaves a
record beside its segment, so an interrupted build goes on where it stopped, and a cluster may run
the tasks anywhere on a shared disk: `BuildTasks` has the form of a datatrove step.

Memory: `BYTES_A_TEXT_BYTE` bytes a process for each byte of a segment's text (1.8 GB with the
default of 256 MB), whatever the corpus's size.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any

import numpy as np

from attribution.corpus_reader import read_documents, shards, text_bytes
from attribution.exclusive import CHANGING, PUBLISHING, changing
from attribution.fingerprints import character_fingerprints
from attribution.forgetting import publish_obeying, readable_code, remembering
from attribution.index import (
    MANIFEST_NAME,
    SEGMENTS,
    WORK,
    IndexManifest,
    SegmentEntry,
)
from attribution.segment import SEGMENT_VERSION, open_segment, read_segment_manifest
from attribution.segment_writer import MAX_BYTES, SegmentWriter
from inkling.atomic import atomic_file, write_json
from inkling.corpus import corpus_hash
from inkling.errors import InklingError
from inkling.optout import OptOutList

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

SEGMENT_BYTES = 256_000_000
BYTES_A_TEXT_BYTE = 7.0


@dataclass(frozen=True)
class Plan:
    """How a corpus becomes segments.

    Attributes:
        corpus_hash: of the corpus, to notice a change between two runs.
        tasks: the shards of each task.
        segment_bytes: text after which a task begins another segment.
        opt_out: documents that stay outside.
        known: keys (`SourceDocument.key`) of documents that stay outside as well.
    """

    corpus: Path
    out: Path
    corpus_hash: str
    tasks: tuple[tuple[Path, ...], ...]
    segment_bytes: int
    opt_out: OptOutList
    known: frozenset[str] = frozenset()

    @property
    def work(self) -> Path:
        """Where finished tasks leave their records; a different plan has a different place."""
        known = hashlib.sha256("\n".join(sorted(self.known)).encode()).hexdigest()
        hashes = "-".join(h[:16] for h in (self.corpus_hash, self.opt_out.sha256, known))
        return self.out / WORK / f"{SEGMENT_VERSION}-{self.segment_bytes}-{hashes}"

    def record(self, task: int) -> Path:
        """File with the names of a finished task's segments."""
        return self.work / f"{task:05}.json"

    def opted_out(self, task: int) -> Path:
        """File with fingerprints (uint64) of the task's documents that stay outside by a rule."""
        return self.work / f"{task:05}.marks"


def plan_build(
    corpus: Path,
    out: Path,
    segment_bytes: int = SEGMENT_BYTES,
    opt_out: OptOutList | None = None,
    known: frozenset[str] = frozenset(),
) -> Plan:
    """Deal the shards of `corpus` into tasks.

    Raises:
        InklingError: no corpus, a newer one or a damaged shard; something else at `out`.
    """
    if not 0 < segment_bytes <= MAX_BYTES:
        raise InklingError(
            f"A segment of {segment_bytes / 1e6:,.1f} MB can't be built.",
            f"Choose up to {MAX_BYTES / 1e6:,.0f} MB.",
        )
    check_target(out)
    digest = corpus_hash(corpus)
    tasks: list[list[Path]] = []
    size = segment_bytes
    for shard in shards(corpus):
        bytes_ = text_bytes(shard)
        if size + bytes_ > segment_bytes:
            tasks.append([])
            size = 0
        tasks[-1].append(shard)
        size += bytes_
    return Plan(
        corpus,
        out,
        digest,
        tuple(map(tuple, tasks)),
        segment_bytes,
        opt_out or OptOutList(),
        known,
    )


def build_index(
    plan: Plan,
    workers: int = 1,
    on_progress: Callable[[int, int, str], None] = lambda done, tasks, step: None,
) -> IndexManifest:
    """Build what no earlier run has finished, then publish it as the index.

    Args:
        workers: processes; with 1 everything happens in this one.
        on_progress: told the number of finished tasks, of all tasks, and what happens now.

    Raises:
        InklingError: a damaged or empty corpus.
    """
    with changing(plan.out):
        build_segments(plan, workers, on_progress)
        return finish_build(plan)


def build_segments(
    plan: Plan, workers: int, on_progress: Callable[[int, int, str], None]
) -> list[str]:
    """Run the tasks that no earlier run has finished; returns the names of all segments."""
    total = len(plan.tasks)
    left = [task for task in range(total) if not is_finished(plan, task)]
    done = total - len(left)
    on_progress(done, total, "starting" if done == 0 else f"going on after {done} tasks")
    if workers <= 1:
        for task in left:
            run_task(plan, task, partial(on_progress, done, total))
            done += 1
    else:
        # Threads of the parent may hold locks that a forked child would wait for, so spawn.
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
            try:
                for future in as_completed([pool.submit(run_task, plan, task) for task in left]):
                    future.result()
                    done += 1
                    on_progress(done, total, "building segments")
            except BrokenProcessPool as error:
                raise InklingError(
                    "A process that built a segment was ended from outside, perhaps since memory "
                    "ran out; finished segments are kept.",
                    "Run it again with fewer --workers, or with a smaller --segment-mb.",
                ) from error
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
    on_progress(total, total, "publishing")
    return segment_names(plan)


def segment_names(plan: Plan) -> list[str]:
    """The segments of all tasks, in order.

    Raises:
        InklingError: a task has not finished.
    """
    missing = [task for task in range(len(plan.tasks)) if not is_finished(plan, task)]
    if missing:
        raise InklingError(
            f"{len(missing)} of {len(plan.tasks)} tasks have not finished, such as {missing[0]}.",
            "Run them first; finished ones are skipped.",
        )
    names = (
        name
        for task in range(len(plan.tasks))
        for name in json.loads(plan.record(task).read_bytes())
    )
    return list(dict.fromkeys(names))


def run_task(plan: Plan, task: int, on_step: Callable[[str], None] = lambda name: None) -> None:
    """Build the segments of one task and leave its record."""
    on_step("reading the corpus")
    temporary = plan.out / SEGMENTS / f".{plan.corpus_hash[:8]}-{task:05}.tmp"
    names = []
    opted_out: list[np.ndarray] = []
    try:
        for writer in _filled(plan, task, temporary, opted_out):
            manifest = writer.finish(on_step)
            names.append(adopt_segment(plan.out, temporary, manifest.name))
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    if opted_out:
        with atomic_file(plan.opted_out(task)) as marks:
            marks.write_bytes(np.unique(np.concatenate(opted_out)).astype("<u8").tobytes())
    write_json(plan.record(task), names)


def _filled(
    plan: Plan, task: int, folder: Path, opted_out: list[np.ndarray]
) -> Iterator[SegmentWriter]:
    """Writers that are full, one after the other in the same folder.

    Args:
        opted_out: gets the fingerprints of documents that stay outside by a rule.
    """
    writer: SegmentWriter | None = None
    for shard in plan.tasks[task]:
        for document, text in read_documents(shard):
            if document.is_covered_by(plan.opt_out):
                opted_out.append(character_fingerprints(np.frombuffer(text, np.uint8)).hashes)
                continue
            if document.key in plan.known:
                continue
            if writer and writer.size + len(text) > plan.segment_bytes:
                yield writer
                writer = None
            if writer is None:
                shutil.rmtree(folder, ignore_errors=True)
                writer = SegmentWriter(folder)
            writer.add(document, text)
    if writer:
        yield writer
    elif writer is not None:
        writer.close()


def adopt_segment(out: Path, folder: Path, name: str) -> str:
    """Move the finished segment in `folder` to its place; returns its name."""
    target = out / SEGMENTS / name
    try:
        folder.rename(target)
    except OSError:  # another task has built the same
        if not target.is_dir():
            raise
        shutil.rmtree(folder)
    return name


def is_finished(plan: Plan, task: int) -> bool:
    """Whether an earlier run has built the segments of a task, and they are still there."""
    try:
        names = json.loads(plan.record(task).read_bytes())
        for name in names:
            read_segment_manifest(plan.out / SEGMENTS / name)
    except (OSError, ValueError, TypeError, InklingError):
        return False
    return True


def finish_build(plan: Plan) -> IndexManifest:
    """Publish the segments of all tasks as the index, in place of an earlier one.

    Raises:
        InklingError: a task has not finished, or there is nothing to index.
    """
    names = segment_names(plan)
    if not names:
        raise InklingError(
            f"The corpus {plan.corpus} has no training document with a word in it.",
            "Curate more source code.",
        )
    entries = [entry_of(plan.out, name) for name in names]
    rules = [str(entry) for entry in plan.opt_out.entries]
    marks = outside_marks(plan, names)

    def rebuilt(current: IndexManifest | None) -> IndexManifest:
        manifest = IndexManifest([plan.corpus_hash], entries, opted_out=rules)
        if current is not None:
            manifest = manifest.with_code_files(readable_code(plan.out, current))
        return remembering(plan.out, manifest, [marks])

    return publish_obeying(plan.out, plan.opt_out, rebuilt)


def outside_marks(plan: Plan, names: Sequence[str]) -> np.ndarray:
    """Fingerprints of documents that stay outside by a rule, those aside that the segments hold."""
    files = (plan.opted_out(task) for task in range(len(plan.tasks)))
    found = [np.fromfile(path, dtype="<u8") for path in files if path.is_file()]
    marks = np.unique(np.concatenate([np.zeros(0, dtype="<u8"), *found]))
    for name in names:
        marks = marks[~open_segment(plan.out / SEGMENTS / name).characters.holds(marks)]
    return marks


def entry_of(out: Path, name: str) -> SegmentEntry:
    """The index's entry of a segment that holds nothing removed."""
    manifest = read_segment_manifest(out / SEGMENTS / name)
    return SegmentEntry(name, manifest.documents, manifest.bytes)


@dataclass(frozen=True)
class BuildTasks:
    """Rank `rank` of `world_size` builds every `world_size`-th task.

    A datatrove pipeline takes it as its only step (`pipeline=[BuildTasks(plan)]`), and so does any
    scheduler that numbers its jobs; `finish_build` publishes the result.
    """

    plan: Plan

    def __call__(
        self, data: Iterable[Any] | None = None, rank: int = 0, world_size: int = 1
    ) -> None:
        for task in range(rank, len(self.plan.tasks), world_size):
            if not is_finished(self.plan, task):
                run_task(self.plan, task)


def check_target(out: Path) -> None:
    """Refuse to write an index over something else.

    Raises:
        InklingError: `out` is a file, or a folder with other things in it.
    """
    strange = out.is_file() or (
        out.is_dir()
        and not (out / MANIFEST_NAME).is_file()
        and any(path.name not in (SEGMENTS, WORK, CHANGING, PUBLISHING) for path in out.iterdir())
    )
    if strange:
        raise InklingError(
            f"There is something else than an index at {out}.", "Name another folder with --out."
        )
