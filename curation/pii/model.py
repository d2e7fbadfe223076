"""The small tagger: an embedding, a few convolutional blocks, a label for each token.

Each block is a depthwise convolution over seven tokens, further apart from block to block, and a
feed-forward layer (ConvNeXt's shape, Liu et al. 2022). It sees 48 tokens to either side, which is
what tells an author's line from code, and runs at some 100,000 tokens a second on one core.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import nn
from torch.nn import functional

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class TaggerConfig:
    """Shape of the tagger."""

    vocabulary: int = 4_096
    labels: int = 13
    embedding: int = 64
    width: int = 96
    reach: int = 7
    dilations: tuple[int, ...] = (1, 2, 4, 8, 1)


class Block(nn.Module):
    """Depthwise convolution and feed-forward layer, added to what came in."""

    def __init__(self, width: int, reach: int, dilation: int) -> None:
        super().__init__()
        self.mix = nn.Parameter(torch.randn(reach, width) / reach**0.5)
        self.dilation = dilation
        self.norm = nn.LayerNorm(width)
        self.grow = nn.Linear(width, 2 * width)
        self.shrink = nn.Linear(2 * width, width)

    def forward(self, hidden: torch.Tensor) -> torch.Tensor:
        length, reach = hidden.shape[1], self.mix.shape[0]
        edge = reach // 2 * self.dilation
        padded = functional.pad(hidden, (0, 0, edge, edge))
        # torch's own depthwise convolution takes three times as long on a CPU.
        mixed = padded[:, :length] * self.mix[0]
        for place in range(1, reach):
            start = place * self.dilation
            mixed = mixed + padded[:, start : start + length] * self.mix[place]
        change: torch.Tensor = self.shrink(torch.relu(self.grow(self.norm(mixed))))
        return hidden + change


class Tagger(nn.Module):
    """Token ids and mask, shape (batch, tokens), to logits, shape (batch, tokens, labels)."""

    def __init__(self, config: TaggerConfig, dropout: float = 0.1) -> None:
        super().__init__()
        self.embedding = nn.Embedding(config.vocabulary, config.embedding)
        self.widen = nn.Linear(config.embedding, config.width)
        self.dropout = nn.Dropout(dropout)
        self.blocks = nn.ModuleList(
            Block(config.width, config.reach, dilation) for dilation in config.dilations
        )
        self.head = nn.Linear(config.width, config.labels)

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        seen = attention_mask.unsqueeze(-1).to(torch.float32)
        hidden = self.dropout(self.widen(self.embedding(input_ids)))
        for block in self.blocks:
            hidden = block(hidden * seen)
        logits: torch.Tensor = self.head(self.dropout(hidden))
        return logits


def export_onnx(model: nn.Module, path: Path) -> None:
    """Write a token classifier as ONNX with free batch and length.

    The exporter that follows TorchScript is used: it needs no further package.
    """
    model.eval()
    ids = torch.zeros((2, 16), dtype=torch.int64)
    free = {0: "batch", 1: "tokens"}
    torch.onnx.export(
        model,
        (ids, torch.ones_like(ids)),
        str(path),
        input_names=["input_ids", "attention_mask"],
        output_names=["logits"],
        dynamic_axes={"input_ids": free, "attention_mask": free, "logits": free},
        opset_version=17,
        dynamo=False,
    )
