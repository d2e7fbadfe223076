"""The whole language server over another server: llama.cpp's real one, and one that takes notes."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from lsprotocol import types

from tests.lsp_server.answers import BEGUN, CURSOR
from tests.lsp_server.editor import editor
from tests.lsp_server.remote.test_remote import completions

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LINE, COLUMN = BEGUN[:CURSOR].count("\n"), len("        retu")
PASSWORD = "correct-horse-battery"


@pytest.fixture(scope="module")
def llama_server(tiny_bundle: Path) -> Iterator[str]:
    """Address of llama.cpp's own server with the tiny model."""
    pytest.importorskip("xllamacpp", reason="the wheel xllamacpp is not installed")
    command = [sys.executable, "-m", "evaluation.replay.llama_server",
               str(tiny_bundle / "model.gguf"), "1024", "1"]  # fmt: skip
    server = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert server.stdout is not None
    assert server.stdin is not None
    yield server.stdout.readline().strip()
    server.stdin.close()
    server.wait(30)


def configure(home: Path, monkeypatch: pytest.MonkeyPatch, address: str, **more: str) -> None:
    home.mkdir()
    lines = {"server": address, **more}
    text = "".join(f"{key} = {json.dumps(value)}\n" for key, value in lines.items())
    (home / "config.toml").write_text(text)
    monkeypatch.setenv("INKLING_HOME", str(home))


@pytest.mark.parametrize(
    "more",
    [{"server_kind": "llama.cpp"}, {"server_kind": "openai", "server_family": "starcoder"}],
    ids=["infill", "openai"],
)
async def test_llama_cpp_answers(
    llama_server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: dict[str, str]
) -> None:
    configure(tmp_path / "home", monkeypatch, llama_server, **more)
    async with editor(folder=tmp_path) as session:
        status = await session.loaded()
        assert (status.state, status.model.name) == ("ready", llama_server)
        assert status.memory is None
        shown = 0
        lines = BEGUN.split("\n")
        uri = session.open(BEGUN, tmp_path / "account.py")
        for row, line in enumerate(lines):
            item = await session.inline(uri, row, len(line))
            if item is not None:
                shown += 1
                assert item.insert_text
        assert shown > 0
        assert (await session.status()).state == "ready"


async def test_no_secret_is_sent_from_any_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    text = f'from keys import connect\npassword = "{PASSWORD}"\nx = 1\nconnect'
    (tree / "keys.py").write_text(f'def connect(secret="{PASSWORD}"): ...\n')
    (tree / ".env").write_text(f"CONNECT={PASSWORD}\n")
    subprocess.run(["git", "init", "--quiet", str(tree)], check=True)
    with completions({"content": "(1)"}) as server:
        configure(tmp_path / "home", monkeypatch, server.address)
        async with editor(folder=tree) as session:
            await session.loaded()
            session.open(f"CONNECT={PASSWORD}\n", tree / ".env")
            uri = session.open(text, tree / "main.py")
            item = await session.inline(uri, 3, len("connect"))
            assert item is not None
            assert item.insert_text == "(1)"
            # A line with a secret, and a file of secrets, are not asked about at all.
            asked = len(server.bodies)
            assert await session.inline(uri, 1, 5) is None
            assert await session.inline((tree / ".env").as_uri(), 0, 5) is None
            assert len(server.bodies) == asked
    sent = json.dumps(server.bodies)
    assert PASSWORD not in sent
    assert "def connect(secret=" in sent
    assert server.bodies[0]["input_extra"][0]["filename"] == "keys.py"


async def test_a_server_that_is_gone_is_said_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with completions({"content": "x"}) as server:
        address = server.address
    configure(tmp_path / "home", monkeypatch, address)
    async with editor(folder=tmp_path) as session:
        await session.loaded()
        uri = session.open(BEGUN, tmp_path / "account.py")
        assert await session.inline(uri, LINE, COLUMN) is None
        last: Any = (await session.status()).last
        assert last.code == "failed"
        assert "can't be used" in last.silence
        assert await session.inline(uri, LINE, COLUMN) is None
        messages = session.client.messages
        assert [message.message for message in messages] == [f"Inkling: {last.silence}"]


async def test_what_would_be_of_no_effect_is_said_and_nothing_sent(
    tmp_path: Path, tiny_bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with completions({"content": "x"}) as server:
        configure(tmp_path / "home", monkeypatch, server.address)
        async with editor(folder=tmp_path, options={"source": "memory"}) as session:
            await session.loaded()
            uri = session.open(BEGUN, tmp_path / "account.py")
            assert await session.inline(uri, LINE, COLUMN) is None
            last: Any = (await session.status()).last
            assert "memory of the workspace doesn't answer" in last.silence
            switch = types.ExecuteCommandParams("inkling.switchModel", [str(tmp_path)])
            answer: Any = await session.client.workspace_execute_command_async(switch)
            assert server.address in answer["error"]
            assert "'server'" in answer["remedy"]
        async with editor(f"--model={tiny_bundle}", folder=tmp_path) as session:
            assert (await session.loaded()).model.name == "tiny"
        assert not server.bodies


async def test_cancelling_frees_the_line_for_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with completions({"content": "rn self.balance"}, wait=5) as server:
        configure(tmp_path / "home", monkeypatch, server.address)
        async with editor(folder=tmp_path) as session:
            await session.loaded()
            uri = session.open(BEGUN, tmp_path / "account.py")
            slow = asyncio.create_task(session.inline(uri, LINE, COLUMN))
            while not server.bodies:
                await asyncio.sleep(0.02)
            server.wait = 0
            item = await session.inline(uri, LINE, COLUMN)
            assert item is not None
            assert item.insert_text == "rn self.balance"
            assert await slow is None
