"""The windows of a run: one's own code with holes where changes were made, and generic code."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from finetune.audit import canary_documents
from finetune.base_loss import base_losses
from finetune.generic import read_generic
from finetune.material import hunk_cutter, mix
from finetune.past_changes import past_changes
from finetune.windows import SEED, pack_documents
from inkling.errors import InklingError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

    from curation.corpus import CorpusDocument
    from finetune.base import Base
    from finetune.material import Material
    from finetune.options import FinetuneOptions

_ASIDE_ONE_IN = 16
_MOST_ASIDE = 16
_MEASURED_WINDOWS = 48
"""Windows of generic code on which forgetting is measured."""


@dataclass(frozen=True)
class TrainingData:
    """Packed windows, each of shape (windows, window).

    Attributes:
        train: to train on.
        aside: of files that aren't trained on, for the loss that ends training.
        generic: of generic code, to measure what is forgotten.
        learned: documents behind `train`, without canaries and generic code.
        improbable: documents that were left out, being absurd to the base.
        past: places of earlier commits behind `train`.
    """

    train: np.ndarray
    aside: np.ndarray
    generic: np.ndarray
    learned: list[CorpusDocument]
    improbable: list[CorpusDocument]
    past: int = 0


def make_training_data(
    material: Material, base: Base, options: FinetuneOptions, seed: str
) -> TrainingData:
    """Pack what the material and the options give.

    Raises:
        InklingError: nothing is left to train on.
    """
    losses = base_losses(base, material.learned)
    limit = options.base_loss_limit
    pairs = list(zip(material.learned, losses, strict=True))
    learned = [document for document, loss in pairs if loss <= limit]
    improbable = [document for document, loss in pairs if loss > limit]
    if not learned:
        raise InklingError(
            f"The base finds every file less likely than {limit:g} nats a token "
            f"({min(losses):.1f} at best).",
            "Choose a base that knows the language, or a higher --base-loss-limit.",
        )
    kept, aside = _set_aside(learned)
    cutter = hunk_cutter(material, options.hunk_share)
    maker = base.served_example_maker(options.window, cutter, learned)
    plain = base.example_maker(options.window)
    generic = read_generic(options.base_corpus, tuple(base.manifest.languages))
    own = pack_documents([*kept, *(canary_documents(kept, seed) if kept else [])], maker,
                         options.epochs)  # fmt: skip
    if not len(own):
        raise InklingError(
            "The files give nothing to train on.", "Name a repository with more code."
        )
    past, places = _past(material, kept, base, options, len(own))
    own = mix(own, past, options.past_share, SEED)
    replayed = round(len(own) * options.replay_share / max(0.01, 1 - options.replay_share))
    return TrainingData(
        mix(own, pack_documents(generic.replay, plain, 1, replayed), options.replay_share, SEED),
        pack_documents(aside, maker, 2, _MOST_ASIDE),
        pack_documents(generic.measured, plain, 1, _MEASURED_WINDOWS),
        kept,
        improbable,
        places,
    )


def _past(
    material: Material,
    learned: Sequence[CorpusDocument],
    base: Base,
    options: FinetuneOptions,
    windows: int,
) -> tuple[np.ndarray, int]:
    """Windows of what earlier commits typed, as many as their share asks for, and the places.

    Args:
        windows: of the files as they are now.
    """
    share = options.past_share
    wanted = round(windows * share / (1 - share)) if share < 1 else windows
    languages = base.manifest.languages
    tokens = min(options.window, base.manifest.context_size)
    characters = sum(len(document.text) for document in learned) * options.epochs
    past = past_changes(material.sources, learned, languages, tokens, characters if wanted else 0)
    maker = base.served_example_maker(options.window, past, learned)
    return pack_documents(past.documents, maker, options.epochs, wanted), len(past.documents)


def _set_aside(
    documents: Sequence[CorpusDocument],
) -> tuple[list[CorpusDocument], list[CorpusDocument]]:
    """To train on, and one in `_ASIDE_ONE_IN` by a hash of its path; never a small repository's."""
    kept: list[CorpusDocument] = []
    aside: list[CorpusDocument] = []
    for document in documents:
        digest = hashlib.sha256(f"{document.repo}/{document.path}".encode()).digest()
        chosen = len(documents) >= 2 * _ASIDE_ONE_IN and digest[0] % _ASIDE_ONE_IN == 0
        (aside if chosen else kept).append(document)
    return kept, aside
