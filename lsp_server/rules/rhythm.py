"""How long to wait for the next key before the model is asked, by the rhythm of typing.

Where the answer usually comes before the next key, there is no wait. Where it doesn't, asking at
every key would only heat the machine, so the server waits until the next key is overdue. What the
first answer at a new place takes, where a whole prompt has to be read, says nothing of the next.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_REMEMBERED_KEYS = 12
_PAUSE_SECONDS = 1.0  # a longer interval is not typing
_LONGEST_WAIT = 0.3
_OVERDUE = 1.2
_SMOOTHING = 0.3
_FORGETTING = 0.95
"""Who types on and on gets no answer to learn from, so a long one is believed less at every key."""
_WARM_TOKENS = 16
"""More new tokens of a prompt than typing brings."""


def wait_before_asking(intervals: Sequence[float], answer_seconds: float) -> float:
    """Seconds to wait after a key.

    Args:
        intervals: between the last keys, in seconds.
        answer_seconds: what an answer usually takes.
    """
    if not intervals:
        return 0.0
    usual = median(intervals)
    if answer_seconds <= usual:
        return 0.0
    return min(_OVERDUE * usual, _LONGEST_WAIT)


@dataclass(frozen=True)
class Rhythm:
    """What is known of the typing and of the answers; immutable.

    Attributes:
        last_key: time of the last edit, in seconds of any clock.
        intervals: between the last edits, pauses left out.
        answer_seconds: running mean of what answers took where one types on; 0 before the first.
    """

    last_key: float | None = None
    intervals: tuple[float, ...] = ()
    answer_seconds: float = 0.0

    def after_key(self, now: float) -> Rhythm:
        """An edit came at `now`."""
        intervals = self.intervals
        if self.last_key is not None and 0 <= now - self.last_key <= _PAUSE_SECONDS:
            intervals = (*intervals, now - self.last_key)[-_REMEMBERED_KEYS:]
        believed = self.answer_seconds * (_FORGETTING if self.wait else 1)
        return Rhythm(now, intervals, believed)

    def after_answer(self, seconds: float, prompt_tokens: int) -> Rhythm:
        """An answer took `seconds`, in which so many new tokens of the prompt were read."""
        if prompt_tokens > _WARM_TOKENS:
            return self
        mean = self.answer_seconds
        mean = seconds if not mean else mean + _SMOOTHING * (seconds - mean)
        return Rhythm(self.last_key, self.intervals, mean)

    def quiet_seconds(self, now: float) -> float:
        """Seconds since the last edit."""
        return math.inf if self.last_key is None else now - self.last_key

    @property
    def wait(self) -> float:
        """Seconds to wait now."""
        return wait_before_asking(self.intervals, self.answer_seconds)
