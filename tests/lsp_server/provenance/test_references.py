"""Findings in the editor's terms: positions, a message, and a hover that text can't break."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from lsprotocol import types

from attribution.findings import Scope
from lsp_server.documents import Document
from lsp_server.positions import PositionEncoding
from lsp_server.provenance.references import as_json, diagnostic, find_references, hover_text
from tests.attribution.samples import CANARY, OWN_CODE

if TYPE_CHECKING:
    from collections.abc import Callable

    from attribution.index import Index


def document(text: str) -> Document:
    return Document("file:///w/mine.py", text, "python", 1, PositionEncoding.UTF16)


def test_positions_are_the_clients_whatever_stands_before(open_of: Callable[..., Index]) -> None:
    index = open_of({"found.py": CANARY})
    opened = document("# größe 😀\r\n" + CANARY.replace("\n", "\r\n") + OWN_CODE)
    (found,), report = find_references(index, opened, "python", Scope())
    note = diagnostic(found, opened)
    assert note.range == types.Range(types.Position(1, 0), types.Position(10, 0))
    assert note.severity is types.DiagnosticSeverity.Hint
    assert note.message == "Stands word for word in sample, found.py:1 (MIT)"
    assert note.code == "exact"
    assert note.data["excerpt"] == f"{' '.join(CANARY.split())[:60]}…"
    short = diagnostic(replace(found, text="x =\r\n    1"), opened)
    assert short.data["excerpt"] == "x = 1"
    assert as_json(found, opened)["range"]["start"] == {"line": 1, "character": 0}
    assert report.unchecked == ()


def test_every_copy_is_marked_where_it_stands(open_of: Callable[..., Index]) -> None:
    index = open_of({"found.py": CANARY})
    text = "".join(f"# größe 😀 {number}\n{CANARY}\n" for number in range(5))
    marks, _ = find_references(index, document(text), "python", Scope())
    places = [text.index(CANARY, text.index(f" {number}\n")) for number in range(5)]
    assert [mark.start for mark in marks] == places
    assert {mark.text for mark in marks} == {CANARY}


def test_a_selection_is_checked_alone(open_of: Callable[..., Index]) -> None:
    index = open_of({"found.py": CANARY})
    opened = document("é = 1\n" + CANARY + OWN_CODE)
    begin = 6 + len(CANARY)
    assert find_references(index, opened, "python", Scope(), (begin, begin + 200))[0] == []
    (found,), _ = find_references(index, opened, "python", Scope(), (6, begin))
    assert (found.start, opened.text[found.start : found.start + 13]) == (6, "def quicksand")  # type: ignore[index]


def test_a_hover_shows_the_source_and_cannot_be_broken(open_of: Callable[..., Index]) -> None:
    from curation.corpus import TRAIN
    from tests.evaluation.corpus_fixture import document as sample

    text = CANARY.replace("no pebble", "``` no ```` pebble")
    made = sample(text, "a`b\n# heading", "x`](http://evil).py", TRAIN)
    (found,), _ = find_references(open_of([made]), document(text), "python", Scope())
    shown = hover_text(found.finding)
    assert shown.startswith("This long passage stands word for word in\n\n- ")
    assert "`` a`b # heading ``" not in shown  # no padding is needed inside
    assert "``a`b # heading``" in shown
    assert "``x`](http://evil).py``" in shown
    assert shown.endswith("\n`````")
    assert shown.count("`````") == 2
    assert "MIT" in shown
    assert CANARY.splitlines()[0] in shown
