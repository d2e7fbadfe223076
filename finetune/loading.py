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


def load_model(folder: Path, dtype: torch.dtype = torch.float32, **more: Any) -> Any:
    """The model, in float32 if nothing else is wanted.

    Args:
        more: for `from_pretrained`, as a quantization.

    Raises:
        InklingError: an architecture that isn't known.
    """
    architecture = architecture_of(read_json(folder / "config.json"))
    kind = getattr(transformers, architecture.hf_class)
    return kind.from_pretrained(
        folder, dtype=dtype, local_files_only=True, use_safetensors=True, **more
    )


def load_to_measure(folder: Path) -> Any:
    """The same to be asked and not trained; on a GPU, if there is one, in half the memory."""
    if not torch.cuda.is_available():
        return load_model(folder).eval()
    return load_model(folder, torch.bfloat16).to("cuda").eval()


@torch.inference_mode()
def token_nats(model: Any, rows: torch.Tensor, most: int) -> torch.Tensor:
    """Minus the log-probability of each token after the first, in nats; shape (rows, width - 1).

    Args:
        rows: token ids, shape (rows, width).
        most: rows at once, fewer if the vocabulary is large.
    """
    at_once = max(1, min(most, _MOST_LOGITS // (rows.shape[1] * model.config.vocab_size)))
    found = []
    for part in torch.split(rows.to(model.device), at_once):
        logits = model(input_ids=part[:, :-1]).logits
        targets = part[:, 1:]
        nats = torch.nn.functional.cross_entropy(
            logits.flatten(0, 1).float(), targets.flatten(), reduction="none"
        )
        found.append(nats.view(targets.shape).cpu())
    return torch.cat(found)
