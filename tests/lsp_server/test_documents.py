"""Incremental edits end in the text that the editor has, in every encoding."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server import documents
from lsp_server.documents import Change, Document, DocumentStore
from lsp_server.positions import PositionEncoding, line_starts, position_at

texts = st.text(alphabet=st.sampled_from("ab é漢😀\n"), max_size=30)


@given(
    text=texts,
    edits=st.lists(st.tuples(texts, st.integers(0, 30), st.integers(0, 30)), max_size=6),
    encoding=st.sampled_from(PositionEncoding),
)
def test_edits_arrive_as_the_editor_made_them(
    text: str, edits: list[tuple[str, int, int]], encoding: PositionEncoding
) -> None:
    store = DocumentStore()
    store.encoding = encoding
    store.open("file:///a.py", text, "python", 1)
    for version, (new, first, second) in enumerate(edits, start=2):
        start, end = sorted((min(first, len(text)), min(second, len(text))))
        starts = line_starts(text)
        change = Change(
            new,
            position_at(text, starts, start, encoding),
            position_at(text, starts, end, encoding),
        )
        store.change("file:///a.py", version, [change])
        text = text[:start] + new + text[end:]
        document = store.get("file:///a.py")
        assert document is not None
        assert (document.text, document.version) == (text, version)


def test_a_snapshot_does_not_change() -> None:
    store = DocumentStore()
    store.open("file:///a.py", "one\n", "python", 1)
    snapshot = store.get("file:///a.py")
    store.change("file:///a.py", 2, [Change("two\n")])
    assert snapshot is not None
    assert (snapshot.text, snapshot.version) == ("one\n", 1)


def test_form_feeds_and_line_separators_are_not_lines() -> None:
    document = Document("file:///a.py", "a\x0cb\u2028c\nd")
    assert document.changed(Change("X", (1, 0), (1, 1))).text == "a\x0cb\u2028c\nX"


def test_an_edit_at_the_end_after_wide_characters() -> None:
    document = Document("file:///a.py", "x = '😀'", encoding=PositionEncoding.UTF16)
    assert document.changed(Change("!", (0, 8), (0, 8))).text == "x = '😀'!"
    assert document.changed(Change("!", (5, 0), (5, 0))).text == "x = '😀'!"


def test_unknown_documents_are_ignored() -> None:
    store = DocumentStore()
    store.change("file:///a.py", 2, [Change("x")])
    store.close("file:///a.py")
    assert store.get("file:///a.py") is None


@pytest.mark.parametrize(
    ("text", "line_break"), [("", "\n"), ("a", "\n"), ("a\r\nb\n", "\r\n"), ("a\nb\r\n", "\n")]
)
def test_the_line_break_is_that_of_the_first_line(text: str, line_break: str) -> None:
    assert Document("file:///a.py", text).line_break == line_break


def test_a_document_that_grows_too_large_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "MAX_CHARACTERS", 10)
    document = Document("file:///a.py", "123456789").changed(Change("ab", (0, 0), (0, 0)))
    assert document.text is None
    assert document.changed(Change("", (0, 0), (0, 2))).text is None
    assert document.changed(Change("short")).text == "short"


def test_only_files_have_a_path() -> None:
    assert Document("untitled:Untitled-1", "").path is None
    path = Document("file:///tmp/a%20b.py", "").path
    assert path is not None
    assert path.name == "a b.py"
