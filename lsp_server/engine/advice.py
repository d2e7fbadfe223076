"""The repository memory's voice while an answer grows: asked before each token, told each one.

Advice is followed along the occurrences that agree with the answer so far; when none is left, the
memory is asked anew with the longer context.
"""

from __future__ import annotations

import math
from itertools import islice
from typing import TYPE_CHECKING

from lsp_server.memory.repository import Place

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lsp_server.engine.vocabulary import Vocabulary
    from lsp_server.memory.recall import Expectation, Recall
    from lsp_server.memory.repository import RepositoryMemory

CONTEXT_CHARACTERS = 600
"""How far back from the cursor the memory's context may begin: three times its longest match."""
FOLLOWING_CHARACTERS = 64
DRAFT_PROBABILITY = 0.3
"""A draft ends where its tokens together fall below this. Checking 4 tokens at once costs 1.3 times
as much as one, 8 cost twice as much (measured), so a draft needs no certainty to pay."""


class Advice:
    """What the memory says at one place of a text, token by token.

    Args:
        ids: tokens of the text before the cursor.
        follows: the text after the cursor.
    """

    def __init__(self, memory: RepositoryMemory, ids: Sequence[int], follows: str) -> None:
        self._memory = memory
        self._ids = list(ids)
        self._follows = follows
        self.recall: Recall | None = memory.recall(Place(self._ids, follows))

    def expectation(self) -> Expectation | None:
        """The next token as the memory expects it; None if it has nothing to say."""
        return self.recall.expectation() if self.recall is not None else None

    def begin(self, token: int, covered: int) -> None:
        """The answer's first token is `token`, of which `covered` bytes were typed already."""
        followed = self.recall is not None and self.recall.covered == covered > 0
        kept = self._length_without(covered)
        whole = self._ids[kept:] == [token]
        if whole and self.recall is not None and not self.recall.covered:
            return  # just what the memory took for granted
        self._ids = self._ids[:kept]
        if not followed:
            self.recall = None
        self.take(token)

    def take(self, token: int) -> None:
        """The answer goes on with `token`."""
        self._ids.append(token)
        self.recall = self.recall.after(token) if self.recall is not None else None
        if self.recall is None or self.recall.expectation() is None:
            self.recall = self._memory.recall(Place(self._ids, self._follows), healed=0)

    def draft(self, limit: int) -> list[int]:
        """Up to `limit` tokens that the memory thinks come next."""
        return [token for token, _ in islice(self.likely(DRAFT_PROBABILITY), limit)]

    def likely(self, min_probability: float) -> Iterator[tuple[int, float]]:
        """The tokens that the memory expects, as long as they are together as probable as
        `min_probability`, each with the natural logarithm of its own probability."""
        joint = 1.0
        recall = self.recall
        while recall is not None and (expectation := recall.expectation()) is not None:
            token, probability = expectation.best()
            joint *= probability
            if joint < min_probability:
                return
            yield token, math.log(probability)
            recall = recall.after(token)

    def _length_without(self, covered: int) -> int:
        """How many of the context's tokens stand before its last `covered` bytes."""
        length = len(self._ids)
        while covered > 0 and length:
            length -= 1
            covered -= len(self._memory.vocabulary.piece(self._ids[length]))
        return length


def advice_at(memory: RepositoryMemory, vocabulary: Vocabulary, before: str, after: str) -> Advice:
    """Advice for the place between two texts."""
    tail = before[-CONTEXT_CHARACTERS:]
    if len(tail) < len(before):
        tail = tail[tail.find("\n") + 1 :]
    # Kept apart, a closing white-space character can be the beginning of the next word's token.
    if tail[-1:] in (" ", "\t", "\n"):
        ids = vocabulary.encode(tail[:-1]) + vocabulary.encode(tail[-1:])
    else:
        ids = vocabulary.encode(tail)
    return Advice(memory, ids, after[:FOLLOWING_CHARACTERS])
