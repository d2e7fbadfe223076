"""Checkpoints with random weights in any shape and number type, written without torch."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import numpy as np

from inkling.checkpoint import CheckpointManifest, write_checkpoint_manifest
from quantize.checkpoint_reader import Shape
from quantize.gguf_writer import expected_shapes

if TYPE_CHECKING:
    from pathlib import Path

HF_NAMES = {
    "token_embd": "model.embed_tokens",
    "output_norm": "model.norm",
    "output": "lm_head",
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "attn_q_norm": "self_attn.q_norm",
    "attn_k_norm": "self_attn.k_norm",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}


def hf_name(gguf_name: str) -> str:
    """`blk.0.attn_q.weight` → `model.layers.0.self_attn.q_proj.weight`."""
    stem = gguf_name.removesuffix(".weight")
    if not stem.startswith("blk."):
        return f"{HF_NAMES[stem]}.weight"
    _, block, part = stem.split(".")
    return f"model.layers.{block}.{HF_NAMES[part]}.weight"


def write_random_checkpoint(
    folder: Path,
    tokenizer: Path,
    *,
    width: int = 64,
    rows: int = 1024,
    tied: bool = True,
    dtype: str = "F32",
    parts: int = 1,
    context_size: int = 512,
) -> dict[str, np.ndarray[Any, Any]]:
    """Write a one-layer checkpoint with the `tokenizer.json` given; returns its tensors as stored.

    `dtype` is F32, F16 or BF16 (stored as the upper halves of float32); with `parts` above 1 the
    weights are spread over as many files.
    """
    shape = Shape(1, width, 2 * width, 2, 1, 32, 1e-6, 10000.0, rows, tied)
    generator = np.random.default_rng(7)
    tensors = {}
    for name, size in expected_shapes(shape).items():
        values = generator.normal(0, 0.05, size).astype(np.float32)
        if dtype == "F16":
            values = values.astype(np.float16)
        elif dtype == "BF16":
            values = (values.view(np.uint32) >> 16).astype(np.uint16)
        tensors[hf_name(name)] = values
    folder.mkdir(parents=True)
    write_tensor_files(folder, tensors, dtype, parts)
    config = {
        "architectures": ["Qwen3ForCausalLM"],
        "num_hidden_layers": shape.block_count,
        "hidden_size": shape.embedding_length,
        "intermediate_size": shape.feed_forward_length,
        "num_attention_heads": shape.head_count,
        "num_key_value_heads": shape.head_count_kv,
        "head_dim": shape.head_length,
        "rms_norm_eps": shape.rms_epsilon,
        "rope_parameters": {"rope_theta": shape.rope_base, "rope_type": "default"},
        "vocab_size": shape.embedding_rows,
        "tie_word_embeddings": shape.tied,
    }
    (folder / "config.json").write_text(json.dumps(config))
    shutil.copyfile(tokenizer, folder / "tokenizer.json")
    write_checkpoint_manifest(folder, CheckpointManifest("random", context_size, ["python"]))
    return tensors


def write_tensor_files(
    folder: Path, tensors: dict[str, np.ndarray[Any, Any]], dtype: str = "F32", parts: int = 1
) -> None:
    """Write safetensors by hand, so that bfloat16 needs no torch."""
    names = sorted(tensors)
    weight_map = {}
    for part in range(parts):
        chosen = names[part::parts]
        file_name = (
            "model.safetensors" if parts == 1 else f"model-{part + 1:05}-of-{parts:05}.safetensors"
        )
        header: dict[str, Any] = {}
        offset = 0
        for name in chosen:
            end = offset + tensors[name].nbytes
            header[name] = {
                "dtype": dtype,
                "shape": list(tensors[name].shape),
                "data_offsets": [offset, end],
            }
            weight_map[name] = file_name
            offset = end
        encoded = json.dumps(header).encode()
        with (folder / file_name).open("wb") as handle:
            handle.write(len(encoded).to_bytes(8, "little") + encoded)
            for name in chosen:
                handle.write(tensors[name].tobytes())
    if parts > 1:
        (folder / "model.safetensors.index.json").write_text(
            json.dumps({"metadata": {}, "weight_map": weight_map})
        )


def edit_json(path: Path, **changes: Any) -> None:
    """Replace top-level values of a JSON file."""
    path.write_text(json.dumps(json.loads(path.read_bytes()) | changes))
