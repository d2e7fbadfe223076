"""Fixtures of the attribution tests: real indexes over small corpora."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from attribution.index import Index
    from curation.corpus import CorpusDocument

Texts = "dict[str, str] | list[CorpusDocument]"


@pytest.fixture
def corpus_of(tmp_path: Path) -> Callable[[Texts], Path]:
    """Writes a corpus that is given as documents, or as path → text; returns its folder."""
    pytest.importorskip("pyarrow")
    from curation.corpus import TRAIN
    from tests.evaluation.corpus_fixture import document, write_corpus

    def write(texts: dict[str, str] | list[CorpusDocument]) -> Path:
        if isinstance(texts, dict):
            texts = [document(text, path=path, split=TRAIN) for path, text in texts.items()]
        number = len(list(tmp_path.glob("corpus-*")))
        return write_corpus(tmp_path / f"corpus-{number}", texts)

    return write


@pytest.fixture
def index_of(corpus_of: Callable[[Texts], Path], tmp_path: Path) -> Callable[[Texts], Path]:
    """Builds the index of such a corpus; returns its folder."""
    pytest.importorskip("pydivsufsort")
    from attribution.build import build_index, plan_build

    def build(texts: Texts) -> Path:
        corpus = corpus_of(texts)
        index = tmp_path / f"index-{corpus.name.removeprefix('corpus-')}"
        build_index(plan_build(corpus, index))
        return index

    return build


@pytest.fixture
def open_of(index_of: Callable[[Texts], Path]) -> Callable[[Texts], Index]:
    """Builds such an index and opens it."""
    from attribution.index import open_index

    return lambda texts: open_index(index_of(texts))
