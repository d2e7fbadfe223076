"""An exact user: takes a suggestion as soon as it is what comes next, in whole or in part.

Keys are counted as an editor needs them: Enter brings the next line's indentation along, and Tab,
like the key for the first line or the first word, costs one key.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_WORD = re.compile(r"\s*(?:\w+|[^\w\s]+)")
_LEAST_SAVED = 2
"""A suggestion of one character saves no key: it costs the same one to take it."""


@dataclass(frozen=True)
class Acceptance:
    """What is taken of a suggestion. `kind` is `whole`, `line` or `word`."""

    kind: str
    text: str


def next_key(rest: str) -> str:
    """What the next key brings of `rest`: a character, or a line break with indentation."""
    if rest[0] != "\n":
        return rest[0]
    indentation = re.match(r"\n[ \t]*", rest)
    assert indentation is not None
    return indentation.group()


def count_keys(text: str) -> int:
    """Keys that it takes to type a text."""
    keys = 0
    while text:
        text = text[len(next_key(text)) :]
        keys += 1
    return keys


def choose(suggestion: str, rest: str) -> Acceptance | None:
    """The longest part of a suggestion that is exactly what comes next; None if it saves nothing.

    Args:
        rest: what is still to be typed.
    """
    line = suggestion.split("\n", 1)[0] or suggestion[: suggestion.find("\n", 1)]
    word = _WORD.match(suggestion)
    parts = (("whole", suggestion), ("line", line), ("word", word.group() if word else ""))
    for kind, text in parts:
        if text and rest.startswith(text) and count_keys(text) >= _LEAST_SAVED:
            return Acceptance(kind, text)
    return None
