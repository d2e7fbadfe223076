"""Names, and what else a token classifier finds, held to BigCode's rules of what to replace.

A classifier is a guess with a score. It counts where the score is high and the value looks the
part: a name has two words or more, an address is one and public, a key looks random, nothing is
three characters or shorter. User names are learnt so that they are told from names, and stay.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from curation.redaction.personal_spans import (
    fits_an_address,
    is_personal_address,
    is_personal_email,
)
from curation.redaction.prose import prose_of_python
from curation.redaction.secret_spans import is_classified_key, is_classified_password
from curation.redaction.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from curation.pii.classifier import Found, TokenClassifier

RULE = "token_classifier"
_SHORTEST = 4
_LONGEST_NAME = 60
_NAME = re.compile(r"[^\W\d_][\w.'’-]*(?:,? [^\W\d_][\w.'’-]*)+")
_NAME_EDGE = re.compile(r"[^\W_]")
_SECRET_EDGE = re.compile(r"[A-Za-z0-9_+/=-]")
_EDGES = {
    "PASSWORD": _SECRET_EDGE,
    "KEY": _SECRET_EDGE,
    "EMAIL": re.compile(r"[\w.+%@-]"),
    "IP_ADDRESS": re.compile(r"[0-9a-fA-F.:]"),
}
_SECRET_LINE = re.compile(
    r"passw|passphrase|pwd|\bpass\b|login|auth|cred|secret|token|bearer|key|://", re.IGNORECASE
)
_LINE_CHARACTERS = 1_000
_LITERAL = re.compile(
    r"(?P<quote>['\"])(?P<value>(?:\\.|(?!(?P=quote))[^\\\s:/,]){1,200})(?P=quote)"
)
_NOT_A_NAME = re.compile(
    r"\b(?:the|and|of|for|inc|ltd|llc|gmbh|corp|corporation|foundation|authors?|contributors?|team|"
    r"project|university|institute|license|group|labs?|laborator(?:y|ies)|software|python|google"
    r"|microsoft|developers?|enterprises?|technologies|systems|devices|networks|incorporated"
    r")\b",
    re.IGNORECASE,
)


def classified_spans(
    text: str, language: str | None, classifier: TokenClassifier
) -> Iterator[Span]:
    """What a classifier finds in a text and the rules agree with.

    Args:
        language: in Python only strings and comments are looked at.
    """
    found = _joined(text, classifier.find_sure(text))
    if not found:
        return
    prose = prose_of_python(text) if language == "python" else [(0, len(text))]
    values: dict[str, str] = {}
    for item in found:
        start, end = _widened(text, item)
        value = text[start:end]
        if (
            any(a <= item.start < b for a, b in prose)
            and end - start >= _SHORTEST
            and _is_personal(value, item.label)
            and _fits_its_line(text, start, end, item.label)
        ):
            values.setdefault(_whole_literal(text, start, end, item.label), item.label)
    # What is personal in one place is so wherever the file repeats it.
    for value, label in values.items():
        for match in re.finditer(rf"(?<!\w){re.escape(value)}(?!\w)", text):
            if any(a <= match.start() < b for a, b in prose):
                yield Span(match.start(), match.end(), label, RULE)


def _joined(text: str, found: list[Found]) -> list[Found]:
    """Neighbours that only a space parts are one name."""
    joined: list[Found] = []
    for item in found:
        last = joined[-1] if joined else None
        if last and last.label == item.label == "NAME" and text[last.end : item.start] == " ":
            score = min(last.score, item.score)
            joined[-1] = replace(last, end=item.end, score=score)
        else:
            joined.append(item)
    return joined


def _is_personal(value: str, label: str) -> bool:
    match label:
        case "NAME":
            return is_name(value)
        case "EMAIL":
            return is_personal_email(value)
        case "IP_ADDRESS":
            try:
                return is_personal_address(ipaddress.ip_address(value))
            except ValueError:
                return False
        case "PASSWORD":
            return is_classified_password(value)
        case "KEY":
            return is_classified_key(value)
    return False  # USERNAME, AMBIGUOUS and whatever else a classifier may know


def _fits_its_line(text: str, start: int, end: int, label: str) -> bool:
    """A password or key counts only in a line that speaks of such things: much looks random."""
    if label == "IP_ADDRESS":
        return fits_an_address(text, start, end)
    if label not in ("PASSWORD", "KEY"):
        return True
    first, last = text.rfind("\n", 0, start) + 1, text.find("\n", start)
    line = text[first : last if last >= 0 else len(text)]
    return _SECRET_LINE.search(line[:_LINE_CHARACTERS]) is not None


def _whole_literal(text: str, start: int, end: int, label: str) -> str:
    """The value, or the whole quoted string that a found piece of a password lies in.

    Quotes inside it, escaped or of the other kind, would else leave half of it.
    """
    if label in ("PASSWORD", "KEY"):
        first, last = text.rfind("\n", 0, start) + 1, text.find("\n", end)
        first = max(first, start - _LINE_CHARACTERS)
        line_end = min(last if last >= 0 else len(text), end + _LINE_CHARACTERS)
        for match in _LITERAL.finditer(text, first, line_end):
            if match.start("value") <= start and end <= match.end("value"):
                return match["value"]
    return text[start:end]


def is_name(value: str) -> bool:
    """Whether a value has the form of a person's full name."""
    words = value.replace(",", " ").split()
    return (
        len(value) <= _LONGEST_NAME
        and _NAME.fullmatch(value) is not None
        and not _NOT_A_NAME.search(value)
        and not any(map(str.isdigit, value))
        and sum(word[0].isupper() or not word[0].islower() for word in words) >= 2
        and any(len(word.strip(".")) > 1 for word in words)
        and not any(word.isupper() and len(word) > 3 for word in words)
    )


def _widened(text: str, found: Found) -> tuple[int, int]:
    """The whole words that a span begins and ends in: half a value would still tell it."""
    edge = _EDGES.get(found.label, _NAME_EDGE)
    start, end = found.start, found.end
    while start > 0 and edge.match(text[start]) and edge.match(text[start - 1]):
        start -= 1
    while end < len(text) and edge.match(text[end - 1]) and edge.match(text[end]):
        end += 1
    return start, end
