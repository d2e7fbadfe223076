"""Progress across worker processes, through one small count file a task.

Executors differ in how they start tasks (processes, Slurm, Ray), but all share the work folder.
"""

from __future__ import annotations

import os
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from rich.console import Console

Item = TypeVar("Item")

_EVERY = 50
_POLL_SECONDS = 0.3


class TaskProgress:
    """Counts the documents of one task into `folder/RANK`."""

    def __init__(self, folder: Path, rank: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / f"{rank:05d}"
        self._count = 0

    def advance(self) -> None:
        self._count += 1
        if self._count % _EVERY == 0:
            self.finish()

    def finish(self) -> None:
        self._path.write_text(str(self._count))


def total_progress(folder: Path) -> int:
    """Documents done by all tasks so far. A file caught while it is rewritten counts as nothing."""
    if not folder.is_dir():
        return 0
    texts = (path.read_text() for path in folder.iterdir())
    return sum(int(text) for text in texts if text.isdigit())


def counted(console: Console, title: str, items: Iterable[Item]) -> Iterator[Item]:
    """The items, with their number so far shown meanwhile, for work whose end isn't known."""
    with console.status(title) as status:
        for number, item in enumerate(items, start=1):
            if number % _EVERY == 0:
                status.update(f"{title}: {number:,}")
            yield item


@contextmanager
def progress_bar(console: Console, title: str, total: int, folder: Path) -> Iterator[None]:
    """Show a bar that follows the count files in `folder` until the block ends."""
    columns = (
        TextColumn("{task.description:<12}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    ended = threading.Event()
    with Progress(*columns, console=console) as progress:
        task = progress.add_task(title, total=total)

        def follow() -> None:
            while not ended.wait(_POLL_SECONDS):
                progress.update(task, completed=total_progress(folder))

        thread = threading.Thread(target=follow, daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()
            progress.update(task, completed=total_progress(folder))


@contextmanager
def standard_error_to(path: Path) -> Iterator[None]:
    """Send file descriptor 2 to `path`, so that the workers' log lines don't tear the bar."""
    sys.stderr.flush()
    saved = os.dup(2)
    target = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(target, 2)
    os.close(target)
    try:
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
