"""Findings of copies with other names or layout, where no exact finding covers them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attribution.alignment import IDENTICAL
from attribution.findings import Finding, Kind, Scope, finding_of, is_own, is_quieter
from attribution.landmarks import landmarks
from attribution.matter import Tier
from attribution.renamed import Candidate, RenamedMatch, candidates, verify
from attribution.sources import Holding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from attribution.index import LiveSegment
    from attribution.probe import Probe

_RANKED = 4
"""Candidates of a segment that are ranked for each that is aligned."""


def find_copies(
    segments: Sequence[LiveSegment],
    probe: Probe,
    spans: Sequence[tuple[int, int]],
    exact: Sequence[Finding],
    scope: Scope,
) -> list[Finding]:
    """Copies with other names or layout that no exact finding of the same weight covers.

    Args:
        spans: all exact spans, told or not.
    """
    if probe.code is None or probe.tokens is None or not (len(probe.tokens) or spans):
        return []
    matches = list(_verified(segments, probe, spans, exact, scope))
    matches.sort(key=lambda item: (_closeness(item[1]), item[1].start))
    groups: list[list[tuple[LiveSegment, RenamedMatch]]] = []
    for segment, match in matches:
        group = next((g for g in groups if _covers(g[0][1], match)), None)
        if group is None:
            groups.append([(segment, match)])
        elif _covers(match, group[0][1]) and _kind(match) is _kind(group[0][1]):
            group.append((segment, match))
    found = (_copy_finding(group, probe, exact, scope) for group in groups)
    return [item for item in found if item is not None]


def _verified(
    segments: Sequence[LiveSegment],
    probe: Probe,
    spans: Sequence[tuple[int, int]],
    exact: Sequence[Finding],
    scope: Scope,
) -> Iterator[tuple[LiveSegment, RenamedMatch]]:
    """The copies among the best candidates of all segments."""
    assert probe.code is not None
    lexemes = probe.code.lexemes
    seen: list[tuple[LiveSegment, RenamedMatch]] = []
    tried = 0
    for segment, candidate in _best_first(segments, probe, spans, _RANKED * scope.max_candidates):
        first, last = candidate.first, candidate.last
        start, end = int(lexemes.starts[first]), int(lexemes.ends[last])
        if end <= probe.new or _is_covered(probe, start, end, exact, Tier.STRONG):
            continue
        if any(where is segment and _holds(match, candidate) for where, match in seen):
            continue
        if tried == scope.max_candidates or scope.stop():
            return
        tried += 1
        found = [(segment, match) for match in verify(segment, probe.code, candidate)]
        seen += found
        yield from found


def _best_first(
    segments: Sequence[LiveSegment], probe: Probe, spans: Sequence[tuple[int, int]], limit: int
) -> Iterable[tuple[LiveSegment, Candidate]]:
    assert probe.tokens is not None
    assert probe.code is not None
    found = []
    for segment in segments:
        places = landmarks(segment, probe.query.text, probe.code.lexemes, spans)
        found += [(segment, item) for item in candidates(segment, probe.tokens, places, limit)]
    return sorted(found, key=lambda item: item[1].rank)


def _holds(match: RenamedMatch, candidate: Candidate) -> bool:
    """Whether a candidate is part of a copy that was found already."""
    return (
        match.document == candidate.document
        and match.start <= candidate.first
        and candidate.last < match.end
        and match.source_start <= int(candidate.places[0])
        and int(candidate.places[-1]) < match.source_end
    )


def _copy_finding(
    group: Sequence[tuple[LiveSegment, RenamedMatch]],
    probe: Probe,
    exact: Sequence[Finding],
    scope: Scope,
) -> Finding | None:
    best = group[0][1]
    start, end = best.common.left, best.common.left_end
    weight = probe.scale.weigh(start, end)
    kind = _kind(best)
    tier = weight.tier if kind is Kind.REFORMATTED else weight.tier_by_tokens
    if tier is Tier.STRONG and not best.alignment.is_telling:
        tier = Tier.WEAK
    if (
        is_quieter(tier, scope.quietest)
        or end <= probe.new
        or _is_covered(probe, start, end, exact, tier)
        or is_own(probe, start, end, scope)
    ):
        return None
    places = {
        (segment.segment.name, match.document): Holding(
            segment.segment, match.document, match.common.right, match.common.right_end
        )
        for segment, match in group
    }
    return finding_of(kind, tier, probe, start, end, weight, list(places.values()), scope)


def _closeness(match: RenamedMatch) -> float:
    """Sorts long copies that keep names first."""
    return (match.start - match.end) * (1 + match.alignment.identical)


def _kind(match: RenamedMatch) -> Kind:
    if match.alignment.identical >= IDENTICAL:
        return Kind.REFORMATTED
    return Kind.EDITED if match.alignment.keeps_names else Kind.RENAMED


def _covers(longer: RenamedMatch, match: RenamedMatch) -> bool:
    """Whether most of a match lies inside a longer one."""
    common = min(longer.end, match.end) - max(longer.start, match.start)
    return common >= 0.8 * (match.end - match.start)


def _is_covered(probe: Probe, start: int, end: int, exact: Sequence[Finding], tier: Tier) -> bool:
    """Whether exact findings of this tier or a louder one hold most of a range of the text."""
    first, last = probe.query.original(start), probe.query.original(end)
    common = sum(
        max(0, min(last, found.end) - max(first, found.start))
        for found in exact
        if not is_quieter(found.tier, tier)
    )
    return common >= 0.8 * (last - first)
