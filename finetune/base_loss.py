"""Files that the base finds absurd: encoded data, another language, generated tables.

Refact's recipe drops such files too; its limit of 3 nats is for models of billions of parameters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from finetune.loading import load_to_measure, token_nats

if TYPE_CHECKING:
    from collections.abc import Sequence

    from curation.corpus import CorpusDocument
    from finetune.base import Base

_TOKENS = 512
_BATCH = 8


def base_losses(base: Base, documents: Sequence[CorpusDocument]) -> list[float]:
    """Mean loss of the beginning of each document, in nats a token."""
    model = load_to_measure(base.folder)
    tokens = min(_TOKENS, base.manifest.context_size)
    encoded = [
        base.tokenizer.encode(document.text[: 8 * tokens], add_special_tokens=False).ids[:tokens]
        for document in documents
    ]
    losses: list[float] = []
    for start in range(0, len(encoded), _BATCH):
        part = encoded[start : start + _BATCH]
        width = max(2, *map(len, part))
        rows = torch.tensor([ids + [base.pad] * (width - len(ids)) for ids in part])
        known = rows[:, 1:] != base.pad
        nats = token_nats(model, rows, _BATCH).masked_fill(~known, 0.0)
        losses += (nats.sum(dim=1) / known.sum(dim=1).clamp(min=1)).tolist()
    return losses
