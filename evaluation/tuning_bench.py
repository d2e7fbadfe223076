"""`python -m evaluation tuning`: tokens a second and peak memory of tuning, beside plain `trl`.

Each contestant trains the same base on the same texts, in a process of its own, for the same number
of windows; rounds alternate. `trl` packs and trains as its own defaults say, with the same window,
batch and adapter.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path  # noqa: TC003  # tyro reads the annotations
from typing import Any

from rich.console import Console
from rich.table import Table

from inkling.atomic import write_json
from inkling.errors import InklingError, require

CONTESTANTS = {
    "full": "ours, all weights",
    "lora": "ours, adapter",
    "trl-full": "trl, all weights",
    "trl-lora": "trl, adapter",
    "qlora": "ours, adapter on 4 bits",
    "trl-qlora": "trl, adapter on 4 bits",
}
DEFAULT = ("full", "lora", "trl-full", "trl-lora")


@dataclass(frozen=True)
class TuningBench:
    """Measure how fast fine-tuning is and what memory it takes, beside trl and peft as they are.

    Attributes:
        base: checkpoint or bundle to tune; the starter model if left out.
        contestants: which to measure: full, lora, qlora, and each with trl- before it.
        steps: optimizer steps of each, of 8 windows.
        window: tokens of a window.
        rounds: how often each is measured; the median counts.
        out: write the figures here, as JSON.
    """

    base: Path | None = None
    contestants: tuple[str, ...] = DEFAULT
    steps: int = 6
    window: int = 512
    rounds: int = 3
    out: Path | None = None

    def run(self) -> int:
        if unknown := set(self.contestants) - set(CONTESTANTS):
            raise InklingError(
                f"There is no contestant '{min(unknown)}'.",
                f"Choose from {', '.join(CONTESTANTS)}.",
            )
        if any(name.startswith("trl") for name in self.contestants):
            require("trl", "peers")
        measured: dict[str, list[dict[str, float]]] = {name: [] for name in self.contestants}
        for _ in range(self.rounds):
            for name, rows in measured.items():
                rows.append(self._measure(name))
        figures = {name: _median(rows) for name, rows in measured.items()}
        Console().print(_table(figures))
        if self.out is not None:
            write_json(self.out, figures)
        return 0

    def _measure(self, name: str) -> dict[str, float]:
        command = [sys.executable, "-m", "evaluation.tuning_child", name]
        command += [str(self.base or ""), str(self.steps), str(self.window)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            raise InklingError(f"{CONTESTANTS[name]} failed: {reason}", "Leave it out.")
        found: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
        return found


def _median(rows: list[dict[str, float]]) -> dict[str, float]:
    return {key: statistics.median(row[key] for row in rows) for key in rows[0]}


def _table(figures: dict[str, dict[str, Any]]) -> Table:
    table = Table("", "tokens/s", "padding, %", "peak memory, MB", "loss, first to last")
    for name, row in figures.items():
        table.add_row(
            CONTESTANTS[name],
            f"{row['tokens_per_second']:,.0f}",
            f"{100 * row['padding']:.1f}",
            f"{row['peak_bytes'] / 1e6:,.0f}",
            f"{row['first_loss']:.2f} → {row['last_loss']:.2f}",
        )
    return table
