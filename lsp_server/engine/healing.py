"""Healing: the first token of an answer may begin inside what was typed already.

The typed text may end inside what training knew as one token ("␣rang" of "␣range"). So its last few
tokens are only a proposal. Their prefill yields the logits before each; for each cut the best
single token that *starts with* all bytes after the cut competes, weighted with the probability of
the tokens before it. The tokens as typed are one of the candidates, so healing always succeeds,
costs no further evaluation, and never repeats what was typed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from lsp_server.engine.probabilities import log_softmax, log_sum, most_expected, most_probable

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lsp_server.engine.vocabulary import Vocabulary
    from lsp_server.memory.recall import Recall


@dataclass(frozen=True)
class FirstToken:
    """The first token of an answer.

    Attributes:
        token: its id.
        logprob: conditional on the bytes of the typed text that it covers.
        kept: how many tokens of the prompt's tail stand before it.
        covered: how many of its bytes were typed already.
    """

    token: int
    logprob: float
    kept: int
    covered: int


def choose_first(
    logits: NDArray[np.float32], tail: tuple[int, ...], vocabulary: Vocabulary
) -> FirstToken:
    """The first token of the answer, healing `tail`, the last tokens of the typed text.

    Args:
        logits: row `i` is what the model expects after `i` tokens of the tail;
            shape (max(1, len(tail)), vocabulary).
    """
    if not tail:
        token, logprob = most_probable(logits[0])
        return FirstToken(token, logprob, 0, 0)
    best: FirstToken | None = None
    best_score = -np.inf
    path = 0.0
    for kept, own in enumerate(tail):
        row = log_softmax(logits[kept])
        typed = vocabulary.join(tail[kept:])
        candidates = _candidates(typed, own if kept == len(tail) - 1 else None, vocabulary)
        if len(candidates):
            scores = row[candidates]
            winner = int(scores.argmax())
            score = path + float(scores[winner])
            if best is None or score > best_score:
                conditional = float(scores[winner] - log_sum(scores))
                best = FirstToken(int(candidates[winner]), conditional, kept, len(typed))
                best_score = score
        path += float(row[own])
    assert best is not None  # the last token as typed is always a candidate
    return best


def _candidates(typed: bytes, own: int | None, vocabulary: Vocabulary) -> NDArray[np.int64]:
    found = vocabulary.starting_with(typed) if typed else np.empty(0, dtype=np.int64)
    if own is not None and own not in found:
        found = np.append(found, own)
    return found


def advised(
    first: FirstToken,
    logits: NDArray[np.float32],
    tail: tuple[int, ...],
    vocabulary: Vocabulary,
    recall: Recall,
) -> FirstToken:
    """The model's choice, or the repository memory's where that is more probable.

    The memory has healed in its own way; its choice counts where the bytes that it covers begin
    between two tokens of the tail.

    Args:
        first, logits, tail: as `choose_first` gave and took them.
    """
    expectation = recall.expectation()
    if expectation is None:
        return first
    if recall.covered == 0:
        if not tail:
            return FirstToken(*most_expected(logits[0], expectation), kept=0, covered=0)
        # In the memory's eyes the last token is whole; its expectation is about the one after it.
        if expectation.best()[1] <= math.exp(first.logprob) * (1 - expectation.weight):
            return first
        return FirstToken(tail[-1], 0.0, len(tail) - 1, len(vocabulary.piece(tail[-1])))
    cuts = (k for k in range(len(tail)) if len(vocabulary.join(tail[k:])) == recall.covered)
    kept = next(cuts, None)
    if kept is None:
        return first
    certainty = math.exp(first.logprob)
    agreement = _probability(
        expectation.favourite, log_softmax(logits[kept]), tail[kept:], vocabulary
    )
    weight = expectation.weight_beside(certainty, agreement)
    memories, models = weight * expectation.share, (1 - weight) * certainty
    if (expectation.favourite, kept) == (first.token, first.kept):
        return replace(first, logprob=math.log(memories + models))
    if memories <= models:
        return first
    return FirstToken(expectation.favourite, math.log(memories), kept, recall.covered)


def _probability(
    token: int, row: NDArray[np.float32], typed: tuple[int, ...], vocabulary: Vocabulary
) -> float:
    """What the model gives to `token` among all that go on with the `typed` ones."""
    candidates = _candidates(vocabulary.join(typed), None, vocabulary)
    if token not in candidates:
        return 0.0
    return math.exp(float(row[token] - log_sum(row[candidates])))
