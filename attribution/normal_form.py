"""The form in which texts are compared: UTF-8 bytes with `\\n` line ends, and its word starts.

Index and query both pass through here, so a copy is found whatever its line ends are. Nothing else
is normalised: indentation, case and names must match.
"""

from __future__ import annotations

import codecs
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property

import numpy as np

SEPARATOR = 0
"""Stands after each document of a segment; no document holds it."""
_NEVER_INDEXED = b"\xff"  # no UTF-8 text holds this byte
_BYTE_ORDER_MARK = codecs.BOM_UTF8
_WIDE = (  # that of UTF-32 begins with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_BINARY = "The text holds NUL bytes, so it is taken for binary."
_NOT_UTF8 = "The text isn't UTF-8, so words with letters beyond ASCII can't be found."


def comparable(raw: bytes) -> bytes:
    """A document's bytes as the index keeps them: `\\r\\n` and a lone `\\r` become `\\n`."""
    return raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def as_utf8(raw: bytes) -> tuple[bytes, str | None]:
    """A file's bytes as UTF-8, and why "nothing found" in them doesn't mean clean, if it doesn't.

    What begins with the byte order mark of another encoding is decoded.
    """
    for mark, encoding in _WIDE:
        if raw.startswith(mark):
            try:
                return raw.decode(encoding).encode(), None
            except UnicodeDecodeError:
                return raw, _BINARY
    if SEPARATOR in raw:
        return raw, _BINARY
    try:
        raw.decode()
    except UnicodeDecodeError:
        return raw, _NOT_UTF8
    return raw, None


def word_starts(text: np.ndarray) -> np.ndarray:
    """Where a word begins in a text.

    A word is a run of ASCII letters, digits, `_` and bytes from 0x80 on, so no character of UTF-8
    is ever split.

    Args:
        text: bytes, shape (n,), uint8.

    Returns:
        shape (n,), bool.
    """
    inside: np.ndarray = _IS_WORD[text]
    starts = inside.copy()
    starts[1:] &= ~inside[:-1]
    return starts


def _word_table() -> np.ndarray:
    word = [byte >= 0x80 or chr(byte).isalnum() or byte == ord("_") for byte in range(256)]
    return np.array(word, dtype=bool)


_IS_WORD = _word_table()


@dataclass(frozen=True)
class Query:
    """A text to look up.

    Attributes:
        text: its comparable bytes; holds no separator.
        starts: ascending offsets in `text` at which a word begins.
        removed: ascending offsets in `text` of the line feeds that lost a `\\r` before them.
        skipped: bytes of a byte order mark at the beginning of the original.
    """

    text: bytes
    starts: list[int]
    removed: list[int]
    skipped: int

    @classmethod
    def of(cls, raw: bytes) -> Query:
        """Of a file's bytes, in any encoding: what isn't UTF-8 simply isn't found."""
        skipped = len(_BYTE_ORDER_MARK) if raw.startswith(_BYTE_ORDER_MARK) else 0
        raw = raw[skipped:]
        text = comparable(raw).replace(bytes([SEPARATOR]), _NEVER_INDEXED)
        starts = np.flatnonzero(word_starts(np.frombuffer(text, dtype=np.uint8)))
        return cls(text, starts.tolist(), _carriage_returns(raw), skipped)

    def original(self, offset: int) -> int:
        """Offset in the file's bytes of an offset in `text`."""
        return self.skipped + offset + bisect_right(self.removed, offset)

    def line(self, offset: int) -> int:
        """Number, from 1, of the line that holds `offset`."""
        return int(np.searchsorted(self._line_feeds, offset)) + 1

    @cached_property
    def _line_feeds(self) -> np.ndarray:
        return np.flatnonzero(np.frombuffer(self.text, dtype=np.uint8) == ord("\n"))


def _carriage_returns(raw: bytes) -> list[int]:
    """Offset in the comparable text of each line feed that had a `\\r` before it."""
    data = np.frombuffer(raw, dtype=np.uint8)
    if len(data) < 2:
        return []
    places = np.flatnonzero((data[:-1] == 13) & (data[1:] == 10))
    offsets: list[int] = (places - np.arange(len(places))).tolist()
    return offsets
