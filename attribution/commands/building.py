"""`build` and `add`: a corpus becomes an index, or part of one."""

from __future__ import annotations

import math
import os
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path  # noqa: TC003  # likewise
from typing import TYPE_CHECKING

import tyro  # noqa: TC002  # tyro reads the annotations

from attribution.commands.places import index_folder
from attribution.terminal import documents
from inkling.errors import InklingError
from inkling.optout import OptOutList, read_list
from inkling.settings import usable_cores

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from attribution.index import IndexManifest


@dataclass(frozen=True)
class Build:
    """Index the training documents of a corpus, in place of an earlier index.

    Takes 7 bytes of memory a process for each byte of a segment's text, and writes 1.85 times the
    text, the text included. An interrupted build goes on where it stopped.
    """

    corpus: tyro.conf.Positional[Path]
    """Corpus folder, as 'python -m curation run' wrote it."""
    out: Path | None = None
    """Folder of the index (default: indexes/default under INKLING_HOME)."""
    opt_out: Path | None = None
    """List of owners, repositories, paths and hashes that must stay outside (default: opt-out.txt
    under INKLING_HOME)."""
    segment_mb: float = 256
    """Text of a segment in MB, up to 1,000. Fewer segments answer faster."""
    workers: int = 0
    """Processes; 0 takes one a core while they fit into half of the memory."""
    rank: int | None = None
    """On a cluster: build only the tasks of this rank. Then run 'build' once without it."""
    world_size: int = 1
    """On a cluster: how many ranks there are."""

    def run(self) -> int:
        from attribution.build import BuildTasks, build_index, plan_build

        out = index_folder(self.out)
        rules = _rules(self.opt_out, out)
        plan = plan_build(self.corpus, out, _bytes_of(self.segment_mb), rules)
        if self.rank is not None:
            if not 0 <= self.rank < self.world_size:
                raise InklingError(
                    f"There is no rank {self.rank} among {self.world_size}.",
                    "Ranks count from 0 to --world-size less one.",
                )
            BuildTasks(plan)(rank=self.rank, world_size=self.world_size)
            print(f"Built the tasks of rank {self.rank} of {self.world_size}.")
            return 0
        workers = _workers(self.workers, len(plan.tasks), plan.segment_bytes)
        with _progress() as show:
            manifest = build_index(plan, workers, show)
        print(f"Wrote {_described(manifest)} to {out}.")
        return 0


@dataclass(frozen=True)
class Add:
    """Add the training documents of a corpus to an index, but those that it holds already.

    Documents that were opted out meanwhile leave the index with it.
    """

    corpus: tyro.conf.Positional[Path]
    """Corpus folder, as 'python -m curation run' wrote it."""
    index: Path | None = None
    """Folder of the index (default: indexes/default under INKLING_HOME)."""
    opt_out: Path | None = None
    """List of owners, repositories, paths and hashes that must stay outside (default: opt-out.txt
    under INKLING_HOME)."""
    workers: int = 0
    """Processes; 0 takes one a core while they fit into half of the memory."""

    def run(self) -> int:
        from attribution.build import SEGMENT_BYTES, plan_build
        from attribution.forgetting import forget
        from attribution.index import open_index
        from attribution.updates import add_corpus

        folder = index_folder(self.index)
        index = open_index(folder)
        if index.damaged:
            raise InklingError(index.damaged[0], "Build the index again.")
        rules = _rules(self.opt_out, folder)
        forgotten = forget(folder, rules).documents if _are_new(rules, index.manifest) else 0
        known = frozenset(
            document.key for item in index.segments for document in item.segment.documents
        )
        plan = plan_build(self.corpus, folder, SEGMENT_BYTES, rules, known)
        workers = _workers(self.workers, len(plan.tasks), plan.segment_bytes)
        with _progress() as show:
            manifest = add_corpus(plan, workers, show)
        added = manifest.documents + forgotten - index.manifest.documents
        if forgotten:
            print(f"Removed {documents(forgotten)} that were opted out meanwhile.")
        print(f"Added {documents(added)}; {folder} now holds {_described(manifest)}.")
        return 0


def _bytes_of(megabytes: float) -> int:
    """Bytes of a segment."""
    if not math.isfinite(megabytes):
        raise InklingError(f"--segment-mb is {megabytes}.", "Give a number of megabytes.")
    return int(megabytes * 1e6)


def _rules(named: Path | None, folder: Path) -> OptOutList:
    """The list that was named or else lies under INKLING_HOME, where requests to the service go,
    and the rules that the index there has obeyed so far."""
    from attribution.index import MANIFEST_NAME, opt_out_rules, read_index_manifest

    rules = read_list(named)
    if (folder / MANIFEST_NAME).is_file():
        try:
            rules = rules.plus(opt_out_rules(read_index_manifest(folder).opted_out).entries)
        except InklingError as error:
            raise InklingError(
                f"{error.cause} So what it was told to forget isn't known.",
                f"Delete {folder} and build with --opt-out, or name another folder with --out.",
            ) from error
    return rules


def _are_new(rules: OptOutList, manifest: IndexManifest) -> bool:
    """Whether there is a rule that the index hasn't obeyed yet."""
    applied = set(manifest.opted_out) - set(manifest.pending)
    return not {str(entry) for entry in rules.entries} <= applied


def _workers(asked: int, tasks: int, segment_bytes: int) -> int:
    """Processes to use: as asked, else as many as cores and half of the memory allow."""
    from attribution.build import BYTES_A_TEXT_BYTE

    if asked < 0:
        raise InklingError(f"--workers is {asked}.", "Give 1 or more, or 0 for one a core.")
    if asked:
        return min(asked, max(tasks, 1))
    try:
        memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return 1
    fitting = int(memory / 2 / (segment_bytes * BYTES_A_TEXT_BYTE))
    return max(1, min(usable_cores(), fitting, tasks))


def _described(manifest: IndexManifest) -> str:
    return (
        f"{documents(manifest.documents)} ({manifest.bytes / 1e6:,.1f} MB, "
        f"segments: {len(manifest.segments)})"
    )


@contextmanager
def _progress() -> Iterator[Callable[[int, int, str], None]]:
    """A bar on standard error that counts tasks."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("starting", total=None)

        def show(done: int, total: int, step: str) -> None:
            progress.update(bar, completed=done, total=total, description=step)

        yield show
