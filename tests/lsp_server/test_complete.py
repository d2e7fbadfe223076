"""`inkling complete FILE:LINE:COLUMN`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from lsp_server.complete import main
from lsp_server.explain import main as explain
from tests.lsp_server.answers import BEGUN as SOURCE
from tests.lsp_server.remote.test_remote import completions

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "account.py"
    path.write_text(SOURCE)
    return path


def run(capfd: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    status = main([str(argument) for argument in arguments])
    output, errors = capfd.readouterr()
    assert "Traceback" not in errors
    return status, output, errors


LINE = SOURCE[: SOURCE.index("        retu\n")].count("\n") + 1


def test_it_prints_the_completion_only(
    capfd: pytest.CaptureFixture[str], source: Path, tiny_bundle: Path
) -> None:
    status, output, errors = run(capfd, f"{source}:{LINE}:13", "--model", tiny_bundle)
    assert (status, errors) == (0, "")
    assert output.strip()
    assert output.count("\n") == 1


def test_json_has_the_record(
    capfd: pytest.CaptureFixture[str], source: Path, tiny_bundle: Path
) -> None:
    flags = ("--model", tiny_bundle, "--json", "--max-new-tokens", 5)
    status, output, _ = run(capfd, f"{source}:{LINE}:13", *flags)
    record = json.loads(output)
    assert status == 0
    assert 0 < len(record["tokens"]) == len(record["logprobs"]) <= 5
    assert record["prompt_tokens"] > 0


def test_columns_count_characters(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, tiny_bundle: Path
) -> None:
    path = tmp_path / "a.py"
    path.write_bytes('x = "😀漢é"\r\nreturn'.encode())
    for place in ("1:10", "2:7"):
        status, _, errors = run(capfd, f"{path}:{place}", "--model", tiny_bundle)
        assert status == 0, errors
    for place in ("1:11", "2:8", "3:1"):
        status, output, errors = run(capfd, f"{path}:{place}", "--model", tiny_bundle)
        assert (status, output) == (2, "")
        assert "past the end" in errors


def test_an_empty_file(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, tiny_bundle: Path
) -> None:
    (tmp_path / "a.py").touch()
    status, _, _ = run(capfd, f"{tmp_path / 'a.py'}:1:1", "--model", tiny_bundle)
    assert status == 0


def test_a_file_of_20_megabytes(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, tiny_bundle: Path
) -> None:
    path = tmp_path / "a.py"
    path.write_text(SOURCE * 46_000)
    assert path.stat().st_size > 20_000_000
    line = SOURCE.count("\n") * 20_000 + LINE
    status, output, errors = run(capfd, f"{path}:{line}:13", "--model", tiny_bundle)
    assert status == 0
    assert output.strip() or errors.startswith("no completion: ")


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.py", b"x = 1\0\n", "is binary"),
        ("a.py", b"x = '\xff'\n", "is not UTF-8"),
        (".env", b"TOKEN=1\n", "holds secrets"),
        ("id_rsa", b"x\n", "holds secrets"),
    ],
)
def test_files_that_are_refused(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, name: str, data: bytes, said: str
) -> None:
    (tmp_path / name).write_bytes(data)
    status, output, errors = run(capfd, f"{tmp_path / name}:1:1")
    assert (status, output) == (2, "")
    assert said in errors


def test_missing_files_and_folders(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert "does not exist" in run(capfd, f"{tmp_path / 'none.py'}:1:1")[2]
    assert "not a regular file" in run(capfd, f"{tmp_path}:1:1")[2]


@pytest.mark.parametrize("place", ["a.py", "a.py:1", "a.py:0:1", "a.py:1:x", "a.py:1:-1", ":1:1"])
def test_malformed_places(capfd: pytest.CaptureFixture[str], place: str) -> None:
    status, output, errors = run(capfd, place)
    assert (status, output) == (2, "")
    assert "FILE:LINE:COLUMN" in errors


def test_a_server_elsewhere_is_asked_where_the_settings_name_one(
    capfd: pytest.CaptureFixture[str], source: Path, tiny_bundle: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv("INKLING_HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    place = f"{source}:{LINE}:13"
    with completions({"content": "rn self.x"}) as server:
        (tmp_path / "home" / "config.toml").write_text(f'server = "{server.address}"\n')
        assert run(capfd, place) == (0, "rn self.x\n", "")
        assert explain([place]) == 0
        assert f"{server.address} was asked" in capfd.readouterr().out.replace("\n", " ")
        asked = len(server.bodies)
        assert asked == 2
        run(capfd, place, "--model", tiny_bundle)
        assert len(server.bodies) == asked
    status, _, errors = run(capfd, place)
    assert status == 2
    assert "can't be used" in errors


def test_silence_is_not_an_error(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, tiny_bundle: Path
) -> None:
    (tmp_path / "a.rs").write_text("fn main() {\n")
    status, output, errors = run(capfd, f"{tmp_path / 'a.rs'}:1:5", "--model", tiny_bundle)
    assert (status, output) == (0, "")
    assert errors == "no completion: the model was not trained on rust\n"


def test_a_missing_model(capfd: pytest.CaptureFixture[str], source: Path, tmp_path: Path) -> None:
    status, output, errors = run(capfd, f"{source}:1:1", "--model", tmp_path / "none.gguf")
    assert (status, output) == (2, "")
    assert "There is no model at" in errors


@pytest.mark.parametrize("flag", ["--max-lines", "--max-new-tokens"])
def test_limits_below_one(capfd: pytest.CaptureFixture[str], source: Path, flag: str) -> None:
    assert run(capfd, f"{source}:1:1", flag, 0)[0] == 2
