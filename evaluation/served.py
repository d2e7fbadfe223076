"""The served model as a system that completes and scores holes: the engine that editors use.

Nothing here is a copy of the server's work: prompt, window, healing and decoding are its own. Only
the score needs the logits along the true middle.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from evaluation.report import Answer
from evaluation.scoring import middle_bits, split_tokens
from inkling.context import WindowBudget, fit_window
from lsp_server.engine.prompt import encode_context
from lsp_server.engine.records import CompletionRequest

if TYPE_CHECKING:
    from evaluation.holes import Hole
    from inkling.layout import FimContext
    from lsp_server.engine.engine import Engine


class ServedSystem:
    """Args: a loaded engine; the longest completion, in tokens."""

    def __init__(self, engine: Engine, max_new_tokens: int) -> None:
        self._engine = engine
        self._vocabulary = engine.model.vocabulary
        self._max_new_tokens = max_new_tokens

    def answer(self, hole: Hole) -> Answer:
        # The completion first: its prompt then stays in the KV cache for the score.
        return Answer(self.complete(hole), self.bits(hole))

    def complete(self, hole: Hole) -> str:
        """What the server would insert, to the end of the line."""
        request = CompletionRequest(hole.context, self._max_new_tokens, max_lines=1)
        return self._engine.complete(request).text

    def bits(self, hole: Hole) -> float:
        """−log₂ P(middle | prompt), by the rule of `evaluation.scoring`."""
        vocabulary, session = self._vocabulary, self._engine.session
        needed = len(vocabulary.encode(hole.middle)) + 1
        window = self._window(hole, session.context_size - max(self._max_new_tokens, needed))
        before = encode_context(replace(window, typed=""), vocabulary)
        ids = vocabulary.encode(window.typed + hole.middle)
        tokens = split_tokens(ids, vocabulary.piece, len(window.typed.encode()))
        # The last token's own logits would predict what follows the middle, which isn't scored.
        rows, _ = session.feed([*before, *ids[:-1]], outputs=len(tokens.targets))
        return middle_bits(tokens, list(rows), vocabulary.starting_with)

    def _window(self, hole: Hole, budget: int) -> FimContext:
        """As much of the file as the server would show the model."""
        return fit_window(
            hole.context,
            WindowBudget(budget),
            lambda context: len(encode_context(context, self._vocabulary)) + 1,
        )
