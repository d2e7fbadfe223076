"""Git commits as text: code before, message, code after; and which commits are worth it.

The text tells no author: lines of a message that name people (`Signed-off-by: …`) go, and so do
e-mail addresses with the names beside them. A name inside a sentence only a classifier can tell.

As StarCoder2: one file a document, the whole file for a fifth of them and else up to 31 lines
around the change; messages without content and dependency bumps go; of very small and very large
changes a tenth stays. Every choice is drawn from the commit's own hash.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import takewhile
from typing import TYPE_CHECKING

from curation.formats.sentinels import Part, join
from curation.quality.limits import greatest, limit

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_CHARACTERS = greatest("large_file")
_WHOLE_FILE_SHARE = 0.2
_MOST_CONTEXT = 32
_SHOWN = 40
_EMPTY_MESSAGE = re.compile(
    r"(?:merge\b|bump\b.*\bfrom\b|bump version|update readme|initial commit|wip\b|v?\d+(?:\.\d+)+$"
    r"|\[?automated\]?|(?:update|fix|minor|cleanup|changes?|typo|test|misc)\.?$)",
    re.IGNORECASE,
)
_PEOPLE = re.compile(
    r"^[ \t]*(?:(?:(?:[a-z]+-)+by|thanks-to|co-?author(?:s|ed)?|authors?|committers?"
    r"|(?:patch|contributed|reported|reviewed|based on a patch) by)[ \t]*:[^\n]*"
    r"|(?:cc|from|to|thanks)[ \t]*:[^\n]*@[^\n]*)"
    r"(?:\n[ \t]+[^\n]+)*(?:\n|\Z)",
    re.IGNORECASE | re.MULTILINE,
)
"""Trailers that name people, with the lines that continue them."""
_ADDRESS = re.compile(
    r"(?:[^\W\d_a-z][\w.'’-]*[ \t]+){0,4}<[^<>\s@]+@[^<>\s]+>"
    r"|(?<![\w.+/:-])(?!git@)[\w.+-]+@(?:[\w-]+\.)+[A-Za-z]{2,}\b(?!:)"
)
"""An e-mail address, with the name before it where it stands in angle brackets."""


@dataclass(frozen=True)
class FileChange:
    """What one commit did to one file. The author isn't part of it."""

    commit: str
    message: str
    path: str
    before: str
    after: str


def without_people(message: str) -> str:
    """A commit's message without the lines and addresses that say who had a part in it."""
    kept = _PEOPLE.sub("", message)
    return _ADDRESS.sub("somebody", kept).strip()


def drop_reason(change: FileChange) -> tuple[str, str] | None:
    """Why a change is no document, if it isn't: the reason, and the value beside what passes."""
    message = change.message.strip()
    size = max(len(change.before), len(change.after))
    if size > MAX_CHARACTERS:
        return "large_file", f"{size} characters, at most {MAX_CHARACTERS} pass"
    if not message or _EMPTY_MESSAGE.match(message):
        return "empty_message", f"{message[:_SHOWN]!r} says nothing"
    if change.before == change.after:
        return "no_change", "before and after are the same"
    rng = random.Random(f"{change.commit} {change.path}")
    lines = changed_lines(change)
    size_limit = limit("odd_size")
    if not size_limit.bounds.hold(lines) and rng.random() >= size_limit.kept:
        return "odd_size", (
            f"{lines} changed lines; {size_limit.bounds} pass, "
            f"and {size_limit.kept:.0%} of other changes"
        )
    words = len(message.split())
    message_limit = limit("short_message")
    if not message_limit.bounds.hold(words) and rng.random() >= message_limit.kept:
        return "short_message", (
            f"{words} words; {message_limit.bounds} pass, "
            f"and {message_limit.kept:.0%} of shorter messages"
        )
    return None


def changed_lines(change: FileChange) -> int:
    """Lines that the change took away or added."""
    return sum(max(a2 - a1, b2 - b1) for a1, a2, b1, b2 in _differences(change))


def commit_text(change: FileChange) -> str:
    """`<commit_before>…<commit_msg>…<commit_after>…` for a change."""
    rng = random.Random(f"{change.commit} {change.path} context")
    whole = rng.random() < _WHOLE_FILE_SHARE
    above, below = rng.randrange(_MOST_CONTEXT), rng.randrange(_MOST_CONTEXT)
    before, after = change.before, change.after
    places = _differences(change)
    if not whole and places:
        old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
        # The same lines of context on both sides, or the change itself would show at the edges.
        start = min(above, places[0][0])
        end = min(below, len(old) - places[-1][1])
        before = "".join(old[places[0][0] - start : places[-1][1] + end])
        after = "".join(new[places[0][2] - start : places[-1][3] + end])
    return join(
        [
            Part("commit_before", before),
            Part("commit_msg", change.message.strip()),
            Part("commit_after", after),
        ]
    )


@lru_cache(maxsize=1)
def _differences(change: FileChange) -> list[tuple[int, int, int, int]]:
    """(start, end) of each differing stretch of lines, before and after.

    What both have at their ends isn't compared, and of long files frequent lines (blank ones, say)
    match only beside others: difflib would take minutes for them.
    """
    old, new = change.before.splitlines(), change.after.splitlines()
    head = _common(zip(old, new, strict=False))
    tail = _common(zip(reversed(old[head:]), reversed(new[head:]), strict=False))
    matcher = SequenceMatcher(None, old[head : len(old) - tail], new[head : len(new) - tail])
    return [
        (a1 + head, a2 + head, b1 + head, b2 + head)
        for kind, a1, a2, b1, b2 in matcher.get_opcodes()
        if kind != "equal"
    ]


def _common(pairs: Iterable[tuple[str, str]]) -> int:
    """How many pairs, from the first on, are of equal lines."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
