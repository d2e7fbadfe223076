"""Asks git about a checkout, only to read: whoever owns it, nothing that it names is started.

git refuses a checkout of another user ("dubious ownership": a shared disk, a mounted folder), since
that user's configuration could name programs. Those that reading commands would start are turned
off here for every checkout (fsmonitor, hooks, signature checks; objects that are missing aren't
fetched, so nothing connects anywhere), and the refusal with them.

git tells its hooks and aliases of the checkout that they were started in by variables (GIT_DIR),
and these go before the folder that is asked about: they are taken away.
"""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

NO_GIT = "git isn't installed"
_SETTINGS = (
    "core.quotePath=false",
    "core.fsmonitor=false",
    f"core.hooksPath={os.devnull}",
    "log.showSignature=false",
    "safe.directory=*",
)
_OF_ONE_CHECKOUT = frozenset(
    f"GIT_{name}"
    for name in (
        "DIR", "WORK_TREE", "IMPLICIT_WORK_TREE", "COMMON_DIR", "INDEX_FILE", "PREFIX", "NAMESPACE",
        "OBJECT_DIRECTORY", "ALTERNATE_OBJECT_DIRECTORIES", "SHALLOW_FILE", "GRAFT_FILE",
    )
)  # fmt: skip


def git_command(folder: Path, *arguments: str) -> list[str]:
    """The command line of a reading git command in a folder; it needs `git_environment`."""
    settings = (word for setting in _SETTINGS for word in ("-c", setting))
    return ["git", "-C", str(folder), *settings, *arguments]


def git_environment() -> dict[str, str]:
    """The variables for git: its messages in English, and no transport is allowed."""
    asked = {"LC_ALL": "C", "GIT_ALLOW_PROTOCOL": "none", "GIT_NO_LAZY_FETCH": "1"}
    return outside_of_checkouts() | asked


def outside_of_checkouts() -> dict[str, str]:
    """This process's variables without those that bind git to one checkout."""
    return {name: value for name, value in os.environ.items() if name not in _OF_ONE_CHECKOUT}


def ask_git(folder: Path, *arguments: str) -> tuple[str | None, str]:
    """(output of a git command, empty) or, if it fails, (None, the reason in git's own words)."""
    try:
        done = subprocess.run(
            git_command(folder, *arguments), capture_output=True, env=git_environment()
        )
    except OSError:
        return None, NO_GIT
    if done.returncode == 0:
        return done.stdout.decode("utf-8", "surrogateescape"), ""
    lines = done.stderr.decode("utf-8", "replace").strip().splitlines() or ["no reason given"]
    fatal = next((line for line in lines if line.startswith("fatal: ")), lines[-1])
    return None, fatal.removeprefix("fatal: ").rstrip(".:")


def run_git(folder: Path, *arguments: str) -> str | None:
    """The output of a git command in a folder; None if it fails or there is no git."""
    return ask_git(folder, *arguments)[0]


def refused_checkout(folder: Path) -> str | None:
    """Why git can't read the checkout that a folder lies in; None if it can or there is none."""
    for place in (folder, *folder.parents):
        mark = place / ".git"
        if mark.is_file() or (mark / "HEAD").is_file():
            found, reason = ask_git(place, "rev-parse", "--git-dir")
            return reason if found is None else None
    return None
