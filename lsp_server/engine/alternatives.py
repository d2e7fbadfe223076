"""Other answers than the most probable one, sampled beside it in the same batches.

They share the prompt's keys and values: the active sequence is copied, cut back to the prompt, and
each copy goes its own way from a first token that no other has.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lsp_server.engine.probabilities import log_softmax
from lsp_server.engine.records import Alternative, FinishReason

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from lsp_server.engine.decoding import Answer
    from lsp_server.engine.healing import FirstToken
    from lsp_server.engine.prompt import Prompt
    from lsp_server.engine.session import Session
    from lsp_server.engine.vocabulary import Vocabulary

TOP_TOKENS = 20
LEAST_FIRST = 0.01
"""A less probable first token begins no alternative."""


@dataclass
class _Branch:
    sequence: int
    token: int
    logprob: float
    covered: int
    answer: Answer
    ended: bool = False


class Siblings:
    """The alternatives in the making. They take their steps in the batches of the greedy answer.

    Args:
        session: holds the prompt up to where the answer begins.
        first: of the greedy answer.
        logits: where `first` was chosen, shape (vocabulary,).
        answers: as many empty ones as alternatives are wanted, perhaps none.
    """

    def __init__(
        self,
        session: Session,
        vocabulary: Vocabulary,
        prompt: Prompt,
        first: FirstToken,
        logits: NDArray[np.float32],
        answers: list[Answer],
    ) -> None:
        self._session = session
        self._vocabulary = vocabulary
        self._generator = np.random.default_rng(sum(prompt.head) + sum(prompt.tail))
        rest = prompt.tail[first.kept :][: 1 if first.covered else 0]
        typed = vocabulary.join(prompt.tail[first.kept :]) if rest else b""
        starts = _first_tokens(logits, typed, first.token, vocabulary)[: len(answers)]
        length = len(prompt.head) + first.kept
        sequences = session.branch([*prompt.head, *prompt.tail][:length], len(starts))
        self._branches = [
            _Branch(sequence, token, logprob, len(typed), answer)
            for sequence, (token, logprob), answer in zip(sequences, starts, answers, strict=False)
        ]

    def step(self, tokens: Mapping[int, Sequence[int]]) -> dict[int, list[NDArray[np.float32]]]:
        """Evaluate tokens of other sequences, and of each sibling the next one, in one batch.

        Returns:
            The logits after each of `tokens`, by sequence.

        Raises:
            lsp_server.engine.records.Cancelled: the session was told to stop.
        """
        live = [branch for branch in self._branches if _take(branch, self._vocabulary)]
        theirs = {branch.sequence: [branch.token] for branch in live}
        rows = self._session.step({**tokens, **theirs}) if tokens or theirs else {}
        for branch in live:
            branch.token, branch.logprob = _sample(rows.pop(branch.sequence)[0], self._generator)
            branch.covered = 0
        return rows

    def finish(self) -> tuple[Alternative, ...]:
        """Go on alone to the end: those that got a text; equal ones are left to the caller."""
        while not all(branch.ended for branch in self._branches):
            self.step({})
        return tuple(_finished(each.answer) for each in self._branches if each.answer.data.strip())


def _take(branch: _Branch, vocabulary: Vocabulary) -> bool:
    """Add a branch's token to its answer; whether it goes on."""
    if branch.ended:
        return False
    if branch.token in vocabulary.stop_ids:
        branch.answer.finish = FinishReason.END
        branch.ended = True
        return False
    piece = vocabulary.piece(branch.token)[branch.covered :]
    branch.ended = not branch.answer.take(branch.token, branch.logprob, piece)
    return not branch.ended


def _finished(answer: Answer) -> Alternative:
    return Alternative(answer.text, tuple(answer.tokens), tuple(answer.logprobs), answer.finish)


def _first_tokens(
    logits: NDArray[np.float32], typed: bytes, greedy: int, vocabulary: Vocabulary
) -> list[tuple[int, float]]:
    """The most probable first tokens that go on with what is typed, the greedy one left out."""
    ids = vocabulary.starting_with(typed) if typed else np.arange(vocabulary.size)
    if not len(ids):
        return []
    logprobs = log_softmax(logits[ids])
    order = logprobs.argsort()[::-1][: TOP_TOKENS + 1]
    return [
        (int(ids[place]), float(logprobs[place]))
        for place in order
        if int(ids[place]) != greedy
        and logprobs[place] >= math.log(LEAST_FIRST)
        and int(ids[place]) not in vocabulary.stop_ids
    ]


def _sample(logits: NDArray[np.float32], generator: np.random.Generator) -> tuple[int, float]:
    """One of the most probable tokens by chance, and the logarithm of its probability."""
    logprobs = log_softmax(logits)
    best = np.argpartition(logprobs, -TOP_TOKENS)[-TOP_TOKENS:]
    weights = np.exp(logprobs[best].astype(np.float64))
    token = int(generator.choice(best, p=weights / weights.sum()))
    return token, float(logprobs[token])
