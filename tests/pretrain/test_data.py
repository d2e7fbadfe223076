"""Training data on disk: whole windows, no repository too large, and the same bytes every time."""

from __future__ import annotations

import json
from io import StringIO
from typing import TYPE_CHECKING

import numpy as np
import pytest
from rich.console import Console

from curation.corpus import HELDOUT, TRAIN
from inkling.errors import InklingError
from inkling.layout import Sentinel
from pretrain.data import DataOptions, prepare_data
from pretrain.examples import ExampleOptions
from pretrain.mixture import MAX_REPO_SHARE
from pretrain.tokenizer import sentinel_ids
from tests.pretrain.documents import document, module_text, write_corpus

if TYPE_CHECKING:
    from pathlib import Path

    from pretrain.data import PackedData

OPTIONS = DataOptions(
    vocabulary=320, tokens=30_000, max_epochs=2, examples=ExampleOptions(window=128)
)
REPOS = 14


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Fourteen repositories, one of them far larger, and two held-out documents."""
    documents = [
        document(module_text((repo, number), functions=3), f"repo-{repo}", f"m{number}.py")
        for repo in range(REPOS)
        for number in range(60 if repo == 0 else 6)
    ]
    documents += [document(module_text(n), "out", f"{n}.py", HELDOUT) for n in ("x", "y")]
    return write_corpus(tmp_path_factory.mktemp("data") / "corpus", documents)


def prepare(corpus: Path, folder: Path, options: DataOptions = OPTIONS) -> PackedData:
    return prepare_data(corpus, folder, options, Console(file=StringIO()))


@pytest.fixture(scope="module")
def data(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> PackedData:
    return prepare(corpus, tmp_path_factory.mktemp("packed"))


def test_windows_hold_whole_examples(data: PackedData) -> None:
    ids = sentinel_ids(data.tokenizer)
    assert data.train.shape[1:] == data.heldout.shape[1:] == (128,)
    assert data.train.dtype == np.uint16
    assert len(data.heldout)
    for window in (*data.train, *data.heldout):
        tokens = window[window != ids[Sentinel.PAD]]
        assert tokens[0] in (ids[Sentinel.REPO], ids[Sentinel.FILE])
        assert tokens[-1] == ids[Sentinel.END]


def test_the_manifest_counts_what_was_packed(data: PackedData) -> None:
    pad = sentinel_ids(data.tokenizer)[Sentinel.PAD]
    tokens = int((data.train != pad).sum())
    manifest = data.manifest
    assert manifest["tokens"] == tokens == sum(manifest["tokens_by_repo"].values())
    assert manifest["padding"] == pytest.approx(1 - tokens / data.train.size)
    assert manifest["licenses"] == {"MIT": tokens}
    assert manifest["languages"] == {"python": tokens}


def test_packing_stops_at_the_budget_and_no_repository_is_above_its_share(
    data: PackedData,
) -> None:
    assert OPTIONS.tokens <= data.manifest["tokens"] < OPTIONS.tokens + 2_000
    assert data.manifest["largest_share"] <= MAX_REPO_SHARE
    assert set(data.manifest["tokens_by_repo"]) == {f"repo-{repo}" for repo in range(REPOS)}


def test_held_out_text_is_in_no_training_window(corpus: Path, tmp_path: Path) -> None:
    write_corpus(
        tmp_path / "corpus",
        [document("secret_name = 1\n" * 20, "out", split=HELDOUT), document(module_text(1))],
    )
    data = prepare(tmp_path / "corpus", tmp_path / "data")
    texts = {
        side: "".join(data.tokenizer.decode(window.tolist()) for window in windows)
        for side, windows in ((TRAIN, data.train), (HELDOUT, data.heldout))
    }
    assert "secret_name" in texts[HELDOUT]
    assert "secret_name" not in texts[TRAIN]


def test_the_same_corpus_gives_the_same_bytes(
    corpus: Path, data: PackedData, tmp_path: Path
) -> None:
    again = prepare(corpus, tmp_path)
    assert np.array_equal(again.train, data.train)
    assert np.array_equal(again.heldout, data.heldout)
    assert again.tokenizer.to_str() == data.tokenizer.to_str()
    assert again.manifest == data.manifest


def test_finished_data_are_opened_and_unfinished_or_other_data_made_anew(
    corpus: Path, tmp_path: Path
) -> None:
    prepare(corpus, tmp_path)
    first = (tmp_path / "train.bin").stat()
    prepare(corpus, tmp_path)
    assert (tmp_path / "train.bin").stat().st_ino == first.st_ino
    (tmp_path / "data.json").unlink()  # what a kill before the end leaves behind
    prepare(corpus, tmp_path)
    second = (tmp_path / "train.bin").stat()
    assert second.st_ino != first.st_ino
    fewer = DataOptions(320, tokens=10_000, examples=ExampleOptions(window=128))
    assert prepare(corpus, tmp_path, fewer).manifest["tokens"] < 12_000
    assert json.loads((tmp_path / "data.json").read_bytes())["options"]["tokens"] == 10_000


def test_a_corpus_without_training_documents_is_named(tmp_path: Path) -> None:
    corpus = write_corpus(tmp_path / "corpus", [document("x = 1\n" * 20, split=HELDOUT)])
    with pytest.raises(InklingError, match="no document to train on"):
        prepare(corpus, tmp_path / "data")


def test_a_window_that_no_document_fits_is_named(tmp_path: Path) -> None:
    corpus = write_corpus(tmp_path / "corpus", [document(module_text(1))])
    options = DataOptions(320, examples=ExampleOptions(window=64))
    with pytest.raises(InklingError, match="fits a window of 64 tokens"):
        prepare(corpus, tmp_path / "data", options)
    assert not (tmp_path / "data/data.json").exists()


def test_nothing_held_out_gives_no_held_out_windows(tmp_path: Path) -> None:
    corpus = write_corpus(tmp_path / "corpus", [document(module_text(n)) for n in range(3)])
    data = prepare(corpus, tmp_path / "data")
    assert data.heldout.shape == (0, 128)
    assert len(data.train)
