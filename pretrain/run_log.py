"""What a run reports while it trains: a progress bar, and `log.jsonl`, one line a measurement.

Lines hold `step`, `tokens`, `seconds` (of training since the last line), and `loss` and
`learning_rate`, or `eval_loss` on held-out windows. A resumed run appends.
"""

from __future__ import annotations

import json
import math
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import psutil
import torch
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.text import Text
from transformers import TrainerCallback

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from rich.console import Console
    from rich.progress import Task


class TimeLeft(ProgressColumn):
    """The time until the last step, or until the time allowed is spent, if that comes first.

    Args:
        allowed: gives the seconds that may still be trained.
    """

    max_refresh = 0.5

    def __init__(self, allowed: Callable[[], float]) -> None:
        super().__init__()
        self._allowed = allowed

    def render(self, task: Task) -> Text:
        steps = math.inf if task.time_remaining is None else task.time_remaining
        left = min(steps, self._allowed())
        shown = "-:--:--" if math.isinf(left) else str(timedelta(seconds=round(max(0.0, left))))
        return Text(shown, style="progress.remaining")


class RunLog(TrainerCallback):
    """Writes the log and draws the bar.

    Args:
        allowed: gives the seconds that may still be trained; no limit if left out.
    """

    def __init__(
        self,
        path: Path,
        tokens_a_step: int,
        console: Console,
        allowed: Callable[[], float] = lambda: math.inf,
    ) -> None:
        self._path = path
        self._tokens_a_step = tokens_a_step
        self._progress = Progress(
            TextColumn("training"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[note]}"),
            TimeElapsedColumn(),
            TimeLeft(allowed),
            console=console,
        )
        self._since = 0.0
        self._step = 0

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self._bar = self._progress.add_task(
            "training", total=state.max_steps, completed=state.global_step, note=""
        )
        self._progress.start()
        self._since = time.monotonic()
        self._step = state.global_step

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self._progress.update(self._bar, completed=state.global_step)

    def on_log(
        self, args: Any, state: Any, control: Any, logs: dict[str, Any] | None = None, **kwargs: Any
    ) -> None:
        row: dict[str, Any] = {
            "step": state.global_step,
            "tokens": state.global_step * self._tokens_a_step,
        }
        for key in ("loss", "learning_rate", "eval_loss"):
            if logs and key in logs:
                row[key] = logs[key]
        if "loss" not in row and "eval_loss" not in row:
            return
        now = time.monotonic()
        row["seconds"] = now - self._since
        if "loss" in row:
            rate = (state.global_step - self._step) * self._tokens_a_step / (now - self._since)
            memory = memory_in_use() / 1e9
            note = f"loss {float(row['loss']):.3f}, {rate:,.0f} tokens/s, {memory:.1f} GB"
            self._progress.update(self._bar, note=note)
        self._since, self._step = now, state.global_step
        with self._path.open("a", encoding="utf-8") as log:
            log.write(json.dumps(row) + "\n")

    def on_train_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self.close()

    def close(self) -> None:
        """Take the bar away, whatever ended the training."""
        self._progress.stop()

    @staticmethod
    def read(path: Path) -> list[dict[str, Any]]:
        """The measurements, each step's last one, in order of steps.

        A run that was killed repeats the steps since its last save; the later lines hold.
        """
        if not path.exists():
            return []
        rows: dict[tuple[int, bool], dict[str, Any]] = {}
        for line in path.read_text(encoding="utf-8").splitlines():
            try:
                row = json.loads(line)
            except ValueError:
                continue  # cut off by a kill
            rows[row["step"], "eval_loss" in row] = row
        return [rows[key] for key in sorted(rows)]


def memory_in_use() -> int:
    """Bytes that this process holds, or, where it trains on a GPU, held there at most."""
    if torch.cuda.is_available():
        return int(torch.cuda.max_memory_allocated())
    return int(psutil.Process().memory_info().rss)
