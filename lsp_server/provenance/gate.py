"""Each suggestion is judged before it is shown: what of it has a source, and what follows.

Pure but for reading the index. The policy decides by tier and licence: `show` tells nothing,
`badge` shows the suggestion with its source, `block` shows nothing. Code of the user's own
workspace is no accusation.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from attribution.findings import Scope
from attribution.matter import Tier
from attribution.query import examine
from inkling.licenses import LicenseClass

if TYPE_CHECKING:
    from collections.abc import Mapping

    from attribution.findings import Finding, Report
    from attribution.index import Index

_MAX_CANDIDATES = 3


class Action(Enum):
    """What becomes of a suggestion. Ordered from free to strict."""

    SHOW = "show"
    BADGE = "badge"
    BLOCK = "block"


DEFAULT_RULES: Mapping[tuple[Tier, LicenseClass], Action] = {
    (Tier.STRONG, LicenseClass.PERMISSIVE): Action.BADGE,
    (Tier.STRONG, LicenseClass.COPYLEFT): Action.BADGE,
    (Tier.STRONG, LicenseClass.NONE): Action.BADGE,
    (Tier.WEAK, LicenseClass.PERMISSIVE): Action.SHOW,
    (Tier.WEAK, LicenseClass.COPYLEFT): Action.BADGE,
    (Tier.WEAK, LicenseClass.NONE): Action.BADGE,
}


@dataclass(frozen=True)
class SourcePolicy:
    """What the user wants.

    Attributes:
        rules: tier and class of the most restrictive licence → action; what isn't named is shown.
        removed: for a suggestion that repeats code which was removed from the index.
        unchecked: for one that couldn't be checked wholly.
    """

    rules: Mapping[tuple[Tier, LicenseClass], Action] = field(default_factory=lambda: DEFAULT_RULES)
    removed: Action = Action.BLOCK
    unchecked: Action = Action.SHOW

    @classmethod
    def uniform(cls, action: Action) -> SourcePolicy:
        """The same for every finding (`show`, `badge` or `block` in the settings)."""
        return cls(dict.fromkeys(DEFAULT_RULES, action))


@dataclass(frozen=True)
class Verdict:
    """What becomes of a suggestion, and why."""

    action: Action
    report: Report

    @property
    def badge(self) -> str | None:
        """One line to show beside the suggestion; None if there is nothing to tell."""
        if self.action is Action.SHOW:
            return None
        if self.report.removed:
            return "repeats code that was removed from the training data's index"
        if not self.report.findings:
            return "not checked: " + " ".join(self.report.unchecked)
        found = min(self.report.findings, key=_loudness)
        source = found.holders.sources[0]
        document = source.document
        more = found.holders.documents - 1
        return (
            f"{found.kind.value}: {document.repo}, {document.path}:{source.first_line}, "
            f"{document.license or 'no licence known'}" + (f", and {more:,} more" if more else "")
        )


def judge(
    index: Index,
    before: str,
    suggestion: str,
    language: str | None,
    policy: SourcePolicy,
    *,
    corpus: str | None = None,
    own_texts: tuple[str, ...] = (),
    own_repos: frozenset[str] = frozenset(),
) -> Verdict:
    """Look a suggestion up and apply the policy.

    Args:
        before: the document's text up to the suggestion.
        corpus: manifest hash of the corpus that the model was trained on, if its bundle says so.
        own_texts: other texts of the user's workspace.
        own_repos: repositories of the user.
    """
    scope = Scope(
        corpus=corpus, own_repos=own_repos, own_texts=own_texts, max_candidates=_MAX_CANDIDATES
    )
    report = examine(index, before, suggestion, language, scope)
    return Verdict(decide(report, policy), report)


def decide(report: Report, policy: SourcePolicy) -> Action:
    """The strictest action that anything in the report asks for."""
    wanted = [_action(found, policy) for found in report.findings]
    if report.removed:
        wanted.append(policy.removed)
    if report.unchecked:
        wanted.append(policy.unchecked)
    return max(wanted, key=list(Action).index, default=Action.SHOW)


def _action(found: Finding, policy: SourcePolicy) -> Action:
    return policy.rules.get((found.tier, found.holders.license_class), Action.SHOW)


def _loudness(found: Finding) -> tuple[int, int]:
    return list(Tier).index(found.tier), found.start
