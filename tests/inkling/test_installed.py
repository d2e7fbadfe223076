"""Installed models: the one before is kept, and comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from inkling.bundle import MANIFEST_NAME
from inkling.errors import InklingError
from inkling.installed import check_free_for, install, models_folder, roll_back

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INKLING_HOME", str(tmp_path / "home"))


def bundle(folder: Path, text: str) -> Path:
    folder.mkdir()
    (folder / MANIFEST_NAME).write_text(text)
    return folder


def installed() -> str:
    return (models_folder() / "mine" / MANIFEST_NAME).read_text()


def test_a_newer_model_replaces_and_can_be_taken_back(tmp_path: Path) -> None:
    install(bundle(tmp_path / "one", "one"), "mine")
    install(bundle(tmp_path / "two", "two"), "mine")
    assert installed() == "two"
    roll_back("mine")
    assert installed() == "one"
    roll_back("mine")
    assert installed() == "two"


def test_the_same_model_once_more_does_not_take_the_way_back(tmp_path: Path) -> None:
    install(bundle(tmp_path / "one", "one"), "mine")
    two = bundle(tmp_path / "two", "two")
    for _ in range(2):
        install(two, "mine")
    roll_back("mine")
    assert installed() == "one"


def test_a_third_model_forgets_the_first(tmp_path: Path) -> None:
    for text in ("one", "two", "three"):
        install(bundle(tmp_path / text, text), "mine")
    roll_back("mine")
    assert installed() == "two"


def test_without_an_earlier_model_there_is_no_way_back(tmp_path: Path) -> None:
    with pytest.raises(InklingError, match="no earlier model"):
        roll_back("mine")
    install(bundle(tmp_path / "one", "one"), "mine")
    with pytest.raises(InklingError, match="no earlier model"):
        roll_back("mine")
    assert installed() == "one"


def test_what_is_no_model_is_not_replaced() -> None:
    thesis = models_folder() / "mine" / "chapter.txt"
    thesis.parent.mkdir(parents=True)
    thesis.write_text("years of work")
    with pytest.raises(InklingError, match="something else"):
        check_free_for("mine")
    check_free_for("another")
