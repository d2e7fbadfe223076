"""Weights between those of the base and the tuned ones.

A tuned model is too sure of what it has read several times. On part of the way back to the base it
needs fewer nats for lines that it has not read, and leaves more to the repository's memory, which
has what it did read (WiSE-FT, Wortsman et al., arXiv 2109.01903; measured in docs/experiments.md).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from finetune.adapters import Method
from finetune.loading import load_model

if TYPE_CHECKING:
    from pathlib import Path


def usual_blend(method: Method) -> float:
    """The share of the tuned weights; an adapter, which forgets less, is taken as it is."""
    return 0.7 if method is Method.FULL else 1.0


@torch.no_grad()
def blend(model: Any, method: Method, base: Path, share: float) -> None:
    """Bring the model's weights back to `base + share * (tuned - base)`.

    Args:
        model: as `finetune.adapters.load_for_training` gave it; an adapter is scaled.
        base: checkpoint that training began with.
    """
    if share == 1:
        return
    if method is not Method.FULL:
        for name, weight in model.named_parameters():
            if "lora_B" in name:
                weight.mul_(share)
        return
    before = dict(load_model(base).named_parameters())
    for name, weight in model.named_parameters():
        weight.lerp_(before[name].to(weight.device, weight.dtype), 1 - share)
