"""Incremental runs: unchanged files are not judged again, and the corpus is that of a fresh run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.cli import main
from curation.corpus import read_documents
from curation.options import CurationOptions
from curation.reuse import rules_key, shard_of, shards_for
from tests.curation.trees import MIT_TEXT, git, git_checkout, module_text

if TYPE_CHECKING:
    from pathlib import Path

TREE: dict[str, str | bytes] = {
    "LICENSE": MIT_TEXT,
    **{f"{n}.py": module_text(n) for n in range(12)},
    "secret.py": "# by jo@real-company.org\n" + module_text("secret"),
    "gpl.py": "# SPDX-License-Identifier: GPL-3.0-only\n" + module_text("gpl"),
    "vendor/copy.py": module_text(3),
    "broken.py": b"\xff" * 60,
}


def corpus_bytes(corpus: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(corpus)): path.read_bytes()
        for path in sorted(corpus.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INKLING_HOME", str(tmp_path / "home"))


def curate(project: Path, out: Path, *options: str, work: str = "work") -> int:
    place = ["--out", str(out), "--work", str(out.parent / work), "--workers", "1"]
    return main(["run", str(project), *place, *options])


def test_after_a_commit_only_changed_files_run_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = git_checkout(tmp_path / "project", TREE)
    out = tmp_path / "corpus"
    assert curate(project, out) == 0
    assert "as they were" not in capsys.readouterr().out

    (project / "5.py").write_text(module_text("changed"))
    (project / "new.py").write_text(module_text("new"))
    (project / "7.py").unlink()
    git(project, "add", "--all")
    git(project, "commit", "--quiet", "--message", "second", date="2024-06-01T00:00:00+0000")
    assert curate(project, out) == 0
    unreadable = 1  # is looked at again, since nothing is known of it
    unchanged = len(TREE) - 2 - unreadable
    assert f"{unchanged} of {len(TREE)} files are as they were" in capsys.readouterr().out

    paths = {document.path for document in read_documents(out)}
    assert "new.py" in paths
    assert "7.py" not in paths
    revision = git(project, "rev-parse", "HEAD")
    assert {document.revision for document in read_documents(out)} == {revision}

    fresh = tmp_path / "fresh"
    assert curate(project, fresh, work="other") == 0
    assert corpus_bytes(out) == corpus_bytes(fresh)


@pytest.mark.parametrize("option", ["--no-redact", "--own-code", "--without-cards=too_short"])
def test_other_rules_use_no_earlier_result(
    option: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = git_checkout(tmp_path / "project", TREE)
    assert curate(project, tmp_path / "corpus") == 0
    capsys.readouterr()
    assert curate(project, tmp_path / "corpus", option) == 0
    assert "as they were" not in capsys.readouterr().out


def test_the_key_of_the_rules_covers_versions_options_and_the_table() -> None:
    options = CurationOptions()
    stages = options.stages()
    changed = options.stages()
    changed[-1].version = "next"
    keys = [
        rules_key(options, stages, "table"),
        rules_key(options, changed, "table"),
        rules_key(options, stages, "other table"),
        rules_key(CurationOptions(drop_vendored=True), stages, "table"),
    ]
    assert len(set(keys)) == len(keys)
    assert rules_key(CurationOptions(near_threshold=0.9), stages, "table") == keys[0]


@given(st.text(), st.text(), st.integers(0, 8), st.integers(0, 4))
def test_more_shards_divide_each_shard_and_mix_none(
    repo: str, path: str, power: int, more: int
) -> None:
    few, many = 2**power, 2 ** (power + more)
    assert shard_of(repo, path, many) % few == shard_of(repo, path, few)


@pytest.mark.parametrize(
    ("files", "workers", "expected"),
    [(1, 1, 1), (500, 1, 1), (501, 1, 2), (1_001, 1, 4), (10, 3, 4), (18_104, 2, 64)],
)
def test_the_number_of_shards_is_a_power_of_two(files: int, workers: int, expected: int) -> None:
    assert shards_for(files, workers, 500) == expected
