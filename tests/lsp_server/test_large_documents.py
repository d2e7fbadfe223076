"""Documents beyond the usual: twenty thousand lines, a line of two megabytes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tests.lsp_server.answers import BEGUN, CURSOR, SOURCE
from tests.lsp_server.editor import editor

if TYPE_CHECKING:
    from pathlib import Path

    from lsprotocol.types import InlineCompletionItem

LINES = 20_000
LONG = 2_000_000
PATIENCE = 60
"""Seconds; nothing here is a measurement."""


def place(text: str) -> tuple[int, int]:
    """Line and column of the end of a text."""
    return text.count("\n"), len(text) - text.rfind("\n") - 1


def agree(one: InlineCompletionItem, other: InlineCompletionItem) -> bool:
    """Whether two suggestions are the same, as far as the time allowed to each went."""
    shorter, longer = sorted((str(one.insert_text), str(other.insert_text)), key=len)
    return longer.startswith(shorter)


async def test_edits_all_over_twenty_thousand_lines_are_followed(tiny_bundle: Path) -> None:
    text = SOURCE * (LINES // SOURCE.count("\n") + 1)
    cursor = place(text + BEGUN[:CURSOR])
    async with editor(f"--model={tiny_bundle}") as session:
        await session.loaded()
        uri = session.open(text + BEGUN)
        async with asyncio.timeout(PATIENCE):
            first = await session.inline(uri, *cursor)
            for line in range(0, LINES, 400):
                session.edit(uri, "# more\n", (line, 0), (line, 0))
            added = len(range(0, LINES, 400))
            later = await session.inline(uri, cursor[0] + added, cursor[1])
    assert first is not None
    assert later is not None
    assert agree(first, later)  # what is near the cursor is unchanged


async def test_a_line_of_two_megabytes_holds_nobody_up(tiny_bundle: Path) -> None:
    cursor = place(BEGUN[:CURSOR])
    async with editor(f"--model={tiny_bundle}") as session:
        await session.loaded()
        small = session.open(BEGUN)
        before = await session.inline(small, *cursor)
        minified = session.open("data = [" + "17, " * (LONG // 4), "/nowhere/minified.py")
        async with asyncio.timeout(PATIENCE):
            for column in (LONG // 2, 8, LONG):
                session.edit(minified, "8", (0, column), (0, column))
                await session.inline(minified, 0, column + 1)
                assert (await session.status()).state == "ready"
            after = await session.inline(small, *cursor)
    assert before is not None
    assert after is not None
    assert agree(before, after)
