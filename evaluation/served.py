"""The served model as a system that completes and scores holes: the engine that editors use.

Nothing here is a copy of the server's work: prompt, window, healing and decoding are its own. Only
the score needs the logits along the true middle.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from evaluation.report import Answer
from evaluation.scoring import middle_bits, split_tokens
from inkling.layout import anchor_offset
from lsp_server.engine.prompt import encode_context, window_at
from lsp_server.engine.records import CompletionRequest

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from evaluation.holes import Hole
    from evaluation.scoring import MiddleTokens
    from inkling.layout import FimContext
    from lsp_server.engine.engine import Engine


@dataclass(frozen=True)
class Typing:
    """What has happened in the file before the model is asked, as it does in an editor.

    Attributes:
        lines: so many lines above the cursor were typed since the window was read: they stand after
            the anchor, if the engine would still keep it.
        shifted: the window is instead the one of the cursor, but the cache is that of the window of
            so many lines before, moved up by a shift where the window has stepped.
    """

    lines: int = 0
    shifted: bool = False


class ServedSystem:
    """Args: a loaded engine; the longest completion, in tokens; what was typed before."""

    def __init__(
        self,
        engine: Engine,
        max_new_tokens: int,
        typing: Typing = Typing(),
    ) -> None:
        self._engine = engine
        self._vocabulary = engine.model.vocabulary
        self._max_new_tokens = max_new_tokens
        self._typing = typing

    def answer(self, hole: Hole) -> Answer:
        # The completion first: its prompt then stays in the KV cache for the score.
        return Answer(self.complete(hole), self.bits(hole))

    def complete(self, hole: Hole) -> str:
        """What the server would insert, to the end of the line."""
        engine = self._engine
        engine.forget()
        request = CompletionRequest(hole.context, self._max_new_tokens, max_lines=1)
        if self._typing.lines:
            earlier = lines_before(hole.context, self._typing.lines)
            engine.complete(replace(request, context=earlier))
            if self._typing.shifted:
                engine.window.forget()
        return engine.complete(request).text

    def bits(self, hole: Hole) -> float:
        """−log₂ P(middle | prompt), by the rule of `evaluation.scoring`."""
        tokens, rows = self.along_middle(hole)
        return middle_bits(tokens, rows, self._vocabulary.starting_with)

    def along_middle(self, hole: Hole) -> tuple[MiddleTokens, list[NDArray[np.float32]]]:
        """The tokens of the true middle, and the model's logits before each."""
        vocabulary, session = self._vocabulary, self._engine.session
        needed = len(vocabulary.encode(hole.middle)) + 1
        budget = session.context_size - max(self._max_new_tokens, needed)
        window = window_at(hole.context, vocabulary, budget)
        before = encode_context(replace(window, typed=""), vocabulary)
        ids = vocabulary.encode(window.typed + hole.middle)
        tokens = split_tokens(ids, vocabulary.piece, len(window.typed.encode()))
        # The last token's own logits would predict what follows the middle, which isn't scored.
        rows, _ = session.feed([*before, *ids[:-1]], outputs=len(tokens.targets))
        return tokens, list(rows)


def lines_before(context: FimContext, lines: int) -> FimContext:
    """The context before the last lines above the cursor were typed, at the start of a line."""
    anchor = anchor_offset(context.prefix, len(context.prefix), lines)
    return replace(context, prefix=context.prefix[:anchor], typed="")
