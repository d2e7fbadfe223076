"""Adapters: what is trained comes back merged, on a 4-bit base as well."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("peft")
pytest.importorskip("datatrove")
from finetune.adapters import Method, adapter_for_serving, load_for_training, save_trained

if TYPE_CHECKING:
    from pathlib import Path


def trained(base: Path, method: Method, *, dora: bool = False) -> Any:
    """A model after one large step on some tokens."""
    import torch

    torch.manual_seed(0)
    model = load_for_training(base, method, 4, checkpointing=False, dora=dora)
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    ids = torch.arange(300, 340).repeat(2, 1)
    model.train()(input_ids=ids, labels=ids).loss.backward()
    with torch.no_grad():
        for weight in weights:
            weight += 0.02 * weight.grad.sign()
    return model.eval()


@pytest.mark.parametrize("dora", [False, True], ids=["lora", "dora"])
def test_the_merged_model_is_the_trained_one(
    tiny_checkpoint: Path, tmp_path: Path, dora: bool
) -> None:
    import torch

    model = trained(tiny_checkpoint, Method.LORA, dora=dora)
    ids = torch.arange(300, 340)[None]
    with torch.inference_mode():
        wanted = model(input_ids=ids).logits
        merged = save_trained(model, Method.LORA, tiny_checkpoint, tmp_path)
        assert torch.allclose(merged(input_ids=ids).logits, wanted, atol=1e-3)
    assert (adapter_for_serving(tmp_path) is None) == dora


def test_an_adapter_of_a_4_bit_base_is_merged_into_the_full_weights(
    tiny_checkpoint: Path, tmp_path: Path
) -> None:
    pytest.importorskip("bitsandbytes")
    import torch

    model = trained(tiny_checkpoint, Method.QLORA)
    kinds = {type(layer).__name__ for layer in model.modules()}
    assert "Linear4bit" in kinds
    merged = save_trained(model, Method.QLORA, tiny_checkpoint, tmp_path)
    assert {weight.dtype for weight in merged.parameters()} == {torch.float32}
    plain = load_for_training(tiny_checkpoint, Method.FULL, 4, checkpointing=False)
    name = "model.layers.0.self_attn.q_proj.weight"
    change = (merged.get_parameter(name) - plain.get_parameter(name)).abs().max()
    assert 0 < float(change) < 0.1
    config = json.loads((tmp_path / "adapter" / "adapter_config.json").read_bytes())
    assert config["use_rslora"]
