"""What a check may answer: findings, what repeats removed code, and what wasn't checked."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from attribution.matter import Tier, Weight
from attribution.sources import MAX_SOURCES, Holders, Holding, group_holders

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from attribution.probe import Probe

    Own = Callable[[str], bool]
    Stop = Callable[[], bool]


def nobodys(_text: str) -> bool:
    """No text is the user's own."""
    return False


class Kind(Enum):
    """How a span agrees with its source."""

    EXACT = "exact"
    REFORMATTED = "reformatted copy"
    EDITED = "edited copy"
    RENAMED = "renamed copy"


def never() -> bool:
    """A check that nobody ends."""
    return False


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
        own: whether the user's workspace holds a text, which then is no finding.
        max_candidates: documents that are aligned in search of renamed copies.
        max_sources: holders of a finding that are named; all are counted.
        stop: asked now and then; once it is true the check ends with what it has, and says so.
    """

    corpus: str | None = None
    quietest: Tier = Tier.WEAK
    own_repos: frozenset[str] = frozenset()
    own: Own = nobodys
    max_candidates: int = 200
    max_sources: int = MAX_SOURCES
    stop: Stop = never


def finding_of(
    kind: Kind,
    tier: Tier,
    probe: Probe,
    start: int,
    end: int,
    weight: Weight,
    holdings: Sequence[Holding],
    scope: Scope,
) -> Finding | None:
    """The finding of a range of the query's text, unless a repository of the user holds it."""
    own = scope.own_repos
    if not holdings or (own and any(h.segment.documents[h.document].repo in own for h in holdings)):
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
        group_holders(holdings, scope.max_sources),
    )


def is_own(probe: Probe, start: int, end: int, scope: Scope) -> bool:
    """Whether the user's own workspace holds a range of the text."""
    return scope.own(probe.query.text[start:end].decode(errors="replace"))


def is_quieter(tier: Tier, limit: Tier) -> bool:
    order = list(Tier)
    return order.index(tier) > order.index(limit)
