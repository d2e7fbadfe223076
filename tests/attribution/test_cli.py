"""`python -m attribution`: exit statuses for CI, JSON for machines, and a light start."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from attribution.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

COPIED = "".join(f"def step_{n}(left, right):\n    return left * {n} + right\n\n" for n in range(8))


@pytest.fixture
def index(index_of: Callable[[dict[str, str]], Path]) -> Path:
    return index_of({"steps.py": "import os\n\n" + COPIED})


def test_a_copy_gives_status_1_and_its_source(
    index: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "mine.py"
    file.write_text("mine = 1\n" + COPIED)
    assert main(["check", str(file), "--index", str(index)]) == 1
    out = capsys.readouterr().out
    assert "sample 1.0, steps.py:3-" in out
    assert "MIT" in out


def test_json_holds_every_field_of_a_source(
    index: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "mine.py"
    file.write_text(COPIED)
    assert main(["check", str(file), "--index", str(index), "--json"]) == 1
    (found,) = json.loads(capsys.readouterr().out)
    assert (found["start"], found["end"]) == (0, len(COPIED))
    assert found["holders"] == 1
    (source,) = found["sources"]
    assert source["repo"] == "sample"
    assert source["path"] == "steps.py"
    assert source["revision"] == "1.0"
    assert source["license"] == "MIT"
    assert source["first_line"] == 3


def test_standard_input_is_read(
    index: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(COPIED.encode())))
    assert main(["check", "-", "--index", str(index)]) == 1
    assert capsys.readouterr().out.startswith("-:1-")


def test_own_code_gives_status_0(index: Path, tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text("entirely = 'my own'\n" * 40)
    assert main(["check", str(file), "--index", str(index)]) == 0


@pytest.mark.parametrize("what", ["no file", "no index", "a folder", "bad length"])
def test_a_check_that_cannot_be_made_gives_status_2(
    index: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], what: str
) -> None:
    file = tmp_path / "mine.py"
    file.write_text("x = 1\n")
    arguments = {
        "no file": [str(tmp_path / "none"), "--index", str(index)],
        "no index": [str(file), "--index", str(tmp_path / "none")],
        "a folder": [str(tmp_path), "--index", str(index)],
        "bad length": [str(file), "--index", str(index), "--min-bytes", "0"],
    }[what]
    assert main(["check", *arguments]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert "Traceback" not in error


def test_build_and_stats_agree(
    index: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "again"
    assert main(["build", str(tmp_path / "corpus-0"), "--out", str(out)]) == 0
    assert "Wrote 1 documents" in capsys.readouterr().out
    assert main(["stats", str(out)]) == 0
    again = capsys.readouterr().out
    assert main(["stats", str(index)]) == 0
    assert capsys.readouterr().out == again
    assert "documents    1" in again


def test_queries_load_nothing_but_numpy() -> None:
    heavy = {"torch", "transformers", "datatrove", "pyarrow", "pydivsufsort"}
    program = f"import sys, attribution.cli; print(*sorted({heavy!r} & set(sys.modules)))"
    result = subprocess.run(
        [sys.executable, "-P", "-c", program], capture_output=True, text=True, timeout=120
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.split() == []
