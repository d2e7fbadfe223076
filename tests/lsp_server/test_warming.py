"""Where the cursor rests, the prompt is read before anybody asks."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from lsprotocol import types

from tests.lsp_server.answers import BEGUN, CURSOR
from tests.lsp_server.editor import Editor, editor

if TYPE_CHECKING:
    from pathlib import Path

TEXT = BEGUN * 6
ROW = BEGUN[:CURSOR].count("\n")
COLUMN = CURSOR - BEGUN.rfind("\n", 0, CURSOR) - 1
HEALED = 4
"""Tokens of the line's end that every request reads again, and what was typed."""
WHOLE = 100


async def warm_up(session: Editor, *arguments: Any) -> None:
    command = types.ExecuteCommandParams("inkling.warmUp", list(arguments))
    await session.client.workspace_execute_command_async(command)


async def new_tokens(session: Editor, uri: str, row: int, column: int) -> int:
    """Tokens of prompt that a request reads now."""
    await session.inline(uri, row, column)
    figures = (await session.status()).last.figures
    return int(figures.promptTokens - figures.reusedTokens)


async def read_in_the_end(session: Editor, uri: str, row: int, column: int) -> bool:
    """Whether a request, asked once, reads next to nothing: its prompt was read before."""
    await asyncio.sleep(1.0)
    return await new_tokens(session, uri, row, column) <= HEALED


@pytest.mark.parametrize("told", [True, False])
async def test_a_place_that_was_named_is_read_ahead(tiny_bundle: Path, told: bool) -> None:
    async with editor(f"--model={tiny_bundle}", options={"source": "model"}) as session:
        await session.loaded()
        uri = session.open(TEXT)
        if told:
            await warm_up(session, uri, {"line": ROW, "character": COLUMN})
        assert await read_in_the_end(session, uri, ROW, COLUMN) is told


async def test_an_editor_that_asks_seldom_has_its_edits_read(tiny_bundle: Path) -> None:
    async with editor(f"--model={tiny_bundle}", options={"source": "model"}) as session:
        await session.loaded()
        uri = session.open(TEXT)
        session.edit(uri, "r", (ROW, COLUMN), (ROW, COLUMN))
        await asyncio.sleep(0.5)
        assert await read_in_the_end(session, uri, ROW, COLUMN + 1)


async def test_switched_off_nothing_is_read(tiny_bundle: Path) -> None:
    async with editor(f"--model={tiny_bundle}", options={"source": "model"}) as session:
        await session.loaded()
        uri = session.open(TEXT)
        await session.client.workspace_execute_command_async(
            types.ExecuteCommandParams("inkling.disable")
        )
        await warm_up(session, uri, {"line": ROW, "character": COLUMN})
        await asyncio.sleep(0.5)
        await session.client.workspace_execute_command_async(
            types.ExecuteCommandParams("inkling.enable")
        )
        assert await new_tokens(session, uri, ROW, COLUMN) > WHOLE


@pytest.mark.parametrize("arguments", [(), (1, 2), ("file:///x.py", None), ("file:///x.py", {})])
async def test_nonsense_is_nothing(tiny_bundle: Path, arguments: tuple[Any, ...]) -> None:
    async with editor(f"--model={tiny_bundle}") as session:
        await session.loaded()
        await warm_up(session, *arguments)
        assert (await session.status()).state == "ready"
