"""Several editors, one server process: real relays, started as an editor would start them."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from inkling.child import child_command, child_environment
from inkling.settings import home
from lsp_server.sharing.frames import Greeting
from lsp_server.sharing.meeting import Address, meeting_place, read_address, write_address
from tests.lsp_server.answers import BEGUN, CURSOR
from tests.lsp_server.editor import INKLING, Editor, editor

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lsprotocol import types

WITHIN_SECONDS = 60.0


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A home for each test, and no process that outlives it."""
    (tmp_path / "config.toml").write_text("threads = 1\n")
    monkeypatch.setenv("INKLING_HOME", str(tmp_path))
    yield
    address = read_address(meeting_place())
    if address is not None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(address.process, signal.SIGKILL)


@pytest.fixture
def flags(tiny_bundle: Path) -> tuple[str, str]:
    return "--share", f"--model={tiny_bundle}"


def shared_process() -> int:
    address = read_address(meeting_place())
    assert address is not None
    return address.process


async def answer(session: Editor) -> types.InlineCompletionItem | None:
    uri = session.open(BEGUN, f"/nowhere/{session.process_id}.py")
    line = BEGUN[:CURSOR].count("\n")
    return await session.inline(uri, line, CURSOR - BEGUN.rfind("\n", 0, CURSOR) - 1)


async def test_windows_share_one_process_and_get_the_answers_of_one_of_their_own(
    flags: tuple[str, str],
) -> None:
    async with editor(flags[1]) as alone:
        own = await answer(alone)
    async with editor(*flags) as first, editor(*flags) as second:
        process = shared_process()
        assert process not in {first.process_id, second.process_id}
        answers = await asyncio.gather(answer(first), answer(second))
        assert own is not None
        assert [item and item.insert_text for item in answers] == [own.insert_text] * 2
        assert shared_process() == process


async def test_each_window_has_its_own_options_and_documents(flags: tuple[str, str]) -> None:
    async with (
        editor(*flags, options={"languages": ["rust"]}) as silent,
        editor(*flags) as other,
    ):
        assert await answer(silent) is None
        assert await answer(other) is not None
        assert (await silent.status()).last.code != (await other.status()).last.code


async def test_a_window_that_closes_or_crashes_leaves_the_others_alone(
    flags: tuple[str, str],
) -> None:
    async with editor(*flags) as stays:
        async with editor(*flags) as closes:
            await closes.loaded()
        async with editor(*flags) as crashes:
            await crashes.loaded()
            await crashes.kill()
        assert await answer(stays) is not None


async def test_windows_that_start_at_once_meet_in_one_process(flags: tuple[str, str]) -> None:
    async with contextlib.AsyncExitStack() as stack:
        contexts = [stack.enter_async_context(editor(*flags)) for _ in range(3)]
        sessions = await asyncio.gather(*contexts)
        assert all([(await session.loaded()).state == "ready" for session in sessions])
        listing = subprocess.run(
            ["ps", "-ww", "-eo", "args="], capture_output=True, text=True, check=True
        ).stdout
        assert listing.count(f"lsp_server.sharing.process {meeting_place()}") == 1


async def test_when_the_process_dies_each_window_is_told_and_the_next_starts_another(
    flags: tuple[str, str], capfd: pytest.CaptureFixture[str]
) -> None:
    async with editor(*flags) as session:
        await session.loaded()
        died = shared_process()
        os.kill(died, signal.SIGKILL)
        relay = session.client._server
        assert relay is not None
        assert await relay.wait() != 0
    assert "windows share has died" in capfd.readouterr().err
    async with editor(*flags) as again:
        assert await answer(again) is not None
        assert shared_process() != died


async def test_what_a_killed_process_left_behind_misleads_nobody(flags: tuple[str, str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        write_address(meeting_place(), Address(taken.getsockname()[1], "old", 1))
        async with editor(*flags) as session:
            assert (await session.loaded()).state == "ready"


async def test_who_lacks_the_token_gets_nothing(flags: tuple[str, str]) -> None:
    async with editor(*flags):
        address = read_address(meeting_place())
        assert address is not None
        for line in (Greeting("guess").to_line(), b"GET / HTTP/1.1\r\n", b'{"token": 1}\n', b"\n"):
            with socket.create_connection(("127.0.0.1", address.port), WITHIN_SECONDS) as stranger:
                stranger.sendall(line)
                assert stranger.recv(64) == b""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other permissions")
async def test_the_token_is_for_the_user_alone(flags: tuple[str, str]) -> None:
    async with editor(*flags):
        assert meeting_place().parent.stat().st_mode & 0o077 == 0


async def test_where_nothing_can_be_shared_the_window_serves_itself(
    flags: tuple[str, str],
) -> None:
    (home() / "run").write_text("not a folder")
    async with editor(*flags) as session:
        assert await answer(session) is not None


def test_the_process_ends_when_its_last_window_has_been_gone_for_a_while() -> None:
    place = meeting_place()
    command = child_command("lsp_server.sharing.process", str(place), "0.2")
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env=child_environment())
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        assert process.wait(WITHIN_SECONDS) == 0
    assert read_address(place) is None


def test_other_settings_of_the_environment_have_another_process() -> None:
    assert meeting_place({"INKLING_MODEL": "a"}) != meeting_place({"INKLING_MODEL": "b"})
    assert meeting_place({"EDITOR": "vi"}) == meeting_place({"EDITOR": "emacs"})


@pytest.mark.parametrize("message", ["", "exit"])
def test_a_relay_ends_with_the_status_that_a_server_of_its_own_would_have(
    message: str, flags: tuple[str, str]
) -> None:
    body = b'{"jsonrpc":"2.0","method":"exit"}' if message else b""
    said = b"Content-Length: %d\r\n\r\n%s" % (len(body), body) if body else b""
    own, shared = (
        subprocess.run(
            [INKLING, "lsp", *chosen],
            input=said,
            capture_output=True,
            timeout=WITHIN_SECONDS,
            check=False,
        ).returncode
        for chosen in (flags[1:], flags)
    )
    assert shared == own == (1 if message else 0)


def test_bad_settings_are_one_sentence_not_a_dead_connection() -> None:
    (home() / "config.toml").write_text("threads = [")
    ended = subprocess.run(
        [INKLING, "lsp", "--share"], stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
    assert ended.returncode == 2
    assert b"config.toml" in ended.stderr
    assert b"Traceback" not in ended.stderr
