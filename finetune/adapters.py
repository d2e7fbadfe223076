"""The weights that are trained: all of them, or a LoRA adapter on a frozen or 4-bit base.

rsLoRA scales by alpha/√rank (Kalajdzievski 2023), so the rank can be changed without a new
learning rate. A 4-bit base is for memory only: the adapter is merged into the full weights.
"""

from __future__ import annotations

import json
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import torch

from finetune.loading import load_model

if TYPE_CHECKING:
    from pathlib import Path

ADAPTER_FOLDER = "adapter"


class Method(StrEnum):
    """What is trained."""

    FULL = "full"
    LORA = "lora"
    QLORA = "qlora"


def load_for_training(
    base: Path, method: Method, rank: int, checkpointing: bool, dora: bool = False
) -> Any:
    """The base with what is to be trained; everything else is frozen.

    Args:
        rank, dora: of the adapter.
        checkpointing: compute activations again in the backward pass, which saves memory.
    """
    model: Any = load_model(base, **loading(method))
    model.config.use_cache = False  # with a cache, packed examples would see each other
    if checkpointing:
        model.gradient_checkpointing_enable({"use_reentrant": False})
    if method is Method.FULL:
        return model
    import peft

    if method is Method.QLORA:
        model = peft.prepare_model_for_kbit_training(  # type: ignore[no-untyped-call]
            model, use_gradient_checkpointing=checkpointing
        )
    elif checkpointing:
        model.enable_input_require_grads()
    return peft.get_peft_model(model, adapter_config(rank, dora))


def adapter_config(rank: int, dora: bool = False) -> Any:
    """All linear layers but the output, as LoRA Without Regret found best."""
    import peft

    return peft.LoraConfig(
        task_type="CAUSAL_LM",
        r=rank,
        lora_alpha=rank,
        use_rslora=True,
        use_dora=dora,
        target_modules="all-linear",
    )


def loading(method: Method) -> dict[str, Any]:
    """What `from_pretrained` is told besides: how a 4-bit base is stored."""
    if method is not Method.QLORA:
        return {}
    from transformers import BitsAndBytesConfig

    quantization = BitsAndBytesConfig(  # type: ignore[no-untyped-call]
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=torch.bfloat16 if torch.cuda.is_available() else torch.float32,
    )
    return {"quantization_config": quantization}


def save_trained(model: Any, method: Method, base: Path, folder: Path) -> Any:
    """Write the adapter into `folder/adapter`, if there is one; returns the whole model."""
    if method is Method.FULL:
        model.config.use_cache = True
        return model
    model.save_pretrained(folder / ADAPTER_FOLDER)
    return merge(base, folder / ADAPTER_FOLDER)


def adapter_for_serving(checkpoint: Path) -> Path | None:
    """The adapter of a tuned checkpoint, if it has one of a kind that llama.cpp can load."""
    folder = checkpoint / ADAPTER_FOLDER
    if not folder.is_dir():
        return None
    config = json.loads((folder / "adapter_config.json").read_bytes())
    return None if config.get("use_dora") else folder


def merge(base: Path, adapter: Path) -> Any:
    """The base in float32 with the adapter added to its weights."""
    import peft

    return peft.PeftModel.from_pretrained(load_model(base), adapter).merge_and_unload()
