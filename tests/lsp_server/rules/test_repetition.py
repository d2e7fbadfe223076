"""Going in circles: four or more copies of one string at the end."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.rules.repetition import goes_in_circles


@pytest.mark.parametrize(
    "text",
    [
        'if x in ["max", "max", "max", "max", "max", "ma',
        "__name__" + "_" * 40,
        "    self.data = 1\n" * 5,
    ],
)
def test_loops_are_seen(text: str) -> None:
    assert goes_in_circles(text)


@pytest.mark.parametrize(
    "text",
    ["", "x", "self.name = name", "return [0, 0, 0]", "f(a), f(a), f(a), f(a), g(b)", "a    b"],
)
def test_ordinary_code_is_not_a_loop(text: str) -> None:
    assert not goes_in_circles(text)


@given(st.text("abc (\n", min_size=3, max_size=20), st.integers(4, 8), st.integers(0, 20))
def test_any_string_repeated_is_a_loop(unit: str, count: int, cut: int) -> None:
    assert goes_in_circles(unit * count + unit[: cut % len(unit)])
