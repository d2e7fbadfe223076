"""`python -m evaluation curation`: the whole pipeline's rate, and the same corpus after `kill -9`.

Runs `python -m curation run` twice on the same sources: once to the end, for MB a second of a core
(all processes' CPU time, start and funnel included); and once killed with all of its workers in the
middle of filtering, then given again. Both corpora must be the same, byte for byte.
"""

from __future__ import annotations

import hashlib
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from curation.corpus import DOCUMENTS_FOLDER, DROPPED_FOLDER, read_manifest
from inkling.errors import InklingError
from inkling.settings import usable_cores

if TYPE_CHECKING:
    from collections.abc import Sequence

_POLL_SECONDS = 0.2


@dataclass(frozen=True)
class CurationBench:
    """Measure the whole pipeline and prove that it goes on after a kill."""

    sources: tuple[str, ...] = ("--standard-library",)
    """What to curate, as flags of 'python -m curation run' (say --sources=--environment)."""
    kill: bool = True
    """Also run it killed and resumed."""
    workers: int = 0
    """Worker processes; 0 takes one a core."""
    folder: Path | None = None
    """Where to work and to leave the corpora (default: a temporary folder)."""

    def run(self) -> int:
        console = Console()
        with tempfile.TemporaryDirectory() as temporary:
            folder = (self.folder or Path(temporary)).expanduser().resolve()
            self._measure(folder, console)
            if self.kill:
                self._kill_and_resume(folder, console)
        return 0

    def _command(self, folder: Path) -> list[str]:
        workers = str(self.workers or usable_cores())
        return [
            sys.executable, "-m", "curation", "run", *self.sources, "--workers", workers,
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
        console.print(
            f"{files:,} files, {size:.1f} MB: {size / cpu:.2f} MB/s of a core "
            f"({cpu:.0f} s of CPU, {time.monotonic() - started:.0f} s by the clock)."
        )

    def _kill_and_resume(self, folder: Path, console: Console) -> None:
        command = self._command(folder / "killed")
        process = subprocess.Popen(command, start_new_session=True, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)  # fmt: skip
        done = 0
        try:
            while process.poll() is None:
                done = len(list((folder / "killed" / "work").glob("*/logs-filter/completions/*")))
                if done:
                    break
                time.sleep(_POLL_SECONDS)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        if not done:
            raise InklingError(
                "The run ended before it could be killed.", "Give it more to read: --sources."
            )
        _finish(command)
        whole, resumed = (contents(folder / name / "corpus") for name in ("whole", "killed"))
        if whole != resumed:
            raise InklingError(
                "The corpus after the kill differs from the other.", "Please report this."
            )
        console.print(
            f"Killed when {done} task(s) of filtering were done, and resumed: "
            f"the same {len(whole)} files, byte for byte."
        )


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
        raise InklingError(
            f"Curation failed: {finished.stderr.strip().splitlines()[-1:]}.", "Run it by hand."
        )
