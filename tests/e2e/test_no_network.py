"""Nothing connects to anything: server and commands run under strace, which sees every attempt."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.lsp_server.answers import BEGUN, CURSOR
from tests.lsp_server.editor import INKLING, editor

if TYPE_CHECKING:
    from pathlib import Path

STRACE = shutil.which("strace")
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(STRACE is None, reason="strace is not installed"),
]

LINE = BEGUN[:CURSOR].count("\n") + 1
TRACED = (str(STRACE), "-f", "-qq", "-e", "trace=connect,sendto,sendmsg", "-o")
# Sockets of the machine itself (name service, logs) are no network.
OUTSIDE = re.compile(r"(?:connect|sendto|sendmsg)\(.*sa_family=AF_INET6?\b")


def attempts(trace: Path) -> list[str]:
    return [line for line in trace.read_text().splitlines() if OUTSIDE.search(line)]


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INKLING_HOME", str(tmp_path / "home"))


def test_the_trace_sees_connections(tmp_path: Path) -> None:
    attempt = "import socket; socket.socket().connect_ex(('127.0.0.1', 9))"
    command = [*TRACED, str(tmp_path / "trace"), sys.executable, "-c", attempt]
    if subprocess.run(command, check=False, capture_output=True).returncode != 0:
        pytest.skip("strace may not trace here")
    assert len(attempts(tmp_path / "trace")) == 1


@pytest.mark.parametrize("model", ["good", "missing"])
async def test_the_server_connects_to_nothing(
    tmp_path: Path, tiny_bundle: Path, model: str
) -> None:
    path = tiny_bundle if model == "good" else tmp_path / "none.gguf"
    trace = tmp_path / "trace"
    command = (*TRACED, str(trace), str(INKLING), "lsp")
    async with editor(f"--model={path}", command=command, folder=tmp_path) as session:
        status = await session.loaded()
        assert status.state == ("ready" if model == "good" else "failed")
        uri = session.open(BEGUN, tmp_path / "account.py")
        await session.inline(uri, LINE - 1, 12)
        if model == "good":
            assert (await session.status()).last.figures
            session.edit(uri, "x", (0, 0), (0, 0))
            await session.inline(uri, LINE - 1, 12)
        else:
            (message,) = session.client.messages
            assert str(path) in message.message
    assert trace.stat().st_size > 0 or attempts(trace) == []
    assert attempts(trace) == []


@pytest.mark.parametrize(
    "arguments",
    [["complete", f"account.py:{LINE}:13"], ["explain", f"account.py:{LINE}:13"],
     ["model", "list"], ["doctor", "--quick"], ["stats"]],
    ids=lambda arguments: arguments[0],
)  # fmt: skip
def test_commands_connect_to_nothing(
    tmp_path: Path, tiny_bundle: Path, arguments: list[str]
) -> None:
    (tmp_path / "account.py").write_text(BEGUN)
    trace = tmp_path / "trace"
    command = [*TRACED, str(trace), str(INKLING), *arguments]
    if arguments[0] in ("complete", "explain"):
        command += ["--model", str(tiny_bundle)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert attempts(trace) == []


async def test_the_server_needs_no_network(tmp_path: Path, tiny_bundle: Path) -> None:
    """In a namespace without any interface, not even the loopback one."""
    alone = ("unshare", "--map-root-user", "--net")
    if shutil.which("unshare") is None or subprocess.run([*alone, "true"], check=False).returncode:
        pytest.skip("a network namespace can't be made here")
    command = (*alone, str(INKLING), "lsp")
    async with editor(f"--model={tiny_bundle}", command=command, folder=tmp_path) as session:
        assert (await session.loaded()).state == "ready"
        uri = session.open(BEGUN, tmp_path / "account.py")
        assert await session.inline(uri, LINE - 1, 12) is not None
