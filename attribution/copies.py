"""Findings of copies with other names or layout, where no exact finding covers them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attribution.alignment import IDENTICAL
from attribution.candidates import candidates
from attribution.findings import Finding, Kind, Scope, finding_of, is_own, is_quieter
from attribution.landmarks import landmarks
from attribution.matter import Tier
from attribution.renamed import RenamedMatch, verify
from attribution.sources import Holding

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from attribution.alignment import Code
    from attribution.candidates import Candidate, Postings
    from attribution.probe import Probe

_RANKED = 4
"""Candidates that are ranked for each that is aligned."""


def find_copies(
    postings: Sequence[Postings],
    probe: Probe,
    spans: Sequence[tuple[int, int]],
    exact: Sequence[Finding],
    scope: Scope,
) -> list[Finding]:
    """Copies with other names or layout that no exact finding of the same weight covers.

    Args:
        postings: those of each segment.
        spans: all exact spans, told or not.
    """
    if probe.code is None or not (len(probe.tokens) or spans):
        return []
    matches = sorted(
        _verified(postings, probe, probe.code, spans, exact, scope),
        key=lambda match: (match.alignment.farness, match.start),
    )
    groups: list[list[RenamedMatch]] = []
    for match in matches:
        group = next((g for g in groups if _covers(g[0], match)), None)
        if group is None:
            groups.append([match])
        elif _covers(match, group[0]) and _kind(match) is _kind(group[0]):
            group.append(match)
    found = (_copy_finding(group, probe, exact, scope) for group in groups)
    return [item for item in found if item is not None]


def _verified(
    postings: Sequence[Postings],
    probe: Probe,
    code: Code,
    spans: Sequence[tuple[int, int]],
    exact: Sequence[Finding],
    scope: Scope,
) -> Iterator[RenamedMatch]:
    """The copies among the best candidates of all segments."""
    lexemes = code.lexemes
    seen: list[RenamedMatch] = []
    tried = 0
    found = [
        (item, landmarks(item.segment, probe.query.text, lexemes, spans))
        for item in postings
        if not scope.stop()
    ]
    for candidate in candidates(found, _RANKED * scope.max_candidates):
        start, end = int(lexemes.starts[candidate.first]), int(lexemes.ends[candidate.last])
        if end <= probe.new or _is_covered(probe, start, end, exact, Tier.STRONG):
            continue
        if any(_holds(match, candidate) for match in seen):
            continue
        if tried == scope.max_candidates or scope.stop():
            return
        tried += 1
        copies = verify(code, candidate)
        seen += copies
        yield from copies


def _holds(match: RenamedMatch, candidate: Candidate) -> bool:
    """Whether a candidate is part of a copy that was found already."""
    return (
        match.segment is candidate.segment
        and match.document == candidate.document
        and match.start <= candidate.first
        and candidate.last < match.end
        and match.source_start <= int(candidate.places[0])
        and int(candidate.places[-1]) < match.source_end
    )


def _copy_finding(
    group: Sequence[RenamedMatch],
    probe: Probe,
    exact: Sequence[Finding],
    scope: Scope,
) -> Finding | None:
    best = group[0]
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
    places: dict[tuple[str, int], Holding] = {}
    for match in group:  # the closest first; of one document that is enough
        holding = Holding(
            match.segment.segment, match.document, match.common.right, match.common.right_end
        )
        places.setdefault((match.segment.segment.name, match.document), holding)
    return finding_of(kind, tier, probe, start, end, weight, list(places.values()), scope)


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
