"""Helix, set up as docs/editors.md says, shows the suggestion in its menu and Return inserts it."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.e2e import debian_testing
from tests.lsp_server.answers import BEGUN
from tests.lsp_server.editor import INKLING

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.e2e

EDITORS_PAGE = Path(__file__).parents[2] / "docs" / "editors.md"
LINE = BEGUN[: BEGUN.index("        retu\n")].count("\n") + 1
PATIENCE = 120.0


def documented_setup() -> str:
    text = EDITORS_PAGE.read_text()
    found = re.search(r"```toml\n(.*?)```", text[text.index("Helix, in") :], re.DOTALL)
    assert found is not None
    return found[1]


class Screen:
    """A program in a terminal of its own, whose output is read all the time and remembered."""

    def __init__(self, command: list[str], environment: dict[str, str], folder: Path) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 100, 0, 0))
        self.process = subprocess.Popen(
            command, stdin=slave, stdout=slave, stderr=slave, cwd=folder, env=environment,
            start_new_session=True,
        )  # fmt: skip
        os.close(slave)
        self.seen = b""

    def press(self, keys: str) -> None:
        os.write(self._master, keys.encode())

    def until(self, what: str, holds: Callable[[], bool]) -> None:
        end = time.monotonic() + PATIENCE
        while not holds():
            assert time.monotonic() < end, f"waited in vain for {what}: {self.seen[-2000:]!r}"
            self.read(0.1)

    def read(self, seconds: float) -> None:
        """Take in what is drawn for some time."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if select.select([self._master], [], [], left)[0]:
                try:
                    self.seen += os.read(self._master, 65536)
                except OSError:  # the program has ended
                    return

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._master)


def test_the_menu_inserts_the_suggestion(
    tmp_path: Path, tiny_bundle: Path, request: pytest.FixtureRequest
) -> None:
    try:
        root = debian_testing.fetch(request.config.cache.mkdir("newest-helix"), "hx")
        command = debian_testing.command(root, "usr/lib/hx/hx")
    except debian_testing.UnavailableError as error:
        pytest.skip(f"Helix of Debian's testing suite can't be had: {error}")
    (tmp_path / "account.py").write_text(BEGUN.replace("        retu\n", "        \n"))
    log = tmp_path / "inkling.log"
    settings = tmp_path / "config" / "helix" / "languages.toml"
    settings.parent.mkdir(parents=True)
    # The log says when the model is ready; all else is as documented.
    settings.write_text(documented_setup().replace('"lsp"]', f'"lsp", "--log-file={log}"]'))
    environment = {
        **os.environ,
        "PATH": f"{INKLING.parent}{os.pathsep}{os.environ['PATH']}",
        "TERM": "xterm-256color",
        "HOME": str(tmp_path),
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "HELIX_RUNTIME": str(root / "usr/lib/hx/runtime"),
        "INKLING_HOME": str(tmp_path / "home"),
        "INKLING_MODEL": str(tiny_bundle),
    }
    screen = Screen([*command, f"account.py:{LINE}"], environment, tmp_path)
    try:
        screen.until("the model", lambda: log.exists() and "is ready" in log.read_text())
        screen.press("A")
        for key in "retu":
            screen.press(key)
            screen.read(0.2)
        statistics = tmp_path / "home" / "statistics.jsonl"
        screen.until("the menu", lambda: statistics.exists() and "shown" in statistics.read_text())
        screen.read(1.0)
        screen.press("\t")  # the first entry
        screen.read(0.5)
        screen.press("\r")
        screen.read(0.5)
        screen.press("\x1b")
        screen.read(0.5)
        screen.press(":wq!\r")
        screen.until("the end", lambda: screen.process.poll() is not None)
    finally:
        screen.close()
    line = (tmp_path / "account.py").read_text().split("\n")[LINE - 1]
    assert re.fullmatch(r"        retu\S.*", line), line
