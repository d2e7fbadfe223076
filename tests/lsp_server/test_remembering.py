"""What the memory knows of a workspace: what is there now, saved or not, and nothing private."""

from __future__ import annotations

import asyncio
import subprocess
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from lsprotocol import types

from lsp_server.documents import Document
from lsp_server.remembering import Remembering
from tests.lsp_server.editor import Editor, editor

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from lsp_server.engine.engine import Engine

HELPER = "def show(screen):\n    screen.draw_at(left, top).with_border(double)\n"
BEGINNING = "def other(screen):\n    screen.draw_at(left"
REST = ", top).with_border(double)"


@asynccontextmanager
async def remembering(folder: Path, model: Path) -> AsyncIterator[Editor]:
    """An editor on `folder` whose suggestions come from the memory alone."""
    options = {"source": "memory", "minProbability": 0.05}
    async with editor(f"--model={model}", folder=folder, options=options) as session:
        await session.loaded()
        await until(session, lambda status: status.memory is not None)
        yield session


async def until(session: Editor, holds: Callable[[Any], bool]) -> None:
    async with asyncio.timeout(30):
        while not holds(await session.status()):
            await asyncio.sleep(0.02)


async def suggestion(session: Editor, folder: Path) -> str | None:
    """What is suggested after `BEGINNING` in a new file."""
    uri = session.open(BEGINNING, folder / "new.py")
    item = await session.inline(uri, 1, len(BEGINNING.split("\n")[1]))
    session.client.text_document_did_close(
        types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(uri))
    )
    return str(item.insert_text) if item is not None else None


async def suggestion_becomes(session: Editor, folder: Path, expected: str | None) -> None:
    async with asyncio.timeout(30):
        while (found := await suggestion(session, folder)) != expected:
            assert found in (None, REST)
            await asyncio.sleep(0.02)


async def test_it_knows_the_files_of_the_workspace(tmp_path: Path, tiny_bundle: Path) -> None:
    (tmp_path / "helper.py").write_text(HELPER)
    async with remembering(tmp_path, tiny_bundle) as session:
        assert await suggestion(session, tmp_path) == REST
        status = await session.status()
        assert status.last.figures.fromMemory
        assert status.memory.files >= 1


async def test_it_is_read_as_soon_as_it_has_a_say(tmp_path: Path, tiny_bundle: Path) -> None:
    (tmp_path / "helper.py").write_text(HELPER)
    options = {"source": "model"}
    async with editor(f"--model={tiny_bundle}", folder=tmp_path, options=options) as session:
        await session.loaded()
        assert (await session.status()).memory is None
        session.client.workspace_did_change_configuration(
            types.DidChangeConfigurationParams({"source": "memory", "minProbability": 0.05})
        )
        await until(session, lambda status: status.memory is not None)
        assert await suggestion(session, tmp_path) == REST


async def test_it_never_learns_what_looks_like_a_secret(tmp_path: Path, tiny_bundle: Path) -> None:
    line = 'connection_password = "correct-horse-battery"\n'
    for name in ("first.py", "second.py"):
        (tmp_path / name).write_text(line)
    async with remembering(tmp_path, tiny_bundle) as session:
        session.open(line, tmp_path / "third.py")
        beginning = "connection_password ="
        uri = session.open(beginning, tmp_path / "new.py")
        item = await session.inline(uri, 0, len(beginning))
        assert item is not None
        assert item.insert_text == ' ""'


@pytest.mark.parametrize("name", [".env", "ignored.py", "secrets.json", "deep/ignored/a.py"])
async def test_it_never_reads_what_is_ignored_or_secret(
    name: str, tmp_path: Path, tiny_bundle: Path
) -> None:
    (tmp_path / ".gitignore").write_text("ignored.py\nignored/\n")
    (tmp_path / "known.py").write_text("known = 1\n")
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(HELPER)
    async with remembering(tmp_path, tiny_bundle) as session:
        assert await suggestion(session, tmp_path) is None


async def test_what_the_editor_hides_is_read_neither_now_nor_when_that_changes(
    tmp_path: Path, tiny_bundle: Path
) -> None:
    (tmp_path / "gen").mkdir()
    (tmp_path / "gen" / "helper.py").write_text(HELPER)

    def hide(*patterns: str) -> None:
        options = {"source": "memory", "minProbability": 0.05, "exclude": list(patterns)}
        session.client.workspace_did_change_configuration(
            types.DidChangeConfigurationParams(options)
        )

    async with remembering(tmp_path, tiny_bundle) as session:
        assert await suggestion(session, tmp_path) == REST
        hide("**/gen")
        await suggestion_becomes(session, tmp_path, None)
        uri = session.open(HELPER, tmp_path / "gen" / "helper.py")
        session.edit(uri, "# more\n", (0, 0), (0, 0))
        assert await suggestion(session, tmp_path) is None
        hide()
        await suggestion_becomes(session, tmp_path, REST)


async def test_a_folder_that_is_opened_later_is_read_too(tmp_path: Path, tiny_bundle: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        folder.mkdir()
    (first / "known.py").write_text("known = 1\n")
    (second / "helper.py").write_text(HELPER)
    async with remembering(first, tiny_bundle) as session:
        assert await suggestion(session, first) is None
        added = [types.WorkspaceFolder(second.as_uri(), "second")]
        session.client.workspace_did_change_workspace_folders(
            types.DidChangeWorkspaceFoldersParams(types.WorkspaceFoldersChangeEvent(added, []))
        )
        await suggestion_becomes(session, first, REST)


@pytest.mark.parametrize("name", [".env", "ignored.py", "secrets.json", "photo.jpg"])
async def test_such_files_are_not_read_when_they_change_either(
    name: str, tmp_path: Path, engine: Engine
) -> None:
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    (tmp_path / ".gitignore").write_text("ignored.py\n")
    noted = Remembering(engine)
    for path in (tmp_path / name, tmp_path / "known.py"):
        path.write_text(HELPER)
        noted.changed_on_disk(path)
        noted.edited(Document(path.as_uri(), HELPER))
    await noted.settle()
    assert noted.memory.files == 1


async def test_what_was_open_before_the_workspace_was_read_counts_as_it_stands(
    tmp_path: Path, engine: Engine
) -> None:
    (tmp_path / "known.py").write_text("known = 1\n")
    noted = Remembering(engine)
    document = Document((tmp_path / "unsaved.py").as_uri(), HELPER)
    await noted.read([tmp_path], lambda: [document])
    await noted.settle()
    assert noted.memory.files == 2


async def test_it_tells_when_others_answers_may_follow_and_not_before(
    tmp_path: Path, engine: Engine
) -> None:
    known = tmp_path / "known.py"
    known.write_text("known = 1\n")
    document = Document((tmp_path / "unsaved.py").as_uri(), HELPER)
    told: list[tuple[str | None, int]] = []
    noted = Remembering(engine, learned=lambda uri: told.append((uri, noted.memory.files)))
    await noted.read([tmp_path])
    noted.edited(document)
    known.unlink()
    noted.changed_on_disk(known)
    await noted.settle()
    assert told == [(None, 1), (document.uri, 2), (None, 1)]


async def test_a_long_older_text_never_replaces_a_short_newer_one(
    tmp_path: Path, engine: Engine
) -> None:
    noted = Remembering(engine)
    uri = (tmp_path / "growing.py").as_uri()
    noted.edited(Document(uri, HELPER * 500))
    noted.edited(Document(uri, HELPER))
    await noted.settle()
    assert 0 < noted.memory.tokens < len(HELPER) * 2


async def test_it_knows_an_unsaved_sibling_and_forgets_what_it_no_longer_says(
    tmp_path: Path, tiny_bundle: Path
) -> None:
    (tmp_path / "known.py").write_text("known = 1\n")
    async with remembering(tmp_path, tiny_bundle) as session:
        uri = session.open("\n", tmp_path / "sibling.py")
        session.edit(uri, HELPER, (0, 0), (0, 0))
        await suggestion_becomes(session, tmp_path, REST)
        session.edit(uri, "def show(plate):\n    plate.etch(x)\n\n", (0, 0), (2, 0))
        await suggestion_becomes(session, tmp_path, None)


async def test_files_that_others_change_are_read_again(tmp_path: Path, tiny_bundle: Path) -> None:
    path = tmp_path / "helper.py"
    path.write_text(HELPER)
    async with remembering(tmp_path, tiny_bundle) as session:
        assert await suggestion(session, tmp_path) == REST
        path.unlink()
        session.client.workspace_did_change_watched_files(
            types.DidChangeWatchedFilesParams(
                [types.FileEvent(path.as_uri(), types.FileChangeType.Deleted)]
            )
        )
        await suggestion_becomes(session, tmp_path, None)


async def test_typing_along_a_suggestion_asks_nobody(tmp_path: Path, tiny_bundle: Path) -> None:
    (tmp_path / "helper.py").write_text(HELPER)
    async with remembering(tmp_path, tiny_bundle) as session:
        uri = session.open(BEGINNING, tmp_path / "new.py")
        column = len(BEGINNING.split("\n")[1])
        assert (item := await session.inline(uri, 1, column)) is not None
        assert item.insert_text == REST
        for count in range(1, 11):
            session.edit(uri, REST[count - 1], (1, column + count - 1), (1, column + count - 1))
            item = await session.inline(uri, 1, column + count)
            assert item is not None
            assert item.insert_text == REST[count:]
            assert (await session.status()).last.typedAlong
        session.edit(uri, "", (1, column + 5), (1, column + 10))
        item = await session.inline(uri, 1, column + 5)
        assert item is not None
        assert item.insert_text == REST[5:]
