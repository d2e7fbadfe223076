"""Who holds a span: sources grouped by repository and licence, the most restrictive first.

However often a text was copied, its licence counts: numbers order the sources, they never hide one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from attribution.documents import NO_DATE, SourceDocument
from inkling.licenses import LicenseClass, classify

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from attribution.segment import Segment

MAX_SOURCES = 5
MAX_EXCERPT = 20_000

_NETWORK = re.compile(r"\b(AGPL|SSPL)-", re.IGNORECASE)
_STRONG = re.compile(r"\bGPL-", re.IGNORECASE)
_VENDORED = re.compile(r"(^|/)_?(vendor(ed)?|third_?party|extern(als?)?|node_modules)/", re.I)


@dataclass(frozen=True)
class Holding:
    """A place in a segment that holds a span: offsets in its text."""

    segment: Segment
    document: int
    start: int
    end: int


@dataclass(frozen=True)
class Source:
    """A place that is shown; lines count from 1 and are those of the original file.

    Attributes:
        vendored: its path says that it is a copy of somebody else's code.
        text: its lines, at most `MAX_EXCERPT` bytes of them.
    """

    document: SourceDocument
    first_line: int
    last_line: int
    vendored: bool
    text: str


@dataclass(frozen=True)
class Holders:
    """All who hold a span.

    Attributes:
        documents: files that hold it.
        contents: different files among them; forks and vendored copies count once.
        repositories: repositories or packages.
        licenses: SPDX expression (or None) → documents, the most restrictive first.
        sources: of each licence the earliest, then others; only the first are named.
        earliest: the oldest source whose date is known.
    """

    documents: int
    contents: int
    repositories: int
    licenses: tuple[tuple[str | None, int], ...]
    sources: tuple[Source, ...]
    earliest: Source | None

    @property
    def license_class(self) -> LicenseClass:
        """The class of the most restrictive licence."""
        return classify(self.licenses[0][0])


def restrictiveness(license_: str | None) -> int:
    """0 for no known licence (nothing is allowed), then network, strong and weak copyleft, free."""
    kind = classify(license_)
    if kind is LicenseClass.NONE:
        return 0
    if kind is LicenseClass.PERMISSIVE:
        return 4
    assert license_ is not None
    return 1 if _NETWORK.search(license_) else 2 if _STRONG.search(license_) else 3


def group_holders(holdings: Sequence[Holding], max_sources: int = MAX_SOURCES) -> Holders:
    """Count and order the holders of a span; there is at least one."""
    rows = [holding.segment.documents.table[holding.document] for holding in holdings]
    licenses = [
        holding.segment.documents.licenses[row["license"]]
        for holding, row in zip(holdings, rows, strict=True)
    ]
    repos = [
        holding.segment.documents.repos[row["repo"]]
        for holding, row in zip(holdings, rows, strict=True)
    ]
    dates = [int(row["committed_at"]) for row in rows]
    counts: dict[str | None, int] = {}
    for license_ in licenses:
        counts[license_] = counts.get(license_, 0) + 1
    order = sorted(
        range(len(holdings)), key=lambda n: (restrictiveness(licenses[n]), dates[n], repos[n])
    )
    oldest = min(range(len(holdings)), key=lambda n: (dates[n], repos[n]))
    return Holders(
        len(holdings),
        len({int(row["content"]) for row in rows}),
        len(set(repos)),
        tuple(sorted(counts.items(), key=lambda item: (restrictiveness(item[0]), -item[1]))),
        tuple(source_of(holdings[n]) for n in _varied(order, licenses)[:max_sources]),
        None if dates[oldest] == NO_DATE else source_of(holdings[oldest]),
    )


def _varied(order: Iterable[int], licenses: Sequence[str | None]) -> list[int]:
    """The first of each licence, then the others."""
    seen: set[str | None] = set()
    first: list[int] = []
    rest: list[int] = []
    for number in order:
        (rest if licenses[number] in seen else first).append(number)
        seen.add(licenses[number])
    return first + rest


def source_of(holding: Holding) -> Source:
    """The row, the original lines and the text of a place."""
    segment = holding.segment
    document = segment.documents[holding.document]
    begin, end = segment.document_text(holding.document)
    first = segment.text[begin : holding.start].count(b"\n") + 1
    last = first + segment.text[holding.start : holding.end - 1].count(b"\n")
    low = max(begin, segment.text.rfind(b"\n", begin, holding.start) + 1)
    high = segment.text.find(b"\n", holding.end - 1, end)
    text = segment.text[low : high if high >= 0 else end][:MAX_EXCERPT].decode(errors="replace")
    if document.line_map is not None:
        first, last = document.line_map[first - 1], document.line_map[last - 1]
    return Source(document, first, last, bool(_VENDORED.search(document.path)), text)
