"""What two sequences of tokens have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

NEEDLE = 12
"""Tokens that must be equal for a place to be taken as found."""


def find_run(haystack: Sequence[int], needle: Sequence[int]) -> int | None:
    """Where `needle` occurs first; None if it doesn't, or is shorter than `NEEDLE`."""
    if len(needle) < NEEDLE:
        return None
    first = needle[0]
    for place in range(len(haystack) - len(needle) + 1):
        if haystack[place] == first and list(haystack[place : place + len(needle)]) == list(needle):
            return place
    return None


def common_prefix(left: Sequence[int], right: Sequence[int]) -> int:
    """How many tokens two sequences begin with alike."""
    length = 0
    for a, b in zip(left, right, strict=False):
        if a != b:
            break
        length += 1
    return length
