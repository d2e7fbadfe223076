"""What was suggested before and still fits: typing along needs no model, backspace brings it back.

A suggestion fits while the document is what it was, but for the suggestion's own beginning typed
at its place.
"""

from __future__ import annotations

from collections import Counter, deque
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
        if not 0 <= offset - self.offset < len(self.text):
            return None
        rest = self.rest_in(document)
        fits = rest is not None and self.offset + len(self.text) - len(rest) == offset
        return rest if fits else None

    def rest_in(self, document: Document) -> str | None:
        """What is left of it in a newer snapshot; None if nothing is, or it won't fit."""
        typed = typed_since(self.document, self.offset, document)
        if typed is None or not self.text.startswith(typed):
            return None
        return self.text[len(typed) :] or None


def typed_since(before: Document, offset: int, after: Document) -> str | None:
    """What a newer snapshot has more at `offset` of an older one; None if it differs elsewhere."""
    old, new = before.text or "", after.text or ""
    count = len(new) - len(old)
    if after.uri != before.uri or count < 0:
        return None
    if not new.startswith(old[:offset]) or not new.endswith(old[offset:]):
        return None
    return new[offset : offset + count]


class ShownSuggestions:
    """The last suggestions, the newest first."""

    def __init__(self) -> None:
        self._shown: deque[Shown] = deque(maxlen=_REMEMBERED)
        self._times_forgotten = 0
        self._times_spared: Counter[str] = Counter()

    def era(self, uri: str) -> int:
        """Another number each time that what was made for `uri` is forgotten."""
        return self._times_forgotten - self._times_spared[uri]

    def add(self, shown: Shown, era: int | None = None) -> None:
        """Remember a suggestion, unless it was asked for in an older `era` than this one."""
        if era in (None, self.era(shown.document.uri)):
            self._shown.appendleft(shown)

    def rest_at(self, document: Document, offset: int) -> str | None:
        """What is left of the newest suggestion that still fits; None if none does."""
        rests = (shown.rest_at(document, offset) for shown in self._shown)
        return next((rest for rest in rests if rest is not None), None)

    def begins_at(self, document: Document, offset: int) -> bool:
        """Whether a suggestion was made for this very place, with nothing typed since."""
        return any(
            (shown.offset, shown.document.uri, shown.document.text)
            == (offset, document.uri, document.text)
            for shown in self._shown
        )

    def keep_only(self, uri: str | None) -> None:
        """Forget what was made for other documents than `uri` (None: everything).

        A change elsewhere changes what the repository memory says.
        """
        self._times_forgotten += 1
        if uri is not None:
            self._times_spared[uri] += 1
        kept = [shown for shown in self._shown if shown.document.uri == uri]
        self._shown = deque(kept, maxlen=_REMEMBERED)
