"""What a run reports while it trains: a progress bar, and `log.jsonl`, one line a measurement.

Lines hold `step`, `tokens`, `seconds` (of training since the last line), and `loss` and
`learning_rate`, or `eval_loss` on held-out windows. A resumed run appends.
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from transformers import TrainerCallback

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console


class RunLog(TrainerCallback):
    """Writes the log and draws the bar."""

    def __init__(self, path: Path, tokens_a_step: int, console: Console) -> None:
        self._path = path
        self._tokens_a_step = tokens_a_step
        self._progress = Progress(
            TextColumn("training"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[note]}"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
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
            note = f"loss {float(row['loss']):.3f}, {rate:,.0f} tokens/s"
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
