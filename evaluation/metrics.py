"""How near a completion is to what stood in the file: exact match and edit similarity.

Both compare the rest of the line after stripping whitespace at its end, which no reader sees.
"""

from __future__ import annotations

from inkling.errors import require


def exact_match(predicted: str, expected: str) -> bool:
    """Whether the completion is the rest of the line."""
    return predicted.rstrip() == expected.rstrip()


def edit_similarity(predicted: str, expected: str) -> float:
    """1 − Levenshtein distance / length of the longer string, in characters; 1.0 for two empty."""
    distance = require("rapidfuzz.distance.Levenshtein", "evaluate")
    return float(distance.normalized_similarity(predicted.rstrip(), expected.rstrip()))
