"""The real server checks each suggestion before it is shown; a copy is planted for it to find."""

from __future__ import annotations

import asyncio
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from lsprotocol import types

from attribution.findings import nobodys
from lsp_server.documents import Document
from lsp_server.engine.records import CompletionRequest
from lsp_server.provenance.checker import Asked, SourceChecker
from lsp_server.provenance.policy import SourcePolicy
from lsp_server.suggest import Policy, parse, plan, presentable
from lsp_server.workspace import locate
from tests.attribution.samples import CANARY
from tests.lsp_server.answers import BEGUN, CURSOR
from tests.lsp_server.editor import Editor, editor

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from attribution.index import Index
    from lsp_server.engine.engine import Engine

LINE, COLUMN = BEGUN[:CURSOR].count("\n"), len("        retu")
PATIENT = {"source": "model", "attributionBudgetMs": 5000}


def options(index: Path | str, **other: Any) -> dict[str, Any]:
    return {**PATIENT, "attributionIndex": str(index), **other}


async def run(session: Editor, command: str, *arguments: Any) -> Any:
    return await session.client.workspace_execute_command_async(
        types.ExecuteCommandParams(command, arguments=list(arguments))
    )


async def opened(session: Editor) -> Any:
    """The status once the index is open, or has failed to."""
    await session.loaded()
    while (status := await session.status()).attribution.state in ("opening", "none"):
        await asyncio.sleep(0.02)
    return status


@pytest.fixture
def suggested(engine: Engine) -> str:
    """What the model suggests at the cursor."""
    document = Document("file:///nowhere/a.py", BEGUN, "python")
    request = plan(document, CURSOR, locate(document.path), Policy(), lambda _: True)
    assert isinstance(request, CompletionRequest)
    engine.session.clear()
    syntax = parse(document, CURSOR)
    return presentable(engine.complete(request), document, CURSOR, syntax=syntax).text


@pytest.fixture
def planted(suggested: str, index_of: Callable[..., Path]) -> Path:
    """An index of a document that goes on at the cursor as the model does."""
    pytest.importorskip("pyarrow")
    from curation.corpus import TRAIN
    from tests.attribution.samples import licensed
    from tests.evaluation.corpus_fixture import document

    text = BEGUN[:CURSOR] + suggested + "\n\nclass Ledger:\n    pass\n"
    return index_of([licensed(document(text, "alice/bank", "bank.py", TRAIN), "GPL-3.0-only")])


@pytest.fixture
def index(open_of: Callable[..., Index]) -> Index:
    return open_of({"a.py": CANARY})


async def test_without_an_index_nothing_is_called_clean(tiny_bundle: Path, suggested: str) -> None:
    async with editor(f"--model={tiny_bundle}", options=options("")) as session:
        uri = session.open(BEGUN)
        item = await session.inline(uri, LINE, COLUMN)
        status = await session.status()
        answer = await run(session, "inkling.references", uri)
    assert item is not None
    assert item.insert_text == suggested
    assert status.attribution.state == "none"
    assert answer == {
        "error": "There is no index of the training data here.",
        "code": "no-index",
    }
    assert status.last.attribution.unchecked == ["There is no index of the training data here."]


async def test_a_copy_is_badged_and_marked_once_it_is_accepted(
    tiny_bundle: Path, planted: Path, suggested: str
) -> None:
    chosen = options(planted, statusNotifications=True)
    async with editor(f"--model={tiny_bundle}", options=chosen) as session:
        assert (await opened(session)).attribution.documents == 1
        uri = session.open(BEGUN)
        item = await session.inline(uri, LINE, COLUMN)
        assert item is not None
        assert item.insert_text == suggested
        assert item.command is not None
        assert item.command.tooltip == "exact: alice/bank, bank.py:1, GPL-3.0-only"
        number, found = item.command.arguments or ()
        assert (found["action"], found["clean"]) == ("badge", False)
        assert found["findings"][0]["sources"][0]["license"] == "GPL-3.0-only"
        assert (await session.status()).last.attribution.badge == item.command.tooltip

        session.edit(uri, suggested, (LINE, COLUMN), (LINE, COLUMN))
        await run(session, "inkling.accept", number, found)
        while not session.client.diagnostics.get(uri):
            await asyncio.sleep(0.02)
        (hint,) = session.client.diagnostics[uri]
        assert hint.severity is types.DiagnosticSeverity.Hint
        assert hint.range.start == types.Position(LINE, COLUMN)
        assert "alice/bank, bank.py:1 (GPL-3.0-only)" in hint.message
        hover = await session.client.text_document_hover_async(
            types.HoverParams(types.TextDocumentIdentifier(uri), types.Position(LINE, COLUMN + 1))
        )
        assert hover is not None
        assert isinstance(hover.contents, types.MarkupContent)
        assert "`alice/bank`" in hover.contents.value
        assert "class Account" in hover.contents.value

        session.edit(uri, "# above\n", (0, 0), (0, 0))
        while session.client.diagnostics[uri][0].range.start.line != LINE + 1:
            await asyncio.sleep(0.02)
        assert session.client.diagnostics[uri][0].data == hint.data
        session.edit(uri, "no longer ", (LINE + 1, COLUMN + 1), (LINE + 1, COLUMN + 1))
        while session.client.diagnostics[uri]:
            await asyncio.sleep(0.02)


async def test_the_policy_blocks_by_tier_and_licence_and_may_change(
    tiny_bundle: Path, planted: Path
) -> None:
    strict = {"strong": {"copyleft": "block"}}
    chosen = options(planted, attributionPolicy=strict)
    async with editor(f"--model={tiny_bundle}", options=chosen) as session:
        await opened(session)
        uri = session.open(BEGUN)
        assert await session.inline(uri, LINE, COLUMN) is None
        last = (await session.status()).last
        assert last.code == "blocked-source"
        assert last.silence == "blocked: exact: alice/bank, bank.py:1, GPL-3.0-only"
        for policy, badge in ({"strong": {"permissive": "block"}}, "exact"), ("show", None):
            settings = {"minProbability": 0, **options(planted, attributionPolicy=policy)}
            session.client.workspace_did_change_configuration(
                types.DidChangeConfigurationParams(settings=settings)
            )
            item = await session.inline(uri, LINE, COLUMN)
            assert item is not None
            assert item.command is not None
            assert (item.command.tooltip or "").startswith(badge or "")
            assert bool(item.command.tooltip) is bool(badge)


async def test_the_users_own_workspace_is_no_accusation(
    tiny_bundle: Path, planted: Path, suggested: str, tmp_path: Path
) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "earlier.py").write_text(BEGUN[:CURSOR] + suggested + "\n")
    chosen = options(planted, attributionPolicy="block")
    async with editor(f"--model={tiny_bundle}", options=chosen, folder=folder) as session:
        await opened(session)
        uri = session.open(BEGUN, folder / "now.py")
        for _ in range(200):  # until the workspace has been read
            item = await session.inline(uri, LINE, COLUMN)
            if item is not None:
                break
            await asyncio.sleep(0.05)
        assert item is not None
        assert item.insert_text == suggested


async def test_late_is_not_checked_and_never_clean(
    tiny_bundle: Path, planted: Path, suggested: str
) -> None:
    chosen = {**options(planted), "attributionBudgetMs": 0.001}
    async with editor(f"--model={tiny_bundle}", options=chosen) as session:
        await opened(session)
        uri = session.open(BEGUN)
        item = await session.inline(uri, LINE, COLUMN)
        assert item is not None
        found = (await session.status()).last.attribution
        assert (found.clean, found.findings, found.action) == (False, [], "badge")
        assert "took longer" in found.unchecked[0]

        # The late answer counts for what is typed along, and for what is taken.
        await asyncio.sleep(0.5)
        session.edit(uri, suggested[0], (LINE, COLUMN), (LINE, COLUMN))
        rest = await session.inline(uri, LINE, COLUMN + 1)
        assert rest is not None
        assert rest.command is not None
        assert (rest.command.tooltip or "").startswith("exact: alice/bank")
        session.edit(uri, suggested[1:], (LINE, COLUMN + 1), (LINE, COLUMN + 1))
        assert item.command is not None
        await run(session, "inkling.accept", *(item.command.arguments or ()))
        while not session.client.diagnostics.get(uri):
            await asyncio.sleep(0.02)


async def test_what_was_taken_is_looked_up_again_if_the_next_suggestion_ended_its_check(
    index: Index,
) -> None:
    checker = SourceChecker()
    opened = checker.open(index.folder, index.manifest.corpora[0])
    assert opened is not None
    await asyncio.wrap_future(opened)
    asked = Asked("file:///a.py", CANARY[:90], CANARY[90:], "python")
    first = await checker.judge(asked, SourcePolicy(), nobodys, 0.001)
    await checker.judge(
        Asked("file:///a.py", "x", "y = 1", "python"), SourcePolicy(), nobodys, 9999
    )
    verdict = await checker.answer(first, SourcePolicy(), nobodys)
    checker.close()
    assert first.verdict.report.findings == ()
    assert verdict is not None
    assert verdict.badge == "exact: sample, a.py:1, MIT"


async def test_references_of_a_document_and_of_a_selection(
    tiny_bundle: Path, planted: Path, suggested: str
) -> None:
    async with editor(f"--model={tiny_bundle}", options=options(planted)) as session:
        await opened(session)
        uri = session.open("x = 1\n\n" + BEGUN[:CURSOR] + suggested)
        answer = await run(session, "inkling.references", uri)
        assert (answer["error"], answer["clean"]) == (None, False)
        (found,) = answer["references"]
        assert found["range"]["start"]["line"] == 2
        assert found["sources"][0]["path"] == "bank.py"
        assert "class Account" in found["sources"][0]["text"]
        assert len(session.client.diagnostics[uri]) == 1
        selection = {"start": {"line": 0, "character": 0}, "end": {"line": 1, "character": 0}}
        assert (await run(session, "inkling.references", uri, selection))["references"] == []
        assert len(session.client.diagnostics[uri]) == 1
        for wrong in ("file:///never.py", None, 7):
            assert (await run(session, "inkling.references", wrong))["error"]


async def test_a_damaged_or_missing_index_is_told_and_the_server_lives(
    tiny_bundle: Path, planted: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(planted, broken)
    (broken / "index.json").write_text("{")
    for folder in (broken, tmp_path / "nowhere"):
        async with editor(f"--model={tiny_bundle}", options=options(folder)) as session:
            status = await opened(session)
            assert status.attribution.state == "failed"
            assert str(folder) in status.attribution.message
            assert await session.inline(session.open(BEGUN), LINE, COLUMN) is not None
            last = (await session.status()).last.attribution
            assert (last.clean, last.action) == (False, "show")


async def test_a_menu_names_the_source_too(tiny_bundle: Path, planted: Path) -> None:
    async with editor(f"--model={tiny_bundle}", options=options(planted), inline=False) as session:
        await opened(session)
        item = await session.menu(session.open(BEGUN), LINE, COLUMN)
        assert item is not None
        assert item.detail == "Inkling, exact: alice/bank, bank.py:1, GPL-3.0-only"
        assert item.data["action"] == "badge"
