"""Spans of open documents that have a source: accepted suggestions, and what a check has found.

A mark stays with its text: it moves when something is typed before it, and goes when its own text
is edited.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from attribution.findings import Finding
    from lsp_server.documents import Document


@dataclass(frozen=True)
class Mark:
    """A finding in a document: the offset in its characters, and the text there."""

    start: int
    text: str
    finding: Finding

    @property
    def end(self) -> int:
        return self.start + len(self.text)


class Marks:
    """The marks of all open documents."""

    def __init__(self) -> None:
        self._marks: dict[str, tuple[Mark, ...]] = {}

    def of(self, uri: str) -> tuple[Mark, ...]:
        return self._marks.get(uri, ())

    def at(self, uri: str, offset: int) -> tuple[Mark, ...]:
        """Those that hold the character at `offset`."""
        return tuple(mark for mark in self.of(uri) if mark.start <= offset <= mark.end)

    def add(self, uri: str, marks: Iterable[Mark]) -> None:
        """Add marks; they take the place of those that they overlap."""
        added = tuple(marks)
        kept = [
            mark
            for mark in self.of(uri)
            if not any(new.start < mark.end and mark.start < new.end for new in added)
        ]
        self._marks[uri] = tuple(sorted([*kept, *added], key=lambda mark: mark.start))

    def clear(self, uri: str, start: int = 0, end: int | None = None) -> None:
        """Forget the marks in a range of a document, or all of them."""
        kept = [m for m in self.of(uri) if m.end <= start or (end is not None and end <= m.start)]
        self._marks[uri] = tuple(kept)

    def follow(self, document: Document) -> bool:
        """Move the marks of a document to where their texts stand now; whether any has changed."""
        before = self.of(document.uri)
        if not before:
            return False
        text = document.text or ""
        moved = [_moved(mark, text) for mark in before]
        self._marks[document.uri] = tuple(mark for mark in moved if mark is not None)
        return self._marks[document.uri] != before

    def forget(self, uri: str) -> None:
        self._marks.pop(uri, None)


def _moved(mark: Mark, text: str) -> Mark | None:
    """The mark at the nearest place that has its text; None if there is none."""
    if text.startswith(mark.text, mark.start):
        return mark
    ahead = text.find(mark.text, mark.start)
    back = text.rfind(mark.text, 0, mark.end - 1) if mark.end > 1 else -1
    places = [place for place in (ahead, back) if place >= 0]
    if not places:
        return None
    return replace(mark, start=min(places, key=lambda place: abs(place - mark.start)))
