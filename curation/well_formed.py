"""Text that can be written as UTF-8, whatever JSON has made of an escaped half of a character."""

from __future__ import annotations


def well_formed(text: str) -> str:
    """The text with each lone surrogate replaced by U+FFFD; two halves that meet become one."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
