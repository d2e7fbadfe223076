"""What a model that is named on the command line was trained on."""

from __future__ import annotations

from inkling.bundle import open_bundle
from inkling.errors import InklingError


def corpus_of_model(model: str | None) -> str | None:
    """Manifest hash of the corpus that a bundle's model was trained on; None if none is named.

    Raises:
        InklingError: there is no such model, or it doesn't say.
    """
    if model is None:
        return None
    manifest = open_bundle(model).manifest
    if manifest is None or manifest.corpus is None:
        raise InklingError(
            f"The model {model} doesn't say what it was trained on.",
            "Leave out --model to check against the index alone.",
        )
    return manifest.corpus
