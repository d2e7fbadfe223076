"""Each suggestion is judged before it is shown: what of it has a source, and what follows.

Pure but for reading the index. Code of the user's own workspace is no accusation, and what couldn't
be checked is never called clean.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from attribution.findings import Report, Scope, never, nobodys
from attribution.matter import Tier
from attribution.query import STOPPED, examine, examine_for_removed
from attribution.report import as_json
from lsp_server.provenance.policy import Action, SourcePolicy
from lsp_server.rules.reasons import Reason

if TYPE_CHECKING:
    from attribution.findings import Finding, Own, Stop
    from attribution.index import Index

_MAX_CANDIDATES = 3
_NO_CORPUS = "The model doesn't say what it was trained on."


@dataclass(frozen=True)
class Verdict:
    """What becomes of a suggestion, and why."""

    action: Action
    report: Report

    @property
    def badge(self) -> str | None:
        """One line to show beside the suggestion; None if there is nothing to tell."""
        return None if self.action is Action.SHOW else describe(self.report)

    @property
    def reason(self) -> Reason | None:
        """Why nothing is shown; None if something is."""
        if self.action is not Action.BLOCK:
            return None
        if self.report.removed:
            return Reason.BLOCKED_REMOVED
        return Reason.BLOCKED_SOURCE if self.report.findings else Reason.BLOCKED_UNCHECKED


def describe(report: Report) -> str:
    """The most telling thing of a report in one line."""
    if report.removed:
        return "repeats code that was removed from the training data's index"
    if not report.findings:
        return "not checked: " + " ".join(report.unchecked) if report.unchecked else "no source"
    found = _loudest(report)
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
    own: Own = nobodys,
    own_repos: frozenset[str] = frozenset(),
    stop: Stop = never,
) -> Verdict:
    """Look a suggestion up and apply the policy.

    Args:
        before: the document's text up to the suggestion.
        corpus: manifest hash of the corpus that the model was trained on; None if it isn't known.
        own: whether the user's workspace holds a text.
        own_repos: repositories of the user.
        stop: ends the check once it is true.
    """
    scope = Scope(
        corpus=corpus, own_repos=own_repos, own=own, max_candidates=_MAX_CANDIDATES, stop=stop
    )
    report = examine(index, before, suggestion, language, scope)
    if corpus is None:
        report = replace(report, unchecked=(*report.unchecked, _NO_CORPUS))
    return Verdict(decide(report, policy), report)


def unchecked(why: str, policy: SourcePolicy) -> Verdict:
    """The verdict on a suggestion that was not checked."""
    return Verdict(policy.unchecked, Report((), (), (why,)))


def judge_late(
    index: Index | None, before: str, suggestion: str, policy: SourcePolicy, why: str
) -> Verdict:
    """The verdict on a suggestion whose check took too long: what repeats removed code, which is
    quickly seen, is treated as such all the same."""
    removed = examine_for_removed(index, before, suggestion) if index is not None else ()
    report = Report((), removed, (why,))
    return Verdict(_strictest(decide(report, policy), policy.late), report)


def decide(report: Report, policy: SourcePolicy) -> Action:
    """The strictest action that anything in the report asks for."""
    wanted = [_action(found, policy) for found in report.findings]
    if report.removed:
        wanted.append(policy.removed)
    if report.unchecked:
        wanted.append(policy.unchecked)
    if STOPPED in report.unchecked:
        wanted.append(policy.late)
    return _strictest(*wanted)


def _strictest(*wanted: Action) -> Action:
    return max(wanted, key=list(Action).index, default=Action.SHOW)


def verdict_json(verdict: Verdict) -> dict[str, Any]:
    """A verdict as the wire has it: without the sources' texts."""
    report = as_json(verdict.report, with_texts=False)
    return {
        "action": verdict.action.value,
        "badge": verdict.badge,
        "source": _source_of(verdict),
        **report,
    }


def _source_of(verdict: Verdict) -> dict[str, str | None] | None:
    """Which source the badge names; None if there is no badge, or it names none."""
    report = verdict.report
    if verdict.badge is None or report.removed or not report.findings:
        return None
    document = _loudest(report).holders.sources[0].document
    return {"repo": document.repo, "license": document.license}


def _action(found: Finding, policy: SourcePolicy) -> Action:
    return policy.rules.get((found.tier, found.holders.license_class), Action.SHOW)


def _loudest(report: Report) -> Finding:
    return min(report.findings, key=_loudness)


def _loudness(found: Finding) -> tuple[int, int]:
    return list(Tier).index(found.tier), found.start
