"""Training data on disk: packed windows as one memory-mapped array, and what is in them.

data/
    tokenizer.json
    train.bin, heldout.bin   uint16, shape (windows, window)
    data.json                written last: options, corpus hash, counts by repository
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from curation.corpus import HELDOUT, TRAIN, manifest_hash, read_documents
from inkling.atomic import atomic_file, write_json
from inkling.errors import InklingError
from inkling.layout import Sentinel
from pretrain.examples import ExampleMaker, ExampleOptions
from pretrain.mixture import MAX_REPO_SHARE, select_documents
from pretrain.packing import pack
from pretrain.tokenizer import load_tokenizer, sentinel_ids, train_tokenizer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rich.console import Console
    from tokenizers import Tokenizer

    from curation.corpus import CorpusDocument

TOKENIZER_NAME = "tokenizer.json"
MANIFEST_NAME = "data.json"
DATA_VERSION = 1
_CAP_MARGIN = 0.97
"""A repository is left out from just below its cap, since the last document may overshoot."""


@dataclass(frozen=True)
class DataOptions:
    """What to make of a corpus.

    Attributes:
        vocabulary: entries of the tokenizer.
        tokenizer_bytes: text that the tokenizer is trained on.
        tokens: stop after so many tokens of training examples.
        max_epochs: passes over the corpus at most; each pass cuts other holes.
        heldout_windows: windows of held-out code for the loss curve.
        seed: of the document order.
        examples: how documents become examples.
    """

    vocabulary: int = 8192
    tokenizer_bytes: int = 40_000_000
    tokens: int = 10_000_000
    max_epochs: int = 4
    heldout_windows: int = 64
    seed: int = 1
    examples: ExampleOptions = field(default_factory=ExampleOptions)


@dataclass(frozen=True)
class PackedData:
    """Packed windows, opened for training. Arrays have shape (windows, window), uint16."""

    train: np.ndarray
    heldout: np.ndarray
    tokenizer: Tokenizer
    manifest: dict[str, Any]


def prepare_data(corpus: Path, folder: Path, options: DataOptions, console: Console) -> PackedData:
    """Tokenize and pack a corpus into `folder`, or open what an earlier run has made there.

    Raises:
        InklingError: the corpus has no training document, or none that fits a window.
    """
    wanted = {"version": DATA_VERSION, "corpus": manifest_hash(corpus), "options": asdict(options)}
    manifest_path = folder / MANIFEST_NAME
    if manifest_path.is_file():
        found = json.loads(manifest_path.read_bytes())
        if all(found.get(key) == value for key, value in wanted.items()):
            return open_data(folder)
    with console.status("reading the corpus"):
        documents = select_documents(read_documents(corpus, TRAIN), options.seed)
    if not documents:
        raise InklingError(
            f"The corpus {corpus} has no document to train on.", "Curate more source code."
        )
    with console.status("training the tokenizer"):
        tokenizer = train_tokenizer(
            _first_bytes(documents, options.tokenizer_bytes), options.vocabulary
        )
        with atomic_file(folder / TOKENIZER_NAME) as temporary:
            tokenizer.save(str(temporary))
    maker = ExampleMaker(tokenizer, sentinel_ids(tokenizer), options.examples)
    window, pad = options.examples.window, maker.sentinel_ids[Sentinel.PAD]
    counter = _Counter()
    stream = counter.count(documents, maker, options, console)
    rows = list(pack(stream, window, pad))
    if not rows:
        raise InklingError(
            f"No document of the corpus {corpus} fits a window of {window} tokens.",
            "Choose a larger --window.",
        )
    train = np.stack(rows)
    np.random.default_rng(options.seed).shuffle(train)
    heldout = _heldout_windows(corpus, maker, options, pad)
    for name, array in (("train", train), ("heldout", heldout)):
        with atomic_file(folder / f"{name}.bin") as temporary:
            array.tofile(temporary)
    tokens = sum(counter.tokens.values())
    wanted |= {
        "window": window,
        "tokens": tokens,
        "bytes": counter.bytes,
        "documents": counter.documents,
        "padding": 1 - tokens / train.size,
        "largest_share": max(counter.tokens.values()) / tokens,
        "tokens_by_repo": dict(counter.tokens.most_common()),
        "licenses": dict(counter.licenses.most_common()),
        "languages": dict(counter.languages.most_common()),
    }
    write_json(manifest_path, wanted)
    return open_data(folder)


def open_data(folder: Path) -> PackedData:
    """Open packed data that `prepare_data` has finished."""
    manifest = json.loads((folder / MANIFEST_NAME).read_bytes())
    window = manifest["window"]

    def windows(name: str) -> np.ndarray:
        path = folder / f"{name}.bin"
        if path.stat().st_size == 0:
            return np.zeros((0, window), dtype=np.uint16)
        return np.memmap(path, dtype=np.uint16, mode="r").reshape(-1, window)

    tokenizer = load_tokenizer(folder / TOKENIZER_NAME)
    return PackedData(windows("train"), windows("heldout"), tokenizer, manifest)


class _Counter:
    """Counts what goes by, since packing only sees tokens."""

    def __init__(self) -> None:
        self.tokens: Counter[str] = Counter()
        self.licenses: Counter[str] = Counter()
        self.languages: Counter[str] = Counter()
        self.bytes = 0
        self.documents = 0

    def count(
        self,
        documents: list[CorpusDocument],
        maker: ExampleMaker,
        options: DataOptions,
        console: Console,
    ) -> Iterator[list[int]]:
        """The examples of as many documents and epochs as the token budget takes."""
        columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
        with Progress(*columns, TimeRemainingColumn(), console=console) as progress:
            bar = progress.add_task("packing", total=options.tokens)
            repos = {document.repo for document in documents}
            capped = len(repos) * MAX_REPO_SHARE > 1
            most_of_one_repo = options.tokens * (_CAP_MARGIN * MAX_REPO_SHARE if capped else 1)
            done = 0
            for epoch in range(options.max_epochs):
                for document in documents:
                    if done >= options.tokens:
                        return
                    if self.tokens[document.repo] >= most_of_one_repo:
                        continue
                    for ids in maker.examples(document, epoch):
                        self.tokens[document.repo] += len(ids)
                        self.licenses[document.license or "none"] += len(ids)
                        self.languages[document.language] += len(ids)
                        done += len(ids)
                        yield ids
                    self.bytes += len(document.text.encode())
                    self.documents += epoch == 0
                    progress.update(bar, completed=done)


def _first_bytes(documents: list[CorpusDocument], limit: int) -> Iterator[str]:
    total = 0
    for document in documents:
        if total >= limit:
            return
        total += len(document.text.encode())
        yield document.text


def _heldout_windows(
    corpus: Path, maker: ExampleMaker, options: DataOptions, pad: int
) -> np.ndarray:
    """The first windows of the held-out side in random order; none if nothing is held out."""
    window = options.examples.window
    documents = select_documents(read_documents(corpus, HELDOUT), options.seed)
    stream = (ids for document in documents for ids in maker.examples(document))
    rows: list[np.ndarray] = []
    for row in pack(stream, window, pad, open_windows=16):
        if len(rows) == options.heldout_windows:
            break
        rows.append(row)
    return np.stack(rows) if rows else np.zeros((0, window), dtype=np.uint16)
