"""The architectures that can be exported, as a table: what each has beside plain attention.

All are the decoder of Llama (RMS norms, rotary positions, a gated feed-forward layer) with small
differences, and llama.cpp knows each by a name of its own. Anything that a configuration asks for
beyond this table is refused here, since it would load and then compute something else.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from inkling.errors import InklingError

if TYPE_CHECKING:
    from collections.abc import Mapping

_QKV = ("attn_q", "attn_k", "attn_v")
_BIAS_FLAGS = ("attention_bias", "mlp_bias")
_KNOWN_ROPES = ("default", "linear")


@dataclass(frozen=True)
class Architecture:
    """One architecture.

    Attributes:
        hf_class: as `config.json` names it; a class of transformers.
        gguf_name: as llama.cpp names it.
        head_norms: queries and keys are normalized.
        biases: tensors of a block, in GGUF's names, that always have a bias.
        optional_biases: flag of `config.json` → tensors that have a bias if it is set.
        paired_rows: llama.cpp turns neighbouring values of a head, transformers value i with
            value i + half, so the rows of queries and keys must change places.
    """

    hf_class: str
    gguf_name: str
    head_norms: bool = False
    biases: tuple[str, ...] = ()
    optional_biases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    paired_rows: bool = False

    def biases_of(self, config: Mapping[str, Any]) -> frozenset[str]:
        """Tensors of a block, in GGUF's names, that have a bias."""
        optional = [names for flag, names in self.optional_biases.items() if config.get(flag)]
        return frozenset(self.biases).union(*optional)


QWEN3 = Architecture("Qwen3ForCausalLM", "qwen3", head_norms=True)
QWEN2 = Architecture("Qwen2ForCausalLM", "qwen2", biases=_QKV)
LLAMA = Architecture(
    "LlamaForCausalLM",
    "llama",
    optional_biases={
        "attention_bias": (*_QKV, "attn_output"),
        "mlp_bias": ("ffn_gate", "ffn_up", "ffn_down"),
    },
    paired_rows=True,
)
ARCHITECTURES = (QWEN3, QWEN2, LLAMA)

CHOOSE = (
    f"Choose a model of {', '.join(a.hf_class for a in ARCHITECTURES[:-1])} or "
    f"{ARCHITECTURES[-1].hf_class} in its ordinary form."
)


def architecture_of(config: Mapping[str, Any]) -> Architecture:
    """The architecture that a `config.json` names.

    Raises:
        InklingError: none of the table, or with something that the table doesn't know.
    """
    names = config.get("architectures") or [config.get("model_type")]
    found = [known for known in ARCHITECTURES if names == [known.hf_class]]
    if not found:
        raise InklingError(
            f"The model's architecture is {', '.join(map(str, names))}, "
            "which can't be trained on and exported.",
            CHOOSE,
        )
    if unusual := _unusual(config, found[0]):
        raise InklingError(
            f"The model's config.json has an unusual value for: {', '.join(unusual)}.", CHOOSE
        )
    return found[0]


def rope_of(config: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the configuration says about rotary positions; transformers 5 moved the base there."""
    found = config.get("rope_parameters") or config.get("rope_scaling") or {}
    rope = found if isinstance(found, dict) else {}
    usual = {
        "rope_theta": config.get("rope_theta", 10000.0),
        "partial_rotary_factor": config.get("partial_rotary_factor", 1.0),
        "rope_type": rope.get("type", "default"),
    }
    return usual | rope


def _unusual(config: Mapping[str, Any], architecture: Architecture) -> list[str]:
    rope = rope_of(config)
    known = {
        "hidden_act": config.get("hidden_act", "silu") == "silu",
        "use_sliding_window": not config.get("use_sliding_window"),
        "layer_types": set(config.get("layer_types") or ()) <= {"full_attention"},
        "rope_type": rope["rope_type"] in _KNOWN_ROPES,
        "partial_rotary_factor": rope["partial_rotary_factor"] == 1,
        "quantization_config": not config.get("quantization_config"),
    }
    known |= {
        flag: not config.get(flag) or flag in architecture.optional_biases for flag in _BIAS_FLAGS
    }
    return [name for name, as_known in known.items() if not as_known]
