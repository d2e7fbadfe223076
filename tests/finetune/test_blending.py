"""Blending: as far from the base as it is told, for all weights and for adapters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from finetune.base import Base

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")


def test_all_weights_go_part_of_the_way_back(base: Base) -> None:
    from finetune.adapters import Method, load_for_training
    from finetune.blending import blend
    from finetune.loading import load_model

    before = dict(load_model(base.folder).named_parameters())
    model = load_for_training(base.folder, Method.FULL, 4, checkpointing=False)
    with torch.no_grad():
        for weight in model.parameters():
            weight.add_(1)
    blend(model, Method.FULL, base.folder, 0.25)
    for name, weight in model.named_parameters():
        torch.testing.assert_close(weight, before[name] + 0.25)


def test_an_adapter_changes_the_weights_by_its_share(base: Base) -> None:
    pytest.importorskip("peft")
    from finetune.adapters import Method, load_for_training
    from finetune.blending import blend

    model = load_for_training(base.folder, Method.LORA, 4, checkpointing=False)
    layers = [m for m in model.modules() if hasattr(m, "lora_B") and len(m.lora_B)]
    assert layers
    with torch.no_grad():
        for layer in layers:
            layer.lora_B["default"].weight.normal_()
    whole = [layer.get_delta_weight("default").clone() for layer in layers]
    blend(model, Method.LORA, base.folder, 0.5)
    for layer, delta in zip(layers, whole, strict=True):
        torch.testing.assert_close(layer.get_delta_weight("default"), delta / 2)


def test_all_of_the_way_changes_nothing(base: Base) -> None:
    from finetune.adapters import Method, load_for_training
    from finetune.blending import blend

    model = load_for_training(base.folder, Method.FULL, 4, checkpointing=False)
    with torch.no_grad():
        model.lm_head.weight.add_(1)
    tuned = model.lm_head.weight.clone()
    blend(model, Method.FULL, base.folder, 1.0)
    assert torch.equal(model.lm_head.weight, tuned)
