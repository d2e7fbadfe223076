"""How a step is parted, and how fast what learns."""

from __future__ import annotations

import pytest

pytest.importorskip("torch")

from finetune.adapters import Method
from finetune.options import FinetuneOptions
from finetune.train import Recipe, shares_of, usual_rate


def test_wide_models_learn_more_slowly_and_adapters_always_alike() -> None:
    starter, wide = usual_rate(Method.FULL, 256), usual_rate(Method.FULL, 1024)
    assert starter == pytest.approx(4 * wide)
    assert usual_rate(Method.FULL, 128) == starter
    assert usual_rate(Method.LORA, 256) == usual_rate(Method.QLORA, 4096)


@pytest.mark.parametrize(
    ("batch", "micro", "windows", "ranks", "parted"),
    [
        (8, 4, 100, 1, (4, 2)),
        (4, 4, 100, 2, (2, 1)),
        (8, 4, 3, 1, (3, 1)),
        (1, 4, 100, 4, (1, 1)),
    ],
)
def test_a_step_is_parted_into_what_fits(
    batch: int, micro: int, windows: int, ranks: int, parted: tuple[int, int]
) -> None:
    options = FinetuneOptions((".",), batch=batch)
    shares = shares_of(options, Recipe(Method.FULL, 10, micro), windows, ranks)
    assert (shares.micro, shares.accumulated) == parted
    assert shares.batch == parted[0] * parted[1] * ranks
