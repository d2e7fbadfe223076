"""Samples to train and test the tagger: pieces of real code with invented values put in.

Real code holds real names too, which nobody labelled; stretches that may hold one (author lines,
addresses, initials) take no part in the loss.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from curation.pii.templates import fill

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from curation.pii.values import Values

_DOUBTFUL = re.compile(
    r"(?i:author|copyright|\(c\)|©|written|contribut|maintainer|thank|credit|courtesy|/home/|/users/)"
    r"|\bet al\b|\b[Bb]y [A-Z]|\b[A-Z]\. ?(?:[A-Z]\. ?)?[A-Z][a-z]|\w@\w|[#*].*@|redacted_"
    r"|\b(?:TODO|FIXME|XXX)\b|\buser\d+|\d+\.\d+\.\d+\.\d+"
)
_NAME_LIKE = re.compile(r"\b[A-Z][a-z]+ (?:[A-Z]\. )?[A-Z][a-z]+\b|['\"][A-Z][a-z]{2,}['\"]")
_WORD = re.compile(r"\b[a-z]{3,12}\b")
_FEWEST_LINES, _MOST_LINES = 3, 14
_MOST_CHARACTERS = 800
_MOST_INSERTED = 3
_LONGEST_LINE = 300
_HEAD_SHARE = 0.2
_NAME_LIKE_SHARE = 0.5
"""Share of the pieces in which pairs of capitalised words are doubtful as well."""


@dataclass(frozen=True)
class Sample:
    """A piece of text, (start, end, class) of its values, and its doubtful stretches."""

    text: str
    spans: tuple[tuple[int, int, str], ...]
    doubtful: tuple[tuple[int, int], ...]


def code_words(documents: Sequence[str], most: int = 3_000) -> list[str]:
    """Ordinary words of code and comments, the frequent ones first."""
    counts: dict[str, int] = {}
    for text in documents:
        for word in _WORD.findall(text):
            counts[word] = counts.get(word, 0) + 1
    return sorted(counts, key=lambda word: (-counts[word], word))[:most]


def samples(
    documents: Sequence[str],
    draw: Callable[[random.Random], str],
    values: Values,
    words: Sequence[str],
    seed: int,
) -> Iterator[Sample]:
    """Endless samples; the same arguments give the same ones.

    Args:
        draw: draws a template.
        words: ordinary words of code, for fillers.
    """
    rng = random.Random(seed)
    while True:
        lines = _piece(rng.choice(documents), rng)
        if lines:
            yield _inject(lines, draw, values, words, rng)


def _piece(text: str, rng: random.Random) -> list[str]:
    lines = text.split("\n")
    start = rng.randrange(max(1, len(lines) - _FEWEST_LINES))
    if rng.random() < _HEAD_SHARE:
        start = 0  # the head of a file, where authors stand
    piece = lines[start : start + rng.randint(_FEWEST_LINES, _MOST_LINES)]
    return [line for line in piece if len(line) <= _LONGEST_LINE]


def _inject(
    lines: list[str],
    draw: Callable[[random.Random], str],
    values: Values,
    words: Sequence[str],
    rng: random.Random,
) -> Sample:
    inserted = {rng.randrange(len(lines)) for _ in range(rng.randint(0, _MOST_INSERTED))}
    strict = rng.random() < _NAME_LIKE_SHARE
    text = ""
    spans: list[tuple[int, int, str]] = []
    doubtful: list[tuple[int, int]] = []
    for number, line in enumerate(lines):
        if number in inserted:
            indent = line[: len(line) - len(line.lstrip())]
            made, found = fill(draw(rng).replace("\n", f"\n{indent}"), values, words, rng)
            start = len(text) + len(indent)
            spans += [(start + a, start + b, kind) for a, b, kind in found]
            text += f"{indent}{made}\n"
        if _DOUBTFUL.search(line) or (strict and _NAME_LIKE.search(line)):
            doubtful.append((len(text), len(text) + len(line)))
        text += f"{line}\n"
        if len(text) > _MOST_CHARACTERS:
            break
    return Sample(text, tuple(spans), tuple(doubtful))
