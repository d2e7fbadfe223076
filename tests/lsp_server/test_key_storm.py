"""Typing faster than any model: one computation at a time, no stale answer, calm afterwards."""

from __future__ import annotations

import asyncio
import time
from statistics import median
from typing import TYPE_CHECKING, Any

import psutil
from lsprotocol import types

from tests.lsp_server.answers import SOURCE
from tests.lsp_server.editor import Editor, editor

if TYPE_CHECKING:
    from pathlib import Path

REQUEST_CANCELLED = -32800
KEYS = 200
KEY_SECONDS = 0.02
SETTLED_SECONDS = 1.0
"""What was typed is read, and the window moved, in the pause after it."""


def typed_text() -> str:
    """Two hundred keys that make sense."""
    line = "    account.deposit(amount) + account.balance  # more\n"
    return (line * (KEYS // len(line) + 1))[:KEYS]


async def test_two_hundred_keys(tiny_bundle: Path) -> None:
    """Each key edits the document and asks; most requests are overtaken by the next key."""
    text, outcomes = SOURCE * 5, []
    row, column = text.count("\n"), 0
    async with editor(f"--model={tiny_bundle}") as session:
        uri = session.open(text)
        await session.loaded()
        for key in typed_text():
            session.edit(uri, key, (row, column), (row, column))
            row, column = (row + 1, 0) if key == "\n" else (row, column + 1)
            outcomes.append(asyncio.create_task(_outcome(session, uri, row, column)))
            await asyncio.sleep(KEY_SECONDS)
        answers = await asyncio.wait_for(asyncio.gather(*outcomes), 60)
        assert await calm(session)
        await asyncio.sleep(SETTLED_SECONDS)
        assert await share_of_a_core(session) < 0.2
    # Every request was answered once; an answer that came is for the position it was asked for.
    assert len(answers) == KEYS
    for position, found in answers:
        assert found is None or found == position


async def share_of_a_core(session: Editor) -> float:
    """CPU time that the server takes in a second, whatever else the machine does."""
    server = psutil.Process(session.process_id)
    before = sum(server.cpu_times()[:2])
    await asyncio.sleep(1)
    return float(sum(server.cpu_times()[:2]) - before)


async def calm(session: Editor) -> bool:
    """Whether nothing is computed any more, within some seconds on any machine."""
    for _ in range(100):
        status = await session.status()
        if not status.running:
            return bool(status.state == "ready")
        await asyncio.sleep(0.05)
    return False


async def seconds_of_a_status(session: Editor) -> float:
    taken = []
    for _ in range(20):
        started = time.perf_counter()
        await session.status()
        taken.append(time.perf_counter() - started)
    return median(taken)


async def _outcome(
    session: Editor, uri: str, row: int, column: int
) -> tuple[tuple[int, int], tuple[int, int] | None]:
    item = await session.inline(uri, row, column)
    if item is None or item.range is None:
        return (row, column), None
    return (row, column), (item.range.start.line, item.range.start.character)


async def test_cancelled_keys_are_all_answered(tiny_bundle: Path) -> None:
    """A client that cancels each request at the next key, as VS Code does."""
    text = SOURCE * 20
    line = text.count("\n") // 2
    async with editor(f"--model={tiny_bundle}") as session:
        uri = session.open(text)
        await session.loaded()
        pending: list[Any] = []
        seconds: list[float] = []
        for number in range(KEYS // 4):
            session.edit(uri, "x", (line, 0), (line, 0))
            asked = session.inline_parameters(uri, line, 1)
            future = session.client.protocol.send_request(
                "textDocument/inlineCompletion", asked, msg_id=f"key-{number}"
            )
            pending.append(asyncio.wrap_future(future))
            await asyncio.sleep(KEY_SECONDS)
            session.client.cancel_request(types.CancelParams(f"key-{number}"))
            cancelled = time.perf_counter()
            pending[-1].add_done_callback(
                lambda _, since=cancelled: seconds.append(time.perf_counter() - since)
            )
        done = await asyncio.wait_for(asyncio.gather(*pending, return_exceptions=True), 60)
        errors = [answer for answer in done if isinstance(answer, BaseException)]
        assert {getattr(error, "code", error) for error in errors} <= {REQUEST_CANCELLED}
        assert await calm(session)
        # A cancelled request is answered about as fast as one for which nothing is computed.
        assert median(seconds) <= 20 * await seconds_of_a_status(session)


async def test_typing_along_evaluates_nothing(tiny_bundle: Path) -> None:
    """Ten keys that agree with what is shown ask the model nothing; backspace brings it back."""
    begun = "    def deposit(self, amount):\n        self.balance += amount\n        r"
    text = "class Account:\n" + begun + "\n\n\ndef main():\n    pass\n"
    row, column = 3, 9
    async with editor(f"--model={tiny_bundle}", options={"maxLines": 1}) as session:
        uri = session.open(text)
        await session.settled()
        item = await session.inline(uri, row, column)
        assert item is not None
        shown = str(item.insert_text)
        assert len(shown) > 3, shown
        for number, key in enumerate(shown[:-1][:10]):
            session.edit(uri, key, (row, column + number), (row, column + number))
            rest = await session.inline(uri, row, column + number + 1)
            assert rest is not None
            assert rest.insert_text == shown[number + 1 :]
            last = (await session.status()).last
            assert last.typedAlong is True
            assert last.figures is None
        session.edit(uri, "", (row, column), (row, column + len(shown[:-1][:10])))
        again = await session.inline(uri, row, column)
        assert again is not None
        assert again.insert_text == shown
        session.edit(uri, "§", (row, column), (row, column))
        other = await session.inline(uri, row, column + 1)
        assert other is None or not shown.startswith(str(other.insert_text))
        assert (await session.status()).last.typedAlong is False
