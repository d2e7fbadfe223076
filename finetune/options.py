"""The options of a fine-tuning run; they are the command line too."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro

from inkling.errors import InklingError

DEFAULT_MINUTES = 10.0


@dataclass(frozen=True)
class FinetuneOptions:
    """Adapt a model to your repository; install it only if it does better on your latest files.

    The files that were committed last are kept out of training, and base and tuned model are
    compared on them. The same command again goes on where it was stopped. Exit status: 0 the tuned
    model is better and installed, 1 nothing was installed, 2 the run could not be made.
    """

    repo: Annotated[Path, tyro.conf.Positional]
    """Git checkout or folder to learn."""
    base: Path = Path("runs/base/checkpoint")
    """Checkpoint to start from, as 'python -m pretrain' wrote it."""
    out: Path | None = None
    """Folder of the run (default: finetune/NAME under INKLING_HOME)."""
    name: str | None = None
    """Name of the tuned model (default: the repository's, with '-personal')."""
    minutes: float | None = None
    """Train so long at most (default: 10, if no --steps are given)."""
    steps: int | None = None
    """Train so many optimizer steps instead."""
    yes: bool = False
    """Begin without asking."""
    epochs: int = 3
    """Passes over the repository, at most when --minutes decide; each cuts other holes."""
    window: int = 1024
    """Tokens of one training sequence; never more than the base was trained on."""
    batch: int = 8
    """Sequences of one optimizer step."""
    learning_rate: float = 2e-3
    """Peak learning rate of both Muon and AdamW; half of pretraining's."""
    save_minutes: float = 2.0
    """Minutes between checkpoints to resume from."""

    @property
    def budget_seconds(self) -> float | None:
        """Training time that the user allows; None if steps decide."""
        if self.steps is not None:
            return None
        return 60 * (DEFAULT_MINUTES if self.minutes is None else self.minutes)

    def check(self) -> None:
        """Raise InklingError for values that can't be trained with."""
        if self.steps is not None and self.minutes is not None:
            raise InklingError("Both --steps and --minutes are given.", "Give one of them.")
        least = {"minutes": 0.01, "steps": 1, "epochs": 1, "batch": 1, "window": 128}
        for name, value in least.items():
            given = getattr(self, name)
            if given is not None and not given >= value:
                raise InklingError(f"--{name} is {given}.", f"Give it {value} or more.")
        if not self.learning_rate >= 0:
            raise InklingError(f"--learning-rate is {self.learning_rate}.", "Give it 0 or more.")
