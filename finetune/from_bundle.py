"""A bundle back into a checkpoint: what `quantize` wrote can be trained on again.

Weights are dequantized to float32; Q8_0 loses next to nothing by that. Only bundles of models that
this project trained from the start are read: their architecture is known exactly.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

from inkling.atomic import atomic_folder
from inkling.bundle import open_bundle
from inkling.checkpoint import CheckpointManifest, write_checkpoint_manifest
from inkling.errors import InklingError, require
from quantize.gguf_writer import LAYOUT_KEY

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from tokenizers import Tokenizer

FROM_BUNDLE = "from_bundle"
"""In a checkpoint's training facts: SHA-256 of the model file that it was read from."""
_ARCHITECTURE = "qwen3"
_PRE_TOKENIZER = "starcoder"


def checkpoint_from_bundle(source: Path, target: Path) -> None:
    """Write the checkpoint folder `target` with the weights and the tokenizer of a bundle.

    Raises:
        InklingError: no bundle, or one of a model that this project didn't train.
    """
    gguf = require("gguf", "train")
    bundle = open_bundle(source)
    reader = gguf.GGUFReader(bundle.model_path)
    fields = {name: field.contents() for name, field in reader.fields.items()}
    if (
        fields.get("general.architecture") != _ARCHITECTURE
        or fields.get("tokenizer.ggml.pre") != _PRE_TOKENIZER
        or LAYOUT_KEY not in fields
        or bundle.manifest is None
    ):
        raise InklingError(
            f"{source} holds a model of another family, which can't be read back to be trained.",
            "Name its checkpoint or Hugging Face folder, or OWNER/NAME on the hub.",
        )
    manifest = CheckpointManifest(
        name=bundle.manifest.name,
        context_size=bundle.manifest.context_size,
        languages=list(bundle.manifest.languages),
        corpus=bundle.manifest.corpus,
        layout_version=bundle.manifest.layout_version,
        training={FROM_BUNDLE: bundle.manifest.files[bundle.model_path.name].sha256},
    )
    weights = {
        tensor.name: gguf.quants.dequantize(tensor.data, tensor.tensor_type)
        for tensor in reader.tensors
    }
    with atomic_folder(target) as folder:
        _write_model(fields, weights, folder)
        _write_tokenizer(fields, folder)
        for pattern in ("README.md", "LICENSE*"):  # what its licence is told by
            for path in bundle.model_path.parent.glob(pattern):
                shutil.copyfile(path, folder / path.name)
        write_checkpoint_manifest(folder, manifest)


def _write_model(fields: dict[str, Any], weights: dict[str, np.ndarray], folder: Path) -> None:
    import torch
    from transformers import Qwen3Config, Qwen3ForCausalLM

    gguf = require("gguf", "train")

    def value(key: str) -> Any:
        return fields[f"{_ARCHITECTURE}.{key}"]

    layers = value("block_count")
    config = Qwen3Config(
        vocab_size=len(fields["tokenizer.ggml.tokens"]),
        hidden_size=value("embedding_length"),
        intermediate_size=value("feed_forward_length"),
        num_hidden_layers=layers,
        num_attention_heads=value("attention.head_count"),
        num_key_value_heads=value("attention.head_count_kv"),
        head_dim=value("attention.key_length"),
        rms_norm_eps=value("attention.layer_norm_rms_epsilon"),
        max_position_embeddings=value("context_length"),
        tie_word_embeddings="output.weight" not in weights,
        attention_bias=False,
        rope_parameters={"rope_type": "default", "rope_theta": value("rope.freq_base")},
        bos_token_id=fields["tokenizer.ggml.bos_token_id"],
        eos_token_id=fields["tokenizer.ggml.eos_token_id"],
        pad_token_id=fields["tokenizer.ggml.padding_token_id"],
    )
    model = Qwen3ForCausalLM(config)
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.QWEN3, layers)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            stored = names.get_name(name, try_suffixes=(".weight",))
            parameter.copy_(torch.tensor(weights[stored]).reshape(parameter.shape))
    model.save_pretrained(folder)


def _write_tokenizer(fields: dict[str, Any], folder: Path) -> None:
    from pretrain.tokenizer import as_pretrained

    tokenizer = _tokenizer(fields)
    as_pretrained(tokenizer).save_pretrained(folder)
    tokenizer.save(str(folder / "tokenizer.json"))


def _tokenizer(fields: dict[str, Any]) -> Tokenizer:
    from tokenizers import AddedToken, Tokenizer, models

    from pretrain.tokenizer import byte_level, without_special_tokens

    gguf = require("gguf", "train")
    tokens, types = fields["tokenizer.ggml.tokens"], fields["tokenizer.ggml.token_type"]
    kept = [(t, kind) for t, kind in zip(tokens, types, strict=True) if kind != _unused(gguf)]
    merges = [tuple(merge.split(" ")) for merge in fields["tokenizer.ggml.merges"]]
    vocabulary = {token: number for number, (token, _) in enumerate(kept)}
    tokenizer = byte_level(Tokenizer(models.BPE(vocab=vocabulary, merges=merges)))
    control = gguf.TokenType.CONTROL
    tokenizer.add_special_tokens(
        [AddedToken(token, special=True) for token, kind in kept if kind == control]
    )
    return without_special_tokens(tokenizer)


def _unused(gguf: Any) -> int:
    return int(gguf.TokenType.UNUSED)
