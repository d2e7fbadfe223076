"""Which weights a training ends with, and when a held-out loss ends it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch
from transformers import TrainerControl

from finetune.stopping import KeepBest

if TYPE_CHECKING:
    from pathlib import Path


def trained(losses: list[float]) -> tuple[float, float | None, bool]:
    """(weight, loss, stopped) after evaluations with these losses; weights are their numbers."""
    model, control, best = torch.nn.Linear(1, 1, bias=False), TrainerControl(), KeepBest()
    for number, loss in enumerate(losses, start=1):
        model.weight.data.fill_(number)
        best.on_evaluate(None, None, control, {"eval_loss": loss}, model)
    best.restore(model)
    return model.weight.item(), best.loss, control.should_training_stop


@pytest.mark.parametrize(
    "losses", [[2.0, 1.9, 1.8], [2.0, 1.9, 2.3], [1.99, 1.995, 2.02, 2.06, 2.1]]
)
def test_the_last_weights_stay_although_the_loss_rises_a_little(losses: list[float]) -> None:
    assert trained(losses) == (len(losses), losses[-1], False)


def test_the_best_weights_come_back_if_the_loss_has_risen_clearly() -> None:
    assert trained([2.0, 1.8, 1.9, 2.4]) == (2, 1.8, False)


def test_training_ends_when_the_loss_stays_high() -> None:
    assert trained([2.0, 2.6, 2.7, 2.0, 2.6, 2.7]) == (1, 2.0, False)
    assert trained([2.0, 2.6, 2.7, 2.6]) == (1, 2.0, True)


def test_without_an_evaluation_the_weights_stay() -> None:
    assert trained([])[1:] == (None, False)


def test_the_best_weights_come_back_after_an_interruption(tmp_path: Path) -> None:
    path = tmp_path / "steps" / "best.safetensors"
    model, control = torch.nn.Linear(1, 1, bias=False), TrainerControl()
    before, after = KeepBest(path), KeepBest(path)
    after.go_on(path)  # nothing was written yet
    for weight, loss in ((1.0, 2.0), (2.0, 1.5), (3.0, 1.6)):
        model.weight.data.fill_(weight)
        before.on_evaluate(None, None, control, {"eval_loss": loss}, model)
    after.go_on(path)
    model.weight.data.fill_(9.0)
    after.on_evaluate(None, None, control, {"eval_loss": 2.5}, model)
    after.restore(model)
    assert (model.weight.item(), after.loss) == (2.0, 1.5)
