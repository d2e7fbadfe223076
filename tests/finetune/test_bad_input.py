"""Bad input: one sentence of cause, one of remedy, status 2, and nothing is written over."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from finetune.cli import main

if TYPE_CHECKING:
    from pathlib import Path

pytest.importorskip("datatrove")
pytest.importorskip("gguf")


def error_of(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    assert main([*map(str, arguments), "--yes"]) == 2
    captured = capsys.readouterr().err
    error = captured[captured.index("error: ") :]
    assert "Traceback" not in error
    return " ".join(error.split())


def test_an_unknown_task(capsys: pytest.CaptureFixture[str]) -> None:
    error = error_of(capsys, "--task", "sing")
    assert "There is no task 'sing'. Give one of complete, instruct, prefer, dpo." in error


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        (["--steps", "5", "--minutes", "5"], "Both --steps and --minutes"),
        (["--steps", "0"], "--steps is 0"),
        (["--minutes", "nan"], "--minutes is nan"),
        (["--window", "8"], "--window is 8"),
        (["--learning-rate", "-1"], "--learning-rate is -1"),
        (["--dora"], "--dora is for adapters"),
    ],
)
def test_numbers_that_cannot_be_trained_with(
    repo: Path, capsys: pytest.CaptureFixture[str], flags: list[str], says: str
) -> None:
    assert says in error_of(capsys, repo, *flags)


def test_a_base_that_cannot_be_tuned(
    repo: Path, tiny_checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "no finished checkpoint" in error_of(capsys, repo, "--base", tmp_path / "none")
    unfinished = shutil.copytree(tiny_checkpoint, tmp_path / "unfinished")
    (unfinished / "training.json").unlink()
    assert "no finished checkpoint" in error_of(capsys, repo, "--base", unfinished)
    cut = shutil.copytree(tiny_checkpoint, tmp_path / "cut")
    weights = (cut / "model.safetensors").read_bytes()
    (cut / "model.safetensors").write_bytes(weights[:-9])
    assert "damaged" in error_of(capsys, repo, "--base", cut)
    served = tmp_path / "served"
    served.mkdir()
    (served / "bundle.json").write_text("{}")
    assert "damaged" in error_of(capsys, repo, "--base", served)


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({}, "no file"),
        ({"notes.txt": "only words, " * 20}, "The only file was not kept"),
        ({"one.py": "def alone(number):\n    return number * number + 1\n" * 3}, "1 usable file"),
    ],
    ids=["empty", "no code", "one file"],
)
def test_a_repository_with_too_little(
    tiny_checkpoint: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    files: dict[str, str],
    says: str,
) -> None:
    folder = tmp_path / "small"
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text)
    assert says in error_of(capsys, folder, "--base", tiny_checkpoint)


def test_a_repository_that_is_not_there(
    tiny_checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "no folder" in error_of(capsys, tmp_path / "none", "--base", tiny_checkpoint)


def test_what_belongs_to_others_stays(
    repo: Path,
    tiny_checkpoint: Path,
    tmp_path: Path,
    inkling_home: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    thesis = tmp_path / "thesis" / "chapter.txt"
    thesis.parent.mkdir()
    thesis.write_text("years of work")
    base = ("--base", tiny_checkpoint)
    assert "something else" in error_of(capsys, repo, *base, "--out", thesis.parent)
    shutil.copytree(thesis.parent, inkling_home / "models" / "arboretum-personal")
    assert "something else" in error_of(capsys, repo, *base, "--out", tmp_path / "run")
    assert [path.name for path in thesis.parent.iterdir()] == ["chapter.txt"]


class SafetensorError(Exception):
    """As safetensors raises it."""


@pytest.mark.parametrize(
    ("raised", "says"),
    [
        (MemoryError(), "Memory ran out"),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: 8 bytes"), "Memory ran out"),
        (SafetensorError("I/O error: No space left on device (os error 28)"), "disk is full"),
        (RuntimeError("PytorchStreamWriter failed writing file data/3"), "disk is full"),
    ],
    ids=["memory", "memory of torch", "disk of safetensors", "disk of torch"],
)
def test_memory_or_disk_that_runs_out_anywhere(
    repo: Path,
    monkeypatch: pytest.MonkeyPatch,
    inkling_home: Path,
    capsys: pytest.CaptureFixture[str],
    raised: Exception,
    says: str,
) -> None:
    def fail(*_: object) -> None:
        raise raised

    monkeypatch.setattr("finetune.run.as_checkpoint", fail)
    assert says in error_of(capsys, repo)
    assert not (inkling_home / "models").exists()


def test_the_folder_that_one_stands_in_has_a_name(
    repo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from finetune.run import _short_name

    monkeypatch.chdir(repo)
    assert [_short_name(place) for place in (".", "./", str(repo), f"{repo}/../arboretum")] == [
        "arboretum"
    ] * 4
    assert _short_name("git@example.org:ada/garden.git") == "garden"
