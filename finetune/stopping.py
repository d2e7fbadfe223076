"""When training ends and which weights it ends with: a budget of time, and the held-out loss."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from transformers import TrainerCallback

from finetune.ranks import ALONE
from inkling.atomic import atomic_file
from pretrain.interrupts import Interrupts

if TYPE_CHECKING:
    from pathlib import Path

    from finetune.ranks import Ranks


class Budget(Interrupts):
    """Ends the training when its time is spent, as well as for a signal.

    Args:
        seconds: training time allowed; None for no limit.
        spent: seconds of it that an earlier, interrupted run has used.
        save_minutes: minutes between saves.
        ranks: processes that must stop and save at the same step.

    Attributes:
        spent: seconds of training up to the last step.
    """

    def __init__(
        self, seconds: float | None, spent: float, save_minutes: float, ranks: Ranks = ALONE
    ) -> None:
        super().__init__(save_minutes)
        self.spent = spent
        self._seconds = seconds
        self._began = time.monotonic() - spent
        self._ranks = ranks

    def share_spent(self) -> float:
        return min(1.0, self.spent / self._seconds) if self._seconds else 0.0

    def seconds_left(self) -> float:
        return max(0.0, self._seconds - self.spent) if self._seconds else math.inf

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        spent = time.monotonic() - self._began
        self.spent, signalled, due = self._ranks.largest(spent, self.stopped, self.save_due())
        self.stopped = bool(signalled)
        self.save_or_stop(control, bool(due))
        if self.share_spent() == 1:
            control.should_training_stop = True


class KeepBest(TrainerCallback):
    """Keeps the trained weights of the lowest held-out loss, for the case that it rises clearly.

    What is held out are whole files. A model that comes to know a repository does better on new
    lines of its files long before it does on files that it has never seen, and the last weights, of
    a learning rate that has come down, are better than those on the way, also where this loss has
    risen by a twentieth (docs/experiments.md). So the last ones stay unless it has risen by more
    than `margin`.

    Args:
        path: safetensors file that the best weights are written to, if they are.
        margin: share by which the loss may lie above its lowest value.
        patience: evaluations in a row above that after which training stops.
    """

    def __init__(self, path: Path | None = None, margin: float = 0.25, patience: int = 3) -> None:
        self._path = path
        self._margin = margin
        self._patience = patience
        self._worse = 0
        self._lowest = math.inf
        self._best: dict[str, torch.Tensor] = {}
        self.loss: float | None = None

    def go_on(self, path: Path) -> None:
        """Begin with the best weights that an interrupted run has written to `path`, if any."""
        if not path.is_file():
            return
        with safe_open(path, framework="pt") as saved:
            self._lowest = float(saved.metadata()["loss"])
            self._best = {name: saved.get_tensor(name) for name in saved.keys()}  # noqa: SIM118

    def on_evaluate(
        self,
        args: Any,
        state: Any,
        control: Any,
        metrics: dict[str, float] | None = None,
        model: Any = None,
        **kwargs: Any,
    ) -> None:
        loss = (metrics or {}).get("eval_loss")
        if loss is None:
            return
        self.loss = loss
        if loss < self._lowest:
            self._lowest, self._worse = loss, 0
            self._best = {
                name: weight.detach().to("cpu", copy=True).contiguous()
                for name, weight in model.named_parameters()
                if weight.requires_grad
            }
            if self._path is not None:
                with atomic_file(self._path, durable=False) as temporary:
                    save_file(self._best, temporary, {"loss": repr(loss)})
            return
        self._worse = self._worse + 1 if self._has_risen() else 0
        if self._worse >= self._patience:
            control.should_training_stop = True

    def _has_risen(self) -> bool:
        return self.loss is not None and self.loss > self._lowest * (1 + self._margin)

    @torch.no_grad()
    def restore(self, model: Any) -> None:
        """Give the model its best weights back if the loss has risen clearly since."""
        if not self._has_risen():
            return
        self.loss = self._lowest
        parameters = dict(model.named_parameters())
        for name, weight in self._best.items():
            parameters[name].copy_(weight)
