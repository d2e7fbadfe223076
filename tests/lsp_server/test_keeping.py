"""With consent, what was written instead of a suggestion is kept; without it, nothing is."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from pygls.workspace import Workspace

from inkling.interactions import FILE_NAME, read
from inkling.settings import Settings, home
from lsp_server.documents import Document
from lsp_server.keeping import interaction
from lsp_server.server import build_server

if TYPE_CHECKING:
    from lsp_server.methods.asking import Suggestion

BEFORE = Document("file:///w/a.py", "one = 1\ntwo = f()\nthree = 3\n", language_id="python")
AT = BEFORE.text.index("f()") if BEFORE.text else 0


def now(text: str) -> Document:
    return Document(BEFORE.uri, text, language_id="python")


def test_what_was_written_stands_where_it_was_suggested() -> None:
    before = now("one = 1\ntwo = \nthree = 3\n")
    found = interaction(
        before, AT, "None", now("one = 1\ntwo = g(2)\nthree = 3\n"), "python", "a.py"
    )
    assert found is not None
    assert (found.prefix, found.suffix) == ("one = 1\ntwo = ", "\nthree = 3\n")
    assert (found.suggested, found.written, found.accepted) == ("None", "g(2)", False)
    taken = interaction(before, AT, "None", now("one = 1\ntwo = None\nthree = 3\n"), "python", "")
    assert taken is not None
    assert taken.accepted


def test_what_stood_behind_the_cursor_is_not_written_anew() -> None:
    before = now("print()\n")
    found = interaction(before, 6, "a", now("print(bb)\n"), "python", "")
    assert found is not None
    assert found.written == "bb"


@pytest.mark.parametrize("text", ["zero = 0\none = 1\ntwo = 2\n", "one = 1\ntwo = \n", "one"])
def test_elsewhere_nobody_can_tell(text: str) -> None:
    before = now("one = 1\ntwo = \nthree = 3\n")
    assert interaction(before, AT, "None", now(text), "python", "") is None
    assert interaction(before, AT, "None", None, "python", "") is None


@pytest.mark.parametrize("consents", [True, False])
async def test_only_who_agrees_has_text_kept(consents: bool) -> None:
    from dataclasses import replace

    from lsp_server.methods.asking import Suggestion
    from lsp_server.methods.noting import note

    server = build_server(Settings())
    server.protocol._workspace = Workspace(None)  # as after `initialize`
    server.kept_seconds = 0.0
    server.options = replace(server.options, keep_text=consents)
    server.documents.open("file:///w/a.py", "one = 1\ntwo = g(2)\n", "python", 1)
    before: Suggestion = Suggestion("None", AT, now("one = 1\ntwo = \n"))
    note(server, before)
    while server.background:
        await asyncio.gather(*server.background)
    kept = list(read())
    assert [row.written for row in kept] == (["g(2)"] if consents else [])
    (home() / FILE_NAME).unlink(missing_ok=True)
