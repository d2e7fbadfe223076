"""Okapi BM25 over the words of source code: which texts are most like a question."""

from __future__ import annotations

import math
import re
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_NAME = re.compile(r"[^\W\d]\w+")
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\dA-Za-z_]+")
_K1 = 1.2
_B = 0.75


def words(text: str) -> list[str]:
    """Names in a text and, in lower case, the parts that they are made of."""
    found: list[str] = []
    for name in _NAME.findall(text):
        found.append(name)
        parts = [part.lower() for part in _PART.findall(name)]
        if len(parts) > 1:
            found += [part for part in parts if len(part) > 1]
    return found


def bm25(question: str, texts: Sequence[str]) -> list[float]:
    """How well each text answers the question; 0 where they share no word.

    Robertson & Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009), with the
    inverse document frequency of Lucene, which is never negative.
    """
    bags = [_bag(text) for text in texts]
    lengths = [bag.total() for bag in bags]
    mean = sum(lengths) / len(lengths) if lengths else 0.0
    scores = [0.0] * len(texts)
    for word in sorted(set(words(question))):
        holding = [number for number, bag in enumerate(bags) if word in bag]
        weight = math.log(1 + (len(bags) - len(holding) + 0.5) / (len(holding) + 0.5))
        for number in holding:
            count = bags[number][word]
            norm = _K1 * (1 - _B + _B * lengths[number] / mean)
            scores[number] += weight * count * (_K1 + 1) / (count + norm)
    return scores


@lru_cache(4096)  # from question to question most texts stay the same
def _bag(text: str) -> Counter[str]:
    return Counter(words(text))
