"""How much of what is held out was seen: shingles of lines, shared with the base's corpus or
with what is learned.

A file of which more than half is known proves nothing, so its holes aren't asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from curation.corpus import TRAIN, read_documents

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

Name = TypeVar("Name")

LINES = 4
KNOWN_SHARE = 0.5


def known_shares(texts: Mapping[str, str], corpus: Path) -> dict[str, float]:
    """For each named text the share of its shingles that stand in a corpus's training side."""
    return shared_with(texts, (document.text for document in read_documents(corpus, TRAIN)))


def shared_with(texts: Mapping[Name, str], others: Iterable[str]) -> dict[Name, float]:
    """For each named text the share of its shingles that stand in others.

    A shingle is `LINES` lines that aren't blank, without indentation.
    """
    wanted = {name: set(_shingles(text)) for name, text in texts.items()}
    every: set[int] = set().union(*wanted.values())
    seen: set[int] = set()
    for other in others:
        seen.update(every.intersection(_shingles(other)))
    return {
        name: len(shingles & seen) / len(shingles) if shingles else 0.0
        for name, shingles in wanted.items()
    }


def _shingles(text: str) -> Iterator[int]:
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    for start in range(len(lines) - LINES + 1):
        yield hash(tuple(lines[start : start + LINES]))
