"""The arrows between the packages point down, and what serves stays light.

    lsp_server → attribution → inkling
    finetune → pretrain → curation → inkling
    finetune → quantize → inkling

`evaluation` may use everything; nothing imports it but the gate of `finetune` and the report of
`quantize`. The arrows are read from the source by `ast`, so imports inside functions count too.
"""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from inkling.cli import COMMANDS, main

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent
MAY_IMPORT = {
    "inkling": set[str](),
    "curation": {"inkling"},
    "pretrain": {"inkling", "curation"},
    "quantize": {"inkling", "evaluation"},
    "finetune": {"inkling", "curation", "pretrain", "quantize", "evaluation"},
    "attribution": {"inkling"},
    "lsp_server": {"inkling", "attribution"},
    "evaluation": {
        "inkling", "curation", "pretrain", "quantize", "finetune", "attribution", "lsp_server",
    },
}  # fmt: skip
SERVING = ("inkling", "attribution", "lsp_server")
HEAVY = {"torch", "transformers", "datatrove", "accelerate", "peft", "pyarrow"}
MODULE_NAMES = {"llama_cpp_python": "llama_cpp"}  # distribution → module, where they differ


def modules(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def imported_packages(path: Path) -> Iterator[tuple[str, int]]:
    """Top-level name and line of every absolute import in a file, nested ones included."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name.partition(".")[0], node.lineno
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0], node.lineno


def offenders(package: str, forbidden: set[str]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in modules(package)
        for name, line in imported_packages(path)
        if name in forbidden
    ]


def test_every_package_is_in_the_table() -> None:
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    included = pyproject["tool"]["setuptools"]["packages"]["find"]["include"]
    assert {name.removesuffix("*") for name in included} == set(MAY_IMPORT)
    for package in MAY_IMPORT:
        assert modules(package), f"{package} holds no code"


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_arrows_point_down(package: str) -> None:
    assert offenders(package, set(MAY_IMPORT) - MAY_IMPORT[package] - {package}) == []


def test_the_arrows_make_no_circle_besides_evaluations() -> None:
    """The gate and the report look at `evaluation`; all other arrows have an order."""
    below = {package: MAY_IMPORT[package] - {"evaluation"} for package in MAY_IMPORT}
    settled: set[str] = set()
    while len(settled) < len(below):
        free = {package for package in below if below[package] <= settled} - settled
        assert free, f"a circle among {set(below) - settled}"
        settled |= free


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_no_package_imports_the_tests(package: str) -> None:
    assert offenders(package, {"tests", "conftest"}) == []


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_imports_name_their_package(package: str) -> None:
    """Relative imports would slip past the arrows."""
    relative = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in modules(package)
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.ImportFrom) and node.level
    ]
    assert relative == []


@pytest.mark.parametrize("package", ["inkling", "lsp_server"])
def test_what_serves_has_no_heavy_import(package: str) -> None:
    assert offenders(package, HEAVY) == []


def test_attribution_queries_have_no_heavy_import() -> None:
    """Building an index may read Parquet, but no module of it needs torch or its company."""
    assert offenders("attribution", HEAVY - {"pyarrow"}) == []


@pytest.mark.parametrize("package", ["inkling", "lsp_server"])
def test_what_serves_runs_on_the_base_install(package: str) -> None:
    """Everything imported is the standard library, ours, or a base dependency."""
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    names = [
        re.split(r"[^A-Za-z0-9_.-]", requirement, maxsplit=1)[0].replace("-", "_")
        for requirement in pyproject["project"]["dependencies"]
    ]
    base = {MODULE_NAMES.get(name, name) for name in names}
    strange = (
        {name for path in modules(package) for name, _ in imported_packages(path)}
        - base
        - set(MAY_IMPORT)
        - set(sys.stdlib_module_names)
    )
    assert strange == set()


@pytest.mark.parametrize(
    "module",
    ["inkling.cli", "lsp_server.cli", "lsp_server.complete", "curation.cli", "evaluation.cli"],
)
def test_importing_a_command_loads_nothing_heavy(module: str) -> None:
    """The server must start fast on the base install, and any command answer `--help` at once."""
    program = f"import sys, {module}; print(*sorted({HEAVY!r} & set(sys.modules)))"
    result = subprocess.run(
        [sys.executable, "-P", "-c", program], capture_output=True, text=True, timeout=120
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.split() == []


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_every_command_can_be_run(command: object) -> None:
    target = next(row.target for row in COMMANDS if row is command)
    module, function = target.split(":")
    assert callable(getattr(importlib.import_module(module), function))


@pytest.mark.parametrize("package", sorted({command.package for command in COMMANDS}))
def test_every_package_with_a_command_has_its_python_m_twin(package: str) -> None:
    assert (ROOT / package / "__main__.py").is_file()


@pytest.mark.parametrize("name", [command.name for command in COMMANDS])
def test_every_command_describes_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    try:
        status = main([name, "--help"])
    except SystemExit as leaving:  # the way out of the argument parser
        status = leaving.code if isinstance(leaving.code, int) else 0
    assert status == 0
    assert "usage" in capsys.readouterr().out.lower()


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_files_open_with_what_they_do(package: str) -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in modules(package)
        if path.read_bytes().strip() and not ast.get_docstring(ast.parse(path.read_bytes()))
    ]
    assert silent == []


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_files_stay_short(package: str) -> None:
    """One idea a file."""
    lengths = {
        str(path.relative_to(ROOT)): path.read_bytes().count(b"\n") for path in modules(package)
    }
    assert {name: lines for name, lines in lengths.items() if lines > 400} == {}
