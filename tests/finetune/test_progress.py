"""A program that watches a run reads how far it is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from finetune.progress import PARTS, ProgressFile
from inkling.errors import InklingError

if TYPE_CHECKING:
    from pathlib import Path


def test_the_percentage_only_rises_and_ends_at_a_hundred(tmp_path: Path) -> None:
    file = tmp_path / "progress.json"
    told = ProgressFile(file)
    seen = []
    for part in PARTS:
        for share in (0.0, 0.3, 1.0, 1.7):
            told.tell(part, share)
            state = json.loads(file.read_bytes())
            assert state["part"] == part
            seen.append(state["percent"])
    assert seen == sorted(seen)
    assert seen[0] == 0
    assert seen[-1] == 100
    told.finish(tmp_path / "mine")
    last = json.loads(file.read_bytes())
    assert last["percent"] == 100
    assert last["installed"] == str(tmp_path / "mine")


def test_without_a_file_nothing_is_written(tmp_path: Path) -> None:
    ProgressFile(None).tell("train", 0.5)
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_ends_the_run_at_its_start_only(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(InklingError, match="progress can't be written"):
        ProgressFile(tmp_path / "taken" / "progress.json").tell("curate")

    folder = tmp_path / "later"
    told = ProgressFile(folder / "progress.json")
    told.tell("curate")
    (folder / "progress.json").unlink()
    folder.rmdir()
    folder.write_text("")
    told.tell("train", 0.5)
    assert folder.read_text() == ""
