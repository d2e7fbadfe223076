"""Neovim, set up as docs/editors.md says, gets a suggestion and inserts it with a key."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.lsp_server.answers import BEGUN as SOURCE
from tests.lsp_server.editor import INKLING

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(shutil.which("nvim") is None, reason="Neovim (nvim) is not installed"),
]

EDITORS_PAGE = Path(__file__).parents[2] / "docs" / "editors.md"
LINE = SOURCE[: SOURCE.index("        retu\n")].count("\n") + 1
DRIVER = """
local function wait_for(what, condition)
  if not vim.wait(60000, condition, 50) then
    error("waited in vain for " .. what)
  end
end
local client
local ok, failure = pcall(function()
  vim.cmd("edit account.py")
  vim.bo.filetype = "python"
  wait_for("the client", function()
    client = vim.lsp.buf_get_clients(0)[1]
    return client and client.initialized
  end)
  wait_for("the model", function()
    local answer = client.request_sync("inkling/status", vim.empty_dict(), 5000, 0)
    return answer and answer.result and answer.result.state == "ready"
  end)
  local answer = client.request_sync("textDocument/inlineCompletion", {
    textDocument = vim.lsp.util.make_text_document_params(0),
    position = { line = LINE - 1, character = 12 },
    context = { triggerKind = 1 },
  }, 20000, 0)
  vim.api.nvim_win_set_cursor(0, { LINE, 0 })
  local keys = vim.api.nvim_replace_termcodes("C        retu<C-l><Esc>", true, false, true)
  vim.api.nvim_feedkeys(keys, "x", false)
  vim.fn.writefile({ vim.json.encode({
    answer = answer,
    encoding = client.offset_encoding,
    lines = vim.api.nvim_buf_get_lines(0, 0, -1, true),
  }) }, "result.json")
end)
if not ok then
  vim.fn.writefile({ vim.json.encode({ failure = tostring(failure) }) }, "result.json")
end
vim.cmd("qall!")
"""


def documented_setup() -> str:
    found = re.search(r"```lua\n(.*?)```", EDITORS_PAGE.read_text(), re.DOTALL)
    assert found is not None
    return found[1]


def test_ghost_text_and_the_documented_key(tmp_path: Path, tiny_bundle: Path) -> None:
    (tmp_path / "account.py").write_text(SOURCE)
    (tmp_path / "init.lua").write_text(documented_setup())
    (tmp_path / "driver.lua").write_text(DRIVER.replace("LINE", str(LINE)))
    home = tmp_path / "home"
    environment = {
        **os.environ,
        "PATH": f"{INKLING.parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(home),
        "INKLING_HOME": str(home / "inkling"),
        "INKLING_MODEL": str(tiny_bundle),
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_DATA_HOME": str(home / "data"),
        "XDG_STATE_HOME": str(home / "state"),
    }
    home.mkdir()
    done = subprocess.run(
        ["nvim", "--headless", "-n", "-u", "init.lua", "-c", "luafile driver.lua"],
        cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=200, check=False,
    )  # fmt: skip
    result = json.loads((tmp_path / "result.json").read_text())
    assert "failure" not in result, (result, done.stderr)
    (item,) = result["answer"]["result"]["items"]
    assert item["insertText"].strip()
    line = result["lines"][LINE - 1]
    assert line.startswith("        retu")
    assert len(line) > len("        retu")
