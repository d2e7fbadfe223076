"""The benches of curation, on little: what they count is there, and they end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from curation.redaction.canaries import KINDS
from evaluation.cli import COMMANDS, main
from evaluation.datatrove_minhash import datatrove_clusters
from evaluation.dedup_bench import batched_datasketch, ours, plain_datasketch
from evaluation.redaction_bench import surviving
from inkling.errors import EXIT_BAD_INPUT
from tests.curation.trees import module_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path


@pytest.mark.parametrize("method", [ours, batched_datasketch, plain_datasketch, datatrove_clusters])
def test_each_method_of_near_dedup_finds_the_pair_that_is_one(
    method: Callable[[Sequence[str]], list[list[int]]],
) -> None:
    long = module_text("pair", functions=60)
    texts = [long, module_text(2, 60), long.replace("return", "return 1 +", 1), module_text(3, 60)]
    assert [sorted(cluster) for cluster in method(texts)] == [[0, 2]]


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
    assert {"dedup", "rules", "redaction", "curation"} <= set(COMMANDS)
