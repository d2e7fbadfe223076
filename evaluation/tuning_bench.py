"""`python -m evaluation tuning`: tokens a second and peak memory of tuning, beside plain `trl`.

Each contestant trains the same base on the same texts, in a process of its own, for the same number
of windows; rounds alternate. `trl` packs and trains as its own defaults say, with the same window,
batch and adapter. The clock runs from the end of the first step to the end of the last.
"""

from __future__ import annotations

import json
import math
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from inkling.atomic import write_json
from inkling.checkpoint import write_checkpoint_manifest
from inkling.errors import InklingError, require

CONTESTANTS = {
    "full": "ours, all weights",
    "lora": "ours, adapter",
    "trl-full": "trl, all weights",
    "trl-lora": "trl, adapter",
    "qlora": "ours, adapter on 4 bits",
    "trl-qlora": "trl, adapter on 4 bits",
}
_LAYERS = 24
_HEAD = 128
DEFAULT = ("full", "lora", "trl-full", "trl-lora")


@dataclass(frozen=True)
class TuningBench:
    """Measure how fast fine-tuning is and what memory it takes, beside trl and peft as they are.

    Attributes:
        base: checkpoint or bundle to tune; the starter model if left out.
        random_parameters: tune a model of at least so many parameters with random weights instead,
            to see what a size takes.
        contestants: which to measure: full, lora, qlora, and each with trl- before it.
        steps: optimizer steps of each, of 8 windows; the first isn't timed.
        window: tokens of a window.
        rounds: how often each is measured; the median counts.
        out: write the figures here, as JSON.
    """

    base: Path | None = None
    random_parameters: int | None = None
    contestants: tuple[str, ...] = DEFAULT
    steps: int = 10
    window: int = 512
    rounds: int = 3
    out: Path | None = None

    def run(self) -> int:
        if unknown := set(self.contestants) - set(CONTESTANTS):
            raise InklingError(
                f"There is no contestant '{min(unknown)}'.",
                f"Choose from {', '.join(CONTESTANTS)}.",
            )
        if self.steps < 2:
            raise InklingError("A speed needs two steps at least.", "Raise --steps.")
        if any(name.startswith("trl") for name in self.contestants):
            require("trl", "peers")
        if self.random_parameters is None:
            return self._compare(self.base, None)
        if self.base is not None or self.random_parameters < 1:
            raise InklingError(
                "--random-parameters takes no --base and at least 1.", "Leave one of them out."
            )
        with tempfile.TemporaryDirectory(prefix="inkling-random-") as folder:
            base = write_random_base(Path(folder), self.random_parameters)
            return self._compare(base, "Random weights: only mechanics were tested")

    def _compare(self, base: Path | None, title: str | None) -> int:
        measured: dict[str, list[dict[str, float]]] = {name: [] for name in self.contestants}
        for _ in range(self.rounds):
            for name, rows in measured.items():
                rows.append(self._measure(name, base))
        figures = {name: _median(rows) for name, rows in measured.items()}
        Console().print(_table(figures, title))
        if self.out is not None:
            write_json(self.out, {"note": title, **figures} if title else figures)
        return 0

    def _measure(self, name: str, base: Path | None) -> dict[str, float]:
        command = [sys.executable, "-m", "evaluation.tuning_child", name]
        command += [str(base or ""), str(self.steps), str(self.window)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            raise InklingError(f"{CONTESTANTS[name]} failed: {reason}", "Leave it out.")
        found: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
        return found


def _median(rows: list[dict[str, float]]) -> dict[str, float]:
    return {key: statistics.median(row[key] for row in rows) for key in rows[0]}


def write_random_base(folder: Path, parameters: int) -> Path:
    """A checkpoint of at least so many parameters, in bfloat16, with the starter's tokenizer."""
    import torch
    from transformers import Qwen3Config, Qwen3ForCausalLM

    from finetune.base import as_checkpoint, open_base

    starter = open_base(as_checkpoint(None, folder / "starter"))
    known = Qwen3Config.from_pretrained(starter.folder).to_dict()
    del known["layer_types"]  # of another depth
    # A layer of width w has 12 w² weights: four matrices of attention, three of 8/3 w.
    heads = math.ceil(math.sqrt(parameters / (12 * _LAYERS)) / _HEAD)
    width = heads * _HEAD
    shape = {
        "num_hidden_layers": _LAYERS,
        "hidden_size": width,
        "intermediate_size": math.ceil(8 * width / 3 / 64) * 64,
        "num_attention_heads": heads,
        "num_key_value_heads": heads,
        "head_dim": _HEAD,
    }
    target = folder / "random"
    torch.manual_seed(0)
    model: Any = Qwen3ForCausalLM(Qwen3Config(**known | shape))
    model.to(torch.bfloat16).save_pretrained(target)
    starter.write_tokenizer(target)
    write_checkpoint_manifest(target, replace(starter.manifest, name="random"))
    return target


def _table(figures: dict[str, dict[str, Any]], title: str | None) -> Table:
    table = Table(
        "", "tokens/s", "padding, %", "peak memory, MB", "loss, first to last", title=title
    )
    for name, row in figures.items():
        table.add_row(
            CONTESTANTS[name],
            f"{row['tokens_per_second']:,.0f}",
            f"{100 * row['padding']:.1f}",
            f"{row['peak_bytes'] / 1e6:,.0f}",
            f"{row['first_loss']:.2f} → {row['last_loss']:.2f}",
        )
    return table
