"""Positions of the protocol in all three encodings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.positions import PositionEncoding, line_end, line_starts, offset_at, position_at

UTF8, UTF16, UTF32 = PositionEncoding.UTF8, PositionEncoding.UTF16, PositionEncoding.UTF32
encodings = st.sampled_from(PositionEncoding)
texts = st.text(alphabet=st.sampled_from("ab \té漢😀\u2028\x0c\r\n"), max_size=40)


@pytest.mark.parametrize(("encoding", "character"), [(UTF8, 7), (UTF16, 5), (UTF32, 4)])
def test_the_example_of_the_specification(encoding: PositionEncoding, character: int) -> None:
    text = 'x="😋"'
    assert offset_at(text, line_starts(text), 0, character, encoding) == 4
    assert position_at(text, line_starts(text), 4, encoding) == (0, character)


@given(text=texts, encoding=encodings, data=st.data())
def test_there_and_back(text: str, encoding: PositionEncoding, data: st.DataObject) -> None:
    starts = line_starts(text)
    offset = data.draw(st.integers(0, len(text)))
    if text[offset - 1 : offset + 1] == "\r\n":
        return  # between the two is no position
    line, character = position_at(text, starts, offset, encoding)
    assert offset_at(text, starts, line, character, encoding) == offset


@given(text=texts, encoding=encodings, line=st.integers(0, 50), character=st.integers(0, 200))
def test_every_position_means_some_place_on_its_line(
    text: str, encoding: PositionEncoding, line: int, character: int
) -> None:
    starts = line_starts(text)
    offset = offset_at(text, starts, line, character, encoding)
    if line < len(starts):
        assert starts[line] <= offset <= line_end(text, starts, line)
    else:
        assert offset == len(text)


@given(text=texts)
def test_lines_are_those_of_the_protocol(text: str) -> None:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    starts = line_starts(text)
    assert [text[s : line_end(text, starts, i)] for i, s in enumerate(starts)] == lines


def test_inside_a_surrogate_pair_is_before_the_character() -> None:
    text = "a😀b"
    assert offset_at(text, line_starts(text), 0, 2, UTF16) == 1
    assert offset_at(text, line_starts(text), 0, 3, UTF8) == 1
