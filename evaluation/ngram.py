"""The baseline without a neural net: an n-gram model of any order over a suffix array.

For a context h = h₁…hₖ (k ≤ order) let c(hw) count how often w followed h in the training tokens,
c(h) = Σ c(hw), and T(h) be the number of different w that did. The probabilities are interpolated
Witten–Bell (Witten & Bell 1991; Chen & Goodman 1998 §2.6) from the uniform distribution over the
vocabulary, through the unigrams, to the longest suffix of the context that was ever seen:

    P(w|h) = (c(hw) + T(h) · P(w|h₂…hₖ)) / (c(h) + T(h))

The suffix array is that of the *reversed* tokens: one more token of context narrows the range, and
the Burrows–Wheeler transform lays side by side the tokens that followed. Making the arrays is
`evaluation.ngram_build`'s work.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

SMOOTHING = "interpolated Witten-Bell, from uniform over unigrams to the longest suffix seen"
_CACHE_RANGES = 4096
_CACHE_FROM = 512


@dataclass(frozen=True)
class NgramArrays:
    """What the model looks things up in; all of shape (tokens,), and may be memory maps.

    The training tokens are `end d₁ end d₂ … end dₙ`: every document, the end token before each,
    and, going round, after the last.

    Attributes:
        reversed_tokens: those tokens, last one first.
        suffixes: suffix array of `reversed_tokens`.
        followers: for each suffix, the token that stands before it in `reversed_tokens`, so after
            it in the text (its Burrows–Wheeler transform, closed to a ring).
    """

    reversed_tokens: NDArray[np.unsignedinteger]
    suffixes: NDArray[np.signedinteger]
    followers: NDArray[np.unsignedinteger]


class NgramModel:
    """Next-token probabilities.

    Args:
        arrays: of the training tokens.
        vocabulary_size: ids run from 0 to this, exclusive.
        order: longest context, in tokens.
    """

    def __init__(self, arrays: NgramArrays, vocabulary_size: int, order: int) -> None:
        self.order = order
        self.tokens = len(arrays.followers)
        self._reversed = arrays.reversed_tokens
        self._suffixes = arrays.suffixes
        self._followers = arrays.followers
        counts = np.bincount(arrays.reversed_tokens, minlength=vocabulary_size)
        # Suffixes are sorted by their first token: its range needs no search.
        self._bounds = np.concatenate(([0], np.cumsum(counts)))
        types = int(np.count_nonzero(counts))
        uniform = 1 / vocabulary_size
        self._unigram = (counts + types * uniform) / (self.tokens + types)
        self._cache: OrderedDict[tuple[int, int], tuple[NDArray[np.int64], NDArray[np.int64]]] = (
            OrderedDict()
        )

    def ranges(self, context: Sequence[int]) -> list[tuple[int, int]]:
        """Ranges of the suffix array, not empty, for the last 1, 2, … tokens of the context.

        As many as the longest suffix that was seen has tokens, at most `order`. `context` holds
        an end token only at its start.
        """
        found: list[tuple[int, int]] = []
        low, high = 0, self.tokens
        for depth, token in enumerate(reversed(context[-self.order :])):
            if depth == 0:
                low, high = int(self._bounds[token]), int(self._bounds[token + 1])
            else:
                low = self._search(depth, token, low, high)
                high = self._search(depth, token + 1, low, high)
            if low == high:
                break
            found.append((low, high))
        return found

    def probabilities(self, context: Sequence[int]) -> NDArray[np.float64]:
        """P(w | context) for every w; shape (vocabulary,), sums to 1, none is 0."""
        result: NDArray[np.float64] = self._unigram.copy()
        for low, high in self.ranges(context):
            tokens, counts = self._continuations(low, high)
            total = (high - low) + len(tokens)
            result *= len(tokens) / total
            result[tokens] += counts / total
        return result

    def _search(self, depth: int, token: int, low: int, high: int) -> int:
        """First index of [low, high) whose suffix has at `depth` a token ≥ `token`; else high."""
        while low < high:
            middle = (low + high) // 2
            # In range: the text starts with the end token, and no context goes on past that.
            if self._reversed[int(self._suffixes[middle]) + depth] < token:
                low = middle + 1
            else:
                high = middle
        return low

    def _continuations(self, low: int, high: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The different tokens that followed, and how often each did."""
        known = self._cache.get((low, high))
        if known is not None:
            self._cache.move_to_end((low, high))
            return known
        followers = self._followers[low:high]
        if high - low < _CACHE_FROM:
            tokens, counts = np.unique(followers, return_counts=True)
            return tokens.astype(np.int64), counts
        dense = np.bincount(followers)
        present = np.flatnonzero(dense)
        found = (present, dense[present])
        self._cache[low, high] = found
        if len(self._cache) > _CACHE_RANGES:
            self._cache.popitem(last=False)
        return found
