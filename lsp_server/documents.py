"""Open documents: immutable snapshots, and the store that replaces them as the editor types."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from pygls.uris import to_fs_path

from lsp_server.positions import PositionEncoding, line_end, line_starts, offset_at, position_at

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_CHARACTERS = 8_000_000


@dataclass(frozen=True)
class Change:
    """An edit: `text` instead of what stands from `start` to `end` (line, code units).

    Without positions it is the whole new text.
    """

    text: str
    start: tuple[int, int] | None = None
    end: tuple[int, int] | None = None


@dataclass(frozen=True)
class Document:
    """A document at one version. `text` is None while it is too large to follow.

    Attributes:
        edited_at: offset right behind the last edit; None if there was none since it was opened.
    """

    uri: str
    text: str | None
    language_id: str = ""
    version: int | None = None
    encoding: PositionEncoding = PositionEncoding.UTF32
    edited_at: int | None = None

    @cached_property
    def path(self) -> Path | None:
        """Where the document lies, if it is a file."""
        if not self.uri.startswith("file:"):
            return None
        name = to_fs_path(self.uri)
        return Path(name) if name else None

    @cached_property
    def starts(self) -> tuple[int, ...]:
        return line_starts(self.text or "")

    @property
    def line_break(self) -> str:
        """The line break that the document uses: that of its first line, else `\\n`."""
        if self.text is None or len(self.starts) == 1:
            return "\n"
        return self.text[line_end(self.text, self.starts, 0) : self.starts[1]]

    def offset(self, line: int, character: int) -> int:
        return offset_at(self.text or "", self.starts, line, character, self.encoding)

    def position(self, offset: int) -> tuple[int, int]:
        return position_at(self.text or "", self.starts, offset, self.encoding)

    def rest_of_line(self, offset: int) -> str:
        """What stands between `offset` and the end of its line."""
        text = self.text or ""
        line, _ = position_at(text, self.starts, offset, PositionEncoding.UTF32)
        return text[offset : line_end(text, self.starts, line)]

    def start_of_line(self, offset: int) -> str:
        """What stands between the start of `offset`'s line and `offset`."""
        text = self.text or ""
        line, _ = position_at(text, self.starts, offset, PositionEncoding.UTF32)
        return text[self.starts[line] : offset]

    def changed(self, change: Change) -> Document:
        """The document after one edit."""
        if change.start is None or change.end is None:
            return replace(self, text=_limited(change.text), edited_at=None)
        if self.text is None:
            return self
        start, end = self.offset(*change.start), self.offset(*change.end)
        start, end = min(start, end), max(start, end)
        text = self.text[:start] + change.text + self.text[end:]
        return replace(self, text=_limited(text), edited_at=start + len(change.text))


class DocumentStore:
    """The newest snapshot of every open document."""

    def __init__(self) -> None:
        self.encoding = PositionEncoding.UTF16
        self._documents: dict[str, Document] = {}

    def get(self, uri: str) -> Document | None:
        return self._documents.get(uri)

    def all(self) -> list[Document]:
        """Every open document."""
        return list(self._documents.values())

    def open(self, uri: str, text: str, language_id: str, version: int) -> None:
        self._documents[uri] = Document(uri, _limited(text), language_id, version, self.encoding)

    def change(self, uri: str, version: int, changes: Iterable[Change]) -> None:
        """Apply edits in order; of a document that was never opened they are ignored."""
        document = self._documents.get(uri)
        if document is None:
            return
        for change in changes:
            document = document.changed(change)
        self._documents[uri] = replace(document, version=version)

    def close(self, uri: str) -> Document | None:
        """Forget a document; its last snapshot."""
        return self._documents.pop(uri, None)


def _limited(text: str) -> str | None:
    return text if len(text) <= MAX_CHARACTERS else None
