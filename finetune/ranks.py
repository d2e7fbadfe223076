"""Several processes that train together, as torchrun starts them.

The first of them curates, plans, proves and installs, as if it were alone; the others wait for the
training and take part in it. All of them see the same folders.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import torch
from torch import distributed

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np

    from finetune.options import FinetuneOptions
    from finetune.train import Recipe

_PATIENCE = timedelta(days=2)
"""So long the others wait for the first, which may have much to curate."""


@dataclass(frozen=True)
class Order:
    """What is to be trained: the base's checkpoint folder, the windows, how, and the run's folder.

    Attributes:
        windows, aside: to train on, and to measure the loss on; shape (windows, window).
    """

    base: Path
    windows: np.ndarray
    aside: np.ndarray
    recipe: Recipe
    options: FinetuneOptions
    run: Path


class Ranks:
    """This process among those that train together.

    Args:
        index: its number; 0 leads.
        count: how many there are.
    """

    def __init__(self, index: int = 0, count: int = 1) -> None:
        self.index = index
        self.count = count
        self._waiting = count > 1

    @classmethod
    def joined(cls) -> Ranks:
        """Meet the other processes of the same torchrun, if there are any."""
        ranks = cls(int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1")))
        if ranks.count > 1:
            backend = "gloo"
            if torch.cuda.is_available():
                torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", "0")))
                backend = "cpu:gloo,cuda:nccl"
            distributed.init_process_group(backend, timeout=_PATIENCE)
        return ranks

    @property
    def leads(self) -> bool:
        return self.index == 0

    def begin(self, order: Order) -> None:
        """Let the others train along; the first process's part."""
        self._hand_out(order)

    def wait(self) -> Order | None:
        """What the first process begins; None if there is nothing to train. The others' part."""
        return self._hand_out(None)

    def leave(self) -> None:
        """Part from the others; if they still wait, there is nothing for them to do."""
        if self._waiting and self.leads:
            self._hand_out(None)
        if self.count > 1 and distributed.is_initialized():
            distributed.destroy_process_group()

    def _hand_out(self, order: Order | None) -> Order | None:
        if not self._waiting:
            return order
        self._waiting = False
        handed = [order]
        distributed.broadcast_object_list(handed, src=0, device=torch.device("cpu"))
        return handed[0]

    def largest(self, *values: float) -> list[float]:
        """Of each value the largest that any process has, so that all go on alike."""
        if self.count == 1:
            return list(values)
        tensor = torch.tensor(values, dtype=torch.float64)
        distributed.all_reduce(tensor, distributed.ReduceOp.MAX)
        return [float(value) for value in tensor]


ALONE = Ranks()
