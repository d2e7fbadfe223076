"""The tuning bench: a base of random weights for sizes that no trained model here has."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("datatrove")
pytest.importorskip("gguf")
from evaluation.tuning_bench import TuningBench, write_random_base
from finetune.base import open_base
from finetune.planning import size_of
from inkling.errors import InklingError


def test_a_random_base_has_the_size_asked_for_and_can_be_tuned(tmp_path: Path) -> None:
    folder = write_random_base(tmp_path, 4_000_000)
    base = open_base(folder)
    assert base.manifest.name == "random"
    assert 4_000_000 < size_of(folder).parameters < 8_000_000


def test_a_random_base_is_no_other(tmp_path: Path) -> None:
    with pytest.raises(InklingError, match="takes no --base"):
        TuningBench(base=Path("x"), random_parameters=10, contestants=("qlora",)).run()
