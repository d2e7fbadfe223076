"""Stage "perplexity": what resembles the model's corpus passes, what doesn't is dropped."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import numpy as np
import pytest
from datatrove.data import Document

from curation.stages.perplexity import (
    ByteModel,
    PerplexityFilter,
    count_bytes,
    load_model,
    save_model,
)
from curation.stages.stage import DROP_KEY
from inkling.errors import InklingError
from tests.curation.trees import module_text

if TYPE_CHECKING:
    from pathlib import Path

CODE = module_text(99)
NOISE = "".join(random.Random(1).choices("qzxjkvbw#~^%0987", k=2_000))


@pytest.fixture(scope="module")
def model() -> ByteModel:
    return count_bytes(module_text(n) for n in range(60))


def document(text: str) -> Document:
    return Document(text=text, id="i", metadata={"path": "a.py", "language": "python"})


def test_code_surprises_less_than_noise_and_a_text_seen_less_than_another(model: ByteModel) -> None:
    assert model.bits_a_byte(module_text(3)) < model.bits_a_byte(CODE) < 6
    assert model.bits_a_byte(NOISE) > model.bits_a_byte(CODE) + 2


def test_without_counts_every_byte_costs_eight_bits() -> None:
    assert count_bytes([]).bits_a_byte(CODE) == pytest.approx(8)
    assert count_bytes([]).bits_a_byte("") == 0


def test_after_code_the_bytes_share_one_probability(model: ByteModel) -> None:
    """Hashing may give some of it twice in places, but not on the whole."""
    rng = random.Random(0)
    sums = []
    for _ in range(30):
        text = CODE[: rng.randrange(len(CODE))]
        before = model.bits_a_byte(text) * len(text)
        after = [model.bits_a_byte(text + chr(n)) * (len(text) + 1) for n in range(1, 128)]
        assert min(after) >= before - 1e-6
        sums.append(sum(2.0 ** (before - bits) for bits in after))
    assert sum(sums) / len(sums) < 1.5


def test_the_stage_drops_with_the_value_and_the_bound(model: ByteModel, tmp_path: Path) -> None:
    save_model(model, tmp_path / "m.npz")
    np.testing.assert_array_equal(load_model(tmp_path / "m.npz").counts, model.counts)
    stage = PerplexityFilter(tmp_path / "m.npz", 6.5)
    kept, dropped = stage.run(iter([document(CODE), document(NOISE)]))
    assert DROP_KEY not in kept.metadata
    name, reason, detail = dropped.metadata[DROP_KEY]
    assert (name, reason) == ("perplexity", "surprising")
    assert "at most 6.5 pass" in detail
    (row,) = stage.explain(document(NOISE))
    assert not row.passed


def test_a_file_that_is_no_model_is_refused_in_words(tmp_path: Path) -> None:
    for content in (None, b"", b"PK\x03\x04junk", b"text"):
        path = tmp_path / f"{len(content or b'')}.npz"
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(InklingError, match="no perplexity model"):
            PerplexityFilter(path, 4.0)
