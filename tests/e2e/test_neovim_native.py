"""The newest Neovim with its own inline completion, set up as docs/editors.md says.

Ghost text appears on its screen while one types, and Tab takes it.
"""

from __future__ import annotations

import re
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e import debian_testing
from tests.lsp_server.editor import INKLING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = [
    pytest.mark.e2e,
    # pynvim leaves its pipe to the garbage collector, which comes after the event loop's end.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

EDITORS_PAGE = Path(__file__).parents[2] / "docs" / "editors.md"
SECTION = "### Neovim 0.12 and newer"
SOURCE = """import os


def add(left, right):
    return left + right


def subtract(left, right):
    return left - right


"""
PATIENCE = 90.0


def documented_setup() -> str:
    _, _, section = EDITORS_PAGE.read_text().partition(SECTION)
    found = re.search(r"```lua\n(.*?)```", section, re.DOTALL)
    assert found is not None
    return found[1]


@pytest.fixture
def neovim(
    tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Any]:
    pynvim = pytest.importorskip("pynvim")
    try:
        root = debian_testing.fetch(request.config.cache.mkdir("newest-neovim"), "neovim")
        command = debian_testing.command(root, "usr/bin/nvim")
    except debian_testing.UnavailableError as error:
        pytest.skip(f"Neovim of Debian's testing suite can't be had: {error}")
    (tmp_path / "init.lua").write_text(documented_setup())
    (tmp_path / "sums.py").write_text(SOURCE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("VIMRUNTIME", str(root / "usr/share/nvim/runtime"))
    monkeypatch.setenv("PATH", str(INKLING.parent), prepend=":")
    for name in ("HOME", "INKLING_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "home" / name.lower()))
    editor = pynvim.attach("child", argv=[*command, "--embed", "-n", "-u", "init.lua"])
    editor.ui_attach(100, 30, rgb=True)
    yield editor
    editor.command("qall!", async_=True)
    shutil.rmtree(tmp_path / "home", ignore_errors=True)


def waited(what: str, see: Callable[[], Any]) -> Any:
    end = time.monotonic() + PATIENCE
    while not (value := see()):
        assert time.monotonic() < end, f"waited in vain for {what}"
        time.sleep(0.1)
    return value


def screen_line(editor: Any, row: int) -> str:
    return "".join(editor.funcs.screenstring(row, column) for column in range(1, 101)).rstrip()


def test_ghost_text_on_the_screen_which_tab_takes(neovim: Any) -> None:
    neovim.command("edit sums.py")
    ready = "return #vim.lsp.get_clients({ name = 'inkling' }) > 0"
    waited("the client", lambda: neovim.exec_lua(ready))
    status = (
        "local client = vim.lsp.get_clients({ name = 'inkling' })[1] "
        "local answer = client:request_sync('inkling/status', vim.empty_dict(), 5000) "
        "return answer and answer.result and answer.result.state"
    )
    waited("the model", lambda: neovim.exec_lua(status) == "ready")
    neovim.input("Godef multiply(left, right):<CR>")
    waited("the indentation", lambda: neovim.current.line)
    typed = neovim.current.line
    row = neovim.funcs.winline()
    ghost = waited("ghost text", lambda: screen_line(neovim, row)[len(typed) :].strip())
    assert neovim.current.line == typed
    neovim.input("<Tab>")
    line = waited("the text", lambda: neovim.current.line.strip())
    assert line.startswith(ghost[:5])
