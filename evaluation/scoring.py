"""Bits of a middle: −log₂ P(middle | what stands around it), by one rule for every system.

`typed + middle` is encoded as one text, as in training. Counted are the tokens that reach past the
cursor. The first of them may begin before it: of such a token only the ending is news, so its
probability is renormalised over all tokens whose bytes start with the bytes already typed, which
is what token healing does when it generates. The end token is not counted.

The tokenization is the canonical one; other ways to spell the same text have probability too, so
the bits are an upper bound, for every system alike.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray


@dataclass(frozen=True)
class MiddleTokens:
    """A text with a cursor in it, as tokens.

    Attributes:
        context: ids of the tokens that end at or before the cursor.
        head: bytes of the first target that stand before the cursor; empty if it starts there.
        targets: ids of the tokens that reach past the cursor.
    """

    context: tuple[int, ...]
    head: bytes
    targets: tuple[int, ...]


def split_tokens(ids: Sequence[int], piece: Callable[[int], bytes], cursor: int) -> MiddleTokens:
    """Split the tokens of a text at `cursor`, an offset in bytes; `piece` gives a token's bytes."""
    position = 0
    for index, token in enumerate(ids):
        end = position + len(piece(token))
        if end > cursor:
            head = piece(token)[: cursor - position]
            return MiddleTokens(tuple(ids[:index]), head, tuple(ids[index:]))
        position = end
    return MiddleTokens(tuple(ids), b"", ())


def middle_bits(
    tokens: MiddleTokens,
    log_probabilities: Sequence[NDArray[np.floating]],
    starting_with: Callable[[bytes], NDArray[np.int64]],
) -> float:
    """Bits of the targets.

    Args:
        log_probabilities: for each target a row of natural logarithms over the vocabulary, up to
            an additive constant (so raw logits will do), given all tokens before it.
        starting_with: ids of the tokens whose bytes start with given bytes.
    """
    nats = 0.0
    head = tokens.head
    for target, row in zip(tokens.targets, log_probabilities, strict=True):
        considered = row[starting_with(head)] if head else row
        nats += log_sum_exp(considered) - float(row[target])
        head = b""
    return nats / math.log(2)


def log_sum_exp(values: NDArray[np.floating]) -> float:
    """log Σ exp(values), in double precision and without overflow."""
    wide = values.astype(np.float64)
    highest = float(wide.max())
    return highest + math.log(float(np.exp(wide - highest).sum()))
