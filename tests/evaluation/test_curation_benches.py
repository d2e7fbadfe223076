"""The benches of curation, on little: what they count is there, and they end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from curation.redaction.canaries import KINDS
from evaluation.cli import COMMANDS, main
from evaluation.dedup_bench import SIMILARITIES, planted_pairs, recall, theory
from evaluation.dedup_peers import METHODS, Method
from evaluation.redaction_bench import surviving
from inkling.errors import EXIT_BAD_INPUT
from tests.curation.trees import module_text

if TYPE_CHECKING:
    from pathlib import Path

each_method = pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)


@each_method
def test_each_method_of_near_dedup_finds_the_pair_that_is_one(method: Method) -> None:
    long = module_text("pair", functions=60)
    texts = [long, module_text(2, 60), long.replace("return", "return 1 +", 1), module_text(3, 60)]
    assert [sorted(cluster) for cluster in method.find(texts)] == [[0, 2]]


@each_method
def test_recall_is_what_theory_promises(method: Method) -> None:
    assert recall(method, planted_pairs(0.95, 8)) == 1.0
    assert recall(method, planted_pairs(0.4, 8)) <= 0.25
    assert theory(method, 0.95) > 0.999
    assert theory(method, 0.4) < 0.01


def test_theory_without_a_check_is_the_s_curve_of_bands() -> None:
    unchecked = Method("bands", lambda _texts: [], bands=25, rows=10, threshold=None)
    for similarity in SIMILARITIES:
        assert theory(unchecked, similarity) == pytest.approx(1 - (1 - similarity**10) ** 25)
    assert theory(METHODS[0], 0.7) < theory(unchecked, 0.7)


def test_the_bench_measures_pipeline_and_near_dedup_on_the_same_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "source"
    source.mkdir()
    for number in range(12):
        (source / f"module_{number}.py").write_text(module_text(number, 10))
    (source / "notes.txt").write_text("No language that was asked for.\n")
    flags = ["--sources", f"{source} --own-code", "--folder", str(tmp_path), "--pairs", "1"]
    assert main(["curation", *flags, "--no-kill"]) == 0
    shown = capsys.readouterr().out
    assert "13 files" in shown
    assert "the same 12 documents" in shown
    rows = [line.split() for line in shown.splitlines()]
    for method in METHODS:
        (row,) = [row for row in rows if row[: len(method.name.split())] == method.name.split()]
        assert row[-2:] == ["1.00", "1.00"]


def test_no_canary_survives() -> None:
    assert surviving(each=3) == []
    assert len(KINDS) >= 15


def test_clean_code_is_counted_by_rule(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["redaction", "--mb", "0.3", "--canaries", "1"]) == 0
    shown = capsys.readouterr().out
    assert " 0 survived" in shown
    assert "MB/s" in shown.replace("\n", " ")


def test_what_is_found_in_other_files_than_python_is_counted_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.yaml").write_text("password: hunter2secret\n")
    (tmp_path / "b.py").write_text('password = "gr4niteLake"\n')
    (tmp_path / "c.bin").write_bytes(b"\0\xff")
    assert main(["redaction", "--folders", str(tmp_path), "--canaries", "1"]) == 0
    shown = capsys.readouterr().out
    assert "bare_value: 'hunter2secret'" in shown
    assert "gr4niteLake" not in shown


def test_a_bench_of_nothing_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty").mkdir()
    flags = ["--sources", str(tmp_path / "empty"), "--folder", str(tmp_path)]
    assert main(["curation", *flags]) == EXIT_BAD_INPUT
    assert "no file" in capsys.readouterr().err


def test_a_table_of_labels_of_another_form_is_refused(tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text("a,b\n1,2\n")
    assert main(["rules", "--labels", str(tmp_path / "labels.csv")]) == EXIT_BAD_INPUT
    assert {"rules", "redaction", "curation"} <= set(COMMANDS)
