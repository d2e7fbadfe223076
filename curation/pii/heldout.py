"""What the classifier is measured on: documents, templates and countries new to it."""

from __future__ import annotations

import random
from itertools import islice
from typing import TYPE_CHECKING

from curation.corpus import HELDOUT, read_documents
from curation.pii.samples import Sample, code_words, samples
from curation.pii.templates import HELDOUT as TEMPLATES
from curation.pii.values import HELDOUT_LOCALES, Values
from inkling.errors import InklingError

if TYPE_CHECKING:
    from pathlib import Path

_DOCUMENT_CHARACTERS = 200_000
_SEED = 1_000_003


def heldout_samples(corpus: Path, count: int, seed: int = _SEED) -> list[Sample]:
    """Samples of held-out documents, templates and countries."""
    documents = draw_documents(corpus, HELDOUT, 500, seed)
    values = Values(HELDOUT_LOCALES, seed)
    drawn = samples(documents, _draw_heldout, values, code_words(documents), seed)
    return list(islice(drawn, count))


def _draw_heldout(rng: random.Random) -> str:
    return rng.choice(TEMPLATES)


def draw_documents(corpus: Path, split: str, most: int, seed: int) -> list[str]:
    """Texts of a corpus's split, at most so many, drawn at random.

    Raises:
        InklingError: there is none.
    """
    rng = random.Random(seed)
    drawn: list[str] = []
    for seen, document in enumerate(read_documents(corpus, split)):
        text = document.text[:_DOCUMENT_CHARACTERS]
        if len(drawn) < most:
            drawn.append(text)
        elif (place := rng.randrange(seen + 1)) < most:
            drawn[place] = text
    if not drawn:
        raise InklingError(
            f"The corpus {corpus} holds no document of the split '{split}'.",
            "Make one with: python -m curation run … --heldout-packages 2.",
        )
    return drawn
