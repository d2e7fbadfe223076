"""Holes are cut where commits changed something, the recent ones more often."""

from __future__ import annotations

import random
import subprocess
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.evaluation.corpus_fixture import document
from tests.finetune.conftest import commit

pytest.importorskip("torch")
from typing import TYPE_CHECKING

from finetune.authorship import LineOrigin, line_origins
from finetune.spans import HALF_LIFE_SECONDS, HunkCutter
from pretrain.examples import Piece
from pretrain.fim import FimMix

if TYPE_CHECKING:
    from pathlib import Path

TEXT = "".join(f"value_{n} = compute({n})\n" for n in range(10))
OLD, NEW = LineOrigin("a" * 40, 0), LineOrigin("b" * 40, 4 * HALF_LIFE_SECONDS)
MIX = FimMix(bare=0.0, lines_above=0.0)


def cutter(origins: list[LineOrigin], share: float = 1.0) -> HunkCutter:
    return HunkCutter({("pkg", "m.py"): origins}, NEW.committed_at, share)


def piece(text: str = TEXT, start: int = 0, whole: str = TEXT) -> Piece:
    return Piece(text, replace(document(whole, path="m.py"), repo="pkg"), start)


def lines_cut(cut: HunkCutter, at: Piece, mix: FimMix = MIX) -> Counter[int]:
    rng = random.Random(0)
    holes = [cut(at, mix, rng) for _ in range(400)]
    return Counter(at.text.count("\n", 0, hole.cursor) for hole in holes if hole is not None)


def test_recent_lines_are_cut_more_often() -> None:
    counts = lines_cut(cutter([OLD] * 8 + [NEW] * 2), piece())
    recent = counts[8] + counts[9]
    assert recent > 400 * 0.6
    assert sum(counts.values()) - recent > 0


def test_a_hole_ends_with_its_commit() -> None:
    origins = [OLD] * 3 + [NEW] * 4 + [OLD] * 3
    rng, mix = random.Random(1), replace(MIX, line_end=0.0)
    for _ in range(100):
        hole = cutter(origins)(piece(), mix, rng)
        assert hole is not None
        if 3 <= TEXT.count("\n", 0, hole.cursor) < 7:
            assert TEXT.count("\n", 0, hole.end) == 6


def test_a_later_piece_and_a_changed_file_keep_their_lines() -> None:
    origins = [OLD] * 8 + [NEW] * 2
    start = TEXT.index("value_5")
    assert lines_cut(cutter(origins), piece(TEXT[start:], start)).most_common(1)[0][0] in (3, 4)
    curated = "".join(TEXT.splitlines(keepends=True)[5:])
    at = piece(curated, 0, curated)
    mapped = Piece(at.text, replace(at.document, line_map=[6, 7, 8, 9, 10]), 0)
    assert lines_cut(cutter(origins), mapped).most_common(1)[0][0] in (3, 4)


@given(st.text(alphabet="ab \n\r\t", min_size=1, max_size=60), st.integers(0, 12), st.randoms())
def test_any_text_and_any_origins_give_a_hole_or_none(text: str, known: int, rng) -> None:  # type: ignore[no-untyped-def]
    hole = cutter([NEW] * known)(piece(text, 0, text), FimMix(), rng)
    if hole is not None:
        assert 0 <= hole.anchor <= hole.cursor <= hole.end <= len(text)


def test_origins_are_those_of_git(tmp_path: Path) -> None:
    repo = tmp_path / "repo"
    repo.mkdir()
    (repo / "m.py").write_text("one = 1\ntwo = 2\n")
    commit(repo, "2024-01-01T12:00:00Z")
    (repo / "m.py").write_text("one = 1\nhalf = 1.5\ntwo = 2\n")
    commit(repo, "2024-06-01T12:00:00Z")
    newest = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=repo, capture_output=True, text=True, check=True
    ).stdout.strip()
    origins = line_origins(repo, "m.py")
    assert [origin.commit == newest for origin in origins] == [False, True, False]
    assert origins[0].committed_at < origins[1].committed_at
    assert line_origins(repo, "none.py") == ()
