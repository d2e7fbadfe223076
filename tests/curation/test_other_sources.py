"""Sources that aren't files: commits, datasets in The Stack's layout, events; and notebooks."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import sys
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as parquet
import pytest

from curation.cli import main
from curation.corpus import read_documents, read_dropped
from curation.formats.discussion import discussion_text
from curation.formats.sentinels import split
from curation.sources.commits import list_commits
from curation.sources.events import gather, list_discussions
from curation.sources.spool import Spool
from curation.sources.stack import licenses_of, list_stack
from inkling.errors import EXIT_BAD_INPUT, InklingError
from inkling.license_text import UNRECOGNIZED
from tests.curation.trees import MIT_TEXT, git, git_checkout, module_text, write_tree

if TYPE_CHECKING:
    from pathlib import Path

    from curation.sources.source_file import SourceFile


@pytest.fixture(autouse=True)
def _apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INKLING_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)


def content(file: SourceFile) -> str:
    with open(file.location, encoding="utf-8", newline="") as handle:  # noqa: PTH123
        return handle.read()


# --- commits ---------------------------------------------------------------------------------


def test_a_commit_yields_each_changed_file_without_its_author(tmp_path: Path) -> None:
    root = git_checkout(
        tmp_path / "root",
        {"LICENSE": MIT_TEXT, "a.py": module_text(1), "größe.py": module_text(2), "b.bin": b"\xff"},
    )
    for name in ("a.py", "größe.py"):
        text = (root / name).read_text("utf-8")
        (root / name).write_text("".join(f"new_{n} = {n}\n" for n in range(9)) + text, "utf-8")
    (root / "b.bin").write_bytes(b"\xfe")
    (root / "added.py").write_text(module_text(3))
    message = "Add nine constants to both of the modules\n\nAnd :100644 text that looks like git's."
    git(root, "add", "--all")
    trailer = "\n\nSigned-off-by: Nobody <nobody@example.org>"
    git(root, "commit", "--quiet", "--message", message + trailer, date="2024-06-01T00:00:00+0000")
    files = list(list_commits(root, Spool(tmp_path / "spool")))
    assert {file.path for file in files} == {"a.py", "größe.py"}
    for file in files:
        assert (file.license, file.format) == ("MIT", "commit")
        assert file.committed_at == 1_717_200_000
        assert file.revision == git(root, "rev-parse", "HEAD")
        before, told, after = split(content(file))
        assert told.text == message
        assert "new_0 = 0" in after.text
        assert "new_0 = 0" not in before.text
        assert "Nobody" not in content(file)
        assert "example.org" not in content(file)


def test_a_commit_has_the_licence_of_its_own_time(tmp_path: Path) -> None:
    """Also in a file that is gone by now, and in a folder with a licence of its own."""
    gpl = "GNU GENERAL PUBLIC LICENSE\nVersion 3, 29 June 2007\n"
    names = ("src/a.py", "src/gone.py", "src/vendor/b.py")
    root = git_checkout(tmp_path / "root", {name: module_text(name) for name in names})

    def change(month: str, files: dict[str, str]) -> None:
        for name in names:
            text = "".join(f"x{n} = '{month}'\n" for n in range(9)) + (root / name).read_text()
            (root / name).write_text(text)
        write_tree(root, files)
        git(root, "add", "--all")
        message = f"Put nine more constants into each of the modules in {month}"
        git(root, "commit", "--quiet", "--message", message, date=f"{month}-01T00:00:00+0000")

    change("2024-02", {})
    change("2024-03", {"LICENSE": MIT_TEXT})
    change("2024-04", {"LICENSE": gpl, "src/vendor/LICENSE.txt": MIT_TEXT})
    (root / "src/gone.py").unlink()
    git(root, "commit", "--quiet", "--all", "--message", "Remove a module")

    def licenses(folder: Path) -> dict[str, list[str | None]]:
        found: dict[str, list[str | None]] = {}
        for file in list_commits(folder, Spool(tmp_path / "spool")):
            found.setdefault(file.path, []).append(file.license)
        return found

    assert licenses(root) == {
        "src/a.py": ["GPL-3.0-only", "MIT", None],
        "src/gone.py": ["GPL-3.0-only", "MIT", None],
        "src/vendor/b.py": ["GPL-3.0-only AND MIT", "MIT", None],
    }
    assert licenses(root / "src") == licenses(root)
    assert licenses(root / "src/vendor") == {"src/vendor/b.py": licenses(root)["src/vendor/b.py"]}


def with_history(root: Path) -> Path:
    """A checkout with a licence and a commit that is worth a document."""
    git_checkout(root, {"LICENSE": MIT_TEXT, "src/a.py": module_text(1)})
    text = "".join(f"new_{n} = {n}\n" for n in range(9)) + module_text(1)
    (root / "src/a.py").write_text(text)
    git(root, "commit", "--quiet", "--all", "--message", "Add nine constants to the only module")
    return root


def test_a_bare_repository_is_read_like_a_checkout(tmp_path: Path) -> None:
    """Also by its `.git`, and as the command reads it."""
    root = with_history(tmp_path / "project")
    git(tmp_path, "clone", "--quiet", "--bare", str(root), str(tmp_path / "copy" / "project.git"))
    (expected,) = list_commits(root, Spool(tmp_path / "spool"))
    assert (expected.repo, expected.path, expected.license) == ("project", "src/a.py", "MIT")
    for place in (tmp_path / "copy" / "project.git", root / ".git"):
        assert list(list_commits(place, Spool(tmp_path / "spool"))) == [expected]
    out = tmp_path / "corpus"
    command = ["run", "--commits", str(tmp_path / "copy" / "project.git"), "--workers", "1"]
    assert main([*command, "--out", str(out)]) == 0
    assert [document.path for document in read_documents(out)] == ["src/a.py"]


DYING_GIT = """#!{shell}
case "$*" in *cat-file*{mode}*) {dying};; esac
exec {git} "$@"
"""


@pytest.mark.skipif(sys.platform == "win32", reason="the git that dies is a shell script")
@pytest.mark.parametrize("dying", ["exit 1", "read line; exit 1", "kill -9 $$"])
@pytest.mark.parametrize("mode", ["--batch", "--batch-check"])
def test_a_git_that_dies_is_an_error_and_no_success(
    tmp_path: Path,
    mode: str,
    dying: str,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    root = with_history(tmp_path / "project")
    real, shell = shutil.which("git"), shutil.which("sh")
    fake = write_tree(
        tmp_path / "bin",
        {"git": DYING_GIT.format(shell=shell, git=real, mode=mode, dying=dying)},
    )
    (fake / "git").chmod(0o700)
    monkeypatch.setenv("PATH", f"{fake}{os.pathsep}{os.environ['PATH']}")
    out = tmp_path / "corpus"
    assert main(["run", "--commits", str(root), "--out", str(out)]) == EXIT_BAD_INPUT
    assert "git stopped in the middle" in capfd.readouterr().err
    assert not out.exists()


def test_a_folder_that_is_no_checkout_is_named(tmp_path: Path) -> None:
    for root in (write_tree(tmp_path / "plain", {"a.py": "1"}), tmp_path / "absent"):
        with pytest.raises(InklingError, match=root.name):
            list(list_commits(root, Spool(tmp_path / "spool")))


def test_a_repository_without_history_has_a_row_and_ends_nothing(tmp_path: Path) -> None:
    empty = write_tree(tmp_path / "empty", {"a.py": "1"})
    git(empty, "init", "--quiet")
    git_checkout(tmp_path / "single", {"a.py": module_text(1), "LICENSE": MIT_TEXT})
    full = git_checkout(tmp_path / "full", {"a.py": module_text(2), "LICENSE": MIT_TEXT})
    (full / "a.py").write_text(module_text(2) + "".join(f"new_{n} = {n}\n" for n in range(9)))
    git(full, "commit", "--quiet", "--all", "--message", "Add nine constants to the only module")
    git(tmp_path, "clone", "--quiet", "--depth=1", full.as_uri(), str(tmp_path / "shallow"))
    out = tmp_path / "corpus"
    roots = [str(tmp_path / name) for name in ("empty", "single", "shallow", "full")]
    place = ["--out", str(out), "--work", str(tmp_path / "work"), "--workers", "1"]
    assert main(["run", "--commits", *roots, *place]) == 0
    assert [(document.repo, document.path) for document in read_documents(out)] == [
        ("full", "a.py")
    ]
    dropped = {row.repo: (row.reason, row.detail) for row in read_dropped(out)}
    assert dropped.keys() == {"empty", "single", "shallow"}
    assert {reason for reason, _ in dropped.values()} == {"no_history"}
    assert "no commits" in dropped["empty"][1]
    assert "shallow" in dropped["shallow"][1]


# --- The Stack's layout ----------------------------------------------------------------------

VERSION_1: dict[str, Any] = {
    "content": module_text(1),
    "max_stars_repo_name": "owner/one",
    "max_stars_repo_path": "src/a.py",
    "max_stars_repo_head_hexsha": "abc",
    "max_stars_repo_licenses": ["MIT", "Apache-2.0"],
    "max_stars_count": 7.0,
}
VERSION_2: dict[str, Any] = {
    "content": "# größe\r\n" + module_text(2),
    "repo_name": "owner/two",
    "path": "/b.py",
    "revision_id": "def",
    "detected_licenses": ["GPL-3.0-only"],
    "star_events_count": 3,
}


def write_dataset(path: Path, rows: list[dict[str, Any]]) -> str:
    if path.name.endswith(".parquet"):
        parquet.write_table(pa.Table.from_pylist(rows), path)
    else:
        raw = "\n".join(map(json.dumps, rows)).encode()
        path.write_bytes(gzip.compress(raw) if path.name.endswith(".gz") else raw)
    return str(path)


@pytest.mark.parametrize("name", ["d.parquet", "d.jsonl", "d.jsonl.gz"])
@pytest.mark.parametrize("row", [VERSION_1, VERSION_2], ids=["v1", "v2"])
def test_both_versions_of_the_layout_are_read(
    tmp_path: Path, name: str, row: dict[str, Any]
) -> None:
    place = write_dataset(tmp_path / name, [row])
    for where in (place, f"file://{place}", str(tmp_path)):
        (file,) = list_stack(where, Spool(tmp_path / "spool"))
        assert content(file) == row["content"]
        expected = {
            "owner/one": ("src/a.py", "abc", "MIT AND Apache-2.0", 7),
            "owner/two": ("b.py", "def", "GPL-3.0-only", 3),
        }
        assert (file.path, file.revision, file.license, file.stars) == expected[file.repo]


def test_licences_of_a_row_hold_together_and_unknown_stays_unknown() -> None:
    assert licenses_of(["MIT", "Homemade"]) == f"MIT AND {UNRECOGNIZED}"
    assert licenses_of("MIT") == "MIT"
    assert licenses_of([]) is None
    assert licenses_of(None) is None


@pytest.mark.parametrize("name", ["d.parquet", "d.jsonl"])
@pytest.mark.parametrize(
    ("kind", "expected"), [("no_license", None), ("permissive", "MIT"), (None, "MIT")]
)
def test_what_a_dataset_takes_for_unlicensed_stays_so(
    tmp_path: Path, name: str, kind: str | None, expected: str | None
) -> None:
    row = {**VERSION_2, "detected_licenses": ["MIT"], "license_type": kind}
    (file,) = list_stack(write_dataset(tmp_path / name, [row]), Spool(tmp_path / "spool"))
    assert (file.license, file.license_source) == (expected, "dataset" if expected else None)


def test_rows_with_halves_of_characters_and_endless_numbers_end_nothing(tmp_path: Path) -> None:
    half = "\ud83d"
    rows = [
        {**VERSION_1, "content": module_text(number), **changed}
        for number, changed in enumerate(
            (
                {"max_stars_count": float("inf")},
                {"max_stars_count": 10**30},
                {"max_stars_count": -1},
                {"max_stars_repo_name": f"owner/{half}"},
                {"max_stars_repo_path": f"src/{half}.py"},
                {"max_stars_repo_head_hexsha": half},
            )
        )
    ]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, rows)))
    out = tmp_path / "corpus"
    assert main(["run", "--datasets", str(tmp_path / "a.jsonl"), "--out", str(out)]) == 0
    documents = list(read_documents(out))
    assert len(documents) == len(rows)
    assert {document.repo for document in documents} == {VERSION_1["max_stars_repo_name"],
                                                         "owner/\ufffd"}  # fmt: skip
    assert "src/\ufffd.py" in {document.path for document in documents}


def test_a_notebook_with_half_a_character_is_kept_without_it(tmp_path: Path) -> None:
    cell = {"cell_type": "code", "source": module_text(1) + 'FACE = "\ud83d"\n', "outputs": []}
    write_tree(
        tmp_path / "project",
        {"a.ipynb": json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4}),
         "LICENSE": MIT_TEXT},
    )  # fmt: skip
    command = ["run", str(tmp_path / "project"), "--notebooks", "structured"]
    assert main([*command, "--out", str(tmp_path / "corpus")]) == 0
    (document,) = read_documents(tmp_path / "corpus")
    assert 'FACE = "\ufffd"' in document.text


def test_rows_that_are_no_documents_stand_among_the_dropped(tmp_path: Path) -> None:
    """One bad line, row or file ends nothing, and each has its reason."""
    folder = tmp_path / "dataset"
    folder.mkdir()
    lines = ['{"path": "x"}', json.dumps(VERSION_1), "{not json", "[]", '{"content": null}']
    (folder / "a.jsonl").write_text("\n".join(lines))
    (folder / "b.parquet").write_bytes(b"PAR1 cut off")
    out = tmp_path / "corpus"
    assert main(["run", "--datasets", str(folder), "--out", str(out)]) == 0
    assert [document.path for document in read_documents(out)] == ["src/a.py"]
    dropped = {(row.repo, row.path): (row.reason, row.detail) for row in read_dropped(out)}
    assert dropped["a.jsonl", "row 1"] == ("no_row", "no content and no repo")
    assert dropped["a.jsonl", "row 3"][1].startswith("no JSON: ")
    assert dropped["a.jsonl", "row 4"] == ("no_row", "no JSON object")
    assert dropped["a.jsonl", "row 5"] == ("no_row", "no content and no repo and no path")
    assert dropped["b.parquet", "all rows"][0] == "damaged"


@pytest.mark.parametrize(
    "name", ["absent.parquet", "broken.parquet", "broken.jsonl", "ids.parquet"]
)
def test_a_dataset_that_cannot_be_read_is_named(
    tmp_path: Path, name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    if name.startswith("broken"):
        (tmp_path / name).write_bytes(b"PAR1 {broken")
    elif name.startswith("ids"):
        write_dataset(tmp_path / name, [{"blob_id": "1", "path": "x", "repo_name": "a/b"}])
    out = str(tmp_path / "corpus")
    assert main(["run", "--datasets", str(tmp_path / name), "--out", out]) == EXIT_BAD_INPUT
    error = capfd.readouterr().err
    assert name in error
    assert "Traceback" not in error


# --- events ----------------------------------------------------------------------------------

LONG = "It fails when the path has a space in it. " * 6
OTHER = "Quotes whatever is handed to the shell, so that nothing gets lost on its way. " * 4


def event(kind: str, action: str, **payload: Any) -> dict[str, Any]:
    return {"type": kind, "repo": {"name": "a/b"}, "payload": {"action": action, **payload}}


def said(user: str, body: str, moment: str, **more: Any) -> dict[str, Any]:
    return {"user": {"login": user}, "body": body, "created_at": moment, **more}


ISSUE = said("ann", LONG, "2024-01-01", number=5, title="It fails")


def comment(said: dict[str, Any]) -> dict[str, Any]:
    return event("IssueCommentEvent", "created", issue=ISSUE, comment=said)


EVENTS = [
    comment(said("bob", "So?", "2024-01-03", id=2)),
    comment(said("cy", "Yes.", "2024-01-02", id=1)),
    event("IssuesEvent", "opened", issue=ISSUE),
    event("IssuesEvent", "closed", issue=ISSUE),
    event("PullRequestEvent", "closed",
          pull_request=said("ann", OTHER, "2024-02-01", number=6, title="Mend it", merged=True)),
    {"type": "WatchEvent", "repo": {"name": "a/b"}, "payload": {}},
    {"type": "IssuesEvent", "repo": None, "payload": {"issue": {"number": "five"}}},
]  # fmt: skip


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
    assert (file.path, file.flaw and file.flaw[0]) == ("pull/3", "too_short")


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
    expected = ("too_short", "3 characters, at least 200 pass")
    assert (file.path, file.flaw) == ("issues/9", expected)
    root = git_checkout(tmp_path / "root", {"a.py": module_text(1)})
    (root / "a.py").write_text(module_text(2))
    git(root, "commit", "--quiet", "--all", "--message", "wip")
    (file,) = list_commits(root, Spool(tmp_path / "spool"))
    assert file.flaw is not None
    assert file.path == "a.py"


# --- all together ----------------------------------------------------------------------------


def test_a_run_over_all_of_them(tmp_path: Path) -> None:
    cells = [{"cell_type": "code", "source": module_text("cell"), "outputs": []}]
    project = write_tree(
        tmp_path / "project",
        {
            "LICENSE": MIT_TEXT,
            "a.py": module_text("a"),
            "n.ipynb": json.dumps({"cells": cells}),
            "broken.ipynb": "{not json",
        },
    )
    dataset = write_dataset(tmp_path / "d.jsonl", [VERSION_1, VERSION_2])
    events = tmp_path / "events.json"
    events.write_text("\n".join(map(json.dumps, EVENTS)))
    out = tmp_path / "corpus"
    arguments = [str(project), "--datasets", dataset, "--discussions", str(events)]
    place = ["--out", str(out), "--work", str(tmp_path / "work"), "--workers", "1"]
    options = ["--notebooks", "structured", "--license-policy", "any"]
    assert main(["run", *arguments, *place, *options]) == 0
    kept = {(document.repo, document.path): document for document in read_documents(out)}
    assert {key: document.language for key, document in kept.items()} == {
        ("project", "a.py"): "python",
        ("project", "n.ipynb"): "notebook",
        ("owner/one", "src/a.py"): "python",
        ("owner/two", "b.py"): "python",
        ("a/b", "issues/5"): "discussion",
        ("a/b", "pull/6"): "discussion",
    }
    assert kept["owner/one", "src/a.py"].stars == 7
    assert [p.sentinel for p in split(kept["project", "n.ipynb"].text)][:2] == [
        "jupyter_start",
        "jupyter_code",
    ]
    dropped = {row.path: (row.stage, row.reason) for row in read_dropped(out)}
    assert dropped["broken.ipynb"] == ("notebook", "no_notebook")


def test_a_notebook_with_shell_syntax_is_kept_as_a_script_with_a_map_of_its_lines(
    tmp_path: Path,
) -> None:
    sources = [["files = !ls\n"], ["print?"], module_text(4).splitlines(keepends=True)]
    cells = [{"cell_type": "code", "source": source, "outputs": []} for source in sources]
    raw = json.dumps({"cells": cells}, indent=1)
    write_tree(tmp_path / "project", {"n.ipynb": raw})
    out, work = tmp_path / "corpus", tmp_path / "work"
    place = ["--out", str(out), "--work", str(work), "--workers", "1", "--own-code", "--clean"]
    assert main(["run", str(tmp_path / "project"), *place, "--notebooks", "script"]) == 0
    (document,) = read_documents(out)
    assert document.text.startswith("files = None  # !ls\n\n# print?\n\n")
    lines = document.text.split("\n")
    assert document.line_map is not None
    assert len(document.line_map) == len(lines)
    original = raw.split("\n")
    for line, number in zip(lines[4:], document.line_map[4:], strict=True):
        assert json.dumps(line)[1:-1] in original[number - 1]


def test_an_event_of_no_type_is_none() -> None:
    issue = {"payload": {"issue": {"number": 1}}, "repo": {"name": "owner/one"}}
    assert gather([{**issue, "type": []}, {**issue, "type": None}]) == []
