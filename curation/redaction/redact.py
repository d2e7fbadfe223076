"""Replaces what was found: the same value by the same stand-in, and no line is lost.

A stand-in tells the kind and next to nothing of the value: it is one of a thousand, so no guess is
confirmed by it. A key's is a valid identifier, so it is safe in strings, comments, URLs and code.
"""

from __future__ import annotations

import hashlib
import ipaddress
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from curation.quality.syntax import syntax_error_share
from curation.redaction.classified_spans import classified_spans
from curation.redaction.personal_spans import personal_spans
from curation.redaction.secret_spans import secret_spans
from curation.redaction.span import Span, without_overlaps

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from curation.pii.classifier import TokenClassifier

_BASE64_RUN = re.compile(r"[A-Za-z0-9+/=:,-]{8,}")
_SECRETS = frozenset({"KEY", "PASSWORD"})
_SHORTEST_REPEATED = 8
_A_NAME = re.compile(r"[A-Za-z_]+\d{0,3}")
"""Code may use such a value as a name: `password1`."""
_LONGEST_LOGIN = 200
_LOGIN = re.compile(r"://[^\s/@]*:[^\s/]*$")
_ERRORS_ALIKE = 0.005
"""A share of syntax errors changes that much when values change their length."""


@dataclass(frozen=True)
class Redacted:
    """A text without what was found in it; `broken` if less of it parses than before."""

    text: str
    spans: tuple[Span, ...]
    broken: bool = False

    @property
    def counts(self) -> dict[str, int]:
        return dict(sorted(Counter(span.kind for span in self.spans).items()))


def find_spans(
    text: str, language: str | None = None, classifier: TokenClassifier | None = None
) -> list[Span]:
    """What must not be learnt of a text, in order and without overlaps.

    Args:
        classifier: finds names as well, and what no pattern does.
    """
    found = list(secret_spans(text, language))
    found += personal_spans(text, language)
    if classifier is not None:
        found += classified_spans(text, language, classifier)
    found = without_overlaps([span for span in found if not _ends_a_password(text, span)])
    return without_overlaps([*_repeated(text, found), *found])


def _ends_a_password(text: str, span: Span) -> bool:
    """Whether what looks like an e-mail address is a password's end and a host, in a URL."""
    before = text[max(0, span.start - _LONGEST_LOGIN) : span.start]
    return span.kind == "EMAIL" and _LOGIN.search(before) is not None


def _repeated(text: str, found: Sequence[Span]) -> Iterator[Span]:
    """The places of each found key or password, also where the file doesn't say what it is.

    So it has the same kind, and with that the same stand-in, in all of them.
    """
    values: dict[str, Span] = {}
    for span in found:
        if span.kind in _SECRETS:
            values.setdefault(text[span.start : span.end], span)
    for value, span in values.items():
        if len(value) >= _SHORTEST_REPEATED and not _A_NAME.fullmatch(value):
            start = text.find(value)
            while start >= 0:
                end = start + len(value)
                around = text[max(0, start - 1) : start] + text[end : end + 1]
                if not any(sign.isalnum() or sign == "_" for sign in around):
                    yield Span(start, end, span.kind, span.rule)
                start = text.find(value, end)


def redact(
    text: str, language: str | None = None, classifier: TokenClassifier | None = None
) -> Redacted:
    """Replace every secret and personal value of a text.

    Args:
        language: a name of `inkling.languages`; where a parser is at hand the result is checked.
        classifier: see `find_spans`.
    """
    spans = find_spans(text, language, classifier)
    if not spans:
        return Redacted(text, ())
    changed = replace(text, spans)
    broken = language is not None and (
        _errors(changed, language) > _errors(text, language) + _ERRORS_ALIKE
    )
    return Redacted(changed, tuple(spans), broken)


def replace(text: str, spans: Sequence[Span]) -> str:
    """`text` with each span's value replaced; spans are in order and don't overlap."""
    parts = []
    position = 0
    for span in spans:
        parts += [text[position : span.start], stand_in(text[span.start : span.end], span.kind)]
        position = span.end
    return "".join([*parts, text[position:]])


def stand_in(value: str, kind: str) -> str:
    """What a value becomes."""
    number = int.from_bytes(hashlib.sha256(f"{kind} {value.lower()}".encode()).digest()[:8])
    match kind:
        case "EMAIL":
            return f"user{number % 1000}@example.com"
        case "IP_ADDRESS" if ipaddress.ip_address(value).version == 6:
            return f"fd00::{number % 1000}"
        case "IP_ADDRESS":
            return f"10.0.{number % 5}.{number % 199 + 1}"
        case "PRIVATE_KEY":
            return _BASE64_RUN.sub("redacted", value)
    return f"redacted_{kind.lower()}_{number % 1000}"


def _errors(text: str, language: str) -> float:
    """The share of a text that doesn't parse; 0 where there is no parser."""
    found = syntax_error_share(text, language)
    return 0.0 if found is None else found[0]
