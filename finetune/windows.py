"""Documents → packed windows, by pretraining's own code: same layout, same holes, same packing."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from inkling.layout import Sentinel
from pretrain.mixture import shuffle_key
from pretrain.packing import pack

if TYPE_CHECKING:
    from collections.abc import Sequence

    from curation.corpus import CorpusDocument
    from pretrain.examples import ExampleMaker

SEED = 1
_OPEN_WINDOWS = 16


def pack_documents(
    documents: Sequence[CorpusDocument], maker: ExampleMaker, epochs: int, limit: int | None = None
) -> np.ndarray:
    """The first `limit` windows of `epochs` passes over the documents in random order.

    Returns:
        shape (windows, window), uint16; none if no document gives an example.
    """
    order = sorted(documents, key=lambda document: shuffle_key(document, SEED))
    stream = (
        ids
        for epoch in range(epochs)
        for document in order
        for ids in maker.examples(document, epoch)
    )
    window, pad = maker.options.window, maker.sentinel_ids[Sentinel.PAD]
    rows = list(islice(pack(stream, window, pad, _OPEN_WINDOWS), limit))
    return np.stack(rows) if rows else np.zeros((0, window), dtype=np.uint16)
