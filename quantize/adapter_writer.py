"""A PEFT LoRA adapter as GGUF, which llama.cpp adds to a running model.

llama.cpp scales an adapter by alpha/rank; rsLoRA trains with alpha/√rank, so the alpha that is
written is alpha·√rank. DoRA and trained embeddings have no place in the format and are refused.
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

import numpy as np

from inkling.errors import InklingError, require
from inkling.lineage import LINEAGE_KEY
from quantize.gguf_writer import in_rows_of_gguf, tensor_names

if TYPE_CHECKING:
    from pathlib import Path

    from quantize.checkpoint_reader import Shape

_PREFIX = "base_model.model."
_SIDES = {".lora_A.weight": ".lora_a", ".lora_B.weight": ".lora_b"}


def write_adapter(
    adapter: Path,
    target: Path,
    shape: Shape,
    name: str,
    base: str | None = None,
    lineage: str | None = None,
) -> None:
    """Convert the PEFT folder `adapter` to the GGUF file `target`, in float16.

    Args:
        shape: of the base.
        name: `general.name` in the metadata.
        base: name of the model that it was tuned from, for the metadata, too.
        lineage: `inkling.lineage.lineage_of` that model, by which servers refuse any other.

    Raises:
        InklingError: an adapter of a kind that GGUF can't hold.
    """
    gguf = require("gguf", "train")
    load_file = require("safetensors.numpy", "train").load_file
    config = json.loads((adapter / "adapter_config.json").read_bytes())
    if config.get("use_dora") or config.get("alpha_pattern") or config.get("rank_pattern"):
        raise InklingError(
            "The adapter uses DoRA or several ranks, which GGUF can't express.",
            "Merge it into the model instead.",
        )
    names = tensor_names(shape)
    writer = gguf.GGUFWriter(target, shape.architecture.gguf_name)
    writer.add_name(name)
    writer.add_type("adapter")
    if base is not None:
        writer.add_base_model_count(1)
        writer.add_base_model_name(0, base)
    if lineage is not None:
        writer.add_string(LINEAGE_KEY, lineage)
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", effective_alpha(config))
    for source, weights in sorted(load_file(adapter / "adapter_model.safetensors").items()):
        found = _target(source, names)
        if found.endswith(_SIDES[".lora_B.weight"]):  # its rows are those of the base's matrix
            weights = in_rows_of_gguf(weights, found, shape)
        writer.add_tensor(found, weights.astype(np.float16))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def effective_alpha(config: dict[str, float]) -> float:
    """The alpha with which alpha/rank is the scale that was trained with."""
    rank, alpha = config["r"], config["lora_alpha"]
    return float(alpha * math.sqrt(rank) if config.get("use_rslora") else alpha)


def _target(source: str, names: object) -> str:
    for side, suffix in _SIDES.items():
        if source.startswith(_PREFIX) and source.endswith(side):
            stem = source.removeprefix(_PREFIX).removesuffix(side)
            found = names.get_name(stem, try_suffixes=(".weight",))  # type: ignore[attr-defined]
            if found is not None:
                return f"{found}.weight{suffix}"
    raise InklingError(
        f"The adapter changes {source}, which GGUF can't express.",
        "Train an adapter of the linear layers only.",
    )
