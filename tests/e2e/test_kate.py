"""Kate, set up as docs/editors.md says, shows the suggestion in its menu and Return inserts it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.lsp_server.answers import BEGUN
from tests.lsp_server.editor import INKLING

NEEDED = ("kate", "xvfb-run", "xdotool", "dbus-run-session")
MISSING = [name for name in NEEDED if shutil.which(name) is None]
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}"),
]

EDITORS_PAGE = Path(__file__).parents[2] / "docs" / "editors.md"
LINE = BEGUN[: BEGUN.index("        retu\n")].count("\n") + 1
# Waits for the model, types, takes the first entry of the menu, and saves.
DRIVER = """
kate -n -b -s test -l LINE -c 9 account.py >kate.log 2>&1 &
for _ in $(seq 240); do
  sleep 0.5
  grep -q "is ready" inkling.log 2>/dev/null && break
done
sleep 3
xdotool windowfocus "$(xdotool search --onlyvisible --class kate | tail -1)"
sleep 1
xdotool type --delay 200 retu
for _ in $(seq 60); do
  sleep 0.5
  grep -q shown home/statistics.jsonl 2>/dev/null && break
done
sleep 2
xdotool key Return
sleep 1
xdotool key ctrl+s
sleep 2
kill %1
"""


def documented_setup() -> str:
    text = EDITORS_PAGE.read_text()
    found = re.search(r"```json\n(.*?)```", text[text.index("Kate, under") :], re.DOTALL)
    assert found is not None
    return found[1]


def test_the_menu_inserts_the_suggestion(tmp_path: Path, tiny_bundle: Path) -> None:
    begun = BEGUN.replace("        retu\n", "        \n")
    (tmp_path / "account.py").write_text(begun)
    settings = tmp_path / "config" / "kate" / "lspclient" / "settings.json"
    settings.parent.mkdir(parents=True)
    # The log says when the model is ready; all else is as documented.
    setup = documented_setup().replace('"lsp"]', f'"lsp", "--log-file={tmp_path}/inkling.log"]')
    settings.write_text(setup)
    lines = [f"{name} lsp --log-file={tmp_path}/inkling.log" for name in ("inkling", INKLING)]
    (tmp_path / "config" / "katerc").write_text(
        f"[lspclient]\nAllowedServerCommandLines={','.join(map(str, lines))}\n"
    )
    session = tmp_path / "data" / "kate" / "sessions" / "test.katesession"
    session.parent.mkdir(parents=True)
    session.write_text("[Kate Plugins]\nlspclientplugin=true\n")
    (tmp_path / "driver.sh").write_text(DRIVER.replace("LINE", str(LINE)))
    (tmp_path / "runtime").mkdir(mode=0o700)
    environment = {
        **os.environ,
        "PATH": f"{INKLING.parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "XDG_DATA_HOME": str(tmp_path / "data"),
        "XDG_RUNTIME_DIR": str(tmp_path / "runtime"),
        "INKLING_HOME": str(tmp_path / "home"),
        "INKLING_MODEL": str(tiny_bundle),
    }
    done = subprocess.run(
        ["dbus-run-session", "xvfb-run", "-a", "bash", "driver.sh"],
        cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=250, check=False,
    )  # fmt: skip
    line = (tmp_path / "account.py").read_text().split("\n")[LINE - 1]
    assert re.fullmatch(r"        retu\S.*", line), (line, done.stderr)
