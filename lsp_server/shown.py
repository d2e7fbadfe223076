"""What was suggested before and still fits: typing along needs no model, backspace brings it back.

A suggestion fits while the document is what it was, but for the suggestion's own beginning typed
at its place.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lsp_server.documents import Document

_REMEMBERED = 64


@dataclass(frozen=True)
class Shown:
    """A suggestion, and the snapshot and offset that it was made for."""

    document: Document
    offset: int
    text: str

    def rest_at(self, document: Document, offset: int) -> str | None:
        """What is left of the suggestion at `offset` of a newer snapshot; None if it won't fit."""
        typed = offset - self.offset
        if document.uri != self.document.uri or not 0 <= typed < len(self.text):
            return None
        before, after = self.document.text or "", document.text or ""
        if len(after) - len(before) != typed or after[self.offset : offset] != self.text[:typed]:
            return None
        same = after[: self.offset] == before[: self.offset] and after.endswith(
            before[self.offset :]
        )
        return self.text[typed:] if same else None


class ShownSuggestions:
    """The last suggestions, the newest first."""

    def __init__(self) -> None:
        self._shown: deque[Shown] = deque(maxlen=_REMEMBERED)

    def add(self, shown: Shown) -> None:
        self._shown.appendleft(shown)

    def rest_at(self, document: Document, offset: int) -> str | None:
        """What is left of the newest suggestion that still fits; None if none does."""
        rests = (shown.rest_at(document, offset) for shown in self._shown)
        return next((rest for rest in rests if rest is not None), None)

    def keep_only(self, uri: str | None) -> None:
        """Forget what was made for other documents than `uri` (None: everything).

        A change elsewhere changes what the repository memory says.
        """
        kept = [shown for shown in self._shown if shown.document.uri == uri]
        self._shown = deque(kept, maxlen=_REMEMBERED)
