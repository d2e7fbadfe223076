"""Commands and configuration, spoken to a real server; and what happens after an acceptance."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest
from lsprotocol import types

from inkling.settings import Settings, home
from lsp_server.documents import Document
from lsp_server.methods import commands
from lsp_server.offers import Offer
from lsp_server.server import build_server
from lsp_server.shown import Shown
from lsp_server.sightings import Sighting
from lsp_server.statistics import FILE_NAME, EventKind, read
from tests.lsp_server.answers import BEGUN, CURSOR
from tests.lsp_server.editor import Editor, editor

if TYPE_CHECKING:
    from pathlib import Path

LINE, COLUMN = BEGUN[:CURSOR].count("\n"), len("        retu")
# The tiny model is never sure, and its words are all that is asked for.
MODEL_ONLY = {"minProbability": 0, "source": "model"}


@pytest.fixture(autouse=True)
def _no_statistics() -> None:
    (home() / FILE_NAME).unlink(missing_ok=True)


async def run(session: Editor, command: str, *arguments: Any) -> Any:
    return await session.client.workspace_execute_command_async(
        types.ExecuteCommandParams(command, arguments=list(arguments))
    )


async def configure(session: Editor, settings: Any) -> None:
    session.client.workspace_did_change_configuration(
        types.DidChangeConfigurationParams(settings=settings)
    )
    await session.status()  # handled in order, so the change has come by now


async def test_accepting_is_counted_without_any_text(tiny_bundle: Path) -> None:
    async with editor(f"--model={tiny_bundle}", options=MODEL_ONLY) as session:
        await session.loaded()
        offered = session.started.capabilities.execute_command_provider
        assert offered is not None
        assert set(offered.commands) == set(commands.COMMANDS)
        item = await session.inline(session.open(BEGUN), LINE, COLUMN)
        assert item is not None
        assert item.command is not None
        assert item.command.command == commands.ACCEPT
        await run(session, commands.ACCEPT_PARTIALLY, *item.command.arguments or (), 2)
        await run(session, commands.ACCEPT, *item.command.arguments or ())
        await run(session, commands.ACCEPT, *item.command.arguments or ())
        await run(session, commands.ACCEPT)
    events = list(read())
    kinds = [event.kind for event in events]
    assert kinds == [EventKind.SHOWN, EventKind.PARTLY_ACCEPTED, EventKind.ACCEPTED]
    assert events[0].latency_ms
    assert [event.characters for event in events] == [
        len(str(item.insert_text)), 2, len(str(item.insert_text)) - 2,
    ]  # fmt: skip
    assert "self" not in (home() / FILE_NAME).read_text()


async def test_disabled_means_that_nothing_is_asked(tiny_bundle: Path) -> None:
    async with editor(f"--model={tiny_bundle}", options=MODEL_ONLY) as session:
        await session.loaded()
        uri = session.open(BEGUN)
        await run(session, commands.DISABLE)
        assert await session.inline(uri, LINE, COLUMN) is None
        status = await session.status()
        assert (status.enabled, status.last.code, status.last.figures) == (False, "disabled", None)
        await run(session, commands.ENABLE)
        assert await session.inline(uri, LINE, COLUMN) is not None
        why = await run(session, commands.EXPLAIN)
        assert why["figures"]["promptTokens"] > 0
        assert why["silence"] is None


async def test_the_parts_of_the_last_prompt_are_kept_as_they_were_asked(tiny_bundle: Path) -> None:
    async with editor(f"--model={tiny_bundle}", options=MODEL_ONLY) as session:
        await session.loaded()
        uri = session.open(BEGUN)
        assert (await run(session, commands.EXPLAIN))["prompt"] == []
        assert await session.inline(uri, LINE, COLUMN) is not None
        before = await run(session, commands.EXPLAIN)
        parts = before["prompt"]
        assert sum(part["tokens"] for part in parts) == before["figures"]["promptTokens"]
        assert parts[-2]["text"].endswith(BEGUN.splitlines()[LINE][:COLUMN])
        assert (parts[-1]["name"], parts[-1]["text"]) == ("special tokens between them", "")
        session.edit(uri, "# quite another beginning\n", (0, 0), (0, 0))
        assert (await run(session, commands.EXPLAIN))["prompt"] == parts


async def test_configuration_takes_effect_at_once(tiny_bundle: Path) -> None:
    async with editor(f"--model={tiny_bundle}") as session:
        uri = session.open(BEGUN)
        await session.loaded()
        await configure(session, {"inkling": {"languages": ["go"]}})
        assert await session.inline(uri, LINE, COLUMN) is None
        assert (await session.status()).last.code == "language-off"
        await configure(session, {**MODEL_ONLY, "statistics": False, "colour": "red"})
        assert await session.inline(uri, LINE, COLUMN) is not None
    assert list(read()) == []


async def test_an_answer_to_a_question_of_before_a_change_is_not_given_again(
    tiny_bundle: Path,
) -> None:
    async with editor(f"--model={tiny_bundle}", options=MODEL_ONLY) as session:
        await session.loaded()
        uri = session.open(BEGUN)
        along = session.inline_parameters(uri, LINE, COLUMN)
        along.context.trigger_kind = types.InlineCompletionTriggerKind.Automatic
        for meanwhile in (False, True):
            answer = asyncio.create_task(session.inline(uri, LINE, COLUMN))
            await asyncio.sleep(0)  # it is sent
            if meanwhile:
                session.client.workspace_did_change_configuration(
                    types.DidChangeConfigurationParams(settings=MODEL_ONLY)
                )
            assert await answer is not None
            await session.client.text_document_inline_completion_async(along)
            assert (await session.status()).last.typedAlong == (not meanwhile)
            await configure(session, MODEL_ONLY)


async def test_another_model_without_a_restart(tiny_bundle: Path, tmp_path: Path) -> None:
    copy = tmp_path / "other.gguf"
    copy.write_bytes((tiny_bundle / "model.gguf").read_bytes())
    async with editor(f"--model={tiny_bundle}", options=MODEL_ONLY) as session:
        assert (await session.loaded()).model.name == "tiny"
        missing = await run(session, commands.SWITCH_MODEL, str(tmp_path / "none"))
        assert "There is no model" in missing["error"]
        assert (await session.status()).model.name == "tiny"
        assert (await run(session, commands.SWITCH_MODEL, str(copy)))["error"] is None
        assert (await session.loaded()).model.name == "other"
        assert await session.inline(session.open(BEGUN), LINE, COLUMN) is not None
        await run(session, commands.SWITCH_MODEL, None)
        assert (await session.loaded()).model.name == "tiny"


async def test_a_client_that_wants_to_know_is_told(tiny_bundle: Path) -> None:
    async with editor(f"--model={tiny_bundle}", options={"statusNotifications": True}) as session:
        heard: list[Any] = []
        session.client.feature("inkling/status")(lambda status: heard.append(status))
        await session.loaded()
        await run(session, commands.DISABLE)
        await session.status()
        assert heard[-1].enabled is False


async def test_it_is_told_of_another_reason_for_silence_even_if_its_code_is_the_same(
    tiny_bundle: Path,
) -> None:
    settings = {"statusNotifications": True}
    async with editor(f"--model={tiny_bundle}", options=settings) as session:
        heard: list[Any] = []
        session.client.feature("inkling/status")(lambda status: heard.append(status.last.silence))
        await session.loaded()
        for language in ("c", "rust"):
            await session.inline(session.open("x = ", f"/nowhere/a.{language}", language), 0, 4)
        await session.status()
        assert heard[-2:] == [f"the model was not trained on {name}" for name in ("c", "rust")]


@pytest.mark.parametrize(
    ("text", "kind"),
    [("x = f(1)\n", EventKind.KEPT), ("x = g(1)\n", EventKind.NOT_KEPT), (None, None)],
)
async def test_kept_or_not_is_judged_later(text: str | None, kind: EventKind | None) -> None:
    server = build_server(Settings())
    server.kept_seconds = 0.0
    sighting = Sighting(Shown(Document("file:///a.py", "x = "), 4, "f(1)"))
    number = server.offers.add(Offer("file:///a.py", "f(1)", "python", sighting))
    if text is not None:
        server.documents.open("file:///a.py", text, "python", 1)
    commands.accept(server, number)
    await asyncio.gather(*server.background)
    assert [event.kind for event in read()][1:] == ([kind] if kind else [])
    lines = (home() / FILE_NAME).read_text().splitlines()
    known = {"at", "kind", "language", "characters", "model", "suggestion"}
    assert all(set(json.loads(line)) <= known for line in lines)


@pytest.mark.parametrize("arguments", [(), (None,), ("x", "y"), ({"a": 1}, -3), ([], None, 3)])
def test_commands_take_any_arguments(arguments: tuple[Any, ...]) -> None:
    server = build_server(Settings())
    for command in (commands.accept, commands.accept_partially):
        command(server, *arguments)
    assert list(read()) == []
