"""Incremental runs: unchanged files are not judged again, and the corpus is that of a fresh run."""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as parquet
import pytest
from datatrove.data import Document
from hypothesis import given
from hypothesis import strategies as st

from curation.cli import main
from curation.corpus import read_documents
from curation.options import CurationOptions
from curation.reuse import RUNS_REMEMBERED, ReusableStages, shard_of, shards_for
from curation.stages.perplexity import count_bytes, save_model
from curation.stages.stage import DROP_KEY, Drop, Stage
from curation.work_folder import remove_former_layout
from inkling.optout import OptOutList
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


ANEW = re.compile(r"(\d+) of (\d+) files had to be judged anew")


def judged_anew(capsys: pytest.CaptureFixture[str]) -> int | None:
    """How many files a run said that it judged anew; None if it knew of no earlier run."""
    found = ANEW.search(capsys.readouterr().out)
    return int(found[1]) if found else None


def test_after_a_commit_only_changed_files_run_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = git_checkout(tmp_path / "project", TREE)
    out = tmp_path / "corpus"
    assert curate(project, out) == 0
    assert judged_anew(capsys) is None

    (project / "5.py").write_text(module_text("changed"))
    (project / "new.py").write_text(module_text("new"))
    (project / "7.py").unlink()
    git(project, "add", "--all")
    git(project, "commit", "--quiet", "--message", "second", date="2024-06-01T00:00:00+0000")
    assert curate(project, out) == 0
    assert judged_anew(capsys) == 2

    paths = {document.path for document in read_documents(out)}
    assert "new.py" in paths
    assert "7.py" not in paths
    revision = git(project, "rev-parse", "HEAD")
    assert {document.revision for document in read_documents(out)} == {revision}

    fresh = tmp_path / "fresh"
    assert curate(project, fresh, work="other") == 0
    assert corpus_bytes(out) == corpus_bytes(fresh)


def test_an_opt_out_entry_touches_what_it_matches_and_nothing_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = git_checkout(tmp_path / "project", TREE)
    out = tmp_path / "corpus"
    assert curate(project, out) == 0
    before = {document.path for document in read_documents(out)}
    for entry, gone in (("owner:nobody-here", set()), ("path:project:4.py", {"4.py"})):
        assert main(["opt-out", "add", entry]) == 0
        capsys.readouterr()
        assert curate(project, out) == 0
        assert judged_anew(capsys) == 0
        assert {document.path for document in read_documents(out)} == before - gone
    remembered = [row for f in tmp_path.glob("work/*/memory/*") for row in rows_of(f)]
    assert remembered
    assert not any(row["path"] == "4.py" for row in remembered)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (["--license-policy", "permissive"], ["--license-policy", "any"]),
        (["--no-redact"], ["--clean"]),
    ],
)
def test_runs_that_take_turns_find_their_own_results(
    first: list[str], second: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = git_checkout(tmp_path / "project", TREE)
    out = tmp_path / "corpus"
    assert curate(project, out, *first) == 0
    assert curate(project, out, *second) == 0
    kept = corpus_bytes(out)
    capsys.readouterr()
    for options in (first, second):
        assert curate(project, out, *options) == 0
        assert judged_anew(capsys) == 0
    assert corpus_bytes(out) == kept


class Counting(Stage):
    """A stage that notes what it is asked."""

    reads = ("language",)

    def __init__(self, name: str, rule: str, ending: str = "") -> None:
        super().__init__()
        self.name = name  # type: ignore[misc]
        self.rule = rule
        self.ending = ending
        self.asked: list[str] = []

    @property
    def parameters(self) -> str:
        return self.rule

    def judge(self, document: Document) -> Drop | None:
        self.asked.append(document.text)
        document.text += self.ending
        document.metadata[self.name] = [self.rule]
        return Drop("said", self.rule) if self.rule in document.text else None


def pass_through(
    stages: list[Counting], folder: Path, texts: dict[str, str], rank: int = 0, tasks: int = 1
) -> list[Document]:
    """Send documents past the stages, with the memory of `folder`, which is then the new one."""
    documents = [
        Document(
            text=text,
            id=text,
            metadata={"repo": "r", "path": path, "origin": None, "language": "python"},
        )
        for path, text in texts.items()
        if shard_of("r", path, tasks) == rank
    ]
    memory, results = folder / "memory", folder / "results"
    step = ReusableStages(stages, memory, results, folder / "anew", OptOutList())
    found = list(step.run(iter(documents), rank, tasks))
    assert [document.metadata["path"] for document in found] == [
        path for path in texts if shard_of("r", path, tasks) == rank
    ]
    return found


def turn(folder: Path) -> None:
    shutil.rmtree(folder / "memory", ignore_errors=True)
    (folder / "results").rename(folder / "memory")


def test_a_stage_is_asked_once_for_a_content_and_a_rule(tmp_path: Path) -> None:
    texts = {f"{n}.py": f"text {n}" for n in range(5)}

    def run(rule: str) -> tuple[list[Counting], list[tuple[str, Any, Any]]]:
        stages = [Counting("first", "rule", "!"), Counting("second", rule)]
        found = pass_through(stages, tmp_path, texts)
        turn(tmp_path)
        return stages, [(d.text, d.metadata["second"], d.metadata.get(DROP_KEY)) for d in found]

    stages, expected = run("3")
    assert [len(stage.asked) for stage in stages] == [5, 5]
    assert [drop for _, _, drop in expected] == [None] * 3 + [("second", "said", "3"), None]
    stages, found = run("3")
    assert [stage.asked for stage in stages] == [[], []]
    assert found == expected
    stages, _ = run("other")  # what comes before a changed rule isn't asked again
    assert [len(stage.asked) for stage in stages] == [0, 5]
    stages, found = run("3")  # and the results of the rule before are still there
    assert [stage.asked for stage in stages] == [[], []]
    assert found == expected


class Noting(dict[str, Any]):
    """Metadata that notes what is asked for."""

    def __init__(self, values: dict[str, Any]) -> None:
        super().__init__(values)
        self.asked: set[str] = set()

    def __getitem__(self, key: str) -> Any:
        self.asked.add(key)
        return super().__getitem__(key)

    def get(self, key: str, default: Any = None) -> Any:
        self.asked.add(key)
        return super().get(key, default)


def test_a_remembered_stage_looks_at_no_more_than_it_names(tmp_path: Path) -> None:
    model = tmp_path / "model.npz"
    save_model(count_bytes([module_text(0)]), model)
    (tmp_path / "tasks.jsonl").write_text(json.dumps({"task_id": "1", "prompt": module_text(1)}))
    options = CurationOptions(
        perplexity=model, most_bits=99, clean=True, benchmarks=(str(tmp_path / "tasks.jsonl"),)
    )
    text = "# Copyright me\n# Licensed under the MIT licence\n" + TREE["secret.py"]  # type: ignore[operator]
    document = Document(text=text, id="0", metadata={})
    remembered = [stage for stage in options.stages() if stage.reads is not None]
    assert {stage.name for stage in remembered} == {
        "quality", "decontamination", "perplexity", "cleaning", "secrets", "signature",
    }  # fmt: skip
    for stage in remembered:
        document.metadata = Noting({"language": "python", "path": "a.py", **document.metadata})
        assert stage.judge(document) is None
        assert document.metadata.asked <= set(stage.reads or ())


def test_results_find_their_files_in_more_and_in_fewer_shards(tmp_path: Path) -> None:
    texts = {f"{n}.py": f"text {n}" for n in range(40)}
    for tasks, asked in ((2, 40), (8, 0), (1, 0), (4, 0)):
        stage = Counting("only", "rule")
        for rank in range(tasks):
            pass_through([stage], tmp_path, texts, rank, tasks)
        turn(tmp_path)
        assert len(stage.asked) == asked
        assert sum(len(rows_of(file)) for file in (tmp_path / "memory").iterdir()) == 40


def test_what_no_run_needs_any_more_is_forgotten(tmp_path: Path) -> None:
    pass_through([Counting("only", "rule")], tmp_path, {"a.py": "text"})
    turn(tmp_path)
    for _ in range(RUNS_REMEMBERED):
        pass_through([Counting("only", "rule")], tmp_path, {})
        turn(tmp_path)
    assert [row for file in (tmp_path / "memory").iterdir() for row in rows_of(file)] == []


def rows_of(shard: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = parquet.read_table(shard).to_pylist()
    return rows


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


def test_what_earlier_versions_left_in_the_work_folder_goes_and_nothing_else(
    tmp_path: Path,
) -> None:
    corpus = "0123456789abcdef"
    former = ("spool/ab/abcd", "kept/x/00000.parquet", "fedcba9876543210/listing.jsonl")
    for name in (*former, f"{corpus}/memory/00000.parquet", "notes/mine.txt"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text("x")
    remove_former_layout(tmp_path)
    assert {entry.name for entry in tmp_path.iterdir()} == {corpus, "notes"}
    remove_former_layout(tmp_path / "nowhere")
