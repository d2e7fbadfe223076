"""What is found of real code after a formatter or a rename, and what is claimed of unseen code.

The bench (`make bench-attribution`) asks the same of a large corpus; here modules of the standard
library stand for it.
"""

from __future__ import annotations

import importlib
import inspect
import random
from typing import TYPE_CHECKING

import pytest

from attribution.findings import Scope
from attribution.matter import Tier
from attribution.query import check
from evaluation.attribution_queries import FORMS, HELD_OUT, Document, cut_piece

if TYPE_CHECKING:
    from attribution.index import Index

KNOWN = ("bisect", "cmd", "csv", "fnmatch", "graphlib", "heapq", "queue", "sched", "shlex")
UNSEEN = ("calendar", "difflib", "fractions", "pprint", "plistlib", "tokenize", "zipapp", "netrc")
PIECES = 20

pytest.importorskip("pydivsufsort")
pytest.importorskip("black")


def documents(names: tuple[str, ...]) -> list[Document]:
    sources = (inspect.getsource(importlib.import_module(name)) for name in names)
    return [
        Document(number, name, f"{name}.py", source)
        for number, (name, source) in enumerate(zip(names, sources, strict=True))
    ]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    from attribution.build import build_index, plan_build
    from attribution.index import open_index
    from curation.corpus import TRAIN
    from tests.evaluation.corpus_fixture import document, write_corpus

    folder = tmp_path_factory.mktemp("recall")
    rows = [document(item.text, item.repo, item.path, TRAIN) for item in documents(KNOWN)]
    build_index(plan_build(write_corpus(folder / "corpus", rows), folder / "index"))
    return open_index(folder / "index")


def strong_sources(index: Index, text: str) -> set[str] | None:
    """The files that strong findings name, before display; None if there is none."""
    report = check(index, text.encode(), "python", Scope(max_candidates=3))
    loud = [found for found in report.findings if found.tier is Tier.STRONG]
    return {s.document.path for f in loud for s in f.holders.sources} if loud else None


@pytest.mark.parametrize(
    ("form", "share"), [("CRLF", 0.99), ("tabs", 0.99), ("black", 0.99), ("renamed", 0.9)]
)
def test_changed_copies_are_found_with_their_source(index: Index, form: str, share: float) -> None:
    generator = random.Random(7)
    asked = found = 0
    for item in documents(KNOWN):
        changed = FORMS[form](item.text, generator)
        for _ in range(PIECES):
            piece = cut_piece(item, form, changed, generator)
            if piece is not None:
                asked += 1
                found += item.path in (strong_sources(index, piece.text) or ())
    assert asked > 50
    assert found >= share * asked, f"{found} of {asked}"


def test_hardly_any_unseen_code_is_called_a_strong_copy(index: Index) -> None:
    generator = random.Random(8)
    pieces = [
        piece
        for item in documents(UNSEEN)
        for _ in range(30)
        if (piece := cut_piece(item, HELD_OUT, item.text, generator)) is not None
    ]
    assert len(pieces) > 200
    claimed = [piece.text for piece in pieces if strong_sources(index, piece.text) is not None]
    assert len(claimed) < 0.005 * len(pieces), claimed
