"""Writes are whole or absent: a failure leaves the old content and no temporary files."""

import json
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkling import atomic
from inkling.errors import InklingError


class WriteError(Exception):
    """Stands for whatever may go wrong while an artefact is being written."""


def break_off(
    writing: AbstractContextManager[Path], name: str, failure: type[BaseException]
) -> None:
    """Fail in the middle of writing `name` (empty: the temporary path itself)."""
    with writing as temporary:
        (temporary / name).write_bytes(b"half a mod")
        raise failure


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_new_file_appears_with_its_folders(tmp_path: Path) -> None:
    target = tmp_path / "a" / "b" / "note.txt"
    atomic.write_text(target, "text")
    assert target.read_text() == "text"
    assert names(target.parent) == ["note.txt"]


def test_the_file_is_absent_until_it_is_whole(tmp_path: Path) -> None:
    target = tmp_path / "model.gguf"
    with atomic.atomic_file(target) as temporary:
        temporary.write_bytes(b"GG")
        assert not target.exists()
        assert temporary.parent == target.parent  # a rename across file systems is not atomic
    assert target.read_bytes() == b"GG"


@pytest.mark.parametrize("failure", [WriteError, KeyboardInterrupt])
def test_a_failure_leaves_the_old_file(tmp_path: Path, failure: type[BaseException]) -> None:
    target = tmp_path / "model.gguf"
    target.write_bytes(b"old")
    with pytest.raises(failure):
        break_off(atomic.atomic_file(target), "", failure)
    assert target.read_bytes() == b"old"
    assert names(tmp_path) == ["model.gguf"]


def test_a_failure_leaves_no_new_file(tmp_path: Path) -> None:
    with pytest.raises(WriteError):
        break_off(atomic.atomic_file(tmp_path / "model.gguf"), "", WriteError)
    assert names(tmp_path) == []


def test_a_new_folder_replaces_the_whole_of_the_old_one(tmp_path: Path) -> None:
    target = tmp_path / "bundle"
    target.mkdir()
    (target / "stale.gguf").write_bytes(b"old")
    with atomic.atomic_folder(target) as temporary:
        (temporary / "model.gguf").write_bytes(b"new")
        assert names(target) == ["stale.gguf"]
    assert names(target) == ["model.gguf"]
    assert names(tmp_path) == ["bundle"]


@pytest.mark.parametrize("failure", [WriteError, KeyboardInterrupt])
def test_a_failure_leaves_the_old_folder(tmp_path: Path, failure: type[BaseException]) -> None:
    target = tmp_path / "bundle"
    target.mkdir()
    (target / "model.gguf").write_bytes(b"old")
    with pytest.raises(failure):
        break_off(atomic.atomic_folder(target), "model.gguf", failure)
    assert (target / "model.gguf").read_bytes() == b"old"
    assert names(tmp_path) == ["bundle"]


def test_the_old_folder_comes_back_when_the_new_one_can_not_take_its_place(tmp_path: Path) -> None:
    target = tmp_path / "bundle"
    target.mkdir()
    (target / "model.gguf").write_bytes(b"old")
    with pytest.raises(FileNotFoundError), atomic.atomic_folder(target) as temporary:
        temporary.rmdir()  # so the rename itself fails, when the old folder is already aside
    assert (target / "model.gguf").read_bytes() == b"old"
    assert names(tmp_path) == ["bundle"]


def test_a_file_is_never_replaced_by_a_folder(tmp_path: Path) -> None:
    target = tmp_path / "thesis.txt"
    target.write_text("years of work")
    with pytest.raises(InklingError), atomic.atomic_folder(target):
        pytest.fail("must refuse before any work is done")
    assert target.read_text() == "years of work"
    assert names(tmp_path) == ["thesis.txt"]


def test_what_a_killed_run_left_behind_does_not_get_into_the_next(tmp_path: Path) -> None:
    target = tmp_path / "bundle"
    with atomic.atomic_folder(target) as temporary:
        pass
    temporary.mkdir()
    (temporary / "left-over").write_bytes(b"")
    with atomic.atomic_folder(target) as again:
        assert again == temporary
        assert names(again) == []


@given(text=st.text())
def test_text_is_written_byte_for_byte(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    target = tmp_path_factory.mktemp("text") / "file"
    atomic.write_text(target, text)
    assert target.read_bytes() == text.encode()


def test_json_keeps_unicode_readable(tmp_path: Path) -> None:
    target = tmp_path / "value.json"
    atomic.write_json(target, {"name": "Zoë"})
    assert json.loads(target.read_text(encoding="utf-8")) == {"name": "Zoë"}
    assert "Zoë" in target.read_text(encoding="utf-8")


def test_the_hash_is_sha256(tmp_path: Path) -> None:
    target = tmp_path / "empty"
    target.write_bytes(b"")
    expected = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert atomic.sha256_file(target) == expected
