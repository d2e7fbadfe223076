"""The one way to ask an index: what of this text has a source, and what couldn't be checked?

`check` takes a whole text. `examine` takes a suggestion and what stands before it, for a check
before display: only what reaches into the suggestion counts, but a span may begin before it.
Both run three tiers: filters in memory say where to look; exact spans come from suffix arrays;
copies with other names or layout from token fingerprints, verified. A hit in a filter alone is
never a finding, and "nothing found" is only clean if nothing was left unchecked.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, Any

import numpy as np

from attribution.alignment import IDENTICAL, Code
from attribution.exact import find_spans, holders
from attribution.fingerprints import (
    CHARACTER_WINDOW,
    IS_ALNUM,
    TOKEN_WINDOW,
    character_fingerprints,
    token_fingerprints,
)
from attribution.lexing import SUPPORTED, Lexemes, lex, open_string
from attribution.matter import Scale, Tier, Weight
from attribution.normal_form import Query, comparable
from attribution.renamed import RenamedMatch, candidates, known, verify
from attribution.sources import Holders, Holding, group_holders

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from attribution.fingerprints import Fingerprints
    from attribution.index import Index, LiveSegment

MIN_BYTES = 48
"""Shortest exact span that is weighed; 30 tokens of code are seldom shorter."""
CONTEXT_BYTES = 1024
"""Of the text before a suggestion, how much is looked at."""
_MIN_NEW_BYTES = 16
_ANY_LANGUAGE = "c"  # whose lexer weighs text that has none of its own


class Kind(Enum):
    """How a span agrees with its source."""

    EXACT = "exact"
    REFORMATTED = "reformatted copy"
    RENAMED = "renamed copy"


@dataclass(frozen=True)
class Finding:
    """A range of the text that has a source.

    Attributes:
        start, end: offsets in the bytes of the text.
        first_line, last_line: of the text, from 1.
        weight: code tokens and bytes, by the parts of the file that they belong to.
        holders: of an exact span all documents that hold it; of a copy those that were verified.
    """

    kind: Kind
    tier: Tier
    start: int
    end: int
    first_line: int
    last_line: int
    weight: Weight
    holders: Holders


@dataclass(frozen=True)
class RemovedFinding:
    """A range (bytes, and lines from 1) that repeats code which was removed from the index."""

    start: int
    end: int
    first_line: int
    last_line: int


@dataclass(frozen=True)
class Report:
    """What a check found, and what it couldn't check.

    Attributes:
        findings: in order of place.
        removed: what repeats removed code; it has no source to name.
        unchecked: why "nothing found" doesn't mean clean, one sentence each.
    """

    findings: tuple[Finding, ...]
    removed: tuple[RemovedFinding, ...]
    unchecked: tuple[str, ...]

    @property
    def is_clean(self) -> bool:
        return not (self.findings or self.removed or self.unchecked)


@dataclass(frozen=True)
class Scope:
    """What a check shall do.

    Attributes:
        corpus: manifest hash of the corpus that the model was trained on, if known.
        quietest: findings below this tier are left out.
        own_repos: repositories of the user; what one of them holds is no finding.
        own_texts: texts of the user's workspace; what stands in one of them is no finding.
        max_candidates: documents of a segment that are aligned in search of renamed copies.
    """

    corpus: str | None = None
    quietest: Tier = Tier.WEAK
    own_repos: frozenset[str] = frozenset()
    own_texts: tuple[str, ...] = ()
    max_candidates: int = 200


@dataclass(frozen=True)
class _Probe:
    """A text prepared for the index.

    Attributes:
        new: offset in `query.text` from which on the text counts.
        code: the code lexemes, if the language has a lexer.
    """

    query: Query
    new: int
    scale: Scale
    code: Code | None
    characters: Fingerprints
    tokens: Fingerprints | None


def check(index: Index, raw: bytes, language: str | None, scope: Scope | None = None) -> Report:
    """Check a whole text in any encoding; what isn't UTF-8 simply isn't found.

    Args:
        language: a name of `inkling.languages`, or None if it isn't known.
    """
    query = Query.of(raw)
    return _run(index, _prepare(query, 0, language, b""), language, scope or Scope())


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
    scope = scope or Scope(max_candidates=4)
    head = comparable(before.encode())
    cut = max(0, len(head) - CONTEXT_BYTES)
    if cut:
        line = head.find(b"\n", cut)
        cut = line + 1 if line >= 0 else cut
    quote = open_string(head[:cut], language or "") if cut else b""
    query = Query.of(head[cut:] + suggestion.encode())
    probe = _prepare(query, len(head) - cut, language, quote)
    report = _run(index, probe, language, scope)
    return _from_suggestion(report, probe)


def _prepare(query: Query, new: int, language: str | None, quote: bytes) -> _Probe:
    text = query.text
    lexemes = _inside(lex(quote + text, language if language in SUPPORTED else _ANY_LANGUAGE), quote)
    characters = character_fingerprints(np.frombuffer(text, dtype=np.uint8))
    code = tokens = None
    if language in SUPPORTED:
        code = Code(text, lexemes.code())
        tokens = token_fingerprints(code.lexemes.symbols)
    return _Probe(query, new, Scale(text, lexemes), code, characters, tokens)


def _inside(lexemes: Lexemes, quote: bytes) -> Lexemes:
    """The lexemes as if the string that `quote` opens had begun before the text."""
    if not quote:
        return lexemes
    starts = np.maximum(lexemes.starts - len(quote), 0)
    return Lexemes(starts, lexemes.ends - len(quote), lexemes.symbols)


def _run(index: Index, probe: _Probe, language: str | None, scope: Scope) -> Report:
    unchecked = tuple(_unchecked(index, language, scope))
    live = index.segments
    spans = _exact_spans(live, probe)
    findings = [
        found
        for start, end in spans
        if (found := _exact_finding(live, probe, start, end, scope)) is not None
    ]
    findings += _copies(live, probe, findings, scope)
    removed = tuple(
        RemovedFinding(
            probe.query.original(span.start),
            probe.query.original(span.end - 1) + 1,
            probe.query.line(span.start),
            probe.query.line(span.end - 1),
        )
        for span in index.removed_code.spans(probe.characters)
    )
    findings.sort(key=lambda item: (item.start, -item.end))
    return Report(tuple(findings), removed, unchecked)


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


def _exact_spans(segments: Sequence[LiveSegment], probe: _Probe) -> list[tuple[int, int]]:
    """The maximal spans over all segments that reach into the new part."""
    text = probe.query.text
    found: set[tuple[int, int]] = set()
    for segment in segments:
        starts = _starts_to_try(segment, probe)
        if starts:
            found.update(find_spans(segment, text, starts, MIN_BYTES))
    reached = min(_MIN_NEW_BYTES, len(text[probe.new :].strip()))
    spans: list[tuple[int, int]] = []
    for start, end in sorted(found, key=lambda span: (span[0], -span[1])):
        contained = bool(spans) and end <= spans[-1][1]
        if not contained and end - max(start, probe.new) >= max(1, reached):
            spans.append((start, end))
    return spans


def _starts_to_try(segment: LiveSegment, probe: _Probe) -> list[int]:
    """Word starts that may begin a span, because a filter fires a little further on.

    Every common run of 50 letters and digits has a fingerprint that begins among its first 26;
    every common run of 22 tokens one that begins among its first 8.
    """
    text = np.frombuffer(probe.query.text, dtype=np.uint8)
    edges = np.zeros(len(text) + 2, dtype=np.int64)
    reached = False
    marks = probe.characters
    if len(marks):
        hits = segment.segment.characters.holds(marks.hashes)
        reached = bool((marks.last[hits] >= probe.new).any())
        solid = np.flatnonzero(IS_ALNUM[text])
        ranks = np.searchsorted(solid, marks.first[hits])
        _mark(edges, solid[np.maximum(ranks - CHARACTER_WINDOW, 0)], marks.first[hits])
    if probe.tokens is not None and probe.code is not None and len(probe.tokens):
        hits = known(segment, probe.tokens)
        lexemes = probe.code.lexemes
        reached |= bool((lexemes.ends[probe.tokens.last[hits]] > probe.new).any())
        first = probe.tokens.first[hits]
        _mark(edges, lexemes.starts[np.maximum(first - TOKEN_WINDOW, 0)], lexemes.starts[first])
    if not reached or not probe.query.starts:
        return []
    starts = np.asarray(probe.query.starts, dtype=np.int64)
    chosen: list[int] = starts[(np.cumsum(edges) > 0)[starts]].tolist()
    return chosen


def _mark(edges: np.ndarray, first: np.ndarray, last: np.ndarray) -> None:
    """Note ranges of offsets, both ends included, so that a running sum is positive in them."""
    np.add.at(edges, first, 1)
    np.add.at(edges, last + 1, -1)


def _exact_finding(
    segments: Sequence[LiveSegment], probe: _Probe, start: int, end: int, scope: Scope
) -> Finding | None:
    weight = probe.scale.weigh(start, end)
    target = probe.query.text[start:end]
    if _is_quieter(weight.tier, scope.quietest) or _is_own(probe, start, end, scope):
        return None
    holdings = [
        Holding(segment.segment, int(number), int(offset), int(offset) + len(target))
        for segment in segments
        for number, offset in zip(*holders(segment, target), strict=True)
    ]
    return _finding(Kind.EXACT, weight.tier, probe, start, end, weight, holdings, scope)


def _copies(
    segments: Sequence[LiveSegment], probe: _Probe, exact: Sequence[Finding], scope: Scope
) -> list[Finding]:
    """Copies with other names or layout that no exact finding of the same weight covers."""
    if probe.code is None or probe.tokens is None or not len(probe.tokens):
        return []
    matches: list[tuple[LiveSegment, RenamedMatch]] = []
    for segment in segments:
        matches += ((segment, match) for match in _verified(segment, probe, exact, scope))
    matches.sort(key=lambda item: (item[1].start - item[1].end, item[1].start))
    groups: list[list[tuple[LiveSegment, RenamedMatch]]] = []
    for segment, match in matches:
        group = next((g for g in groups if _covers(g[0][1], match)), None)
        if group is None:
            groups.append([(segment, match)])
        elif match.end - match.start >= 0.8 * (group[0][1].end - group[0][1].start):
            group.append((segment, match))
    found = (_copy_finding(group, probe, exact, scope) for group in groups)
    return [item for item in found if item is not None]


def _verified(
    segment: LiveSegment, probe: _Probe, exact: Sequence[Finding], scope: Scope
) -> Iterable[RenamedMatch]:
    assert probe.code is not None and probe.tokens is not None
    lexemes = probe.code.lexemes
    seen: list[RenamedMatch] = []
    tried = 0
    for candidate in candidates(segment, probe.tokens):
        start, end = int(lexemes.starts[candidate.token]), int(lexemes.ends[candidate.last])
        if end <= probe.new or _is_covered(probe, start, end, exact):
            continue
        if any(
            match.document == candidate.document
            and match.start <= candidate.token
            and candidate.last < match.end
            and match.source_start <= candidate.place < match.source_end
            for match in seen
        ):
            continue
        if tried == scope.max_candidates:
            return
        tried += 1
        match = verify(segment, probe.code, candidate)
        if match is not None:
            seen.append(match)
            yield match


def _copy_finding(
    group: Sequence[tuple[LiveSegment, RenamedMatch]],
    probe: _Probe,
    exact: Sequence[Finding],
    scope: Scope,
) -> Finding | None:
    assert probe.code is not None
    best = group[0][1]
    start = int(probe.code.lexemes.starts[best.start])
    end = int(probe.code.lexemes.ends[best.end - 1])
    weight = probe.scale.weigh(start, end)
    same = best.alignment.identical >= IDENTICAL
    tier = weight.tier if same else weight.tier_by_tokens
    kind = Kind.REFORMATTED if same else Kind.RENAMED
    if (
        _is_quieter(tier, scope.quietest)
        or end <= probe.new
        or _is_covered(probe, start, end, exact)
        or _is_own(probe, start, end, scope)
    ):
        return None
    places = {
        (segment.segment.name, match.document): Holding(
            segment.segment, match.document, match.source_start, match.source_end
        )
        for segment, match in group
    }
    return _finding(kind, tier, probe, start, end, weight, list(places.values()), scope)


def _covers(longer: RenamedMatch, match: RenamedMatch) -> bool:
    """Whether most of a match lies inside a longer one."""
    common = min(longer.end, match.end) - max(longer.start, match.start)
    return common >= 0.8 * (match.end - match.start)


def _is_covered(probe: _Probe, start: int, end: int, exact: Sequence[Finding]) -> bool:
    """Whether exact findings hold most of a range of the query's text."""
    first, last = probe.query.original(start), probe.query.original(end)
    common = sum(max(0, min(last, e.end) - max(first, e.start)) for e in exact)
    return common >= 0.8 * (last - first)


def _is_own(probe: _Probe, start: int, end: int, scope: Scope) -> bool:
    """Whether the user's own workspace holds a range of the text."""
    piece = probe.query.text[start:end].decode(errors="replace")
    return any(piece in text for text in scope.own_texts)


def _is_quieter(tier: Tier, limit: Tier) -> bool:
    order = list(Tier)
    return order.index(tier) > order.index(limit)


def _finding(
    kind: Kind,
    tier: Tier,
    probe: _Probe,
    start: int,
    end: int,
    weight: Weight,
    holdings: Sequence[Holding],
    scope: Scope,
) -> Finding | None:
    own = scope.own_repos
    if not holdings or (
        own and any(h.segment.documents[h.document].repo in own for h in holdings)
    ):
        return None
    query = probe.query
    return Finding(
        kind,
        tier,
        query.original(start),
        query.original(end - 1) + 1,
        query.line(start),
        query.line(end - 1),
        weight,
        group_holders(holdings),
    )


def _from_suggestion(report: Report, probe: _Probe) -> Report:
    """The report with offsets and lines from the beginning of the suggestion."""
    base, line = probe.query.original(probe.new), probe.query.line(probe.new)

    def moved(item: Any) -> Any:
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
