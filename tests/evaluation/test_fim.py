"""`python -m evaluation fim` from end to end, and what it says of bad input."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from evaluation.cli import COMMANDS, main
from evaluation.holes import Hole
from evaluation.report import METRICS, Answer, Outcome, compare
from tests.evaluation.corpus_fixture import document, module_text, write_corpus

if TYPE_CHECKING:
    from pathlib import Path

PACKAGES = ("alder", "birch", "cedar")


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The user's settings and caches stay out of it."""
    monkeypatch.setenv("INKLING_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("INKLING_MODEL", raising=False)


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Two training packages, and three held-out ones of four files each."""
    documents = [
        document(module_text(f"{repo}{n}"), repo, f"{repo}/{n}.py", "train")
        for repo in ("oak", "pine")
        for n in range(4)
    ]
    documents += [
        document(module_text(f"{repo}{n}"), repo, f"{repo}/{n}.py")
        for repo in PACKAGES
        for n in range(4)
    ]
    return write_corpus(tmp_path / "corpus", documents)


def flags(corpus: Path, tmp_path: Path, **more: object) -> list[str]:
    values = {
        "corpus": corpus,
        "cache": tmp_path / "cache",
        "holes": 18,
        "max-per-package": 7,
        "resamples": 2000,
        **more,
    }
    return ["fim", *(part for key, value in values.items() for part in (f"--{key}", str(value)))]


def test_the_command_prints_a_table_and_writes_a_report_that_can_be_repeated(
    corpus: Path, tmp_path: Path, tiny_bundle: Path
) -> None:
    def arguments(name: str) -> list[str]:
        details = tmp_path / "holes.jsonl"
        return flags(corpus, tmp_path, model=tiny_bundle, out=tmp_path / name, details=details)

    finished = subprocess.run(
        [sys.executable, "-m", "evaluation", *arguments("first.json")],
        capture_output=True,
        text=True,
    )
    assert finished.returncode == 0, finished.stderr
    assert main(arguments("second.json")) == 0
    report, again = (
        json.loads((tmp_path / f"{name}.json").read_text()) for name in ("first", "second")
    )
    assert all(verdict in finished.stdout for verdict in report["verdicts"])
    assert [row["package"] for row in report["packages"]] == list(PACKAGES)
    assert sum(row["holes"] for row in report["packages"]) == report["holes"]["count"] == 18
    assert report["baseline"]["order"] == 16
    assert "Witten-Bell" in report["baseline"]["smoothing"]
    assert report["bundle"]["trained_on"] != report["corpus"]
    assert "trained on another corpus" in finished.stdout
    for metric in METRICS:
        row = report["metrics"][metric.key]
        low, high = row["interval_by_file"]
        assert low <= row["difference"] <= high
        assert row["difference"] == pytest.approx(row["model"] - row["baseline"])
    for changing in ("created_at", "seconds", "peak_memory_bytes"):
        del report[changing], again[changing]
    assert report == again

    rows = [json.loads(line) for line in (tmp_path / "holes.jsonl").read_text().splitlines()]
    holes = [Hole(**{**row["hole"], "snippets": ()}) for row in rows]
    assert len(set(holes)) == 18
    middle_bytes = sum(len(hole.middle.encode()) for hole in holes)
    model_bits = sum(row["model"]["bits"] for row in rows)
    assert report["metrics"]["bits_per_byte"]["model"] == pytest.approx(model_bits / middle_bytes)


def outcome(number: int, model: Answer, baseline: Answer) -> Outcome:
    hole = Hole("p", f"{number}.py", "", "x = ", "\n", "value", f"{number:064}", "boundary")
    return Outcome(hole, model, baseline)


@pytest.mark.parametrize(
    ("model", "baseline", "expected"),
    [
        (Answer("value", 5), Answer("other", 10), "beats the baseline in {} by"),
        (Answer("other", 10), Answer("value", 5), "loses to the baseline in {} by"),
        (Answer("value", 5), Answer("value", 5), "can't be told from the baseline in {}"),
    ],
)
def test_the_verdict_says_who_wins_whichever_way_the_metric_points(
    model: Answer, baseline: Answer, expected: str
) -> None:
    outcomes = [outcome(number, model, baseline) for number in range(10)]
    for metric in METRICS:
        verdict = compare(outcomes, metric, resamples=2000, seed=0).verdict()
        assert expected.format(metric.title) in verdict
        # Numbers are sizes of the gain or loss: the sign is in the verb.
        assert "by -" not in verdict


def error_of(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> str:
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert "Traceback" not in captured.err
    return captured.err


def test_bad_input_is_one_sentence_each(
    corpus: Path, tmp_path: Path, tiny_bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = tmp_path / "missing"
    assert "no finished corpus" in error_of(capsys, flags(missing, tmp_path, model=tiny_bundle))
    assert "There is no model at" in error_of(capsys, flags(corpus, tmp_path, model=missing))
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF but not really")
    assert "error:" in error_of(capsys, flags(corpus, tmp_path, model=broken))
    too_many = flags(corpus, tmp_path, model=tiny_bundle, holes=500)
    assert "gives 21 holes from 3 packages" in error_of(capsys, too_many)
    assert "--order is 0" in error_of(capsys, flags(corpus, tmp_path, order=0))
    few = flags(corpus, tmp_path, resamples=10)
    assert "Give it at least 2000" in error_of(capsys, few)
    assert "is a folder" in error_of(capsys, flags(corpus, tmp_path, out=tmp_path))


def test_a_corpus_that_holds_nothing_out_says_so(
    tmp_path: Path, tiny_bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    corpus = write_corpus(tmp_path / "all-train", [document(module_text("a"), split="train")])
    arguments = flags(corpus, tmp_path, model=tiny_bundle)
    assert "no held-out documents" in error_of(capsys, arguments)


def test_an_unknown_command_lists_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    message = error_of(capsys, ["perplexity"])
    assert all(name in message for name in COMMANDS)
