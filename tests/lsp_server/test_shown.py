"""Typing along a suggestion keeps it, anything else drops it, and backspace brings it back."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lsp_server.documents import Change, Document
from lsp_server.shown import Shown, ShownSuggestions

URI = "file:///a.py"
texts = st.text("ab\n", max_size=8)


def typed(document: Document, offset: int, text: str) -> Document:
    return document.changed(Change(text, document.position(offset), document.position(offset)))


@given(texts, texts, st.text("ab\n", min_size=1, max_size=8), st.data())
def test_the_rest_of_a_suggestion_stays_while_its_beginning_is_typed(
    before: str, after: str, suggestion: str, data: st.DataObject
) -> None:
    document = Document(URI, before + after)
    shown = Shown(document, len(before), suggestion)
    count = data.draw(st.integers(0, len(suggestion) - 1))
    newer = typed(document, len(before), suggestion[:count])
    assert shown.rest_at(newer, len(before) + count) == suggestion[count:]


@given(texts, texts, st.text("ab\n", min_size=1, max_size=8), texts)
def test_what_is_left_always_completes_the_text_that_was_suggested(
    before: str, after: str, suggestion: str, other: str
) -> None:
    document = Document(URI, before + after)
    newer = typed(document, len(before), other)
    rest = Shown(document, len(before), suggestion).rest_at(newer, len(before) + len(other))
    assert (rest is not None) == (suggestion.startswith(other) and suggestion != other)
    if rest is not None:
        assert other + rest == suggestion


def test_backspace_brings_a_suggestion_back() -> None:
    document = Document(URI, "x = ")
    shown = ShownSuggestions()
    shown.add(Shown(document, 4, "value"))
    wrong = typed(document, 4, "w")
    assert shown.rest_at(wrong, 5) is None
    assert shown.rest_at(document, 4) == "value"


def test_a_change_elsewhere_drops_it() -> None:
    document = Document(URI, "x = \ny")
    shown = Shown(document, 4, "value")
    assert shown.rest_at(typed(document, 6, "v"), 4) is None
    assert shown.rest_at(typed(document, 0, "v"), 5) is None


def test_it_belongs_to_its_document() -> None:
    assert Shown(Document(URI, "x = "), 4, "v").rest_at(Document("file:///b", "x = "), 4) is None


def test_a_change_elsewhere_in_the_workspace_forgets_it() -> None:
    document = Document(URI, "x = ")
    shown = ShownSuggestions()
    shown.add(Shown(document, 4, "value"))
    shown.keep_only(URI)
    assert shown.rest_at(document, 4) == "value"
    shown.keep_only("file:///b.py")
    assert shown.rest_at(document, 4) is None


def test_what_was_asked_for_before_all_was_forgotten_is_not_remembered_afterwards() -> None:
    """The answer may come after the memory was read anew, and still be of the old one."""
    document = Document(URI, "x = ")
    shown = ShownSuggestions()
    for forgotten, is_remembered in ((URI, True), ("file:///b.py", False), (None, False)):
        asked = shown.era(URI)
        shown.keep_only(forgotten)
        shown.add(Shown(document, 4, "value"), asked)
        assert (shown.rest_at(document, 4) == "value") == is_remembered


def test_the_newest_that_fits_counts() -> None:
    document = Document(URI, "")
    shown = ShownSuggestions()
    shown.add(Shown(document, 0, "old"))
    shown.add(Shown(document, 0, "new"))
    assert shown.rest_at(document, 0) == "new"
    assert shown.rest_at(typed(document, 0, "o"), 1) == "ld"
