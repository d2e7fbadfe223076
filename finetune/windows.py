"""Documents → packed windows, by pretraining's own code: same layout, same holes, same packing.

As a dataset, a window keeps its examples apart: positions begin at 0 in each, and by that
`transformers` masks what came before it. The loss is over all tokens, or over middles only.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
import torch

from inkling.layout import Sentinel
from pretrain.mixture import shuffle_key
from pretrain.packing import pack, window_type
from pretrain.train import IGNORED_LABEL

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from curation.corpus import CorpusDocument
    from pretrain.examples import ExampleMaker

SEED = 1
_OPEN_WINDOWS = 16


def pack_documents(
    documents: Sequence[CorpusDocument], maker: ExampleMaker, epochs: int, limit: int | None = None
) -> np.ndarray:
    """The first `limit` windows of `epochs` passes over the documents in random order.

    Returns:
        shape (windows, window), uint16 or, for a large vocabulary, uint32; none if no document
        gives an example.
    """
    order = sorted(documents, key=lambda document: shuffle_key(document, SEED))
    stream = (
        ids
        for epoch in range(epochs)
        for document in order
        for ids in maker.examples(document, epoch)
    )
    window, pad = maker.options.window, maker.sentinel_ids[Sentinel.PAD]
    dtype = window_type(max(maker.tokenizer.get_vocab_size(), pad + 1))
    rows = list(islice(pack(stream, window, pad, _OPEN_WINDOWS, dtype), limit))
    return np.stack(rows) if rows else np.zeros((0, window), dtype=dtype)


class PackedExamples(torch.utils.data.Dataset[dict[str, torch.Tensor]]):
    """Windows with `input_ids`, `position_ids` and `labels`, each of shape (window,).

    Args:
        windows: shape (windows, window).
        sentinel_ids: of the tokenizer.
        middles_only: no loss for what stands before a middle; texts without a hole count whole.
    """

    def __init__(
        self, windows: np.ndarray, sentinel_ids: Mapping[Sentinel, int], middles_only: bool = False
    ) -> None:
        self._windows = windows
        self._ids = sentinel_ids
        self._middles_only = middles_only

    def __len__(self) -> int:
        return len(self._windows)

    def __getitem__(self, index: int) -> dict[str, torch.Tensor]:
        ids = self._windows[index].astype(np.int64)
        starts = _last(np.concatenate(([True], ids[:-1] == self._ids[Sentinel.END])))
        labels = np.where(ids == self._ids[Sentinel.PAD], IGNORED_LABEL, ids)
        if self._middles_only:
            labels[self._before_middle(ids, starts)] = IGNORED_LABEL
        # The first token of an example has nothing before it to be predicted from.
        labels[np.arange(len(ids)) == starts] = IGNORED_LABEL
        return {
            "input_ids": torch.from_numpy(ids),
            "position_ids": torch.from_numpy(np.arange(len(ids)) - starts),
            "labels": torch.from_numpy(labels),
        }

    def _before_middle(self, ids: np.ndarray, starts: np.ndarray) -> np.ndarray:
        """Where an example with a hole hasn't come to its middle yet; shape (window,)."""
        has_hole = np.isin(starts, starts[ids == self._ids[Sentinel.PREFIX]])
        middle = _last(ids == self._ids[Sentinel.MIDDLE])
        passed = (middle >= starts) & (middle < np.arange(len(ids)))
        return np.asarray(has_hole & ~passed)


def _last(marks: np.ndarray) -> np.ndarray:
    """For each position the last marked one at or before it; −1 if there is none."""
    return np.maximum.accumulate(np.where(marks, np.arange(len(marks)), -1))
