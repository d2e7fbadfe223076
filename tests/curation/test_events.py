"""The source "events": issues and pull requests, from events in the form of GH Archive."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest

from curation.cli import main
from curation.corpus import read_documents, read_dropped
from curation.formats.discussion import discussion_text
from curation.formats.sentinels import split
from curation.sources.commits import list_commits
from curation.sources.events import gather, list_discussions
from curation.sources.spool import Spool
from inkling.errors import InklingError
from tests.curation.events import EVENTS, ISSUE, LONG, OTHER, event, said
from tests.curation.trees import git, git_checkout, module_text

if TYPE_CHECKING:
    from pathlib import Path


pytestmark = pytest.mark.usefixtures("apart")


def test_events_of_an_issue_come_together_in_order_of_time() -> None:
    issue, pull = gather(EVENTS)
    assert [c.text for c in issue.contributions] == [LONG, "Yes.", "So?"]
    assert (issue.number, issue.is_pull, issue.state) == (5, False, "closed")
    assert (pull.number, pull.is_pull, pull.state) == (6, True, "merged")


def test_a_pull_request_keeps_its_branch_its_diffs_and_the_threads_of_its_review() -> None:
    pull = said(
        "ann", OTHER, "2024-02-01", number=6, title="Mend it", base={"ref": "main"},
        files=[{"filename": "a.py", "patch": "@@ -1 +1 @@\n-x\n+y"}, {"filename": 3}],
    )  # fmt: skip
    hunk = {"path": "a.py", "diff_hunk": "@@ -1 +1 @@\n+y"}

    def reviewed(**comment: Any) -> dict[str, Any]:
        return event("PullRequestReviewCommentEvent", "created", pull_request=pull, comment=comment)

    verdict = said("bob", "Fine but for that.", "2024-02-04", id=9, state="CHANGES_REQUESTED")
    (discussion,) = gather([
        event("PullRequestEvent", "opened", pull_request=pull),
        reviewed(**said("bob", "Why y?", "2024-02-02", id=70), **hunk),
        reviewed(**said("cy", "And here?", "2024-02-03", id=71), **hunk),
        reviewed(**said("ann", "Because.", "2024-02-05", id=72, in_reply_to_id=70), **hunk),
        event("PullRequestReviewEvent", "created", pull_request=pull, review=verdict),
    ])  # fmt: skip
    parts = [(part.sentinel, part.text) for part in split(discussion_text(discussion))]
    assert parts[1:] == [
        ("pr_base", "main"),
        ("pr_file", "a.py"), ("pr_diff", "@@ -1 +1 @@\n-x\n+y"),
        ("pr_file", "a.py"), ("pr_diff_hunk", "@@ -1 +1 @@\n+y"),
        ("pr_review_comment", "username_1: Why y?"),
        ("pr_in_reply_to_comment_id", "0"), ("pr_comment", "username_0: Because."),
        ("pr_file", "a.py"), ("pr_diff_hunk", "@@ -1 +1 @@\n+y"),
        ("pr_review_comment", "username_2: And here?"),
        ("pr_review", "username_1: Fine but for that."),
        ("pr_review_state", "changes_requested"),
        ("pr_status", "opened"), ("pr_is_merged", "False"),
    ]  # fmt: skip


def test_who_is_only_mentioned_is_numbered_as_well() -> None:
    text = (
        "cc @alice, @Bob and @Alice: see jo@real.org, @angular/core, @pytest.mark, a@v4.\n"
        "```py\n@property\ndef f(): ...\n```\nand `@cache`; thanks @dependabot"
    )
    pull = said("ann", text, "2024-02-01", number=6, title="For @carol-x")
    (discussion,) = gather([
        event("PullRequestEvent", "opened", pull_request=pull),
        event("PullRequestReviewEvent", "created", pull_request=pull,
              review=said("bob", "Fine, @ann; ask @alice.", "2024-02-02", id=1)),
    ])  # fmt: skip
    parts = [part.text for part in split(discussion_text(discussion))]
    assert parts[0] == (
        "Title: For @username_2\nusername_0: cc @username_3, @username_1 and @username_3: "
        "see jo@real.org, @angular/core, @pytest.mark, a@v4.\n"
        "```py\n@property\ndef f(): ...\n```\nand `@cache`; thanks @dependabot"
    )
    assert "username_1: Fine, @username_0; ask @username_3." in parts


@pytest.mark.parametrize(
    ("broken", "lack"),
    [
        ({"type": "IssuesEvent"}, "IssuesEvent without a payload"),
        ({**EVENTS[2], "repo": {}}, "IssuesEvent without the name of its repository"),
        (event("IssuesEvent", "opened", issue=None),
         "IssuesEvent without an issue or a pull request"),
        (event("PullRequestEvent", "opened", pull_request=7),
         "PullRequestEvent without an issue or a pull request"),
        (event("IssuesEvent", "opened", issue={**ISSUE, "number": "x"}),
         "IssuesEvent without a number"),
    ],
)  # fmt: skip
def test_an_event_that_lacks_what_it_needs_has_a_row(
    tmp_path: Path, broken: dict[str, Any], lack: str
) -> None:
    (tmp_path / "e.json").write_text("\n".join(map(json.dumps, [EVENTS[2], broken, EVENTS[5]])))
    good, bad = list_discussions([tmp_path / "e.json"], Spool(tmp_path / "spool"))
    assert (good.path, good.flaw) == ("issues/5", None)
    assert (bad.repo, bad.path, bad.flaw) == ("e.json", "line 2", ("no_event", lack))


def test_a_pull_request_of_which_nothing_is_said_has_a_row(tmp_path: Path) -> None:
    bare = event("PullRequestEvent", "opened", pull_request={"number": 3})
    (tmp_path / "e.json").write_text(json.dumps(bare))
    (file,) = list_discussions([tmp_path / "e.json"], Spool(tmp_path / "spool"))
    assert (file.path, file.flaw and file.flaw[0]) == ("pull/3", "short_talk")


@pytest.mark.parametrize(
    ("moment", "seconds"),
    [("2024-01-01T00:00:01Z", 1_704_067_201), ("2024-01-01", 1_704_067_200), ("soon", None),
     (None, None), (5, None)],
)  # fmt: skip
def test_a_discussion_has_the_time_it_was_opened(
    tmp_path: Path, moment: Any, seconds: int | None
) -> None:
    issue = {**ISSUE, "created_at": moment}
    (tmp_path / "e.json").write_text(json.dumps(event("IssuesEvent", "opened", issue=issue)))
    (file,) = list_discussions([tmp_path / "e.json"], Spool(tmp_path / "spool"))
    assert file.committed_at == seconds


def test_files_of_events_are_read_whatever_stands_between(tmp_path: Path) -> None:
    lines = [json.dumps(item) for item in EVENTS]
    raw = "\n".join([lines[0], "{broken", "[1]", "", *lines[1:]]).encode()
    (tmp_path / "e.json.gz").write_bytes(gzip.compress(raw))
    files = list(list_discussions([tmp_path / "e.json.gz"], Spool(tmp_path / "spool")))
    assert [(file.repo, file.path, file.format, file.flaw and file.flaw[0]) for file in files] == [
        ("a/b", "issues/5", "discussion", None),
        ("a/b", "pull/6", "discussion", None),
        ("e.json.gz", "line 2", None, "no_event"),
        ("e.json.gz", "line 3", None, "no_event"),
        ("e.json.gz", "line 10", None, "no_event"),
    ]
    (tmp_path / "cut.json.gz").write_bytes(gzip.compress(raw)[:-20])
    with pytest.raises(InklingError, match=r"cut\.json"):
        list(list_discussions([tmp_path / "cut.json.gz"], Spool(tmp_path / "spool")))
    both = [tmp_path / "cut.json.gz", tmp_path / "e.json.gz"]
    files = list(list_discussions(both, Spool(tmp_path / "spool")))
    assert {file.path for file in files if file.flaw is None} == {"issues/5", "pull/6"}
    assert any(file.repo == "cut.json.gz" and "damaged" in file.flaw[1] for file in files
               if file.flaw)  # fmt: skip


def test_a_default_run_keeps_conversations_and_code_that_is_licensed(tmp_path: Path) -> None:
    """What people write needs no repository's licence; a pull request's code does."""

    def pull(number: int, license: Any = None, **more: Any) -> dict[str, Any]:
        body = " ".join(module_text(number).split())
        base = {"ref": "main", "repo": {"license": license}}
        told = said("ann", body, "2024-02-01", number=number, title="Mend it", base=base, **more)
        return event("PullRequestEvent", "opened", pull_request=told)

    code = {"files": [{"filename": "a.py", "patch": "@@ -1 +1 @@\n-x\n+y"}]}
    events = [
        event("IssuesEvent", "opened", issue=ISSUE),
        pull(6, {"spdx_id": "GPL-3.0"}),
        pull(7, {"spdx_id": "MIT"}, **code),
        pull(8, {"spdx_id": "GPL-3.0"}, **code),
        pull(9, {"spdx_id": "NOASSERTION"}, **code),
        pull(10, **code),
    ]
    (tmp_path / "e.json").write_text("\n".join(map(json.dumps, events)))
    out = tmp_path / "corpus"
    assert main(["run", "--discussions", str(tmp_path / "e.json"), "--out", str(out)]) == 0
    kept = {d.path: (d.license, d.license_source) for d in read_documents(out)}
    assert kept == {
        "issues/5": (None, None),
        "pull/6": (None, None),
        "pull/7": ("MIT", "event"),
    }
    dropped = {row.path: (row.reason, row.detail) for row in read_dropped(out)}
    assert dropped["pull/8"] == ("copyleft", "GPL-3.0")
    for path in ("pull/9", "pull/10"):
        assert dropped[path][0] == "no_license"
        assert "--license-policy any" in dropped[path][1]


def test_what_is_not_worth_a_document_says_why(tmp_path: Path) -> None:
    short = event("IssuesEvent", "opened", issue=said("ann", "Hm.", "2024-01-01", number=9))
    (tmp_path / "e.json").write_text(json.dumps(short))
    (file,) = list_discussions([tmp_path / "e.json"], Spool(tmp_path / "spool"))
    expected = ("short_talk", "3 characters that people wrote; at least 200 pass")
    assert (file.path, file.flaw) == ("issues/9", expected)
    root = git_checkout(tmp_path / "root", {"a.py": module_text(1)})
    (root / "a.py").write_text(module_text(2))
    git(root, "commit", "--quiet", "--all", "--message", "wip")
    (file,) = list_commits(root, Spool(tmp_path / "spool"))
    assert file.flaw is not None
    assert file.path == "a.py"


def test_an_event_of_no_type_is_none() -> None:
    issue = {"payload": {"issue": {"number": 1}}, "repo": {"name": "owner/one"}}
    assert gather([{**issue, "type": []}, {**issue, "type": None}]) == []


def test_a_folder_means_all_files_of_events_below_it(tmp_path: Path) -> None:
    (tmp_path / "in" / "deep").mkdir(parents=True)
    half = len(EVENTS) // 2
    (tmp_path / "in" / "a.json").write_text("\n".join(map(json.dumps, EVENTS[:half])))
    packed = gzip.compress("\n".join(map(json.dumps, EVENTS[half:])).encode())
    (tmp_path / "in" / "deep" / "b.json.gz").write_bytes(packed)
    (tmp_path / "in" / "notes.txt").write_text("no event")
    (tmp_path / "all.json").write_text("\n".join(map(json.dumps, EVENTS)))
    found, expected = (
        [
            (file.repo, file.path, file.flaw)
            for file in list_discussions([place], Spool(out))
            if file.flaw is None or file.flaw[0] != "no_event"
        ]
        for place, out in (
            (tmp_path / "in", tmp_path / "spool"),
            (tmp_path / "all.json", tmp_path / "other"),
        )
    )
    assert found == expected != []


def test_a_folder_without_events_is_named(tmp_path: Path) -> None:
    with pytest.raises(InklingError, match=f"{tmp_path.name} holds no file of events"):
        list(list_discussions([tmp_path], Spool(tmp_path / "spool")))
