"""Reading checkouts with git: also those of other users, and without starting what they name."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from inkling.git import NO_GIT, ask_git, git_command, git_environment, refused_checkout, run_git

if TYPE_CHECKING:
    from pathlib import Path

OTHER_OWNER = "GIT_TEST_ASSUME_DIFFERENT_OWNER"
"""git's own switch to take every checkout for another user's."""


@pytest.fixture(autouse=True)
def _own_settings_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "Nobody")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "nobody@example.org")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    root = tmp_path / "checkout"
    root.mkdir()
    (root / "a.py").write_text("a = 1\n", encoding="utf-8")
    for arguments in (["init", "-q"], ["add", "a.py"], ["commit", "-qm", "first"]):
        plainly(root, *arguments)
    return root


def plainly(root: Path, *arguments: str, said: bytes = b"") -> str:
    """What git says without our settings."""
    done = subprocess.run(
        ["git", "-C", str(root), *arguments], capture_output=True, check=True, input=said
    )
    return done.stdout.decode().strip()


def test_a_checkout_of_another_user_is_read(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(OTHER_OWNER, "1")
    with pytest.raises(subprocess.CalledProcessError):
        plainly(checkout, "rev-parse", "HEAD")
    assert refused_checkout(checkout) is None
    assert run_git(checkout, "ls-files") == "a.py\n"


def test_what_a_checkout_names_for_signatures_is_not_started(
    checkout: Path, tmp_path: Path
) -> None:
    started, program = tmp_path / "started", tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntouch '{started}'\n", encoding="utf-8")
    program.chmod(0o755)
    header, _, message = plainly(checkout, "cat-file", "commit", "HEAD").partition("\n\n")
    mark = "-----{} PGP SIGNATURE-----"
    signed = f"{header}\ngpgsig {mark.format('BEGIN')}\n \n x\n {mark.format('END')}\n\n{message}\n"
    commit = plainly(checkout, "hash-object", "-t", "commit", "-w", "--stdin", said=signed.encode())
    plainly(checkout, "update-ref", "HEAD", commit)
    plainly(checkout, "config", "log.showSignature", "true")
    plainly(checkout, "config", "gpg.program", str(program))
    assert run_git(checkout, "log", "--format=%H", "--raw") is not None
    assert not started.exists()
    plainly(checkout, "log", "--format=%H")
    assert started.exists()  # so the checkout would have started it


def test_objects_that_are_missing_are_not_fetched(checkout: Path, tmp_path: Path) -> None:
    started = tmp_path / "started"
    for name, value in (
        ("core.repositoryFormatVersion", "1"),
        ("extensions.partialClone", "origin"),
        ("remote.origin.promisor", "true"),
        ("remote.origin.url", f"ext::sh -c touch% {started}"),
        ("protocol.ext.allow", "always"),
    ):
        plainly(checkout, "config", name, value)
    missing = "1" * 40
    assert run_git(checkout, "cat-file", "-p", missing) is None
    assert not started.exists()
    with pytest.raises(subprocess.CalledProcessError):
        plainly(checkout, "cat-file", "-p", missing)
    assert started.exists()


def test_a_reason_is_told_in_gits_own_words(checkout: Path, tmp_path: Path) -> None:
    assert ask_git(checkout, "rev-parse", "--show-prefix") == ("\n", "")
    said, reason = ask_git(checkout, "ls-tree", "nowhere")
    assert (said, reason) == (None, "Not a valid object name nowhere")
    shutil.rmtree(checkout / ".git" / "objects")
    assert "not a git repository" in (refused_checkout(checkout) or "")
    assert "not a git repository" in (refused_checkout(checkout / "below") or "")
    assert refused_checkout(tmp_path) is None


def test_without_git_a_checkout_is_refused_for_that(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert refused_checkout(checkout) == NO_GIT
    assert refused_checkout(tmp_path) is None


def test_the_command_can_be_run_by_others(checkout: Path) -> None:
    done = subprocess.run(
        git_command(checkout, "ls-files", "-z"), env=git_environment(), capture_output=True
    )
    assert done.stdout == b"a.py\0"


def test_a_hook_of_another_checkout_asks_about_the_folder(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    plainly(other, "init", "-q", "-b", "elsewhere")
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other / ".git" / "index"))
    assert run_git(checkout, "ls-files") == "a.py\n"
    assert run_git(checkout, "log", "--format=%s") == "first\n"
