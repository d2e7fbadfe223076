"""Bits that a checkpoint needs for packed windows: how well it knows a kind of code.

Bits are of all tokens but padding, holes and sentinels included, as in training; bytes are those
of the text that the tokens stand for.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import torch

from finetune.loading import load_to_measure, rows_at_once

if TYPE_CHECKING:
    from pathlib import Path

    from finetune.base import Base

_BATCH = 4


def bits_per_byte(base: Base, checkpoint: Path, windows: np.ndarray) -> float:
    """Of a checkpoint with the base's tokenizer, on `windows` of shape (windows, window)."""
    # The first token of a window is predicted from nothing, so it isn't measured.
    size = int(base.token_bytes[windows[:, 1:]].sum())
    return float(bits_of_windows(checkpoint, windows, base.pad).sum() / size)


@torch.inference_mode()
def bits_of_windows(folder: Path, windows: np.ndarray, pad: int) -> np.ndarray:
    """Bits that a checkpoint needs for each window, shape (windows,)."""
    model = load_to_measure(folder)
    bits = []
    rows = rows_at_once(model, windows.shape[1], _BATCH)
    for start in range(0, len(windows), rows):
        ids = torch.from_numpy(windows[start : start + rows].astype(np.int64)).to(model.device)
        targets = ids[:, 1:]
        logits = model(input_ids=ids).logits[:, :-1].transpose(1, 2)
        nats = torch.nn.functional.cross_entropy(logits, targets, reduction="none")
        bits.append(nats.masked_fill(targets == pad, 0.0).double().sum(dim=1) / math.log(2))
    return torch.cat(bits).cpu().numpy()
