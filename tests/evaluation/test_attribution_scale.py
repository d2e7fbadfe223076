"""The large index of a multiplied corpus, small: seeded, resumed, and asked warm and cold."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING

import pytest

from attribution.index import open_index
from curation.corpus import HELDOUT, TRAIN
from evaluation.attribution_cold import drop_pages
from evaluation.attribution_scale import AttributionScale, build, multiplied, mutated
from tests.evaluation.corpus_fixture import document, module_text, write_corpus

if TYPE_CHECKING:
    from pathlib import Path

pytest.importorskip("pydivsufsort")


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    rows = [document(module_text(f"name{n}", 8), f"r{n}", "m.py", TRAIN) for n in range(6)]
    rows.append(document(module_text("name3", 9), "unseen", "h.py", HELDOUT))
    return write_corpus(tmp_path / "corpus", rows)


def test_copies_are_seeded_and_the_first_is_the_corpus(corpus: Path) -> None:
    first, second, again = (list(multiplied(corpus, copy)) for copy in (0, 1, 1))
    assert second == again
    assert first[2][1].decode() == module_text("name2", 8)
    assert all(row.repo.endswith("~1") for row, _ in second)
    assert not {text for _, text in first} & {text for _, text in second}
    text = module_text("a_name")
    assert mutated(text, [], random.Random(1)).count("\n") == text.count("\n")


def test_a_large_index_is_built_in_pieces_and_asked(
    corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, report = tmp_path / "large", tmp_path / "report.json"
    bench = AttributionScale(
        corpus, folder, gb=3e-5, segment_mb=0.02, completions=12, generated=0, cold=2, report=report
    )
    assert bench.run() == 0
    figures = json.loads(report.read_text())
    assert figures["segments"] > 1
    assert figures["completions"] == 12
    # The unseen file is the third of the corpus but for one function, and is found to be.
    assert figures["strong"] > 0
    assert figures["findings"][0]["repo"].startswith("r3")
    assert len(figures["warm_ms"]) == 3
    assert len(figures["cold_ms"]) in (0, 3)
    assert figures["cold_start_ms"].keys() == figures["cold_ms"].keys()
    assert figures["build_cpu_seconds"] > 0
    assert list(build(corpus, folder, 30_000, 20_000)) == []  # nothing is left to build
    assert drop_pages(open_index(folder)) in (True, False)
    assert "strong_share" in capsys.readouterr().out
