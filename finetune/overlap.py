"""How much of what is held out the base has seen: shingles of lines, shared with its corpus.

A file of which the base knows more than half proves nothing, so its holes aren't asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from curation.corpus import TRAIN, read_documents

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

LINES = 4
KNOWN_SHARE = 0.5


def known_shares(texts: Mapping[str, str], corpus: Path) -> dict[str, float]:
    """For each named text the share of its shingles that stand in a corpus's training side.

    A shingle is `LINES` lines that aren't blank, without indentation.
    """
    wanted = {name: set(_shingles(text)) for name, text in texts.items()}
    every: set[int] = set().union(*wanted.values())
    seen: set[int] = set()
    for document in read_documents(corpus, TRAIN):
        seen.update(every.intersection(_shingles(document.text)))
    return {
        name: len(shingles & seen) / len(shingles) if shingles else 0.0
        for name, shingles in wanted.items()
    }


def _shingles(text: str) -> Iterator[int]:
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    for start in range(len(lines) - LINES + 1):
        yield hash(tuple(lines[start : start + LINES]))
