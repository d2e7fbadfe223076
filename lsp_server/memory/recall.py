"""What the memory remembers at one place: how the text goes on wherever the context occurs.

Pure data and pure functions over it; `repository` finds the occurrences.
"""

from __future__ import annotations

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
    def weight(self) -> float:
        """Probability that the next token is one of `tokens`."""
        novelty = next((n for least, n in reversed(NOVELTY) if self.length >= least), 1.0)
        diversity = len(self.tokens) / int(self.counts.sum())
        return 1.0 - novelty * float(diversity**NOVELTY_EXPONENT)

    def best(self) -> tuple[int, float]:
        """The most frequent token (the smallest id of several) and its probability."""
        winner = int(self.counts.argmax())
        share = float(self.counts[winner] / self.counts.sum())
        return int(self.tokens[winner]), self.weight * share

    def mixed_into(self, probabilities: NDArray[np.float32]) -> NDArray[np.float32]:
        """The model's distribution with this one: `(1 - weight) · model + weight · memory`.

        Args:
            probabilities: of every token, shape (vocabulary,); unchanged.
        """
        weight = np.float32(self.weight)
        mixed = probabilities * (np.float32(1) - weight)
        mixed[self.tokens] += weight * (self.counts / self.counts.sum()).astype(np.float32)
        return mixed
