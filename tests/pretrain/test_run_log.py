"""The log of a run: one line a measurement, and what a killed run repeats counts once."""

from __future__ import annotations

import json
import math
import re
from io import StringIO
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from rich.console import Console

from pretrain.run_log import RunLog, TimeLeft

if TYPE_CHECKING:
    from pathlib import Path


def lines(*rows: dict[str, Any]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def test_a_missing_log_is_empty(tmp_path: Path) -> None:
    assert RunLog.read(tmp_path / "log.jsonl") == []


def test_of_repeated_steps_the_last_line_holds_and_evaluations_are_apart(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text(
        lines(
            {"step": 10, "loss": 5.0},
            {"step": 20, "loss": 4.0},
            {"step": 20, "eval_loss": 4.5},
            {"step": 10, "loss": 5.1},
            {"step": 20, "loss": 4.1},
        )
    )
    assert RunLog.read(path) == [
        {"step": 10, "loss": 5.1},
        {"step": 20, "loss": 4.1},
        {"step": 20, "eval_loss": 4.5},
    ]


def test_a_line_that_a_kill_cut_off_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text(lines({"step": 10, "loss": 5.0}) + '{"step": 20, "lo')
    assert RunLog.read(path) == [{"step": 10, "loss": 5.0}]


def test_measurements_are_written_with_tokens_and_seconds(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    log = RunLog(path, 256, Console(file=StringIO()))
    state = SimpleNamespace(max_steps=20, global_step=0)
    log.on_train_begin(None, state, None)
    state.global_step = 10
    log.on_log(None, state, None, logs={"loss": 5.0, "learning_rate": 0.1, "grad_norm": 1.0})
    log.on_log(None, state, None, logs={"eval_loss": 6.0, "eval_runtime": 1.0})
    log.on_log(None, state, None, logs={"train_runtime": 1.0})
    log.close()
    training, evaluation = RunLog.read(path)
    assert training.pop("seconds") >= 0
    assert training == {"step": 10, "tokens": 2560, "loss": 5.0, "learning_rate": 0.1}
    assert evaluation.pop("seconds") >= 0
    assert evaluation == {"step": 10, "tokens": 2560, "eval_loss": 6.0}


@pytest.mark.parametrize("times", [1, 2])
def test_closing_takes_the_bar_away_however_often(tmp_path: Path, times: int) -> None:
    output = StringIO()
    log = RunLog(tmp_path / "log.jsonl", 256, Console(file=output, force_terminal=True))
    log.on_train_begin(None, SimpleNamespace(max_steps=20, global_step=0), None)
    for _ in range(times):
        log.close()
    assert output.getvalue().count("\x1b[?25h") == 1  # the cursor is shown again, once


def test_the_bar_says_loss_rate_memory_and_the_time_that_is_allowed(tmp_path: Path) -> None:
    output = StringIO()
    console = Console(file=output, force_terminal=True, width=120)
    log = RunLog(tmp_path / "log.jsonl", 256, console, lambda: 754.6)
    state = SimpleNamespace(max_steps=20, global_step=0)
    log.on_train_begin(None, state, None)
    state.global_step = 10
    log.on_step_end(None, state, None)
    log.on_log(None, state, None, logs={"loss": 5.0})
    log.close()
    assert re.search(r"loss 5\.000, [\d,]+ tokens/s, \d+\.\d GB", output.getvalue())


@pytest.mark.parametrize(
    ("steps", "allowed", "shown"),
    [(None, math.inf, "-:--:--"), (None, 754.6, "0:12:35"), (60.0, 754.6, "0:01:00"),
     (7200.0, math.inf, "2:00:00")],
)  # fmt: skip
def test_the_time_left_is_that_of_what_ends_first(
    steps: float | None, allowed: float, shown: str
) -> None:
    task: Any = SimpleNamespace(time_remaining=steps)
    assert TimeLeft(lambda: allowed).render(task).plain == shown
