"""The model's shape, its first weights, and the schedule it is trained with."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from inkling.errors import InklingError
from inkling.layout import Sentinel
from pretrain.model import ModelShape, build_model
from pretrain.train import IGNORED_LABEL, WindowDataset, learning_rate_share

IDS = {sentinel: number for number, sentinel in enumerate(Sentinel)}
SMALL = ModelShape(layers=2, hidden=256, feed_forward=512, window=128)


def test_the_model_has_the_shape_asked_for() -> None:
    config = build_model(SMALL, 300, IDS, seed=1).config
    assert config.model_type == "qwen3"
    assert (config.num_hidden_layers, config.hidden_size, config.intermediate_size) == (2, 256, 512)
    assert (config.num_attention_heads, config.num_key_value_heads, config.head_dim) == (4, 2, 64)
    assert (config.vocab_size, config.max_position_embeddings) == (300, 128)
    assert config.tie_word_embeddings
    assert config.eos_token_id == IDS[Sentinel.END]
    assert config.pad_token_id == IDS[Sentinel.PAD]


def test_blocks_start_as_the_identity_so_the_first_loss_is_that_of_guessing() -> None:
    model = build_model(SMALL, 300, IDS, seed=1)
    tokens = torch.arange(7, 107)[None]
    hidden = model.model(tokens, output_hidden_states=True).hidden_states
    assert torch.equal(hidden[0], hidden[1])
    loss = model(tokens, labels=tokens).loss.item()
    assert loss == pytest.approx(torch.log(torch.tensor(300.0)).item(), abs=0.6)


def test_the_seed_decides_the_first_weights() -> None:
    first, same, other = (build_model(SMALL, 300, IDS, seed=seed) for seed in (1, 1, 2))
    embeddings = [model.get_input_embeddings().weight for model in (first, same, other)]
    assert torch.equal(embeddings[0], embeddings[1])
    assert not torch.equal(embeddings[0], embeddings[2])


@pytest.mark.parametrize(
    "shape",
    [
        ModelShape(hidden=300),
        ModelShape(feed_forward=700),
        ModelShape(layers=0),
        ModelShape(window=32),
    ],
)
def test_a_shape_that_cannot_be_trained_or_quantized_is_refused(shape: ModelShape) -> None:
    with pytest.raises(InklingError):
        build_model(shape, 300, IDS, seed=1)


def test_padding_is_no_label() -> None:
    windows = torch.tensor([[5, 6, 4, 4]]).numpy().astype("uint16")
    dataset = WindowDataset(windows, pad=4)
    row = dataset[0]
    assert row["input_ids"].tolist() == [5, 6, 4, 4]
    assert row["labels"].tolist() == [5, 6, IGNORED_LABEL, IGNORED_LABEL]
    assert len(dataset) == 1


def test_the_learning_rate_warms_up_stays_and_falls_to_zero() -> None:
    shares = [learning_rate_share(step, 100, 10, 0.5) for step in range(101)]
    assert shares[:11] == pytest.approx([0.1 * (step + 1) for step in range(10)] + [1.0])
    assert set(shares[10:51]) == {1.0}
    assert shares[50:] == pytest.approx([1 - step / 50 for step in range(51)])


@given(st.integers(1, 300), st.integers(0, 300), st.floats(0, 1), st.integers(0, 400))
def test_the_share_of_the_learning_rate_stays_between_zero_and_one(
    steps: int, warmup: int, cooldown: float, step: int
) -> None:
    share = learning_rate_share(step, steps, warmup, cooldown)
    assert 0 <= share <= 1
    assert share == 0 or step < steps


def test_a_run_shorter_than_its_warm_up_still_falls_at_the_end() -> None:
    shares = [learning_rate_share(step, 10, 40, 0.5) for step in range(10)]
    assert shares[:5] == pytest.approx([0.025 * (step + 1) for step in range(5)])
    assert shares[9] == pytest.approx(0.2)
