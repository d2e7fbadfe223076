"""Where copies may be doesn't depend on how documents are spread over segments."""

from __future__ import annotations

import bisect
import heapq
import inspect
import random
import re
import shlex
import textwrap
from typing import TYPE_CHECKING

import pytest

from attribution.findings import Scope
from attribution.index import Index, open_index
from attribution.matter import Tier
from attribution.query import check
from tests.attribution.samples import CANARY, OWN_CODE, renamed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from attribution.findings import Report

TEXTS = {
    "canary.py": CANARY,
    "orchard.py": OWN_CODE,
    **{f"{m.__name__}.py": inspect.getsource(m) for m in (bisect, heapq, shlex, textwrap)},
}


@pytest.fixture
def both(corpus_of: Callable[..., Path], tmp_path: Path) -> tuple[Index, Index]:
    """An index with one segment, and one with a segment for nearly every document."""
    pytest.importorskip("pydivsufsort")
    from attribution.build import build_index, plan_build

    corpus = corpus_of(TEXTS)
    for name, size in (("one", 10**6), ("several", 2_000)):
        build_index(plan_build(corpus, tmp_path / name, segment_bytes=size))
    return open_index(tmp_path / "one"), open_index(tmp_path / "several")


def pieces(count: int) -> list[str]:
    """Parts of the documents: as they are, with other names, and with some lines left out."""
    generator = random.Random(7)
    found = []
    for number in range(count):
        text = generator.choice(list(TEXTS.values()))
        start = generator.randrange(max(1, len(text) - 300))
        piece = text[start : start + generator.randrange(200, 1500)]
        words = sorted(set(re.findall(r"\b[a-z_]{4,}\b", piece)))
        if number % 3 == 1:
            piece = renamed(piece, {word: f"{word[::-1]}_" for word in words})
        elif number % 3 == 2:
            lines = piece.splitlines(keepends=True)
            piece = "".join(line for line in lines if generator.random() < 0.9)
        found.append(piece)
    return found


def told(report: Report) -> list[tuple[object, ...]]:
    return sorted(
        (
            f.kind.value,
            f.tier.name,
            f.start,
            f.end,
            sorted(s.document.path for s in f.holders.sources),
        )
        for f in report.findings
    )


def test_the_same_is_found_in_one_segment_and_in_several(both: tuple[Index, Index]) -> None:
    one, several = both
    assert len(one.segments) == 1
    assert len(several.segments) > 3
    kinds = set()
    for piece in pieces(60):
        found = told(check(one, piece.encode(), "python", Scope(quietest=Tier.SILENT)))
        assert told(check(several, piece.encode(), "python", Scope(quietest=Tier.SILENT))) == found
        kinds |= {kind for kind, *_ in found}
    assert {"exact", "renamed copy", "edited copy"} <= kinds


def test_a_text_with_too_many_hits_is_looked_up_by_its_rarest(
    corpus_of: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("pydivsufsort")
    from attribution.build import build_index, plan_build

    copies = {f"{number}.py": f"# copy {number}\n{OWN_CODE}" for number in range(60)}
    build_index(plan_build(corpus_of({**copies, "canary.py": CANARY}), tmp_path / "index"))
    index = open_index(tmp_path / "index")
    names = {word: f"{word}_" for word in ("rows", "tree", "season", "limit", "row", "trees")}
    text = renamed(OWN_CODE, names) * 20 + renamed(CANARY)
    monkeypatch.setattr("attribution.candidates.MAX_HITS", 500)
    found = check(index, text.encode(), "python").findings
    assert "canary.py" in {s.document.path for f in found for s in f.holders.sources}
