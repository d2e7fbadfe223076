"""The work folder: what curation keeps of a corpus while a run goes on, and between runs.

    WORK/NAME/            NAME is a hash of the corpus's place
        run-KEY/          steps of a run that isn't finished (`pipeline.py`)
        spool/            its documents that are no files (`sources/spool.py`)
        memory/           what costly stages made of contents, for the next run (`reuse.py`)

When a run has finished only the memory stays. It holds no text but what a stage has changed.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from curation.reuse import forget_results

if TYPE_CHECKING:
    from pathlib import Path

    from inkling.optout import OptOutList


RESULTS = "results"
"""In a run's folder: what the next run may use of it."""


@dataclass(frozen=True)
class WorkFolder:
    """What one corpus needs of the work folder."""

    folder: Path

    @classmethod
    def of(cls, work: Path, corpus: Path) -> WorkFolder:
        """The part of the folder `work` that belongs to the corpus at `corpus`."""
        place = str(corpus.expanduser().resolve())
        return cls(work.expanduser().resolve() / hashlib.sha256(place.encode()).hexdigest()[:16])

    @property
    def spool(self) -> Path:
        return self.folder / "spool"

    @property
    def memory(self) -> Path:
        return self.folder / "memory"

    def run(self, key: str) -> Path:
        return self.folder / f"run-{key}"

    def finish(self, key: str | None = None) -> None:
        """End the run `key`: its results become the memory, and everything else goes."""
        if key is not None:
            done = self.folder / "done"  # no later run takes this half-emptied folder up
            shutil.rmtree(done, ignore_errors=True)
            self.run(key).rename(done)
            if self.memory.exists():
                self.memory.rename(done / "old-memory")
            (done / RESULTS).rename(self.memory)
        if not self.folder.is_dir():
            return
        for entry in self.folder.iterdir():
            if entry != self.memory:
                shutil.rmtree(entry, ignore_errors=True)

    def forget(self, entries: OptOutList) -> int:
        """Remove what opt-out names from the memory, and all that unfinished runs left.

        Returns:
            How many remembered results went.
        """
        self.finish()
        return forget_results(self.memory, entries)


def remove_former_layout(work: Path) -> None:
    """Remove what earlier versions kept in the work folder; call it for the default folder only.

    They had all corpora's documents in `spool` and `kept`, and each run's steps in a folder of its
    own, where now there is a folder a corpus.
    """
    for entry in list(work.iterdir()) if work.is_dir() else ():
        former_run = (
            re.fullmatch(r"[0-9a-f]{16}", entry.name) and (entry / "listing.jsonl").exists()
        )
        if entry.name in ("spool", "kept") or former_run:
            shutil.rmtree(entry, ignore_errors=True)


def remove_leftovers(target: Path) -> None:
    """Remove what writes of `target` left beside it when their process was killed."""
    pattern = re.compile(rf"\.{re.escape(target.name)}\.(\d+)\.(tmp|old)")
    for entry in list(target.parent.iterdir()) if target.parent.is_dir() else ():
        match = pattern.fullmatch(entry.name)
        # What was moved aside is the only copy until the new one stands in its place.
        if match and not _is_running(int(match[1])) and (match[2] == "tmp" or target.exists()):
            shutil.rmtree(entry, ignore_errors=True)


def _is_running(process: int) -> bool:
    if os.name == "nt":
        return True  # there is no harmless way to ask
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
