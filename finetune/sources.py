"""What a run learns from: checkouts, folders and git addresses, each cut where its history allows.

A checkout is never touched: the files to learn are those of a clone beside it, at the cut. What
isn't committed yet is not learned.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from finetune.gate.cut import Cut, cut_history, tree_at
from inkling.errors import InklingError
from inkling.git import outside_of_checkouts, run_git

if TYPE_CHECKING:
    from collections.abc import Sequence

_ADDRESS = re.compile(r"(?:https?|ssh|git|file)://\S+|[\w.-]+@[\w.-]+:\S+")


@dataclass(frozen=True)
class Source:
    """A repository to learn.

    Attributes:
        name: of its documents' `repo`.
        files: the folder whose files are learned.
        checkout: the user's own checkout, for its history; None without a commit.
        cut: where its history is cut; None if it has none, so that files are held out.
    """

    name: str
    files: Path
    checkout: Path | None
    cut: Cut | None


def open_sources(
    places: Sequence[str], folder: Path, languages: Sequence[str], holes: int
) -> list[Source]:
    """Open each place; clones go below `folder`.

    Raises:
        InklingError: a place isn't there or can't be cloned, or two have the same name.
    """
    sources = [_open(place, folder, languages, holes // len(places)) for place in places]
    names = [source.name for source in sources]
    if twice := [name for name in names if names.count(name) > 1]:
        raise InklingError(
            f"Two of the repositories are called {twice[0]}.", "Tune on them one at a time."
        )
    return sources


def _open(place: str, folder: Path, languages: Sequence[str], holes: int) -> Source:
    checkout = _clone(place, folder / "clones") if _ADDRESS.fullmatch(place) else Path(place)
    if not checkout.is_dir():
        raise InklingError(
            f"There is no folder {checkout}.", "Name a git checkout, a folder or a git address."
        )
    name = checkout.resolve().name
    if not (checkout / ".git").exists():
        top = checkout_around(checkout)  # whose name the documents go by
        return Source(top.name if top is not None else name, checkout, None, None)
    cut = cut_history(checkout, languages, holes)
    if cut is None:
        begun = run_git(checkout, "rev-parse", "--quiet", "--verify", "HEAD") is not None
        return Source(name, checkout, checkout if begun else None, None)
    tree = folder / "trees" / name
    tree_at(checkout, cut.revision, tree)
    return Source(name, tree, checkout, cut)


def checkout_around(folder: Path) -> Path | None:
    """The git checkout that a folder lies in; None if it lies in none."""
    top = (run_git(folder, "rev-parse", "--show-toplevel") or "").strip()
    return Path(top) if top else None


def _clone(address: str, folder: Path) -> Path:
    """Clone an address, or fetch what is new if it was cloned before."""
    name = re.split(r"[/:]", address.rstrip("/"))[-1].removesuffix(".git")
    target = folder / name
    if (target / ".git").exists():
        _git(address, "-C", str(target), "pull", "--quiet", "--ff-only")
        return target
    shutil.rmtree(target, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    _git(address, "clone", "--quiet", "--", address, str(target))
    return target


def _git(address: str, *arguments: str) -> None:
    try:
        subprocess.run(
            ["git", *arguments],
            capture_output=True,
            check=True,
            text=True,
            env=outside_of_checkouts(),
        )
    except FileNotFoundError as error:
        raise InklingError("git is not installed.", "Install it, or name a folder.") from error
    except subprocess.CalledProcessError as error:
        lines = error.stderr.strip().splitlines() or ["no reason given"]
        raise InklingError(
            f"{address} could not be fetched: {lines[-1].rstrip('.')}.",
            "Check the address and your access to it.",
        ) from error
