"""The language of a text that doesn't say it: the one in which the index knows the most of it.

Lexed as each language that the index holds, a text has other token fingerprints. Where hardly any
is known, its language stays unknown, and so does whether it holds copies with other names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from attribution.candidates import look_up
from attribution.lexing import SUPPORTED
from attribution.normal_form import Query, as_utf8
from attribution.probe import prepare

if TYPE_CHECKING:
    from attribution.index import Index

_LOOKED_AT = 65_536
"""Bytes; the rest of a text is seldom in another language."""
_LEAST_KNOWN = 2
"""One fingerprint may be known by accident; two are what a candidate needs."""
_LEAST_SHARE = 0.025
"""New Python has 4 to 30 % in common with a Python index, JavaScript and prose below 2 %."""


def likely_language(index: Index, raw: bytes) -> str | None:
    """A language of the index that has a lexer, or None."""
    query = Query.of(as_utf8(raw[:_LOOKED_AT])[0])
    known = {name: _known(index, query, name) for name in sorted(index.languages & SUPPORTED)}
    best = max(known, key=lambda name: known[name], default=None)
    return best if best is not None and known[best] >= _LEAST_SHARE else None


def _known(index: Index, query: Query, language: str) -> float:
    """Share of the text's fingerprints, lexed as `language`, that its documents' segments have."""
    marks = prepare(query, 0, language, None).tokens
    segments = [item for item in index.segments if language in item.languages]
    found = np.zeros(len(marks), dtype=bool)
    for postings in look_up(segments, marks):
        found |= postings.counts > 0
    count = int(np.count_nonzero(found))
    return count / len(found) if count >= _LEAST_KNOWN else 0.0
