"""What the memory remembers at one place: how the text goes on wherever the context occurs.

Pure data and pure functions over it; `repository` finds the occurrences.
"""

from __future__ import annotations

import math
import operator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from lsp_server.memory.suffix_index import SEPARATOR

if TYPE_CHECKING:
    from numpy.typing import NDArray

NOVELTY = ((4, 0.55), (5, 0.42), (6, 0.38), (8, 0.34), (11, 0.18), (25, 0.12))
"""Match length in tokens → probability, from that length on, that what comes next is new although
the match occurred just once. Fitted on held-out files; docs/experiments.md has the table."""
NOVELTY_EXPONENT = 0.6
"""How fast that probability falls with more occurrences; fitted likewise."""
BELIEF = (-0.54, 0.60, -0.20, 1.43, -0.28, 0.11)
"""Coefficients of a logistic regression: bias, and those of the natural logarithms of match length,
diversity, share of the favourite, the odds that the model gives its own, and the probability that
it gives the memory's. They make held-out tokens most likely; docs/experiments.md has the fit."""
_LEAST = 1e-5
"""No probability is smaller, so that its logarithm stays finite."""


@dataclass(frozen=True)
class Recall:
    """The occurrences of a context that agree with what was generated since.

    Attributes:
        length: tokens of the context that match, those generated since included.
        rows: the tokens that followed each occurrence, `SEPARATOR` beyond a file's end;
            shape (occurrences, horizon), uint32.
        step: how many columns of `rows` have been generated.
        covered: how many bytes of each row's first token were typed already.
    """

    length: int
    rows: NDArray[np.uint32]
    step: int = 0
    covered: int = 0

    def expectation(self) -> Expectation | None:
        """What comes next; None at the end of all files or of what was looked up."""
        if self.step >= self.rows.shape[1]:
            return None
        column = self.rows[:, self.step]
        tokens, counts = np.unique(column[column != SEPARATOR], return_counts=True)
        if not len(tokens):
            return None
        return Expectation(tokens.astype(np.int64), counts, self.length)

    def after(self, token: int) -> Recall | None:
        """The occurrences that go on with `token`; None if there is none."""
        if self.step >= self.rows.shape[1]:
            return None
        agreeing = self.rows[self.rows[:, self.step] == token]
        if not len(agreeing):
            return None
        return replace(self, length=self.length + 1, rows=agreeing, step=self.step + 1)


@dataclass(frozen=True)
class Expectation:
    """A distribution of the next token.

    Attributes:
        tokens: distinct token ids, ascending, shape (n,).
        counts: how often each came next, shape (n,).
        length: of the match, in tokens.
    """

    tokens: NDArray[np.int64]
    counts: NDArray[np.int64]
    length: int

    @property
    def favourite(self) -> int:
        """The most frequent token, the smallest id of several."""
        return int(self.tokens[self.counts.argmax()])

    @property
    def share(self) -> float:
        """Of the occurrences, how many go on with the favourite."""
        return float(self.counts.max() / self.counts.sum())

    @property
    def weight(self) -> float:
        """Probability that the next token is one of `tokens`, as far as the memory knows."""
        novelty = next((n for least, n in reversed(NOVELTY) if self.length >= least), 1.0)
        return 1.0 - novelty * float(self._diversity**NOVELTY_EXPONENT)

    @property
    def _diversity(self) -> float:
        return len(self.tokens) / int(self.counts.sum())

    def best(self) -> tuple[int, float]:
        """The favourite and its probability."""
        return self.favourite, self.weight * self.share

    def weight_beside(self, certainty: float, agreement: float) -> float:
        """What this distribution weighs beside a model's: less where the model is sure of itself.

        Args:
            certainty: the model's probability of its own favourite.
            agreement: its probability of the memory's.
        """
        bias, *slopes = BELIEF
        logarithms = map(math.log, self.signals(certainty, agreement))
        score = bias + sum(map(operator.mul, slopes, logarithms))
        return 1.0 / (1.0 + math.exp(-score))

    def signals(self, certainty: float, agreement: float) -> tuple[float, ...]:
        """What `BELIEF` has a coefficient for; all greater than zero."""
        odds = max(certainty, _LEAST) / max(1 - certainty, _LEAST)
        return (self.length, self._diversity, self.share, odds, max(agreement, _LEAST))

    def mixed_into(self, probabilities: NDArray[np.float32]) -> NDArray[np.float32]:
        """The model's distribution with this one: `(1 - weight) · model + weight · memory`.

        Args:
            probabilities: of every token, shape (vocabulary,); unchanged.
        """
        agreement = float(probabilities[self.favourite])
        weight = np.float32(self.weight_beside(float(probabilities.max()), agreement))
        mixed = probabilities * (np.float32(1) - weight)
        mixed[self.tokens] += weight * (self.counts / self.counts.sum()).astype(np.float32)
        return mixed
