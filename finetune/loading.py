"""The weights of a checkpoint as a model of transformers, of whichever architecture it is.

Nothing of a folder is run: only classes that transformers itself has are used, and only
safetensors are read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
import transformers

from quantize.architectures import architecture_of
from quantize.checkpoint_reader import read_json

if TYPE_CHECKING:
    from pathlib import Path

_MOST_LOGITS = 2**27
"""Numbers, of 4 bytes; about three times as many are in memory at once."""


def load_model(folder: Path, **more: Any) -> Any:
    """The model in float32.

    Args:
        more: for `from_pretrained`, as a quantization.

    Raises:
        InklingError: an architecture that isn't known.
    """
    architecture = architecture_of(read_json(folder / "config.json"))
    kind = getattr(transformers, architecture.hf_class)
    return kind.from_pretrained(
        folder, dtype=torch.float32, local_files_only=True, use_safetensors=True, **more
    )


def rows_at_once(model: Any, width: int, most: int) -> int:
    """Sequences of `width` tokens to measure together: a large vocabulary makes large logits."""
    return max(1, min(most, _MOST_LOGITS // (width * model.config.vocab_size)))


def load_to_measure(folder: Path) -> Any:
    """The same, where there is a GPU on it, to be asked and not trained."""
    model = load_model(folder)
    return model.to("cuda" if torch.cuda.is_available() else "cpu").eval()
