"""Attention example by example gives what the model's own gives with a mask."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

from quantize.architectures import ARCHITECTURES  # noqa: E402

WINDOW = 48


def tiny(hf_class: str) -> Any:
    kind = getattr(transformers, hf_class)
    torch.manual_seed(1)
    return kind(
        kind.config_class(
            vocab_size=64,
            hidden_size=64,
            intermediate_size=64,
            num_hidden_layers=2,
            num_attention_heads=4,
            num_key_value_heads=2,
            max_position_embeddings=WINDOW,
            pad_token_id=0,
            bos_token_id=1,
            eos_token_id=1,
        )
    )


def batch(starts: list[list[int]]) -> dict[str, Any]:
    generator = torch.Generator().manual_seed(2)
    ids = torch.randint(2, 64, (len(starts), WINDOW), generator=generator)
    sizes = [np.diff([*row, WINDOW]).tolist() for row in starts]
    rows = [torch.cat([torch.arange(size) for size in row]) for row in sizes]
    return {"input_ids": ids, "labels": ids, "position_ids": torch.stack(rows)}


def losses(model: Any, inputs: dict[str, Any]) -> tuple[float, list[Any]]:
    model.zero_grad()
    loss = model(**inputs, use_cache=False).loss
    loss.backward()
    return loss.item(), [parameter.grad.clone() for parameter in model.parameters()]


@pytest.mark.parametrize("hf_class", [a.hf_class for a in ARCHITECTURES])
@pytest.mark.parametrize(
    "starts",
    [[[0, 7, 30], [0]], [[0], [0]], [[0, 1, 2, 47], [0, 24]]],
    ids=["some", "one a window", "single tokens"],
)
def test_loss_and_gradients_are_those_of_the_masked_square(
    hf_class: str, starts: list[list[int]]
) -> None:
    from finetune.packed_attention import example_by_example

    model = tiny(hf_class)
    inputs = batch(starts)
    masked, gradients = losses(model, inputs)
    with example_by_example(model):
        loss, own = losses(model, inputs)
    assert loss == pytest.approx(masked, rel=1e-5)
    for mine, theirs in zip(own, gradients, strict=True):
        torch.testing.assert_close(mine, theirs, rtol=1e-3, atol=1e-5)


def test_afterwards_the_model_has_its_own_attention_again() -> None:
    from finetune.packed_attention import NAME, example_by_example

    model = tiny(ARCHITECTURES[0].hf_class)
    own = model.config._attn_implementation
    with example_by_example(model):
        assert model.config._attn_implementation == NAME
    assert model.config._attn_implementation == own
