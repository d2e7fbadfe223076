"""What of other files is in the prompts: present, fresh, stable from key to key, never secret."""

from __future__ import annotations

import asyncio
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from lsp_server.backend import Served
from lsp_server.documents import Document, DocumentStore
from lsp_server.neighbourhood import snippet_budget
from lsp_server.surroundings import FAR_LINES, Spot, Surroundings
from lsp_server.workspace import locate
from tests.lsp_server.editor import Editor, editor

if TYPE_CHECKING:
    from pathlib import Path

MAIN = "from bank import open_ledger\n\n\ndef run():\n    open_ledger\n"
BANK = "def open_ledger(owner, currency):\n    return owner\n"
SECRET = "correct-horse-battery"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A checkout with a sibling on disk, an ignored one, and files of secrets."""
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    (tmp_path / ".gitignore").write_text("ignored.py\n")
    (tmp_path / "main.py").write_text(MAIN)
    (tmp_path / "bank.py").write_text(BANK)
    (tmp_path / "ignored.py").write_text("def open_ledger(ignored): ...\n")
    (tmp_path / ".env").write_text(f"OPEN_LEDGER={SECRET}\n")
    (tmp_path / "config.py").write_text(f'def open_ledger_key(password = "{SECRET}"): ...\n')
    return tmp_path


async def prompt(session: Editor, uri: str, line: int = 4, character: int = 15) -> str:
    """The prompt at a place, as the server says it."""
    asked = {"textDocument": {"uri": uri}, "position": {"line": line, "character": character}}
    answer: Any = await session.client.protocol.send_request_async("inkling/explain", asked)
    assert answer.silence is None
    return "\n".join(part.text for part in answer.prompt)


async def test_context_truth(tree: Path, tiny_bundle: Path) -> None:
    options = {"snippetTokens": 256}
    async with editor(f"--model={tiny_bundle}", options=options, folder=tree) as session:
        await session.loaded()
        main = session.open(MAIN, tree / "main.py")
        assert "def open_ledger(owner, currency):" in await prompt(session, main)

        # A symbol that stands only in an unsaved sibling is used …
        bank = session.open(BANK, tree / "bank.py")
        session.edit(bank, "def open_ledger(owner, unsaved_rate):", (0, 0), (0, 33))
        assert "unsaved_rate" in await prompt(session, main)
        # … and forgotten after it was renamed.
        session.edit(bank, "def open_book(", (0, 0), (0, len("def open_ledger(")))
        text = await prompt(session, main)
        assert "def open_ledger" not in text
        session.client.text_document_did_close(_closing(bank))
        assert "def open_ledger(owner, currency):" in await prompt(session, main)

        # What is ignored or secret never comes in, open or not.
        session.open("def open_ledger(ignored_and_open): ...\n", tree / "ignored.py")
        session.open(f"OPEN_LEDGER={SECRET}\n", tree / ".env")
        session.edit(main, "open_ledger_key\n    ", (4, 4), (4, 4))
        text = await prompt(session, main)
        assert "ignored" not in text
        assert SECRET not in text

        session.client.workspace_did_change_configuration(_configured({"snippetTokens": 0}))
        assert "def open_ledger" not in await prompt(session, main)


def _closing(uri: str) -> Any:
    from lsprotocol import types

    return types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(uri))


def _configured(options: dict[str, Any]) -> Any:
    from lsprotocol import types

    return types.DidChangeConfigurationParams({"minProbability": 0, **options})


class Counted(Surroundings):
    """Counts how often it chooses."""

    times = 0

    def _chosen(self, *arguments: Any) -> Any:
        self.times += 1
        return super()._chosen(*arguments)


async def test_between_the_moments_of_choice_prompts_begin_the_same(tree: Path) -> None:
    store = DocumentStore()
    text = MAIN + "\n" * 2 * FAR_LINES
    uri = (tree / "main.py").as_uri()
    store.open(uri, text, "python", 1)
    kept = Counted(store, len, 400)

    def spot(offset: int) -> Spot:
        document = store.get(uri)
        assert document is not None
        return Spot(document, offset, locate(document.path))

    first = await kept.around(spot(len(MAIN) - 1))
    assert [snippet.path for snippet in first] == ["bank.py"]
    for number, key in enumerate("(owner"):
        document = store.get(uri)
        assert document is not None
        at = len(MAIN) - 1 + number
        changed = document.text or ""
        store.open(uri, changed[:at] + key + changed[at:], "python", number + 2)
        kept.edited(spot(at).document)
        assert await kept.around(spot(at + 1)) is first
    assert kept.times == 1
    await kept.around(spot(len(MAIN) + 2 * FAR_LINES))
    assert kept.times == 2  # far away
    kept.changed_on_disk()
    await kept.around(spot(len(MAIN) + 2 * FAR_LINES))
    assert kept.times == 3
    kept.close()


async def test_a_pause_brings_in_what_was_typed_since(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lsp_server.surroundings.PAUSE_SECONDS", 0.05)
    (tree / "bank.py").write_text(BANK + "def close_ledger(reason): ...\n")
    store = DocumentStore()
    uri = (tree / "main.py").as_uri()
    store.open(uri, MAIN, "python", 1)
    kept = Counted(store, len, 400)
    document = store.get(uri)
    assert document is not None
    first = await kept.around(Spot(document, len(MAIN), locate(document.path)))
    assert "close_ledger" not in "".join(snippet.text for snippet in first)
    store.open(uri, MAIN + "close_ledger", "python", 2)
    typed = store.get(uri)
    assert typed is not None
    kept.edited(typed)
    for _ in range(200):
        await asyncio.sleep(0.02)
        if kept.times == 2:
            break
    await kept.settle()
    assert "def close_ledger(reason)" in "".join(snippet.text for snippet in kept.kept(uri))
    kept.close()


async def test_a_failure_leaves_the_prompt_without_other_files(tree: Path) -> None:
    def fail(_text: str) -> int:
        raise RuntimeError

    store = DocumentStore()
    uri = (tree / "main.py").as_uri()
    store.open(uri, MAIN, "python", 1)
    document = store.get(uri)
    assert document is not None
    spot = Spot(document, len(MAIN) - 1, locate(document.path))
    assert await Surroundings(store, fail, 400).around(spot) == ()


async def test_a_document_without_a_file_has_none() -> None:
    document = Document("untitled:1", "x = 1\n", "python")
    assert (
        await Surroundings(DocumentStore(), len, 100).around(Spot(document, 0, locate(None))) == ()
    )


@pytest.mark.parametrize(("context", "budget"), [(1024, 0), (4096, 1024), (32768, 1024), (0, 1024)])
def test_the_budget_follows_the_context(context: int, budget: int) -> None:
    assert snippet_budget(Served("m", "p", context)) == budget
    assert snippet_budget(Served("m", "p", context or 1, takes_files=False)) == 0
