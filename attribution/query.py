"""The one way to ask an index: what of this text has a source, and what couldn't be checked?

`check` takes a whole text. `examine` takes a suggestion and what stands before it, for a check
before display: only what reaches into the suggestion counts, but a span may begin before it.
Both run three tiers: filters in memory say where to look; exact spans come from suffix arrays;
copies with other names or layout from token fingerprints, verified. A hit in a filter alone is
never a finding, and "nothing found" is only clean if nothing was left unchecked.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from attribution.candidates import look_up
from attribution.copies import find_copies
from attribution.exact import find_spans, holders
from attribution.findings import (
    Finding,
    Kind,
    RemovedFinding,
    Report,
    Scope,
    finding_of,
    is_own,
    is_quieter,
)
from attribution.fingerprints import character_fingerprints
from attribution.lexing import SUPPORTED, open_string
from attribution.normal_form import Query, as_utf8, comparable
from attribution.probe import Probe, prepare, starts_to_try
from attribution.sources import Holding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from attribution.candidates import Postings
    from attribution.fingerprints import Fingerprints
    from attribution.index import Index, LiveSegment

MIN_BYTES = 48
"""Shortest exact span that is weighed; 30 tokens of code are seldom shorter."""
SEED_BYTES = 24
"""Shortest exact span that names a place to align at, in code without enough fingerprints."""
ALWAYS_TOLD = 32
"""So many of the longest exact spans are looked at even after a check was ended."""
CONTEXT_BYTES = 1024
"""Of the text before a suggestion, how much is looked at."""
_MIN_NEW_BYTES = 16
_STATE_BYTES = 32_768
"""Of a long document, how much before that is read to know whether a string is open."""
_OUTSIDE = re.compile(rb"^(?:async def|def|class|import|from) ", re.MULTILINE)
STOPPED = "The check was ended before all was looked at."

_Item = TypeVar("_Item", Finding, RemovedFinding)


def check(index: Index, raw: bytes, language: str | None, scope: Scope | None = None) -> Report:
    """Check a whole text; offsets are those of its UTF-8 form.

    Args:
        raw: in UTF-8, or with the byte order mark of another encoding; of what is neither, the
            report says that it wasn't checked wholly.
        language: a name of `inkling.languages`, or None if it isn't known.
    """
    text, doubt = as_utf8(raw)
    report = _run(index, prepare(Query.of(text), 0, language, None), language, scope or Scope())
    return replace(report, unchecked=(doubt, *report.unchecked)) if doubt else report


def examine(
    index: Index, before: str, suggestion: str, language: str | None, scope: Scope | None = None
) -> Report:
    """Check a suggestion before it is shown.

    Args:
        before: the document's text up to the suggestion; the end of it is looked at.

    Returns:
        a report whose offsets and lines count from the beginning of the suggestion; a span that
        begins before it has a `start` of 0.
    """
    scope = scope or Scope(max_candidates=3)
    head = _head(before)
    cut = _cut(head)
    query = _continued(head, cut, suggestion)
    quote = open_string(head[_outside(head, cut) : cut], language or "")
    probe = prepare(query, len(head) - cut, language, quote)
    report = _run(index, probe, language, scope)
    return _from_suggestion(report, query, len(head) - cut)


def examine_for_removed(index: Index, before: str, suggestion: str) -> tuple[RemovedFinding, ...]:
    """The `removed` of `examine`, for a small part of its time."""
    head = _head(before)
    cut = _cut(head)
    query = _continued(head, cut, suggestion)
    marks = character_fingerprints(np.frombuffer(query.text, dtype=np.uint8))
    report = Report((), _removed(index, query, marks), ())
    return _from_suggestion(report, query, len(head) - cut).removed


def _head(before: str) -> bytes:
    return comparable(before.removeprefix("\ufeff").encode(errors="surrogatepass"))


def _cut(head: bytes) -> int:
    """Where, at the beginning of a line, the part of the text before begins that is looked at."""
    cut = max(0, len(head) - CONTEXT_BYTES)
    line = head.find(b"\n", cut) if cut else -1
    return line + 1 if line >= 0 else cut


def _continued(head: bytes, cut: int, suggestion: str) -> Query:
    return Query.of(head[cut:] + suggestion.encode(errors="surrogatepass"))


def _outside(head: bytes, cut: int) -> int:
    """A place well before `cut` that is most likely outside of any string; 0 if none is seen."""
    found = _OUTSIDE.search(head, cut - _STATE_BYTES, cut) if cut > _STATE_BYTES else None
    return found.start() if found else 0


def _run(index: Index, probe: Probe, language: str | None, scope: Scope) -> Report:
    unchecked = tuple(_unchecked(index, language, scope))
    live = index.segments
    postings = look_up(live, probe.tokens)
    spans = _exact_spans(postings, probe, scope)
    findings = list(_exact_findings(live, probe, spans, scope))
    findings += find_copies(postings, probe, spans, findings, scope)
    findings.sort(key=lambda item: (item.start, -item.end))
    if scope.stop():
        unchecked += (STOPPED,)
    return Report(tuple(findings), _removed(index, probe.query, probe.characters), unchecked)


def _removed(index: Index, query: Query, marks: Fingerprints) -> tuple[RemovedFinding, ...]:
    return tuple(
        RemovedFinding(
            query.original(span.start),
            query.original(span.end - 1) + 1,
            query.line(span.start),
            query.line(span.end - 1),
        )
        for span in index.removed_code.spans(marks)
    )


def _unchecked(index: Index, language: str | None, scope: Scope) -> Iterable[str]:
    for damage in index.damaged:
        yield f"Part of the index can't be read: {damage}"
    if scope.corpus is not None and scope.corpus not in index.manifest.corpora:
        yield "The index belongs to another corpus than the model's, so it is stale or foreign."
    if language is None:
        yield "The language of the text isn't known, so copies with other names can't be found."
    elif language not in index.languages:
        yield f"The index holds no {language} code."
    elif language not in SUPPORTED:
        yield f"Copies with other names can't be found in {language}, only exact ones."


def _exact_spans(postings: Sequence[Postings], probe: Probe, scope: Scope) -> list[tuple[int, int]]:
    """The maximal spans over all segments that reach into the new part."""
    text = probe.query.text
    reached = min(_MIN_NEW_BYTES, len(text[probe.new :].strip()))
    shortest = SEED_BYTES if probe.is_monotonous else MIN_BYTES
    found: set[tuple[int, int]] = set()
    for item in postings:
        if scope.stop():
            break
        starts = starts_to_try(item, probe, shortest)
        for span in find_spans(item.segment, text, starts, shortest, probe.new):
            found.add(span)
            if scope.stop():
                break
    spans: list[tuple[int, int]] = []
    for start, end in sorted(found, key=lambda span: (span[0], -span[1])):
        contained = bool(spans) and end <= spans[-1][1]
        if not contained and end - max(start, probe.new) >= max(1, reached):
            spans.append((start, end))
    return spans


def _exact_findings(
    segments: Sequence[LiveSegment], probe: Probe, spans: Sequence[tuple[int, int]], scope: Scope
) -> Iterator[Finding]:
    """The spans that count, the longest first; some of them even if time runs out."""
    longest_first = sorted(spans, key=lambda span: span[0] - span[1])
    for number, (start, end) in enumerate(longest_first):
        if end - start < MIN_BYTES or (number >= ALWAYS_TOLD and scope.stop()):
            return
        found = _exact_finding(segments, probe, start, end, scope)
        if found is not None:
            yield found


def _exact_finding(
    segments: Sequence[LiveSegment], probe: Probe, start: int, end: int, scope: Scope
) -> Finding | None:
    weight = probe.scale.weigh(start, end)
    target = probe.query.text[start:end]
    if is_quieter(weight.tier, scope.quietest) or is_own(probe, start, end, scope):
        return None
    holdings = [
        Holding(segment.segment, int(number), int(offset), int(offset) + len(target))
        for segment in segments
        for number, offset in zip(*holders(segment, target), strict=True)
    ]
    return finding_of(Kind.EXACT, weight.tier, probe, start, end, weight, holdings, scope)


def _from_suggestion(report: Report, query: Query, new: int) -> Report:
    """The report with offsets and lines from the beginning of the suggestion, at `new`."""
    base, line = query.original(new), query.line(new)

    def moved(item: _Item) -> _Item:
        return replace(
            item,
            start=max(0, item.start - base),
            end=item.end - base,
            first_line=max(1, item.first_line - line + 1),
            last_line=max(1, item.last_line - line + 1),
        )

    return Report(
        tuple(map(moved, report.findings)),
        tuple(moved(item) for item in report.removed if item.end > base),
        report.unchecked,
    )
