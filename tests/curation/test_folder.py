"""Source "folder / git checkout": which files count, and what is known of them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

import pytest

from curation.shards import read_source_file
from curation.sources.folder import list_folder
from curation.sources.names import repository_names
from inkling.errors import InklingError
from inkling.optout import parse_list
from tests.curation.trees import MIT_TEXT, git, git_checkout, write_tree

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _no_repository_around(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A repository that holds the temporary folder mustn't decide what is ignored."""
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)


def paths(root: Path) -> list[str]:
    return [file.path for file in list_folder(root) if file.flaw is None]


# --- what both kinds of folder share ---------------------------------------------------------

IGNORE_TREE = {
    ".gitignore": "*.log\nbuild/\n/only_root.py\n!kept.log\n",
    "a.py": "1",
    "a.log": "1",
    "kept.log": "1",
    "build/b.py": "1",
    "only_root.py": "1",
    "sub/only_root.py": "1",
    "sub/.gitignore": "secret_*\n!again.log\n",
    "sub/secret_a.py": "1",
    "sub/again.log": "1",
    "sub/deep/secret_b.py": "1",
    "sub/deep/.gitignore": "!secret_c.py\n",
    "sub/deep/secret_c.py": "1",
    "other/secret_a.py": "1",
}
IGNORE_SEEN = sorted(
    [
        ".gitignore",
        "a.py",
        "kept.log",
        "sub/only_root.py",
        "sub/.gitignore",
        "sub/again.log",
        "sub/deep/.gitignore",
        "sub/deep/secret_c.py",
        "other/secret_a.py",
    ]
)


def test_nested_gitignores_and_negations_hold_in_a_plain_folder(tmp_path: Path) -> None:
    assert paths(write_tree(tmp_path / "plain", IGNORE_TREE)) == IGNORE_SEEN


def test_git_agrees_about_the_same_tree(tmp_path: Path) -> None:
    assert paths(git_checkout(tmp_path / "checkout", IGNORE_TREE)) == IGNORE_SEEN


def test_a_repository_without_commits_is_read_like_a_plain_folder(tmp_path: Path) -> None:
    root = write_tree(tmp_path / "new", IGNORE_TREE)
    git(root, "init", "--quiet")
    assert paths(root) == IGNORE_SEEN
    assert {file.revision for file in list_folder(root)} == {None}


@pytest.mark.parametrize("checkout", [False, True], ids=["plain", "git"])
def test_links_are_not_followed_and_loops_end(tmp_path: Path, checkout: bool) -> None:
    outside = write_tree(tmp_path / "outside", {"secret.py": "1"})
    root = write_tree(tmp_path / "root", {"a.py": "1", "sub/b.py": "1"})
    (root / "link.py").symlink_to(outside / "secret.py")
    (root / "linked").symlink_to(outside)
    (root / "sub/loop").symlink_to(root)
    (root / "broken.py").symlink_to(root / "absent.py")
    if checkout:
        git_checkout(root, {})
    (root / "round.py").symlink_to(root / "round.py")
    if checkout:
        git(root, "add", "--all")
    files = {file.path: file for file in list_folder(root)}
    assert {path for path, file in files.items() if file.flaw is None} == {"a.py", "sub/b.py"}
    links = {path: file.flaw for path, file in files.items() if file.flaw is not None}
    assert links.keys() == {"link.py", "linked", "sub/loop", "broken.py", "round.py"}
    assert links["broken.py"] == ("link", "a symbolic link, which leads nowhere")
    assert links["linked"] == ("link", "a symbolic link, which isn't followed")


@pytest.mark.parametrize("checkout", [False, True], ids=["plain", "git"])
def test_names_in_any_script_or_encoding_can_be_listed_and_stored(
    tmp_path: Path, checkout: bool
) -> None:
    root = write_tree(tmp_path / "root", {"日本/größe.py": "1", 'sp ace"quote.py': "2"})
    latin = os.fsencode(root) + b"/caf\xe9.py"
    with open(latin, "w") as handle:  # noqa: PTH123  # a name that isn't UTF-8
        handle.write("3")
    if checkout:
        git_checkout(root, {})
    files = {file.path: file for file in list_folder(root)}
    assert files.keys() == {"日本/größe.py", 'sp ace"quote.py', "caf�.py"}
    for file in files.values():
        file.path.encode()
        with open(file.location) as handle:  # noqa: PTH123
            assert handle.read() in "123"


def test_a_folder_that_does_not_exist_or_is_a_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "file.py"
    file.write_text("1")
    for place in (tmp_path / "absent", file):
        with pytest.raises(InklingError, match=place.name):
            list(list_folder(place))


# --- a plain folder --------------------------------------------------------------------------


def test_a_gitignore_that_is_broken_ignores_nothing(tmp_path: Path) -> None:
    root = write_tree(
        tmp_path / "root",
        {"a.py": "1", "odd/.gitignore": "!\n\\\nno.py\n", "odd/no.py": "1", "odd/b.py": "1"},
    )
    (root / ".gitignore").symlink_to(root / "absent")
    assert paths(root) == ["a.py", "odd/.gitignore", "odd/b.py"]


def test_the_git_folder_or_file_of_a_nested_checkout_is_left_out(tmp_path: Path) -> None:
    files = {"a/.git/config": "1", "a/x.py": "1", "b/.git": "gitdir: elsewhere", "b/y.py": "1"}
    assert paths(write_tree(tmp_path / "root", files)) == ["a/x.py", "b/y.py"]


def test_files_of_a_nested_checkout_come_from_where_that_comes_from(tmp_path: Path) -> None:
    write_tree(tmp_path / "src", {"notes.py": "0", "deep/plain.py": "0"})
    theirs = git_checkout(tmp_path / "src" / "deep" / "theirs", {"a.py": "1", "in/b.py": "2"})
    git(theirs, "remote", "add", "origin", "https://github.com/acme/theirs.git")
    found = {file.path: file.origin for file in list_folder(tmp_path / "src")}
    assert found == {
        "notes.py": None,
        "deep/plain.py": None,
        "deep/theirs/a.py": "github.com/acme/theirs::deep/theirs",
        "deep/theirs/in/b.py": "github.com/acme/theirs::deep/theirs",
    }


@pytest.mark.parametrize("entry", ["acme/theirs:in/b.py", "acme/theirs:in"])
def test_paths_of_a_nested_checkout_are_opted_out_as_its_repository_has_them(
    tmp_path: Path, entry: str
) -> None:
    write_tree(tmp_path / "src", {"in/b.py": "0"})
    theirs = git_checkout(tmp_path / "src" / "theirs", {"a.py": "1", "in/b.py": "2"})
    git(theirs, "remote", "add", "origin", "https://github.com/acme/theirs.git")
    entries = parse_list(f"path {entry}")
    hit = [
        file.path
        for file in list_folder(tmp_path / "src")
        if entries.match(file.repo, file.path, origin=file.origin)
    ]
    assert hit == ["theirs/in/b.py"]


# --- a git checkout --------------------------------------------------------------------------


def test_untracked_files_count_and_ignored_ones_do_not(tmp_path: Path) -> None:
    root = git_checkout(tmp_path / "root", {"tracked.py": "1", ".gitignore": "*.tmp\n"})
    write_tree(root, {"new.py": "1", "x.tmp": "1", ".git/info/exclude": "local.py\n"})
    (root / "local.py").write_text("1")
    assert paths(root) == [".gitignore", "new.py", "tracked.py"]


def test_a_tracked_file_that_was_deleted_is_left_out(tmp_path: Path) -> None:
    root = git_checkout(tmp_path / "root", {"here.py": "1", "gone.py": "1"})
    (root / "gone.py").unlink()
    assert paths(root) == ["here.py"]


def test_each_file_carries_the_commit_and_the_time_it_last_changed(tmp_path: Path) -> None:
    root = git_checkout(tmp_path / "root", {"old.py": "1", "ünï/changed.py": "1"})
    write_tree(root, {"ünï/changed.py": "2"})
    git(root, "commit", "--quiet", "--all", "--message", "2", date="2024-06-01T00:00:00+0000")
    write_tree(root, {"untracked.py": "1"})
    files = {file.path: file for file in list_folder(root)}
    assert files["old.py"].committed_at == 1_704_067_200
    assert files["ünï/changed.py"].committed_at == 1_717_200_000
    assert files["untracked.py"].committed_at is None
    assert files.pop("untracked.py").revision is None
    assert {file.revision for file in files.values()} == {git(root, "rev-parse", "HEAD")}
    assert {file.repo for file in files.values()} == {"root"}


def revisions(root: Path) -> dict[str, str | None]:
    """Path → revision, of each file as it is read."""
    documents = [read_source_file(asdict(file), frozenset()) for file in list_folder(root)]
    return {document.metadata["path"]: document.metadata["revision"] for document in documents}


def test_a_file_with_edits_has_no_revision_for_none_holds_its_bytes(tmp_path: Path) -> None:
    names = ("same", "edited", "staged", "both", "touched", "sub/ünï", "dos")
    root = git_checkout(tmp_path / "root", {f"{name}.py": f"{name} = 1\n" for name in names})
    write_tree(root, {"edited.py": "edited = 2\n", "staged.py": "s", "both.py": "b", "new.py": "1"})
    git(root, "add", "staged.py", "both.py")
    write_tree(root, {"both.py": "both = 1\n", "sub/ünï.py": "u", "dos.py": "dos = 1\r\n"})
    os.utime(root / "touched.py", (1, 1))
    head = git(root, "rev-parse", "HEAD")
    assert revisions(root) == {
        **dict.fromkeys(["same.py", "both.py", "touched.py", "dos.py"], head),
        **dict.fromkeys(["edited.py", "staged.py", "sub/ünï.py", "new.py"]),
    }
    assert revisions(root / "sub") == {"sub/ünï.py": None}


def test_looking_for_edits_starts_no_filter_that_the_repository_names(tmp_path: Path) -> None:
    root = git_checkout(tmp_path / "root", {"a.py": "1", ".gitattributes": "*.py filter=evil\n"})
    git(root, "config", "filter.evil.clean", f"touch {tmp_path}/started")
    write_tree(root, {"a.py": "2"})
    assert revisions(root)["a.py"] is None
    assert not (tmp_path / "started").exists()


# --- folders that can't be opened ------------------------------------------------------------

LISTING = """
import sys
from pathlib import Path
from curation.sources.folder import list_folder
from curation.sources.names import repository_names
for file in list_folder(Path(sys.argv[1])):
    print(file.path, file.flaw and file.flaw[0])
"""


def listed_without_privileges(root: Path) -> dict[str, str]:
    """Path → flaw, as a process sees it that may not open what its mode forbids."""
    lame = []
    if os.geteuid() == 0:
        if shutil.which("setpriv") is None:
            pytest.skip("root may open every folder, and there is no setpriv to do without")
        powers = "-dac_override,-dac_read_search"
        lame = ["setpriv", f"--inh-caps={powers}", f"--bounding-set={powers}"]
    command = [*lame, sys.executable, "-c", LISTING, str(root)]
    shown = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return dict(line.rsplit(" ", 1) for line in shown.splitlines())


@pytest.mark.skipif(sys.platform == "win32", reason="modes of folders are POSIX's")
@pytest.mark.parametrize("checkout", [False, True], ids=["plain", "git"])
def test_a_folder_that_cannot_be_opened_is_listed_with_the_reason(
    tmp_path: Path, checkout: bool
) -> None:
    root = write_tree(tmp_path / "root", {"a.py": "1", "tracked/b.py": "1", ".gitignore": "no/\n"})
    if checkout:
        git_checkout(root, {})
    write_tree(root, {"new/c.py": "1", "new/deep/d.py": "1", "no/e.py": "1"})
    closed = [root / name for name in ("tracked", "new/deep", "no")]
    for folder in closed:
        folder.chmod(0)
    try:
        found = listed_without_privileges(root)
    finally:
        for folder in closed:
            folder.chmod(0o700)
    tracked = {"tracked/b.py": "unreadable"} if checkout else {"tracked": "unreadable_folder"}
    assert found == {
        ".gitignore": "None", "a.py": "None", "new/c.py": "None",
        "new/deep": "unreadable_folder", **tracked,
    }  # fmt: skip


def test_a_folder_inside_a_checkout_is_listed_as_the_whole_checkout_lists_it(
    tmp_path: Path,
) -> None:
    """Also its files that no commit knows, and its licences, in whichever folder above they are."""
    root = git_checkout(
        tmp_path / "root",
        {
            "LICENSE": MIT_TEXT,
            "a.py": "1",
            "sub/package.json": '{"license": "ISC"}',
            "sub/other/LICENSE": "All rights reserved.",
            "sub/größe/b.py": "1",
            ".gitignore": "COPYING\n",
        },
    )
    write_tree(root, {"sub/größe/new.py": "1", "sub/COPYING": "All rights reserved."})
    git(root, "remote", "add", "origin", "https://github.com/owner/root")
    whole = [file for file in list_folder(root) if file.path.startswith("sub/größe/")]
    assert [(file.path, file.license) for file in whole] == [
        ("sub/größe/b.py", "MIT AND ISC"),
        ("sub/größe/new.py", "MIT AND ISC"),
    ]
    assert list(list_folder(root / "sub/größe")) == whole


# --- names of repositories -------------------------------------------------------------------


def test_repositories_of_one_name_are_called_by_more_of_their_paths(tmp_path: Path) -> None:
    for name in ("a/x", "b/x", "y"):
        write_tree(tmp_path / name, {"LICENSE": MIT_TEXT})
    git_checkout(tmp_path / "b/x", {"x/a.py": "1"})
    folders = [tmp_path / name for name in ("a/x", "b/x", "b/x/x", "y")]
    assert list(repository_names(folders).values()) == ["a/x", "b/x", "b/x", "y"]
    assert list(repository_names([tmp_path / "a/x", tmp_path / "y"]).values()) == ["x", "y"]
    git(tmp_path, "clone", "--quiet", "--bare", str(tmp_path / "b/x"), str(tmp_path / "c/y.git"))
    names = repository_names([tmp_path / "y", tmp_path / "c/y.git", tmp_path / "b/x/.git"])
    root = tmp_path.name
    assert list(names.values()) == [f"{root}/y", "c/y", "x"]


# --- checkouts that git would refuse ---------------------------------------------------------


def test_a_checkout_of_another_user_is_read_as_a_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = git_checkout(tmp_path / "root", {"a.py": "1"})
    git(root, "remote", "add", "origin", "https://github.com/someone/thing")
    before = list(list_folder(root))
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    after = list(list_folder(root))
    assert after == before
    assert (after[0].origin, after[0].revision) == (
        "github.com/someone/thing",
        git(root, "rev-parse", "HEAD"),
    )


@pytest.mark.parametrize("lost", ["objects", "HEAD's tree"])
def test_a_checkout_that_git_cannot_read_is_never_taken_for_a_plain_folder(
    tmp_path: Path, lost: str
) -> None:
    root = git_checkout(tmp_path / "root", {"a.py": "1"})
    objects = root / ".git" / "objects"
    if lost == "objects":
        shutil.rmtree(objects)
    else:
        for packed in objects.glob("??"):
            shutil.rmtree(packed)
    reason = "not a git repository" if lost == "objects" else "not a tree object"
    with pytest.raises(InklingError, match=reason):
        list(list_folder(root))
