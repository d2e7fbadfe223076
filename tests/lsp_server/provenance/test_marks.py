"""Marks stay with their texts while a document is edited."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from hypothesis import given
from hypothesis import strategies as st

from lsp_server.documents import Document
from lsp_server.provenance.marks import Mark, Marks

if TYPE_CHECKING:
    from attribution.findings import Finding

URI = "file:///a.py"
ANY = cast("Finding", None)  # marks never look into what was found
words = st.text("ab\n", max_size=6)


@given(words, words, words)
def test_a_mark_moves_with_its_text(before: str, after: str, typed: str) -> None:
    marks = Marks()
    marks.add(URI, [Mark(len(before), "MARKED", ANY)])
    for text in (f"{typed}{before}MARKED{after}", f"{before}MARKED{typed}{after}"):
        marks.follow(Document(URI, text))
        (mark,) = marks.of(URI)
        assert text[mark.start : mark.end] == "MARKED"
        assert marks.at(URI, mark.start) == (mark,)


def test_a_mark_goes_with_its_text_and_takes_the_nearest_copy() -> None:
    marks = Marks()
    marks.add(URI, [Mark(8, "copy", ANY), Mark(20, "other", ANY)])
    assert marks.follow(Document(URI, "copy ...... copy.... "))
    (mark,) = marks.of(URI)
    assert mark.start == 12
    assert not marks.follow(Document(URI, "copy ...... copy.... more"))
    assert marks.follow(Document(URI, "nothing"))
    assert marks.of(URI) == ()


def test_new_marks_replace_those_they_overlap() -> None:
    marks = Marks()
    marks.add(URI, [Mark(0, "abc", ANY), Mark(3, "def", ANY), Mark(9, "xyz", ANY)])
    marks.add(URI, [Mark(2, "cd", ANY)])
    assert [mark.text for mark in marks.of(URI)] == ["cd", "xyz"]
    marks.clear(URI, 0, 5)
    assert [mark.text for mark in marks.of(URI)] == ["xyz"]
    marks.clear(URI)
    assert marks.of(URI) == ()
