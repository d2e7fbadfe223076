"""Text of an index on its way to a terminal, which would obey some of its characters."""

from __future__ import annotations


def printable(text: str) -> str:
    """`text` on one line: what isn't printable (say, colours or a new direction) as escapes."""
    if text.isprintable():
        return text
    return "".join(
        sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text
    )


def documents(number: int) -> str:
    """`1 document`, `2,000 documents`."""
    return "1 document" if number == 1 else f"{number:,} documents"
