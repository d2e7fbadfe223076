"""Without the `train` extra there is nothing of curation to test; else a sample to test with."""

from __future__ import annotations

import os
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

from tests.curation.sample_project import TREE
from tests.curation.trees import write_tree

if TYPE_CHECKING:
    from pathlib import Path

if not all(map(find_spec, ("datasketch", "datatrove", "pathspec", "pyarrow"))):
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture
def apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home of its own, and no git configuration or checkout from outside."""
    monkeypatch.setenv("INKLING_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)


@pytest.fixture
def wide_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And a home of its own."""
    monkeypatch.setenv("INKLING_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", os.fspath(tmp_path.parents[1]))


@pytest.fixture(scope="package")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample project."""
    return write_tree(tmp_path_factory.mktemp("source") / "project", TREE)


@pytest.fixture(scope="package")
def corpus(project: Path) -> Path:
    """The sample project's corpus, in all languages."""
    from curation.cli import main

    out = project.parent / "corpus"
    work = str(project.parent / "work")
    arguments = ["run", str(project), "--out", str(out), "--work", work, "--workers", "1"]
    assert main([*arguments, "--languages", "all"]) == 0
    return out
