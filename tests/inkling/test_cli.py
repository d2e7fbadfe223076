"""The console script: what it says of itself, of commands it lacks, and of missing packages."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from inkling import __version__
from inkling.cli import COMMANDS, main
from inkling.errors import EXIT_BAD_INPUT


@pytest.mark.parametrize("arguments", [[], ["--help"], ["-h"], ["help"]])
def test_help_names_every_command(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 0
    printed = capsys.readouterr().out
    for command in COMMANDS:
        assert f"  {command.name} " in printed
        assert command.summary in printed


@pytest.mark.parametrize("flag", ["--version", "-V"])
def test_the_version(flag: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([flag]) == 0
    assert capsys.readouterr().out == f"inkling {__version__}\n"


@pytest.mark.parametrize("name", ["complte", "", "--model", "os", "inkling.cli"])
def test_an_unknown_command_is_named_and_the_known_ones_listed(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([name]) == EXIT_BAD_INPUT
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith(f"error: There is no command '{name}'.\n")
    assert all(command.name in printed.err for command in COMMANDS)


def test_a_missing_package_gives_a_sentence_and_the_way_to_install_it() -> None:
    """As on a base install, which has none of the training packages."""
    program = (
        "import sys\n"
        "for name in ('torch', 'transformers', 'datatrove', 'pyarrow', 'tyro'):\n"
        "    sys.modules[name] = None\n"
        "from inkling.cli import main\n"
        "sys.exit(main(['curation', 'run', '.']))"
    )
    result = subprocess.run(
        [sys.executable, "-P", "-c", program], capture_output=True, text=True, timeout=60
    )
    assert result.returncode == EXIT_BAD_INPUT
    assert result.stdout == ""
    assert "needs the Python package" in result.stderr
    assert f"Run: {sys.executable} -m pip install 'inkling[train]'" in result.stderr
    assert "Traceback" not in result.stderr


def test_the_module_is_the_console_scripts_twin(tmp_path: Path) -> None:
    script = Path(sys.executable).with_name("inkling")
    for command in ([str(script)], [sys.executable, "-P", "-m", "inkling"]):
        result = subprocess.run(
            [*command, "--version"], capture_output=True, text=True, cwd=tmp_path, timeout=60
        )
        assert (result.returncode, result.stdout) == (0, f"inkling {__version__}\n")


def test_nothing_of_the_working_directory_is_imported(tmp_path: Path) -> None:
    """The user's folder may hold packages with our names, and modules of the standard library's."""
    for name in ("inkling", "lsp_server", "typing", "dataclasses", "errno"):
        (tmp_path / f"{name}.py").write_text(f"raise SystemExit('{name} of the workspace ran')")
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    script = Path(sys.executable).with_name("inkling")
    for command in ([str(script)], [sys.executable, "-P", "-m", "inkling"]):
        result = subprocess.run(
            [*command, "--version"],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env=environment,
            timeout=60,
        )
        assert (result.returncode, result.stderr) == (0, "")
