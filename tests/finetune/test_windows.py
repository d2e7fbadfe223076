"""Windows: packed by pretraining's code, each example apart from its neighbours."""

from __future__ import annotations

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

    texts = [module_text("elm")[:300], module_text("fir")[:200], "x = 1\n" * 20]
    documents = [document(text, path=f"{n}.py") for n, text in enumerate(texts)]
    return pack_documents(documents, base.example_maker(WINDOW), epochs=6)


def test_an_example_is_not_influenced_by_its_neighbours(base: Base, windows: np.ndarray) -> None:
    """The loss of a packed window is that of its examples, each alone."""
    import torch
    from transformers import Qwen3ForCausalLM

    from finetune.windows import PackedExamples

    model = Qwen3ForCausalLM.from_pretrained(base.folder, dtype=torch.float32).eval()
    end = base.sentinel_ids[next(s for s in base.sentinel_ids if s.name == "END")]
    several = [row for row in windows if (row == end).sum() > 1]
    assert several
    row = PackedExamples(np.stack(several[:1]), base.sentinel_ids)[0]
    with torch.inference_mode():
        packed = model(
            **{key: value[None] for key, value in row.items()}, use_cache=False
        ).loss.item()
    losses, counts = 0.0, 0
    ids = [int(token) for token in several[0] if token != base.pad]
    while ids:
        cut = ids.index(end) + 1
        alone, ids = torch.tensor([ids[:cut]]), ids[cut:]
        with torch.inference_mode():
            losses += model(input_ids=alone, labels=alone).loss.item() * (cut - 1)
        counts += cut - 1
    assert packed == pytest.approx(losses / counts, rel=1e-4)


def test_only_middles_are_learned_if_asked_for(base: Base, windows: np.ndarray) -> None:
    from finetune.windows import PackedExamples
    from inkling.layout import Sentinel
    from pretrain.train import IGNORED_LABEL

    ids = base.sentinel_ids
    everything = PackedExamples(windows, ids)
    middles = PackedExamples(windows, ids, middles_only=True)
    with_hole = 0
    for number in range(len(windows)):
        learned = middles[number]["labels"].numpy() != IGNORED_LABEL
        assert not np.any(learned & (everything[number]["labels"].numpy() == IGNORED_LABEL))
        example: list[tuple[int, bool]] = []
        for token, counts in zip(windows[number].tolist(), learned.tolist(), strict=True):
            example.append((token, counts))
            if token == ids[Sentinel.END]:
                tokens = [t for t, _ in example]
                if ids[Sentinel.PREFIX] in tokens:
                    with_hole += 1
                    middle = tokens.index(ids[Sentinel.MIDDLE])
                    assert [c for _, c in example] == [n > middle for n in range(len(example))]
                else:
                    assert all(c for _, c in example[1:])
                example = []
    assert with_hole
