"""Fixtures of the attribution tests: real indexes over small corpora."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from attribution.segment import Segment


@pytest.fixture
def index_of(tmp_path: Path) -> Callable[[dict[str, str]], Path]:
    """Builds the index of a corpus that is given as path → text; returns its folder."""
    pytest.importorskip("pyarrow")
    pytest.importorskip("pydivsufsort")
    from attribution.build import build_index
    from curation.corpus import TRAIN
    from tests.evaluation.corpus_fixture import document, write_corpus

    def build(texts: dict[str, str]) -> Path:
        number = len(list(tmp_path.glob("corpus-*")))
        documents = [document(text, path=path, split=TRAIN) for path, text in texts.items()]
        corpus = write_corpus(tmp_path / f"corpus-{number}", documents)
        index = tmp_path / f"index-{number}"
        build_index(corpus, index)
        return index

    return build


@pytest.fixture
def segment_of(index_of: Callable[[dict[str, str]], Path]) -> Callable[[dict[str, str]], Segment]:
    """Builds such an index and opens it."""
    from attribution.segment import open_segment

    return lambda texts: open_segment(index_of(texts))
