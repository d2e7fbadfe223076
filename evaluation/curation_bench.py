"""`python -m evaluation curation`: the pipeline's rate, near-dedup beside peers, and `kill -9`.

All on the same files in one run. `python -m curation run` goes to the end once, for MB a second of
a core (one process's CPU time, start and funnel included); near-dedup alone is measured beside its
peers (`dedup_bench.py`); and the command is killed with all of its workers in the middle of every
step, and given again each time. Both corpora must be the same, byte for byte.
"""

from __future__ import annotations

import hashlib
import os
import resource
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING

import tyro
from rich.console import Console

from curation.corpus import DOCUMENTS_FOLDER, DROPPED_FOLDER, read_manifest
from curation.options import list_sources, list_spooled
from curation.run_cli import Run
from curation.shards import read_source_file
from curation.stages.language import LanguageFilter
from curation.stages.readable import Readable
from evaluation.dedup_bench import near_dedup_table
from inkling.errors import InklingError

if TYPE_CHECKING:
    from collections.abc import Sequence

_POLL_SECONDS = 0.05
_STEPS = ("filter", "bands", "links", "write")
"""The steps of a run that have tasks, by the names of their markers."""


@dataclass(frozen=True)
class CurationBench:
    """Measure the whole pipeline, near-dedup beside peers, and that it goes on after a kill."""

    sources: str = "--standard-library"
    """What to curate, as flags of 'python -m curation run': --sources='--environment'."""
    documents: int = 0
    """At most so many documents for near-dedup and its peers; 0 takes all."""
    pairs: int = 200
    """Planted pairs of each similarity, for the recall of near-dedup."""
    kill: bool = True
    """Also run it killed in every step and resumed."""
    workers: int = 1
    """Worker processes; of more than one the CPU time can't be counted."""
    folder: Path | None = None
    """Where to work and to leave the corpora (default: a temporary folder)."""

    def run(self) -> int:
        console = Console()
        with tempfile.TemporaryDirectory() as temporary:
            folder = (self.folder or Path(temporary)).expanduser().resolve()
            self._measure(folder, console)
            console.print(near_dedup_table(self._texts(folder), self.pairs))
            if self.kill:
                self._kill_and_resume(folder, console)
        return 0

    def _texts(self, folder: Path) -> list[str]:
        """What near-dedup could meet of the sources: text of the languages that are asked for."""
        flags = ["--out", str(folder), *shlex.split(self.sources)]
        options = tyro.cli(Run, args=flags).options()
        stages = (Readable(), LanguageFilter(options.languages))
        files = chain(list_sources(options), list_spooled(options, folder / "spool"))
        documents = (read_source_file(asdict(file), frozenset()) for file in files)
        kept = (
            document.text
            for document in documents
            if all(stage.judge(document) is None for stage in stages)
        )
        return list(islice(kept, self.documents or None))

    def _command(self, folder: Path) -> list[str]:
        return [
            sys.executable, "-m", "curation", "run", *shlex.split(self.sources),
            "--workers", str(self.workers),
            "--out", str(folder / "corpus"), "--work", str(folder / "work"),
        ]  # fmt: skip

    def _measure(self, folder: Path, console: Console) -> None:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        started = time.monotonic()
        _finish(self._command(folder / "whole"))
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        funnel = read_manifest(folder / "whole" / "corpus").funnel
        files, size = funnel[0]["files_in"], funnel[0]["bytes_in"] / 1e6
        seconds = time.monotonic() - started
        rate = f"{size / cpu:.2f} MB/s of a core, {cpu:.0f} s of CPU, " if self.workers == 1 else ""
        console.print(f"{files:,} files, {size:.1f} MB: {rate}{seconds:.0f} s by the clock.")

    def _kill_and_resume(self, folder: Path, console: Console) -> None:
        command = self._command(folder / "killed")
        kills = []
        for step in _STEPS:
            done = kill_in_step(command, folder / "killed" / "work", step)
            if not done:
                break
            kills.append(f"{step} ({done} done)")
        if not kills:
            raise InklingError(
                "The run ended before it could be killed.", "Give it more to read: --sources."
            )
        _finish(command)
        whole, resumed = (contents(folder / name / "corpus") for name in ("whole", "killed"))
        if whole != resumed:
            raise InklingError(
                "The corpus after the kills differs from the other.", "Please report this."
            )
        console.print(
            f"Killed in the middle of {', '.join(kills)}, and resumed each time: "
            f"the same {len(whole)} files, byte for byte."
        )


def kill_in_step(command: Sequence[str], work: Path, step: str) -> int:
    """Run a command and end it with all its processes once a task of a step is done.

    Returns:
        How many tasks of the step were done by then; 0 if the command ended before that.
    """
    process = subprocess.Popen(command, start_new_session=True, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)  # fmt: skip
    try:
        while process.poll() is None:
            if _done_tasks(work, step):
                break
            time.sleep(_POLL_SECONDS)
    finally:
        alive = process.poll() is None
        if alive:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    return _done_tasks(work, step) if alive else 0


def _done_tasks(work: Path, step: str) -> int:
    return len(list(work.glob(f"*/run-*/logs-{step}/completions/*")))


def contents(corpus: Path) -> dict[str, str]:
    """Hashes of the corpus's Parquet files by name."""
    return {
        str(path.relative_to(corpus)): hashlib.sha256(path.read_bytes()).hexdigest()
        for kind in (DOCUMENTS_FOLDER, DROPPED_FOLDER)
        for path in sorted((corpus / kind).glob("*.parquet"))
    }


def _finish(command: Sequence[str]) -> None:
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    if finished.returncode:
        cause, _, remedy = finished.stderr.strip().removeprefix("error: ").partition("\n")
        raise InklingError(f"Curation failed: {cause}", remedy.strip() or "Run it by hand.")
