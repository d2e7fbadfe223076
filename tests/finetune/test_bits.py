"""Bits per byte: against the library's own loss, and against the text's own length."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.evaluation.corpus_fixture import document, module_text

if TYPE_CHECKING:
    from finetune.base import Base

WINDOW = 256


@pytest.fixture(scope="module")
def windows(base: Base) -> np.ndarray:
    from finetune.windows import pack_documents

    texts = [module_text("größe"), module_text("tree").replace("\n", "\r\n"), "x = '石'\n" * 20]
    documents = [document(text, path=f"{n}.py") for n, text in enumerate(texts)]
    return pack_documents(documents, base.example_maker(WINDOW), epochs=2)


def test_bits_are_those_of_the_library(base: Base, windows: np.ndarray) -> None:
    import torch
    from transformers import Qwen3ForCausalLM

    from finetune.bits import bits_of_windows
    from pretrain.train import WindowDataset

    model = Qwen3ForCausalLM.from_pretrained(base.folder, dtype=torch.float32).eval()
    dataset = WindowDataset(windows, base.pad)
    expected = []
    for number in range(len(dataset)):
        row = {key: value[None] for key, value in dataset[number].items()}
        with torch.inference_mode():
            mean = model(**row).loss.item()
        expected.append(mean * int((windows[number, 1:] != base.pad).sum()) / math.log(2))
    found = bits_of_windows(base.folder, windows, base.pad)
    np.testing.assert_allclose(found, expected, rtol=1e-4)


def test_bytes_are_those_of_the_text(base: Base, windows: np.ndarray) -> None:
    for row in windows:
        ids = [int(token) for token in row if token != base.pad]
        text = base.tokenizer.decode(ids, skip_special_tokens=True)
        assert base.token_bytes[ids].sum() == len(text.encode())


def test_no_window_is_longer_than_the_base_has_seen(base: Base) -> None:
    assert base.example_maker(10**6).options.window == base.manifest.context_size


def test_a_limit_takes_the_first_windows(base: Base, windows: np.ndarray) -> None:
    from finetune.windows import pack_documents

    documents = [document(module_text("tree"))]
    maker = base.example_maker(WINDOW)
    every = pack_documents(documents, maker, epochs=2)
    np.testing.assert_array_equal(pack_documents(documents, maker, 2, limit=1), every[:1])
    assert pack_documents([], maker, epochs=2).shape == (0, WINDOW)
