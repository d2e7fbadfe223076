"""Nothing of the user's working directory is ever imported, whatever modules lie there."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from inkling.bundle import MODEL_NAME
from tests.lsp_server.answers import BEGUN as SOURCE
from tests.lsp_server.editor import INKLING, editor

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.e2e

PLANTED = ("typing", "json", "asyncio", "numpy", "llama_cpp", "inkling", "finetune", "lsp_server")
PLANT = "open(__file__ + '.imported', 'w').close()\nraise ImportError('from the workspace')\n"


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder full of traps, and a home of its own, so that a model is vetted from it too."""
    folder = tmp_path / "workspace"
    for name in PLANTED:
        (folder / name).mkdir(parents=True)
        (folder / name / "__init__.py").write_text(PLANT)
        (folder / f"{name}.py").write_text(PLANT)
    for name in ("__main__.py", "cli.py", "sitecustomize.py"):
        (folder / name).write_text(PLANT)
    (folder / "account.py").write_text(SOURCE)
    monkeypatch.setenv("INKLING_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("PYTHONPATH", raising=False)
    return folder


def imported(workspace: Path) -> list[str]:
    return sorted(str(path.relative_to(workspace)) for path in workspace.rglob("*.imported"))


def test_the_traps_work(workspace: Path) -> None:
    subprocess.run(
        [sys.executable, "-c", "import json"], cwd=workspace, check=False, stderr=subprocess.DEVNULL
    )
    assert imported(workspace) == ["json/__init__.py.imported"]


@pytest.mark.parametrize(
    "command",
    [(str(INKLING), "lsp"), (sys.executable, "-P", "-m", "lsp_server")],
    ids=["inkling lsp", "python -P -m lsp_server"],
)
async def test_the_server(workspace: Path, tiny_bundle: Path, command: tuple[str, ...]) -> None:
    model = f"--model={tiny_bundle / MODEL_NAME}"
    async with editor(model, command=command, folder=workspace) as session:
        assert (await session.loaded()).state == "ready"
        uri = session.open(SOURCE, workspace / "account.py")
        await session.inline(uri, SOURCE.count("\n") - 1, 8)
        assert (await session.status()).last.figures
    assert imported(workspace) == []


def test_the_command_line(workspace: Path, tiny_bundle: Path) -> None:
    line = SOURCE[: SOURCE.index("        retu\n")].count("\n") + 1
    command = [INKLING, "complete", f"account.py:{line}:13", "--model", tiny_bundle / MODEL_NAME]
    done = subprocess.run(command, cwd=workspace, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.strip()
    assert imported(workspace) == []
