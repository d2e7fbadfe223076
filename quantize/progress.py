"""Progress of an export: one line a step, with a bar where the number of parts is known."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.console import Console


class Steps:
    """Named steps; this one shows nothing."""

    @contextmanager
    def step(self, name: str) -> Iterator[Callable[[int, int], None]]:
        """Run one step; yields a function to call with (parts done, parts in all)."""
        yield lambda done, total: None


class ShownSteps(Steps):
    """Steps shown on a `rich` console, with the time that each took and has left."""

    def __init__(self, console: Console) -> None:
        self._console = console

    @contextmanager
    def step(self, name: str) -> Iterator[Callable[[int, int], None]]:
        with Progress(
            TextColumn("{task.description:<18}"),
            BarColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=self._console,
        ) as progress:
            task = progress.add_task(name, total=None)
            yield lambda done, total: progress.update(task, completed=done, total=total)
            progress.update(task, total=1, completed=1)
