"""A suggestion is shown, badged or blocked by what it repeats and under which licence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from attribution.findings import Report
from attribution.matter import Tier
from inkling.licenses import LicenseClass
from inkling.optout import parse_list
from lsp_server.provenance.gate import decide, judge, judge_late, unchecked, verdict_json
from lsp_server.provenance.policy import Action, SourcePolicy, read_policy
from lsp_server.rules.reasons import Reason
from tests.attribution.samples import CANARY, OWN_CODE, licensed, renamed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from attribution.index import Index

BEFORE, SUGGESTION = CANARY[:90], CANARY[90:]
STRICT = SourcePolicy({(Tier.STRONG, LicenseClass.COPYLEFT): Action.BLOCK})


@pytest.fixture
def index(open_of: Callable[..., Index]) -> Index:
    from curation.corpus import TRAIN
    from tests.evaluation.corpus_fixture import document

    return open_of([licensed(document(CANARY, "alice/a", "a.py", TRAIN), "GPL-3.0-only")])


def test_a_copy_is_badged_with_its_source_unless_the_policy_says_otherwise(index: Index) -> None:
    verdict = judge(index, BEFORE, SUGGESTION, "python", SourcePolicy())
    assert verdict.action is Action.BADGE
    assert verdict.badge == "exact: alice/a, a.py:1, GPL-3.0-only"
    assert judge(index, BEFORE, SUGGESTION, "python", STRICT).action is Action.BLOCK
    silent = judge(index, BEFORE, SUGGESTION, "python", SourcePolicy.uniform(Action.SHOW))
    assert (silent.action, silent.badge) == (Action.SHOW, None)


def test_the_wire_names_package_and_licence_of_what_the_badge_is_about(index: Index) -> None:
    verdict = judge(index, BEFORE, SUGGESTION, "python", SourcePolicy())
    assert verdict_json(verdict)["source"] == {"repo": "alice/a", "license": "GPL-3.0-only"}
    silent = judge(index, BEFORE, SUGGESTION, "python", SourcePolicy.uniform(Action.SHOW))
    late = unchecked("It took too long.", SourcePolicy(unchecked=Action.BADGE))
    for nameless in (silent, late):
        assert verdict_json(nameless)["source"] is None


def test_renamed_copies_are_judged_too_and_called_so(index: Index) -> None:
    text = renamed(CANARY)
    verdict = judge(index, text[:80], text[80:], "python", SourcePolicy())
    assert verdict.badge is not None
    assert verdict.badge.startswith("renamed copy: alice/a")


def test_own_code_is_shown_and_the_workspace_is_no_accusation(index: Index) -> None:
    own = judge(index, "import os\n\n", OWN_CODE, "python", STRICT)
    assert (own.action, own.badge, own.report.findings) == (Action.SHOW, None, ())
    for exempt in ({"own": CANARY.__contains__}, {"own_repos": frozenset({"alice/a"})}):
        verdict = judge(index, BEFORE, SUGGESTION, "python", STRICT, **exempt)  # type: ignore[arg-type]
        assert verdict.action is Action.SHOW


def test_the_strictest_licence_of_all_holders_decides(open_of: Callable[..., Index]) -> None:
    from curation.corpus import TRAIN
    from tests.evaluation.corpus_fixture import document

    documents = [
        document(CANARY, "mit/m", "m.py", TRAIN),
        licensed(document(CANARY, "gpl/g", "g.py", TRAIN), "GPL-3.0-only"),
    ]
    verdict = judge(open_of(documents), BEFORE, SUGGESTION, "python", STRICT)
    assert verdict.action is Action.BLOCK
    assert verdict.badge == "exact: gpl/g, g.py:1, GPL-3.0-only, and 1 more"


def test_removed_code_is_blocked_without_a_name(index_of: Callable[..., Path]) -> None:
    from attribution.forgetting import forget
    from attribution.index import open_index

    folder = index_of({"a.py": CANARY, "b.py": OWN_CODE})
    forget(folder, parse_list("path sample:a.py"))
    index = open_index(folder)
    verdict = judge(index, BEFORE, SUGGESTION, "python", SourcePolicy())
    late = judge_late(index, BEFORE, SUGGESTION, SourcePolicy(), "It took too long.")
    for each in verdict, late:
        assert each.action is Action.BLOCK
        assert each.badge == "repeats code that was removed from the training data's index"
        assert each.reason is Reason.BLOCKED_REMOVED
    assert late.report.removed == verdict.report.removed


def test_what_was_not_checked_in_time_has_a_badge_unless_nothing_shall_be_told(
    index: Index,
) -> None:
    for action, wanted in (None, "badge"), ("show", "show"), ("block", "badge"):
        policy = read_policy(action)
        assert policy is not None
        for late in (
            judge_late(index, BEFORE, SUGGESTION, policy, "It took too long."),
            judge_late(None, BEFORE, SUGGESTION, policy, "It took too long."),
            judge(index, "", OWN_CODE, "python", policy, stop=lambda: True),
        ):
            assert late.action == wanted
    strict = read_policy({"late": "block"})
    assert strict is not None
    assert judge_late(index, "", OWN_CODE, strict, "").action is Action.BLOCK


def test_not_checked_is_not_clean_and_the_policy_may_block_it(index: Index) -> None:
    careful = SourcePolicy(unchecked=Action.BLOCK)
    for language, corpus in [("rust", None), (None, None), ("python", "0" * 64)]:
        verdict = judge(index, "", OWN_CODE, language, careful, corpus=corpus)
        assert verdict.action is Action.BLOCK
        assert verdict.badge is not None
        assert verdict.badge.startswith("not checked: ")
        assert judge(index, "", OWN_CODE, language, SourcePolicy()).action is Action.SHOW


def test_an_empty_report_is_shown() -> None:
    assert decide(Report((), (), ()), STRICT) is Action.SHOW


def test_a_model_of_unknown_training_data_is_never_called_clean(index: Index) -> None:
    known = judge(index, "", OWN_CODE, "python", SourcePolicy(), corpus=index.manifest.corpora[0])
    assert known.report.is_clean
    unknown = judge(index, "", OWN_CODE, "python", SourcePolicy(unchecked=Action.BLOCK))
    assert not unknown.report.is_clean
    assert unknown.reason is Reason.BLOCKED_UNCHECKED


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("block", Action.BLOCK),
        ({"strong": "block"}, Action.BLOCK),
        ({"strong": {"copyleft": "block", "permissive": "show"}}, Action.BLOCK),
        ({"strong": {"permissive": "block"}, "weak": "show"}, Action.BADGE),
        ({}, Action.BADGE),
        (None, Action.BADGE),
        ("show", Action.SHOW),
    ],
)
def test_a_policy_names_tiers_and_classes_of_licences(
    index: Index, value: object, wanted: Action
) -> None:
    policy = read_policy(value)
    assert policy is not None
    assert judge(index, BEFORE, SUGGESTION, "python", policy).action is wanted


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("block", Action.BADGE),
        ({"strong": {"copyleft": "block"}}, Action.BADGE),
        ({"strong": "block", "unchecked": "show"}, Action.SHOW),
        ({"strong": "block", "unchecked": "block"}, Action.BLOCK),
        ("badge", Action.SHOW),
        (None, Action.SHOW),
    ],
)
def test_where_anything_is_blocked_an_unchecked_suggestion_never_looks_clean(
    value: object, wanted: Action
) -> None:
    policy = read_policy(value)
    assert policy is not None
    assert unchecked("The check took longer than 10 ms.", policy).action is wanted


@pytest.mark.parametrize(
    "value",
    ["never", 3, ["block"], {"strong": "loud"}, {"loud": "block"}, {"strong": {"gpl": "block"}},
     {"weak": {"none": 1}}, {"removed": {}}],
)  # fmt: skip
def test_a_wrong_policy_is_refused_whole(value: object) -> None:
    assert read_policy(value) is None
