"""Positions of the protocol: line and code units, to and from offsets in characters.

The only place that knows UTF-8, UTF-16 and UTF-32 positions. Lines end at `\\n`, `\\r\\n` or `\\r`,
as the protocol says; positions past the end of a line or of the text mean that end.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from enum import StrEnum

_LINE_BREAK = re.compile(r"\r\n|\n|\r")


class PositionEncoding(StrEnum):
    """What `character` of a position counts."""

    UTF8 = "utf-8"
    UTF16 = "utf-16"
    UTF32 = "utf-32"


def line_starts(text: str) -> tuple[int, ...]:
    """Offsets at which the lines of `text` start; there is always one line."""
    return (0, *(match.end() for match in _LINE_BREAK.finditer(text)))


def line_end(text: str, starts: tuple[int, ...], line: int) -> int:
    """Offset of the end of a line, before its line break."""
    if line + 1 >= len(starts):
        return len(text)
    end = starts[line + 1] - 1
    if text[end] == "\n" and end > starts[line] and text[end - 1] == "\r":
        end -= 1
    return end


def offset_at(
    text: str, starts: tuple[int, ...], line: int, character: int, encoding: PositionEncoding
) -> int:
    """Offset in characters of a position. Inside a character's code units: its beginning."""
    if line >= len(starts):
        return len(text)
    start, end = starts[line], line_end(text, starts, line)
    content = text[start:end]
    if encoding is PositionEncoding.UTF32 or content.isascii():
        return start + min(max(character, 0), len(content))
    units = 0
    for index, letter in enumerate(content):
        units += _units(letter, encoding)
        if units > character:
            return start + index
    return end


def position_at(
    text: str, starts: tuple[int, ...], offset: int, encoding: PositionEncoding
) -> tuple[int, int]:
    """Line and code units of an offset in characters."""
    line = bisect_right(starts, offset) - 1
    before = text[starts[line] : offset]
    if encoding is PositionEncoding.UTF32 or before.isascii():
        return line, len(before)
    return line, sum(_units(letter, encoding) for letter in before)


def _units(letter: str, encoding: PositionEncoding) -> int:
    code = ord(letter)
    if encoding is PositionEncoding.UTF8:
        return 1 if code < 0x80 else 2 if code < 0x800 else 3 if code < 0x10000 else 4
    return 2 if encoding is PositionEncoding.UTF16 and code > 0xFFFF else 1
