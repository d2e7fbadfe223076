"""Whether an adapter was tuned from the very weights that a model has.

Shape and name don't tell: a starter model that was trained anew has those of the one before. The
weights of the last norm do. Every quantization keeps them in float32 and no adapter changes them,
so their hash is the same in all forms of one model and differs between models.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from inkling.gguf_metadata import read_float32_tensor

if TYPE_CHECKING:
    from pathlib import Path

LINEAGE_KEY = "inkling.lineage"
"""In the metadata of an adapter: `lineage_of` the model that it was tuned from."""
_LAST_NORM = "output_norm.weight"


def lineage_of(model: Path) -> str | None:
    """Hex SHA-256 of the last norm of a GGUF model; None if it has none in float32.

    Raises:
        InklingError: missing, not a GGUF file, or damaged.
    """
    norm = read_float32_tensor(model, _LAST_NORM)
    return None if norm is None else hashlib.sha256(norm).hexdigest()
