"""What is asked: lines that later commits brought, not files that they only moved."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("datatrove")
from finetune.gate.cut import cut_history
from finetune.gate.rounds import rounds_of
from finetune.material import Material
from finetune.options import FinetuneOptions
from finetune.report import overlap_text
from finetune.sources import Source
from tests.evaluation.corpus_fixture import document
from tests.finetune.conftest import HELD_OUT, commit, module

if TYPE_CHECKING:
    from pathlib import Path


def test_a_file_that_was_moved_is_not_asked_about(repo: Path, tmp_path: Path) -> None:
    checkout = shutil.copytree(repo, tmp_path / "arboretum")
    (checkout / "woods").mkdir()
    (checkout / "alder.py").rename(checkout / "woods" / "alder.py")
    commit(checkout, "2024-09-01T12:00:00Z")
    cut = cut_history(checkout, ("python",), holes=20)
    assert cut is not None
    learned = [document(module("alder"), repo="arboretum", path="alder.py")]
    material = Material([Source("arboretum", checkout, checkout, cut)], learned, [])
    rounds, asked, overlap = rounds_of(material, FinetuneOptions((".",)), tmp_path / "run")
    holes = [hole for part in rounds for hole in part.holes]
    assert {hole.path for hole in holes} == {f"{HELD_OUT[-1]}.py"}
    assert len(holes) == asked
    assert overlap["copies"] == ["arboretum/woods/alder.py"]
    assert "copies of files learned: 1" in overlap_text(overlap)
