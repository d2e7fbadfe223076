"""Which part of a file the prompt shows, from key to key: the anchor of the prompt layout.

The anchor stays while text is typed after it, Enter included, so that a prompt only grows at its
end. Where it should stand next is decided here; moving it costs a new reading of what stands below
it, which is the engine's to do while nobody asks.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from inkling.context import LINES_ABOVE, HeldWindow, hold_window
from lsp_server.engine.prompt import (
    Prompt,
    encode_context,
    prompt_after,
    room_for_typing,
    window_at,
)

if TYPE_CHECKING:
    from inkling.layout import FimContext
    from lsp_server.engine.vocabulary import Vocabulary

MANY_LINES = 4
"""So many lines more than those of a new window, and the anchor moves without waiting for a pause:
middles that begin much further up are not in the training data."""


@dataclass(frozen=True)
class Shown:
    """A held window and its ids, up to the one that begins the middle."""

    held: HeldWindow
    ids: tuple[int, ...]


class Window:
    """The window that is shown to the model.

    Args:
        vocabulary: of the model.
        holding: whether the anchor stays; otherwise it is at the cursor's line in every prompt.

    Attributes:
        shown: what the prompts show; None before the first one.
        latest: the last context that was asked about.
    """

    def __init__(self, vocabulary: Vocabulary, *, holding: bool = True) -> None:
        self._vocabulary = vocabulary
        self._holding = holding
        self.shown: Shown | None = None
        self.latest: FimContext | None = None
        self._budget = 0

    def prompt(self, context: FimContext, budget: int) -> Prompt:
        """The prompt for a context, of at most `budget` tokens (but see `fit_window`)."""
        self.note(context, budget)
        if self._holding and self.shown is not None:
            prompt = self._following(self.shown, context)
            if prompt is not None and len(prompt) <= budget:
                return prompt
        self.shown, typed = self._fit(context, budget)
        window = replace(self.shown.held.window, typed=typed)
        return prompt_after(self.shown.ids, window, self._vocabulary)

    def note(self, context: FimContext, budget: int) -> None:
        """A context was asked about, whoever answers."""
        self.latest, self._budget = context, budget

    def next(self, *, paused: bool) -> Shown | None:
        """Where the anchor should move before the next request; None if it may stay.

        It moves only while nothing stands right of the cursor: closing brackets there would be part
        of the suffix that is read, and are typed over soon.

        Args:
            paused: nobody has typed for a while, so that one line is reason enough.
        """
        if not self._holding or self.latest is None or self.shown is None:
            return None
        followed = self.shown.held.follow(self.latest)
        if followed is None or self.latest.suffix.partition("\n")[0].strip():
            return None
        lines = followed.typed.count("\n") - LINES_ABOVE
        if lines < (1 if paused else MANY_LINES) and not (lines > 0 and self._is_crowded(followed)):
            return None
        return self._fit(self.latest, self._budget)[0]

    def _is_crowded(self, followed: FimContext) -> bool:
        """Whether what is typed has used up half of the room that was left for it."""
        assert self.shown is not None
        used = len(self.shown.ids) + len(self._vocabulary.encode(followed.typed))
        return used > self._budget - room_for_typing(self._budget) // 2

    def ids_of(self, shown: Shown) -> list[int] | None:
        """The prompt of what was asked last, as a window would show it; None if it can't."""
        if self.latest is None:
            return None
        prompt = self._following(shown, self.latest)
        return [*prompt.head, *prompt.tail] if prompt is not None else None

    def latest_ids(self) -> list[int] | None:
        """The prompt of what was asked last, whatever was shown before."""
        if self.latest is None:
            return None
        prompt = self.prompt(self.latest, self._budget)
        return [*prompt.head, *prompt.tail]

    def forget(self) -> None:
        """Begin anew with the next prompt."""
        self.shown = self.latest = None

    def _following(self, shown: Shown, context: FimContext) -> Prompt | None:
        followed = shown.held.follow(context)
        if followed is None:
            return None
        return prompt_after(shown.ids, followed, self._vocabulary)

    def _fit(self, context: FimContext, budget: int) -> tuple[Shown, str]:
        """A new window, and what of its line is typed already."""
        window = window_at(context, self._vocabulary, budget)
        held = hold_window(context, window)
        return Shown(held, tuple(encode_context(held.window, self._vocabulary))), window.typed
