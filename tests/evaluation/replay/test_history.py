"""What commits added, with the text around it as it was when it was typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from evaluation.replay.command import choose
from evaluation.replay.history import read_commits
from inkling.errors import InklingError
from tests.curation.trees import git, write_tree

if TYPE_CHECKING:
    from pathlib import Path

OLD = "one\ntwo\nthree\nfour\n"
NEW = "zero\none\n2\nthree\nfour\nfive\n    six\n"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "--quiet")
    write_tree(tmp_path, {"a.py": OLD, "notes.txt": "x\n"})
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "-m", "first")
    write_tree(tmp_path, {"a.py": NEW, "notes.txt": "y\n", "b.py": "new = 1\n"})
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "-m", "second", date="2024-02-01T00:00:00+0000")
    return tmp_path


def test_hunks_are_typed_from_the_top_into_what_is_old_below(repository: Path) -> None:
    (commit,) = read_commits(repository, "2000-01-01", ["python"])
    first, second, third, new_file = commit.insertions
    assert (first.before, first.typed, first.after) == ("", "zero", "\none\ntwo\nthree\nfour\n")
    assert (second.before, second.typed, second.after) == ("zero\none\n", "2", "\nthree\nfour\n")
    assert third.before == "zero\none\n2\nthree\nfour\n"
    assert (third.typed, third.after) == ("five\n    six", "\n")
    assert (new_file.path, new_file.before, new_file.typed) == ("b.py", "", "new = 1")


def test_the_first_commit_has_nothing_before_it(repository: Path) -> None:
    commits = list(read_commits(repository, "2000-01-01", ["python"]))
    assert [commit.parent for commit in commits] == [git(repository, "rev-parse", "HEAD~1")]


def test_other_languages_and_older_commits_are_left_out(repository: Path) -> None:
    assert list(read_commits(repository, "2000-01-01", ["rust"])) == []
    assert list(read_commits(repository, "2024-03-01", ["python"])) == []


def test_a_budget_of_keys_is_spread_and_kept(repository: Path) -> None:
    commits = list(read_commits(repository, "2000-01-01", ["python"]))
    ((_, insertions),) = choose(commits, keys=5, keys_per_commit=5, seed=0)
    assert 1 <= len(insertions) < 4


def test_a_folder_that_is_no_checkout_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InklingError, match="git log failed"):
        list(read_commits(tmp_path / "nothing", "2000-01-01", ["python"]))


def test_what_git_says_is_told(repository: Path) -> None:
    """As of a clone that lacks some of its objects."""
    name = git(repository, "rev-parse", "HEAD:a.py").strip()
    (repository / ".git" / "objects" / name[:2] / name[2:]).unlink()
    with pytest.raises(InklingError, match=rf"git diff failed in .*{name}"):
        list(read_commits(repository, "2000-01-01", ["python"]))
