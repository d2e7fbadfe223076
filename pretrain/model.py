"""The model: Qwen3 dense (grouped-query attention, QK-norm, tied embeddings), deep and thin.

llama.cpp loads this architecture as it is. Hidden and feed-forward sizes must be multiples of 256,
else k-quants silently fall back to larger types.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from transformers import Qwen3Config, Qwen3ForCausalLM

from inkling.errors import InklingError
from inkling.layout import Sentinel

if TYPE_CHECKING:
    from collections.abc import Mapping

BLOCK = 256
HEAD_SIZE = 64


@dataclass(frozen=True)
class ModelShape:
    """Sizes of the model.

    Attributes:
        layers: transformer blocks.
        hidden: width of the residual stream; a multiple of 256.
        feed_forward: width of the SwiGLU layer; a multiple of 256.
        window: longest sequence, in tokens.
    """

    layers: int = 4
    hidden: int = 256
    feed_forward: int = 768
    window: int = 1024

    def check(self) -> None:
        for name in ("hidden", "feed_forward"):
            if getattr(self, name) % BLOCK:
                raise InklingError(
                    f"The {name} size {getattr(self, name)} is no multiple of {BLOCK}.",
                    f"Choose a multiple of {BLOCK}, so that quantization keeps its types.",
                )
        if self.layers < 1 or self.window < 64:
            raise InklingError(
                f"A model of {self.layers} layers and a window of {self.window} can't be trained.",
                "Choose at least one layer and a window of 64 tokens.",
            )


def build_model(
    shape: ModelShape, vocabulary: int, sentinel_ids: Mapping[Sentinel, int], seed: int
) -> Qwen3ForCausalLM:
    """A freshly initialised model; projections into the residual stream start at zero."""
    shape.check()
    heads = shape.hidden // HEAD_SIZE
    config = Qwen3Config(
        vocab_size=vocabulary,
        hidden_size=shape.hidden,
        intermediate_size=shape.feed_forward,
        num_hidden_layers=shape.layers,
        num_attention_heads=heads,
        num_key_value_heads=heads // 2,
        head_dim=HEAD_SIZE,
        max_position_embeddings=shape.window,
        tie_word_embeddings=True,
        attention_bias=False,
        rope_parameters={"rope_type": "default", "rope_theta": 10_000.0},
        bos_token_id=sentinel_ids[Sentinel.END],
        eos_token_id=sentinel_ids[Sentinel.END],
        pad_token_id=sentinel_ids[Sentinel.PAD],
        initializer_range=0.02,
    )
    torch.manual_seed(seed)
    model = Qwen3ForCausalLM(config)
    with torch.no_grad():
        for layer in model.model.layers:
            layer.self_attn.o_proj.weight.zero_()
            layer.mlp.down_proj.weight.zero_()
    return model
