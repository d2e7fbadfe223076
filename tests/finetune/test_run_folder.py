"""A run's folder belongs to one run at a time, and never was somebody else's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from finetune.run_folder import RunFolder
from inkling.errors import InklingError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def trained(tmp_path: Path) -> RunFolder:
    """The folder of the run "one", which has finished training."""
    run = RunFolder(tmp_path / "run")
    run.claim()
    run.begin("one")
    (run.path / "steps" / "checkpoint-9").mkdir(parents=True)
    run.log.write_text("{}")
    run.checkpoint.mkdir()
    (run.checkpoint / "training.json").write_text("{}")
    return run


def test_the_same_run_keeps_what_it_has(trained: RunFolder) -> None:
    trained.claim()
    assert not trained.begin("one")
    assert trained.has_trained("one")
    assert (trained.path / "steps" / "checkpoint-9").is_dir()
    assert trained.log.exists()


def test_another_run_begins_anew(trained: RunFolder) -> None:
    assert not trained.has_trained("two")
    assert trained.begin("two"), "that something is gone is worth a word"
    assert not trained.has_trained("two")
    assert sorted(path.name for path in trained.path.iterdir()) == ["run.json"]


def test_a_run_goes_on_by_the_method_that_it_began_with(trained: RunFolder) -> None:
    assert trained.method("one") is None
    trained.begin("two", "lora")
    assert trained.method("two") == "lora"
    assert trained.method("one") is None


def test_a_damaged_state_counts_as_another_run(trained: RunFolder) -> None:
    (trained.path / "run.json").write_text("{")
    assert not trained.has_trained("one")
    trained.claim()
    assert not trained.checkpoint.exists()


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    for path in (tmp_path, tmp_path / "thesis.txt"):
        with pytest.raises(InklingError, match="something else"):
            RunFolder(path).claim()
    assert (tmp_path / "thesis.txt").read_text() == "years of work"
