"""The n-gram model as a system that completes and scores holes.

It sees what stands left of the cursor and nothing of the suffix. Its left context is encoded as one
text, as its training documents were, so it suffers from none of the joints of a prompt.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from evaluation.report import Answer
from evaluation.scoring import middle_bits, split_tokens
from inkling.layout import FimContext, Sentinel
from lsp_server.engine.decoding import whole_characters
from lsp_server.engine.healing import choose_first
from lsp_server.engine.prompt import build_prompt, encode_context

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from evaluation.holes import Hole
    from evaluation.ngram import NgramModel
    from lsp_server.engine.vocabulary import Vocabulary

_LEFT_CHARACTERS = 4000


class NgramSystem:
    """Args: a model over the ids of `vocabulary`; the longest completion, in tokens."""

    def __init__(self, model: NgramModel, vocabulary: Vocabulary, max_new_tokens: int) -> None:
        self._model = model
        self._vocabulary = vocabulary
        self._max_new_tokens = max_new_tokens

    def answer(self, hole: Hole) -> Answer:
        return Answer(self.complete(hole), self.bits(hole))

    def complete(self, hole: Hole) -> str:
        """The most probable token after the other, healed like the server's, to the line's end."""
        begin, left = self._left(hole)
        head, tail = _healable(left, self._vocabulary)
        context = [*begin, *head]
        rows = [self._row([*context, *tail[:kept]]) for kept in range(max(1, len(tail)))]
        first = choose_first(np.stack(rows), tail, self._vocabulary)
        context += tail[: first.kept]
        token, data = first.token, b""
        covered = first.covered
        for _ in range(self._max_new_tokens):
            if token in self._vocabulary.stop_ids:
                break
            data += self._vocabulary.piece(token)[covered:]
            covered = 0
            if b"\n" in data:
                break
            context.append(token)
            token = int(self._model.probabilities(context).argmax())
        return whole_characters(data.split(b"\n")[0].removesuffix(b"\r"))

    def bits(self, hole: Hole) -> float:
        """−log₂ P(middle | what stands left of it), by the rule of `evaluation.scoring`."""
        begin, left = self._left(hole)
        ids = self._vocabulary.encode(left + hole.middle)
        tokens = split_tokens(ids, self._vocabulary.piece, len(left.encode()))
        context = [*begin, *tokens.context]
        rows = []
        for target in tokens.targets:
            rows.append(self._row(context))
            context.append(target)
        return middle_bits(tokens, rows, self._vocabulary.starting_with)

    def _row(self, context: Sequence[int]) -> NDArray[np.float32]:
        return np.log(self._model.probabilities(context)).astype(np.float32)

    def _left(self, hole: Hole) -> tuple[list[int], str]:
        """The end token if the file's start is in reach, and the text left of the cursor.

        Far more text than any context is long; cut at a line start, so that it is encoded as it
        would be in the whole file.
        """
        left = hole.prefix + hole.typed
        if len(left) <= _LEFT_CHARACTERS:
            return [self._vocabulary.sentinel_ids[Sentinel.END]], left
        start = hole.prefix.find("\n", len(left) - _LEFT_CHARACTERS) + 1
        return [], left[start:] if start else hole.typed


def _healable(left: str, vocabulary: Vocabulary) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Ids of `left`, parted where the server parts its typed text into a prompt's head and tail."""
    # A budget that no text of this length exceeds: one token a byte, and the window's own slack.
    prompt = build_prompt(FimContext("", left, ""), vocabulary, 4 * len(left.encode()) + 64)
    sentinels = len(encode_context(FimContext("", "", ""), vocabulary))
    return prompt.head[sentinels:], prompt.tail
