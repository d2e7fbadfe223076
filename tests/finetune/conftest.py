"""Fixtures of the fine-tuning tests: a small real repository with a history, and the tiny model."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.evaluation.corpus_fixture import module_text

if TYPE_CHECKING:
    from pathlib import Path

    from finetune.base import Base

FIRST = ("alder", "birch", "cedar", "dogwood", "elm", "fir")
LATER = ("ginkgo", "hazel", "ivy", "juniper", "katsura", "larch", "maple")
HELD_OUT = LATER[-2:]
"""With eight commits, the newest two are held out."""


def commit(repo: Path, moment: str) -> None:
    """Commit everything in `repo` as of `moment`, whatever the user's git settings are."""
    who = {"NAME": "Ada", "EMAIL": "ada@example.org", "DATE": moment}
    environment = os.environ | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    environment |= {
        f"GIT_{role}_{k}": v for role in ("AUTHOR", "COMMITTER") for k, v in who.items()
    }
    for command in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "x"]):
        subprocess.run(["git", *command], cwd=repo, env=environment, check=True)


def module(name: str) -> str:
    """A module with words of its own, or near-dedup would take all for copies."""
    text = module_text(name).replace("first", f"{name}_a").replace("total", f"{name}_sum")
    return text.replace("second", f"{name}_b")


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A git checkout of modules: six in the first commit, then seven commits of one each."""
    folder = tmp_path_factory.mktemp("work") / "arboretum"
    folder.mkdir()
    for month, names in enumerate((FIRST, *((name,) for name in LATER)), start=1):
        for name in names:
            (folder / f"{name}.py").write_text(module(name))
        commit(folder, f"2024-{month:02}-01T12:00:00Z")
    return folder


@pytest.fixture(scope="module")
def base(tiny_checkpoint: Path) -> Base:
    """The tiny model, opened to be tuned."""
    pytest.importorskip("datatrove")
    from finetune.base import open_base

    return open_base(tiny_checkpoint)


@pytest.fixture(autouse=True)
def inkling_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep every test out of the user's own folder."""
    home = tmp_path / "home"
    monkeypatch.setenv("INKLING_HOME", str(home))
    return home
