"""Templates mined from real code: its authors' lines, with a place where each value stood.

Only lines that a strict pattern takes apart as a whole count; what stood there is thrown away.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from curation.redaction.classified_spans import is_name

if TYPE_CHECKING:
    from collections.abc import Iterable

_LONGEST_LINE = 160
_WORD = r"[A-Z][a-z'’]+(?:-[A-Z][a-z]+)?"
_PERSON = rf"{_WORD}(?: (?:{_WORD}|[A-Z]\.|[A-Z]|van|von|de|der|den|la|da)){{0,2}} {_WORD}"
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+\w")
_YEAR = re.compile(r"\b(?:19[89]\d|20[0-3]\d)\b")
_BEFORE = (
    r"(?:(?i:authors?|written by|contributed by|maintainers?|thanks to|contributors?|creator"
    r"|adapted from|developed by|implemented by|modified by|ported by|by|courtesy of|suggested by"
    r"|copyright|\(c\))[\s:=\"'([<]*(?:(?:\(c\)|<YEAR>|by|[-–, ])+\s*)?)"
)
_CUED = re.compile(rf"(?P<before>{_BEFORE}|, |and |& )(?P<name>{_PERSON})(?![\w'’])")
_BY_ADDRESS = re.compile(rf"(?P<name>{_PERSON})(?=,?\s*[<(\[]?<EMAIL>)")
_AFTER_ADDRESS = re.compile(rf"(?P<before><EMAIL>>?\s*\()(?P<name>{_PERSON})(?=\))")
_CUE = re.compile(
    r"@|author|contribut|maintain|creator|thanks|courtesy|copyright|\(c\)|\bby\b", re.IGNORECASE
)
_LEFT_OVER = re.compile(
    r"\b[A-Z][a-z'’-]+ (?:[A-Z]\.? ?)?[A-Z][a-z'’-]+|\w@\w|redacted_|ordered by"
    r"|<NAME>,? (?:Inc|LLC|Ltd|GmbH|Corp)"
)


def mine_templates(documents: Iterable[str]) -> list[str]:
    """Authors' lines of real code as templates, without doubles."""
    found = {
        template
        for text in documents
        for line in text.split("\n")
        if len(line) <= _LONGEST_LINE and (template := template_of(line)) is not None
    }
    return sorted(found)


def template_of(line: str) -> str | None:
    """The template of a line; None if it holds no value, or one that can't be told for sure."""
    if not _CUE.search(line) or "<EMAIL>" in line or "<NAME>" in line:
        return None
    made = _EMAIL.sub("<EMAIL>", line.strip()) if "@" in line else line.strip()
    made = _YEAR.sub("<YEAR>", made)
    for pattern in (_BY_ADDRESS, _AFTER_ADDRESS, _CUED):
        made = pattern.sub(_with_place, made)
    if ("<NAME>" not in made and "<EMAIL>" not in made) or _LEFT_OVER.search(made):
        return None
    return made


def _with_place(match: re.Match[str]) -> str:
    if not is_name(match["name"]):
        return match[0]
    return match.groupdict().get("before", "") + "<NAME>"
