"""The weight of the repository memory beside the model, fitted on what held-out files say."""

from __future__ import annotations

import math
import random
from typing import TYPE_CHECKING

import pytest

from evaluation.belief import Observation, fit, loss
from evaluation.cli import main
from inkling.errors import EXIT_BAD_INPUT
from lsp_server.memory.recall import BELIEF
from tests.finetune.conftest import repo  # noqa: F401  # a fixture

if TYPE_CHECKING:
    from pathlib import Path


def observations(slope: float, bias: float) -> list[Observation]:
    """Tokens that the memory brings, with a probability that grows with the length of the match."""
    rng = random.Random(0)
    seen = []
    for _ in range(4000):
        length = rng.randint(4, 48)
        brought = rng.random() < 1 / (1 + math.exp(-bias - slope * math.log(length)))
        others = (rng.uniform(0.1, 1) for _ in range(4))
        signals = (length, *others)
        seen.append(Observation(signals, 0.01 if brought else 0.5, 1.0 if brought else 0.0))
    return seen


def test_the_fit_finds_what_the_tokens_were_drawn_from() -> None:
    seen = observations(slope=1.5, bias=-3.0)
    bias, length, *others = fit(seen)
    assert length == pytest.approx(1.5, abs=0.25)
    assert bias == pytest.approx(-3.0, abs=0.7)
    assert all(abs(other) < 0.25 for other in others)


def test_the_fit_makes_the_tokens_most_likely() -> None:
    seen = observations(slope=0.5, bias=0.0)
    best = fit(seen)
    assert loss(seen, best) < min(loss(seen, None), loss(seen, BELIEF))
    for number in range(len(best)):
        other = [value + 0.1 * (place == number) for place, value in enumerate(best)]
        assert loss(seen, best) < loss(seen, other)


def test_the_command_prints_the_coefficients(
    repo: Path,  # noqa: F811
    tiny_bundle: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["belief", str(repo), "--model", str(tiny_bundle), "--holes", "2"]) == 0
    fitted = capsys.readouterr().out.rpartition("fitted:")[2].split(",")
    assert len(list(map(float, fitted))) == len(BELIEF)


def test_a_folder_without_history_is_refused(
    tmp_path: Path, tiny_bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flags = [str(tmp_path), "--model", str(tiny_bundle)]
    assert main(["belief", *flags]) == EXIT_BAD_INPUT
    assert "Traceback" not in capsys.readouterr().err
