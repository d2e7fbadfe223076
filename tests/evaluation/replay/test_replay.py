"""The whole replay: real history, the real server, a tiny model."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from evaluation.cli import main
from tests.curation.trees import git, write_tree

if TYPE_CHECKING:
    from pathlib import Path

LINES = "".join(f"    register_handler(name_{n}, default_{n})\n" for n in range(30))


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "handlers"
    root.mkdir()
    git(root, "init", "--quiet")
    write_tree(root, {f"part{n}.py": f"def part{n}():\n{LINES}" for n in range(3)})
    git(root, "add", ".")
    git(root, "commit", "--quiet", "-m", "first")
    write_tree(root, {"new.py": f"def new():\n{LINES}"})
    git(root, "add", ".")
    git(root, "commit", "--quiet", "-m", "second", date="2024-02-01T00:00:00+0000")
    return root


def test_a_memory_of_the_tree_saves_keys_where_code_is_repeated(
    repository: Path, tiny_bundle: Path, tmp_path: Path
) -> None:
    out = tmp_path / "figures.json"
    flags = ["--since", "2000-01-01", "--keys", "120", "--keys-per-commit", "120"]
    flags += ["--runs", "memory", "--key-ms", "10000", "--rush", "--arrival-ms", "10000"]
    assert (
        main(["typing", str(repository), "--model", str(tiny_bundle), "--out", str(out), *flags])
        == 0
    )
    figures = json.loads(out.read_text())["memory"]
    assert figures["keys saved, %"] > 30
    assert figures["taken, %"] > 50
    assert figures["late, %"] == 0
    assert figures["new prompt tokens p95"] == 0


def test_the_repository_is_left_as_it_was(
    repository: Path, tiny_bundle: Path, tmp_path: Path
) -> None:
    before = git(repository, "status", "--porcelain"), git(repository, "rev-parse", "HEAD")
    flags = [
        "--since",
        "2000-01-01",
        "--keys",
        "20",
        "--runs",
        "model",
        "--key-ms",
        "10000",
        "--rush",
        "--arrival-ms",
        "10000",
    ]
    assert main(["typing", str(repository), "--model", str(tiny_bundle), *flags]) == 0
    after = git(repository, "status", "--porcelain"), git(repository, "rev-parse", "HEAD")
    assert after == before


@pytest.mark.parametrize(
    ("flags", "complaint"),
    [(["--since", "2030-01-01"], "adds lines to type"), (["--runs", "magic"], "no run 'magic'")],
)
def test_bad_input_is_one_clear_error(
    flags: list[str], complaint: str, repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["typing", str(repository), *flags]) == 2
    assert complaint in capsys.readouterr().err
