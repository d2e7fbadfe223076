"""Attention of packed examples on a CPU: each example by itself.

A mask that keeps the examples of a window apart makes the kernel compute the whole square, what is
masked too. Example by example only the lower half of each is computed (`make bench-finetune`).
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import torch
from torch.nn.functional import scaled_dot_product_attention
from transformers import AttentionInterface, AttentionMaskInterface

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME = "example_by_example"


@contextmanager
def example_by_example(model: Any) -> Iterator[None]:
    """Attention that follows `position_ids`, as long as it lasts; not on a GPU.

    Without it the model's own attention is told by a mask where an example begins.
    """
    own = model.config._attn_implementation
    if next(model.parameters()).is_cuda:
        yield
        return
    model.set_attn_implementation(NAME)
    try:
        yield
    finally:
        model.set_attn_implementation(own)


def _attention(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    *,
    position_ids: torch.Tensor,
    scaling: float | None = None,
    dropout: float = 0.0,
    **kwargs: Any,
) -> tuple[torch.Tensor, None]:
    """In the form that transformers asks for.

    Args:
        query: shape (rows, heads, window, width of a head).
        key, value: the same, with as many heads or fewer.
        position_ids: shape (rows, window); an example begins wherever they don't go on.

    Returns:
        shape (rows, window, heads, width of a head).
    """
    rows = []
    for row, positions in enumerate(position_ids.expand(len(query), -1)):
        sizes = _sizes(positions)
        queries, keys, values = (
            torch.split(of[row : row + 1], sizes, dim=2) for of in (query, key, value)
        )
        done = [
            scaled_dot_product_attention(
                q, k, v, is_causal=True, scale=scaling, dropout_p=dropout, enable_gqa=True
            )
            for q, k, v in zip(queries, keys, values, strict=True)
        ]
        rows.append(torch.cat(done, dim=2))
    return torch.cat(rows).transpose(1, 2).contiguous(), None


def _sizes(positions: torch.Tensor) -> list[int]:
    """Tokens of each example in a row of positions, shape (window,)."""
    begins = torch.diff(positions, prepend=positions[:1]) != 1
    starts = torch.nonzero(begins).flatten().tolist()
    return [end - start for start, end in zip(starts, [*starts[1:], len(positions)], strict=True)]


def _no_mask(*args: Any, **kwargs: Any) -> None:
    """Positions tell all."""


AttentionInterface.register(NAME, _attention)
AttentionMaskInterface.register(NAME, _no_mask)
