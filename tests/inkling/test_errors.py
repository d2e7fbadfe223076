"""What the user sees of an error: one sentence of cause, one of remedy, the right exit status."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from inkling.errors import (
    EXIT_BAD_INPUT,
    EXIT_INTERRUPTED,
    InklingError,
    how_to_install,
    require,
    run_command,
)


def raising(error: BaseException) -> int:
    raise error


def test_a_command_without_a_status_has_succeeded() -> None:
    assert run_command(lambda: None) == 0


def test_a_commands_own_status_is_passed_on() -> None:
    assert run_command(lambda: 3) == 3


def test_bad_input_prints_cause_and_remedy_and_exits_2(capsys: pytest.CaptureFixture[str]) -> None:
    error = InklingError("There is no model at x.gguf.", "Name a GGUF file.")
    assert run_command(lambda: raising(error)) == EXIT_BAD_INPUT
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err == "error: There is no model at x.gguf.\n  Name a GGUF file.\n"


def exit_status(error: str, reader: str) -> int:
    """Of a command that prints a line and then fails, while `reader` reads what it prints."""
    code = (
        "import sys; from inkling.errors import run_command\n"
        f"def command():\n    print('line', flush=True); input(); {error}\n"
        "sys.exit(run_command(command))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdout.readline()
    if reader == "gone":
        process.stdout.close()
    process.stdin.write(b"\n")
    process.stdin.close()
    return process.wait()


def test_a_broken_pipe_is_success_only_where_the_reader_of_stdout_has_gone() -> None:
    own = "import os; r, w = os.pipe(); os.close(r); os.write(w, b'x')"
    assert exit_status("print('x' * 100, flush=True)", "gone") == 0
    assert exit_status("print('x' * 100)", "gone") == 0
    assert exit_status(own, "there") != 0


def test_an_interrupt_exits_130(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(lambda: raising(KeyboardInterrupt())) == EXIT_INTERRUPTED
    assert capsys.readouterr().err == "interrupted\n"


def test_a_bug_is_not_dressed_up_as_bad_input() -> None:
    with pytest.raises(ZeroDivisionError):
        run_command(lambda: 1 // 0)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's /dev/full")
def test_a_full_disk_is_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    def fill() -> None:
        with Path("/dev/full").open("w") as handle:
            handle.write("x")

    assert run_command(fill) == EXIT_BAD_INPUT
    assert "No space left on device" in capsys.readouterr().err


def test_the_path_that_may_not_be_written_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    error = PermissionError(13, "Permission denied", "/protected/model.gguf")
    assert run_command(lambda: raising(error)) == EXIT_BAD_INPUT
    assert "/protected/model.gguf" in capsys.readouterr().err


@pytest.mark.parametrize(
    "name", ["file/below", "none/below", "folder", "x" * 300], ids=lambda name: name[:10]
)
def test_a_place_that_cannot_be_written_is_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "folder").mkdir()
    assert run_command(lambda: (tmp_path / name).write_text("x") and None) == EXIT_BAD_INPUT
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert str(tmp_path / name) in error
    assert error.endswith("\n  Choose a path that can be read and written.\n")


def test_a_connection_that_is_lost_is_not_dressed_up_as_a_file() -> None:
    with pytest.raises(ConnectionResetError):
        run_command(lambda: raising(ConnectionResetError(104, "Connection reset by peer")))


@pytest.mark.parametrize("lines", [1, 100_000])
def test_a_reader_that_goes_away_is_no_error(lines: int) -> None:
    """As in `inkling … | head`, whether the output fits the pipe's buffer or doesn't."""
    program = (
        "import sys; from inkling.errors import run_command; sys.stdin.readline();"
        f"sys.exit(run_command(lambda: [print('a line') for _ in range({lines})] and None))"
    )
    read_end, write_end = os.pipe()
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        stdin=subprocess.PIPE,
        stdout=write_end,
        stderr=subprocess.PIPE,
        text=True,
        env={key: value for key, value in os.environ.items() if key != "PYTHONUNBUFFERED"},
    )
    os.close(write_end)
    os.close(read_end)  # the reader is gone before the first line is written
    _, stderr = process.communicate("go\n", timeout=60)
    assert (process.returncode, stderr) == (0, "")


def test_require_gives_the_module() -> None:
    assert require("json", "train").__name__ == "json"


def test_a_missing_extra_is_named() -> None:
    with pytest.raises(InklingError) as caught:
        require("a_package_that_nobody_has", "train")
    assert "a_package_that_nobody_has" in caught.value.cause
    assert f"{sys.executable} -m pip install 'inkling[train]'" in caught.value.remedy


def test_the_remedy_for_a_missing_package_needs_no_checkout(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "executable", "/home/a user/bin/python")
    assert how_to_install(None) == "Run: '/home/a user/bin/python' -m pip install inkling"
