"""Tuning keeps what helps, survives what crashes, and is remembered for a model and a machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from inkling.settings import home
from lsp_server.engine.engine import Engine
from lsp_server.engine.records import EngineSettings
from lsp_server.engine.tuning import (
    candidates,
    measure_in_child,
    remembered_tuning,
    tune,
    typical_ms,
)
from tests.lsp_server.answers import assert_same_answer, request_at

if TYPE_CHECKING:
    from pathlib import Path

    from inkling.bundle import Bundle


@pytest.fixture(autouse=True)
def _fresh_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INKLING_HOME", str(tmp_path / "home"))


def test_what_helps_is_kept_and_combined(bundle: Bundle) -> None:
    def measure(settings: EngineSettings) -> float:
        return 100 - 30 * settings.flash_attention - 20 * (settings.batch_tokens == 512)

    tuning = tune(bundle, measure)
    assert tuning is not None
    assert tuning.settings == EngineSettings(flash_attention=True, batch_tokens=512)
    assert (tuning.ms, tuning.default_ms) == (50, 100)
    assert remembered_tuning(bundle) == tuning


def test_noise_and_crashes_change_nothing(bundle: Bundle) -> None:
    tuning = tune(bundle, lambda settings: 100 if settings == EngineSettings() else None)
    assert tuning is not None
    assert tuning.settings == EngineSettings()
    tuning = tune(bundle, lambda settings: 100 if settings == EngineSettings() else 99)
    assert tuning is not None
    assert tuning.settings == EngineSettings()


def test_a_model_that_cannot_run_is_not_tuned(bundle: Bundle) -> None:
    assert tune(bundle, lambda _: None) is None
    assert remembered_tuning(bundle) is None


@pytest.mark.parametrize("content", ["", "[]", '{"x": 1}'])
def test_a_damaged_memory_is_no_memory(content: str, bundle: Bundle) -> None:
    home().mkdir(parents=True)
    (home() / "tuning.json").write_text(content)
    assert remembered_tuning(bundle) is None


def test_a_real_measurement_in_a_child(tiny_bundle: Path) -> None:
    measure = measure_in_child(tiny_bundle)
    assert (measure(EngineSettings(threads=1)) or 0) > 0
    assert measure(EngineSettings(batch_tokens=-1)) is None


def test_a_measurement_waits_for_calm_and_begins_anew_when_it_is_disturbed(
    tiny_bundle: Path,
) -> None:
    # A key at the start, calm for two looks, a key that ends the child, and calm from then on.
    moments = iter([False, True, True, False])
    asked: list[bool] = []

    def is_calm() -> bool:
        asked.append(next(moments, True))
        return asked[-1]

    assert (measure_in_child(tiny_bundle, is_calm)(EngineSettings(threads=1)) or 0) > 0
    assert asked[:4] == [False, True, True, False]
    assert len(asked) > 5


def test_what_is_best_on_a_gpu_is_not_taken_for_the_cpu(bundle: Bundle) -> None:
    tune(bundle, lambda settings: 50 if settings.flash_attention else 100)
    assert remembered_tuning(bundle) is not None
    assert remembered_tuning(bundle, gpu_layers=0) is None
    tune(bundle, lambda _: 100, EngineSettings(gpu_layers=0))
    alone = remembered_tuning(bundle, gpu_layers=0)
    assert alone is not None
    assert alone.settings == EngineSettings(gpu_layers=0)


def test_a_measurement_leaves_nothing_behind(bundle: Bundle) -> None:
    assert typical_ms(bundle, EngineSettings(threads=1)) > 0


@pytest.mark.parametrize("change", list(candidates(2)))
def test_every_candidate_gives_the_same_answers(change: dict[str, int], bundle: Bundle) -> None:
    with Engine(bundle, EngineSettings(threads=1)) as plain:
        expected = plain.complete(request_at(300))
    with Engine(bundle, EngineSettings(**change)) as tuned:  # type: ignore[arg-type]
        assert_same_answer(tuned.complete(request_at(300)), expected)
