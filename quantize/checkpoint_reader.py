"""Reads a checkpoint folder and refuses everything that the GGUF writer could get wrong.

Only JSON and safetensors are read, without torch or transformers. One architecture is known:
Qwen3 dense, which is what `pretrain` trains. Weights stay on disk until they are asked for.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from inkling.checkpoint import CheckpointManifest, read_checkpoint_manifest
from inkling.errors import InklingError
from inkling.layout import LAYOUT_VERSION
from quantize.tensor_files import TensorFiles
from quantize.vocabulary import Vocabulary, parse_vocabulary

if TYPE_CHECKING:
    from pathlib import Path

ARCHITECTURE = "Qwen3ForCausalLM"

RETRAIN = "Export a Qwen3 model that 'python -m pretrain' or 'python -m finetune' wrote."


@dataclass(frozen=True)
class Shape:
    """Hyper-parameters of a Qwen3 dense model; names as in GGUF's metadata."""

    block_count: int
    embedding_length: int
    feed_forward_length: int
    head_count: int
    head_count_kv: int
    head_length: int
    rms_epsilon: float
    rope_base: float
    embedding_rows: int
    tied: bool


@dataclass(frozen=True)
class Checkpoint:
    """An opened checkpoint. `card_files` are the model card and its pictures, if it has one."""

    folder: Path
    manifest: CheckpointManifest
    shape: Shape
    vocabulary: Vocabulary
    tensors: TensorFiles
    card_files: tuple[Path, ...]


def open_checkpoint(folder: Path) -> Checkpoint:
    """Open a finished checkpoint and check that its parts fit together.

    Raises:
        InklingError: missing, unfinished or damaged files; another architecture; a tokenizer
            that llama.cpp would read differently; more tokens than embedding rows.
    """
    manifest = read_checkpoint_manifest(folder)
    if manifest.layout_version != LAYOUT_VERSION:
        raise InklingError(
            f"The checkpoint {folder} was trained with prompt layout {manifest.layout_version}; "
            f"this Inkling writes layout {LAYOUT_VERSION}.",
            "Use the release of Inkling that trained it, or train it again.",
        )
    shape = parse_shape(read_json(folder / "config.json"))
    vocabulary = parse_vocabulary(read_json(folder / "tokenizer.json"))
    if len(vocabulary.tokens) > shape.embedding_rows:
        raise InklingError(
            f"The tokenizer has {len(vocabulary.tokens)} tokens, "
            f"the model only {shape.embedding_rows} embedding rows.",
            "Keep the tokenizer that the model was trained with in its checkpoint folder.",
        )
    return Checkpoint(
        folder,
        manifest,
        shape,
        vocabulary,
        TensorFiles.open(folder),
        tuple(sorted([*folder.glob("README.md"), *folder.glob("*.svg")])),
    )


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object; InklingError if the file is missing or holds anything else."""
    remedy = "Train the model again, or copy the whole checkpoint folder."
    try:
        value = json.loads(path.read_bytes())
    except OSError as error:
        raise InklingError(f"The checkpoint lacks {path}.", remedy) from error
    except ValueError as error:
        raise InklingError(f"The file {path} is damaged: {error}.", remedy) from error
    if not isinstance(value, dict):
        raise InklingError(f"The file {path} is damaged: it holds no JSON object.", remedy)
    return value


def parse_shape(config: dict[str, Any]) -> Shape:
    """The shape that `config.json` describes; InklingError for anything but plain Qwen3 dense."""
    architectures = config.get("architectures") or [config.get("model_type")]
    if architectures != [ARCHITECTURE]:
        raise InklingError(
            f"The model's architecture is {', '.join(map(str, architectures))}; "
            f"only {ARCHITECTURE} can be exported.",
            RETRAIN,
        )
    rope = config.get("rope_parameters") or config.get("rope_scaling") or {}
    expected = {
        "hidden_act": config.get("hidden_act", "silu") == "silu",
        "attention_bias": not config.get("attention_bias"),
        "use_sliding_window": not config.get("use_sliding_window"),
        "rope_type": rope.get("rope_type", rope.get("type", "default")) == "default",
    }
    if unusual := [name for name, as_expected in expected.items() if not as_expected]:
        raise InklingError(
            f"The model's config.json has an unusual value for: {', '.join(unusual)}.", RETRAIN
        )
    try:
        heads = int(config["num_attention_heads"])
        return Shape(
            block_count=int(config["num_hidden_layers"]),
            embedding_length=int(config["hidden_size"]),
            feed_forward_length=int(config["intermediate_size"]),
            head_count=heads,
            head_count_kv=int(config["num_key_value_heads"]),
            head_length=int(config.get("head_dim") or config["hidden_size"] // heads),
            rms_epsilon=float(config["rms_norm_eps"]),
            # transformers 5 moved rope_theta into rope_parameters.
            rope_base=float(rope["rope_theta"] if "rope_theta" in rope else config["rope_theta"]),
            embedding_rows=int(config["vocab_size"]),
            tied=bool(config["tie_word_embeddings"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise InklingError(
            f"The model's config.json lacks a usable value: {error!r}.", RETRAIN
        ) from error
