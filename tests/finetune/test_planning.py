"""The plan: what fits is chosen, what can't fit is refused before any work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("torch")
pytest.importorskip("datatrove")
from finetune import planning
from finetune.adapters import Method
from finetune.base import open_base
from finetune.options import FinetuneOptions
from finetune.planning import (
    Cost,
    Size,
    available_memory,
    check_disk,
    check_memory,
    choose_recipe,
    memory_of,
)
from finetune.train import Recipe
from inkling.errors import InklingError

if TYPE_CHECKING:
    from pathlib import Path

STARTER = Size(5_200_000, 4, 256, 8192, 4)
BILLION = Size(1_000_000_000, 24, 2048, 50_000, 16)
GB = 10**9


def chosen(size: Size, available: int, **options: str) -> Recipe:
    return choose_recipe(FinetuneOptions(("x",), **options), size, 1024, 10, available)  # type: ignore[arg-type]


def test_a_small_model_is_trained_whole() -> None:
    assert chosen(STARTER, 16 * GB).method is Method.FULL


def test_a_large_one_gets_an_adapter_and_in_little_memory_four_bits() -> None:
    assert chosen(BILLION, 64 * GB).method is Method.LORA
    assert chosen(BILLION, 4 * GB).method is Method.QLORA


def test_what_is_asked_for_is_kept_with_less_in_memory_at_once() -> None:
    recipe = chosen(BILLION, 9 * GB, method="lora")
    assert recipe.method is Method.LORA
    assert recipe.micro == 1
    assert memory_of(BILLION, recipe, 1024, 16) <= 9 * GB


def test_what_cannot_fit_is_refused() -> None:
    with pytest.raises(InklingError, match="GB of memory"):
        chosen(BILLION, GB // 2)


def test_checkpointing_and_smaller_batches_save_memory() -> None:
    sizes = [
        memory_of(BILLION, Recipe(Method.LORA, 1, micro, checkpointing), 1024, 16)
        for micro, checkpointing in ((4, False), (1, False), (1, True))
    ]
    assert sizes == sorted(sizes, reverse=True)


def test_a_full_disk_is_noticed_before(tmp_path: Path) -> None:
    check_disk(tmp_path / "not" / "there" / "yet", Cost(0, 1))
    with pytest.raises(InklingError, match="MB of disk"):
        check_disk(tmp_path, Cost(0, 10**18))


@pytest.mark.parametrize(
    ("available", "says"), [(500e6, "The base takes 0.6 GB"), (605e6, "Training needs about")]
)
def test_what_cannot_fit_is_refused_before_the_base_is_loaded(
    tiny_checkpoint: Path, monkeypatch: pytest.MonkeyPatch, available: float, says: str
) -> None:
    monkeypatch.setattr(planning, "available_memory", lambda: int(available))
    with pytest.raises(InklingError, match=says):
        check_memory(open_base(tiny_checkpoint), FinetuneOptions(("x",), window=8192))


def test_the_limit_of_a_container_counts(tmp_path: Path) -> None:
    import torch

    if torch.cuda.is_available():
        pytest.skip("there the GPU's memory counts")
    unlimited = available_memory(tmp_path)
    (tmp_path / "memory.max").write_text("max\n")
    (tmp_path / "memory.current").write_text("700\n")
    (tmp_path / "memory.stat").write_text("anon 500\ninactive_file 200\n")
    assert available_memory(tmp_path) > 0.5 * unlimited
    (tmp_path / "memory.max").write_text("1000\n")
    assert available_memory(tmp_path) == 500


def test_where_memory_runs_out_in_the_probe_the_next_smaller_recipe_is_taken(
    tiny_checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import numpy as np
    import torch

    tried: list[Recipe] = []
    real_probe = planning.probe

    def probe_with_room_for_one_sequence(*arguments: Any) -> Cost:
        recipe = arguments[2]
        tried.append(recipe)
        if recipe.micro > 1 or recipe.method is Method.FULL:
            raise torch.OutOfMemoryError("out of memory")
        return real_probe(*arguments)

    monkeypatch.setattr(planning, "probe", probe_with_room_for_one_sequence)
    windows = np.full((8, 128), 300, dtype=np.uint16)
    options = FinetuneOptions(("x",))
    recipe, cost = planning.plan(open_base(tiny_checkpoint), windows, options, 4, tmp_path, 1)
    assert (recipe.method, recipe.micro) == (Method.LORA, 1)
    assert cost.seconds_a_step is not None
    assert tried[-1] == recipe
    assert len(tried) == len(set(tried)) > 2

    monkeypatch.setattr(planning, "probe", _without_any_room)
    with pytest.raises(InklingError, match="GB of memory"):
        planning.plan(open_base(tiny_checkpoint), windows, options, 4, tmp_path, 1)


def _without_any_room(*_: object) -> Cost:
    raise MemoryError
