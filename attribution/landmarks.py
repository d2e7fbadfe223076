"""Exact spans, even those too short to tell, as places where a longer copy may be aligned.

Where names are replaced here and there, or lines are indented anew, stretches of the source remain
word for word. Each names documents directly, also where the abstract fingerprints of the code are
commonplace or its symbols too monotonous to have any.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from attribution.exact import occurrences

if TYPE_CHECKING:
    from collections.abc import Sequence

    from attribution.index import LiveSegment
    from attribution.lexing import Lexemes

MAX_SPANS = 12
"""Of the spans that a segment holds, how many are used; the longest."""
MAX_PLACES = 16
"""A span that stands in more places of a segment is commonplace."""
_STEP = 4
"""Every so many lexemes of a span are a landmark: about as dense as fingerprints."""


@dataclass(frozen=True)
class Landmarks:
    """Lexemes of the query that a segment holds at known places.

    Attributes:
        tokens: lexemes of the query, shape (n,), int64.
        places: offset in the segment's text of the lexeme that corresponds to each.
        rarity: 1 divided by the number of places, likewise.
    """

    tokens: np.ndarray
    places: np.ndarray
    rarity: np.ndarray


def landmarks(
    segment: LiveSegment, text: bytes, lexemes: Lexemes, spans: Sequence[tuple[int, int]]
) -> Landmarks:
    """Those that lie in `spans` (start and end in `text`), as far as the segment holds them.

    Args:
        lexemes: the code lexemes of `text`.
    """
    tokens, places, rarity = [], [], []
    for start, end in sorted(spans, key=lambda span: span[0] - span[1])[:MAX_SPANS]:
        low = int(np.searchsorted(lexemes.starts, start))
        high = int(np.searchsorted(lexemes.ends, end, side="right"))
        if low >= high:
            continue
        offsets = occurrences(segment, text[start:end], MAX_PLACES)
        chosen = np.arange(low, high, _STEP)
        for offset in offsets.tolist():
            tokens.append(chosen)
            places.append(lexemes.starts[chosen] - start + offset)
            rarity.append(np.full(len(chosen), 1 / len(offsets)))
    if not tokens:
        nothing = np.zeros(0, dtype=np.int64)
        return Landmarks(nothing, nothing, np.zeros(0))
    return Landmarks(np.concatenate(tokens), np.concatenate(places), np.concatenate(rarity))
