"""One optimizer for the whole model: Muon for hidden matrices, AdamW for embeddings and norms.

Muon (Keller Jordan, 2024) takes the momentum's nearest semi-orthogonal matrix as the update, by a
quintic Newton-Schulz iteration; scaled by 0.2·sqrt(larger side) it can share AdamW's learning rate
(Moonlight, arXiv 2502.16982). `torch.optim.Muon` isn't used because it iterates in bfloat16, which
is an order of magnitude slower than float32 on CPUs without bfloat16 units, and because `Trainer`
takes a single optimizer. Matrices of one shape are iterated together.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from collections.abc import Callable

NEWTON_SCHULZ = (3.4445, -4.7750, 2.0315)
NEWTON_SCHULZ_STEPS = 5
UPDATE_RMS = 0.2


def orthogonalized(matrices: torch.Tensor) -> torch.Tensor:
    """Approximate nearest semi-orthogonal matrices of a batch, shape (batch, rows, columns)."""
    a, b, c = NEWTON_SCHULZ
    transpose = matrices.shape[-2] > matrices.shape[-1]
    x: torch.Tensor = matrices.mT if transpose else matrices
    x = x / x.norm(dim=(-2, -1), keepdim=True).clamp_min(1e-7)
    for _ in range(NEWTON_SCHULZ_STEPS):
        gram = x @ x.mT
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x.mT if transpose else x


class MuonAdamW(torch.optim.Optimizer):
    """Muon for parameter groups with `muon=True`, AdamW for the others.

    Args:
        groups: parameter groups; each may override any default.
        lr: learning rate of both; weight_decay is decoupled.
    """

    def __init__(self, groups: list[dict[str, Any]], lr: float, weight_decay: float = 0.1) -> None:
        defaults = {
            "lr": lr,
            "weight_decay": weight_decay,
            "momentum": 0.95,
            "betas": (0.9, 0.95),
            "eps": 1e-8,
            "muon": False,
        }
        super().__init__(groups, defaults)

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> float | None:  # type: ignore[override]
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            (self._muon if group["muon"] else self._adamw)(group)
        return loss

    def _muon(self, group: dict[str, Any]) -> None:
        by_shape: dict[torch.Size, list[torch.Tensor]] = defaultdict(list)
        for parameter in group["params"]:
            if parameter.grad is not None:
                by_shape[parameter.shape].append(parameter)
        for shape, parameters in by_shape.items():
            updates = orthogonalized(torch.stack([self._nesterov(p, group) for p in parameters]))
            scale = UPDATE_RMS * max(shape) ** 0.5
            for parameter, update in zip(parameters, updates, strict=True):
                parameter.mul_(1 - group["lr"] * group["weight_decay"])
                parameter.add_(update, alpha=-group["lr"] * scale)

    def _nesterov(self, parameter: torch.Tensor, group: dict[str, Any]) -> torch.Tensor:
        state = self.state[parameter]
        if not state:
            state["momentum"] = torch.zeros_like(parameter)
        gradient = parameter.grad
        assert gradient is not None
        state["momentum"].lerp_(gradient, 1 - group["momentum"])
        return gradient.lerp(state["momentum"], group["momentum"])

    def _adamw(self, group: dict[str, Any]) -> None:
        first_decay, second_decay = group["betas"]
        for parameter in group["params"]:
            gradient = parameter.grad
            if gradient is None:
                continue
            state = self.state[parameter]
            if not state:
                state["step"] = torch.zeros(())
                state["first"] = torch.zeros_like(parameter)
                state["second"] = torch.zeros_like(parameter)
            state["step"] += 1
            count = state["step"].item()
            state["first"].lerp_(gradient, 1 - first_decay)
            state["second"].lerp_(gradient.square(), 1 - second_decay)
            first = state["first"] / (1 - first_decay**count)
            second = state["second"] / (1 - second_decay**count)
            parameter.mul_(1 - group["lr"] * group["weight_decay"])
            parameter.addcdiv_(first, second.sqrt_().add_(group["eps"]), value=-group["lr"])


def build_optimizer(model: torch.nn.Module, lr: float, weight_decay: float) -> MuonAdamW:
    """Muon for the matrices of the blocks; AdamW without weight decay for everything else."""
    matrices: list[torch.Tensor] = []
    others: list[torch.Tensor] = []
    for name, parameter in model.named_parameters():
        hidden = parameter.ndim == 2 and "embed_tokens" not in name and "lm_head" not in name
        (matrices if hidden else others).append(parameter)
    groups: list[dict[str, Any]] = [
        {"params": matrices, "muon": True},
        {"params": others, "muon": False, "weight_decay": 0.0},
    ]
    return MuonAdamW(groups, lr, weight_decay)
