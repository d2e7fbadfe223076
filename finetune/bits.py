"""Bits that a checkpoint needs for packed windows: how well it knows a kind of code.

Bits are of all tokens but padding, holes and sentinels included, as in training; bytes are those
of the text that the tokens stand for.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import torch

from finetune.loading import load_to_measure, token_nats

if TYPE_CHECKING:
    from pathlib import Path

    from finetune.base import Base

_BATCH = 4


def bits_per_byte(base: Base, checkpoint: Path, windows: np.ndarray) -> float:
    """Of a checkpoint with the base's tokenizer, on `windows` of shape (windows, window)."""
    # The first token of a window is predicted from nothing, so it isn't measured.
    size = int(base.token_bytes[windows[:, 1:]].sum())
    return float(bits_of_windows(checkpoint, windows, base.pad).sum() / size)


def bits_of_windows(folder: Path, windows: np.ndarray, pad: int) -> np.ndarray:
    """Bits that a checkpoint needs for each window, shape (windows,)."""
    rows = torch.from_numpy(windows.astype(np.int64))
    nats = token_nats(load_to_measure(folder), rows, _BATCH)
    known = nats.masked_fill(rows[:, 1:] == pad, 0.0).double()
    return (known.sum(dim=1) / math.log(2)).numpy()
