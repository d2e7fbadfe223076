"""The form in which texts are compared: UTF-8 bytes with `\\n` line ends, and its word starts.

Index and query both pass through here, so a copy is found whatever its line ends are. Nothing else
is normalised: indentation, case and names must match.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

import numpy as np

SEPARATOR = 0
"""Stands after each document of a segment; no document holds it."""
_NEVER_INDEXED = b"\xff"  # no UTF-8 text holds this byte
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def comparable(raw: bytes) -> bytes:
    """A document's bytes as the index keeps them: `\\r\\n` becomes `\\n`."""
    return raw.replace(b"\r\n", b"\n")


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
        return self.text.count(b"\n", 0, offset) + 1


def _carriage_returns(raw: bytes) -> list[int]:
    """Offset in the comparable text of each line feed that had a `\\r` before it."""
    data = np.frombuffer(raw, dtype=np.uint8)
    if len(data) < 2:
        return []
    places = np.flatnonzero((data[:-1] == 13) & (data[1:] == 10))
    offsets: list[int] = (places - np.arange(len(places))).tolist()
    return offsets
