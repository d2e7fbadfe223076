"""Whether a text parses: errors are told from what a parser is only too small for."""

from __future__ import annotations

import pytest

from curation.quality.syntax import syntax_error_share

ELIFS = "if x == 0:\n    y = 0\n" + "".join(f"elif x == {n}:\n    y = {n}\n" for n in range(6000))
SUM = "total = 0" + " + 1" * 20_000 + "\n"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("python", ELIFS),
        ("python", SUM),
        ("python", "(" * 300 + "1" + ")" * 300 + "\n"),
        ("python", f"n = {'9' * 5000}\n"),
        ("json", "[" * 5000 + "]" * 5000),
        ("json", "9" * 5000),
        ("toml", f"n = {'9' * 5000}\n"),
        ("toml", "a = " + "[" * 5000 + "]" * 5000),
    ],
)
def test_a_parsers_limit_is_no_syntax_error(language: str, text: str) -> None:
    assert syntax_error_share(text, language) in (None, (0.0, None))


@pytest.mark.parametrize(
    ("language", "text", "line"),
    [
        ("python", "x = 1\nif x\n", 2),
        ("json", '{"a": 1,\n "b" 2}', 2),
        ("toml", "a = \n", None),
    ],
)
def test_what_does_not_parse_is_an_error_still(language: str, text: str, line: int | None) -> None:
    assert syntax_error_share(text, language) == (1.0, line)


def test_what_is_too_long_for_the_parser_and_wrong_is_an_error_still() -> None:
    found = syntax_error_share(f"{ELIFS}if x ==:\n    pass\n", "python")
    assert found is not None
    assert found[0] > 0
