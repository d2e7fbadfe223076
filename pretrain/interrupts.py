"""Ctrl-C and SIGTERM while a model is trained: finish the step at hand, save, then stop."""

from __future__ import annotations

import signal
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from transformers import TrainerCallback

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType


class Interrupts(TrainerCallback):
    """Saves every `save_minutes`, and once more before it stops for a signal.

    Attributes:
        stopped: whether a signal came; a second one raises KeyboardInterrupt at once.
    """

    def __init__(self, save_minutes: float) -> None:
        self.stopped = False
        self._save_seconds = save_minutes * 60
        self._saved = time.monotonic()

    @contextmanager
    def listen(self) -> Iterator[None]:
        """Handle both signals until the block ends."""
        previous = {
            number: signal.signal(number, self._stop) for number in (signal.SIGINT, signal.SIGTERM)
        }
        try:
            yield
        finally:
            for number, handler in previous.items():
                signal.signal(number, handler)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        if self.stopped:
            raise KeyboardInterrupt
        self.stopped = True

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self.save_or_stop(control, self.save_due())

    def save_due(self) -> bool:
        return time.monotonic() - self._saved >= self._save_seconds

    def save_or_stop(self, control: Any, due: bool) -> None:
        """Have the step that just ended saved if that is due; after a signal it was the last."""
        if self.stopped or due:
            control.should_save = True
            self._saved = time.monotonic()
        if self.stopped:
            control.should_training_stop = True
