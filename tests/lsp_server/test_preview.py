"""The preview shows what the file would look like, and sets off what the model wrote."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lsp_server.preview import GHOST_STYLE, preview

TEXT = "".join(f"line {number}\n" for number in range(1, 31))


def test_it_numbers_the_lines_of_the_file_around_the_cursor() -> None:
    offset = TEXT.index("line 20") + 4
    shown = preview(TEXT, offset, "X", lines_around=1).plain
    assert shown.split("\n") == ["19  line 19", "20  lineX 20", "21  line 21"]


def test_a_suggestion_of_several_lines_pushes_the_rest_down() -> None:
    shown = preview("a = (\n)\n", 5, "\n    1,\n    2,").plain
    assert shown.split("\n") == ["1  a = (", "2      1,", "3      2,", "4  )", "5  "]


@given(st.text(alphabet="ab \n", max_size=60), st.integers(0, 60), st.text("xy\n", min_size=1))
def test_exactly_the_suggestion_is_set_off(text: str, offset: int, suggestion: str) -> None:
    shown = preview(text, min(offset, len(text)), suggestion)
    ghost = "".join(
        shown.plain[span.start : span.end] for span in shown.spans if span.style == GHOST_STYLE
    )
    assert ghost == suggestion.replace("\n", "")


def test_the_file_with_the_suggestion_in_it_is_shown_whole_when_it_is_short() -> None:
    shown = preview("def f():\n    return\n", 19, " 1").plain
    assert [line[3:] for line in shown.split("\n")] == ["def f():", "    return 1", ""]
