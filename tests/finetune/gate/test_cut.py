"""The cut: the newest commits are held out, and what is learned is the tree before them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

pytest.importorskip("torch")
from finetune.gate.cut import cut_history, tree_at
from tests.finetune.conftest import HELD_OUT, LATER, commit, module


def revisions(repo: Path) -> list[str]:
    """Newest first."""
    log = subprocess.run(
        ["git", "rev-list", "HEAD"], cwd=repo, capture_output=True, text=True, check=True
    )
    return log.stdout.split()


def test_the_newest_commits_are_held_out_oldest_first(repo: Path) -> None:
    cut = cut_history(repo, ("python",), holes=500)
    assert cut is not None
    log = revisions(repo)
    assert [c.revision for c in cut.commits] == log[: len(HELD_OUT)][::-1]
    assert cut.revision == log[len(HELD_OUT)]


def test_no_more_are_held_out_than_the_holes_take(repo: Path) -> None:
    cut = cut_history(repo, ("python",), holes=9)
    assert cut is not None
    assert len(cut.commits) == 2


def test_the_tree_at_the_cut_lacks_what_came_later(repo: Path, tmp_path: Path) -> None:
    before = revisions(repo)
    cut = cut_history(repo, ("python",), holes=500)
    assert cut is not None
    tree = tmp_path / "trees" / "arboretum"
    for _ in range(2):  # the second time it is there already
        tree_at(repo, cut.revision, tree)
        names = {path.stem for path in tree.glob("*.py")}
        assert names & set(LATER) == set(LATER) - set(HELD_OUT)
    assert revisions(repo) == before
    assert not (repo / ".git" / "worktrees").exists()


@pytest.mark.parametrize("commits", [0, 1, 3])
def test_a_short_history_is_not_cut(tmp_path: Path, commits: int) -> None:
    repo = tmp_path / "young"
    repo.mkdir()
    if commits == 0:
        subprocess.run(["git", "init", "-q"], cwd=repo, check=True)
    for number in range(commits):
        (repo / f"m{number}.py").write_text(module(f"m{number}"))
        commit(repo, f"2024-0{number + 1}-01T12:00:00Z")
    assert cut_history(repo, ("python",), holes=100) is None


def test_another_language_does_not_count(repo: Path) -> None:
    assert cut_history(repo, ("rust",), holes=100) is None


def test_a_hook_does_not_move_the_checkout_that_it_was_started_in(
    repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git_folder = (repo / ".git").resolve()
    before = (git_folder / "HEAD").read_text()
    monkeypatch.setenv("GIT_DIR", str(git_folder))  # as git sets it for a linked work tree's hooks
    monkeypatch.setenv("GIT_INDEX_FILE", str(git_folder / "index"))
    older = revisions(repo)[3]
    tree_at(repo, older, tmp_path / "tree")
    tree_at(repo, revisions(repo)[2], tmp_path / "tree")
    assert (git_folder / "HEAD").read_text() == before


def test_a_tree_may_be_named_from_where_one_stands(
    repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = sorted(path.name for path in repo.iterdir())
    monkeypatch.chdir(tmp_path)
    tree_at(repo, revisions(repo)[3], Path("trees/near"))
    assert (tmp_path / "trees" / "near" / ".git").is_dir()
    assert sorted(path.name for path in repo.iterdir()) == inside


def test_a_tree_whose_revision_is_gone_is_made_anew(repo: Path, tmp_path: Path) -> None:
    log = revisions(repo)
    tree = tmp_path / "tree"
    tree_at(repo, log[3], tree)
    (tree / ".git" / "HEAD").write_text("0" * 40 + "\n")
    tree_at(repo, log[2], tree)
    assert (tree / ".git" / "HEAD").read_text().strip() == log[2]
