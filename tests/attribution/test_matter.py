"""What matters: bodies do; imports, licence headers, entry points and tables hardly."""

from __future__ import annotations

import pytest

from attribution.lexing import lex
from attribution.matter import Part, Scale, Tier
from tests.attribution.samples import CANARY

LICENCE = "".join(
    f"# {line}\n"
    for line in (
        "Copyright (c) The authors.",
        "Permission is hereby granted, free of charge, to any person obtaining a copy",
        'THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND',
    )
)
IMPORTS = "".join(
    f"from package_{n}.module import (\n    first,\n    second,\n)\n" for n in range(9)
)
ENTRY = 'if __name__ == "__main__":\n'
TABLE = (
    "ROWS = [\n" + "".join(f'    ("row {n}", {n}, {n * n}, {n}.5),\n' for n in range(30)) + "]\n"
)
DOCSTRING = '"""' + "A sentence that explains how the function is meant to be used. " * 3 + '"""\n'


def part_weights(text: str) -> set[float]:
    return set(Scale(text.encode(), lex(text.encode(), "python")).weights.tolist())


def tier(text: str) -> Tier:
    return Scale(text.encode(), lex(text.encode(), "python")).weigh(0, len(text.encode())).tier


@pytest.mark.parametrize(
    ("text", "part"),
    [
        (CANARY, Part.BODY),
        (IMPORTS, Part.IMPORT),
        ("#include <stdio.h>\n", Part.PROSE),
        (LICENCE, Part.HEADER),
        (DOCSTRING, Part.PROSE),
        ("# one remark\n", Part.PROSE),
        (TABLE, Part.DATA),
        ('__all__ = ["a", "b", "c", "d", "e", "f"]\n', Part.DATA),
        (ENTRY, Part.ENTRY),
        ("call(first, second, third=4)\n", Part.BODY),
    ],
)
def test_each_part_is_known(text: str, part: Part) -> None:
    assert part_weights(text) == {part.value}


@pytest.mark.parametrize("text", [IMPORTS, LICENCE, TABLE, DOCSTRING, ENTRY])
def test_what_hardly_matters_is_silent_however_long(text: str) -> None:
    assert len(text) > 20
    assert tier(text) is Tier.SILENT


def test_a_body_is_strong_from_65_tokens_or_150_bytes_on_and_weak_from_30() -> None:
    dense = "a[i]=b(c)\n"  # nine tokens in nine bytes
    assert tier(dense * 3) is Tier.SILENT
    assert tier(dense * 4) is Tier.WEAK
    assert tier(dense * 8) is Tier.STRONG
    assert tier("descriptive_name_of_something = another_name_of_a_thing\n" * 2) is Tier.SILENT
    assert tier("descriptive_name_of_something = another_name_of_a_thing\n" * 3) is Tier.STRONG


def test_comments_alone_are_never_strong() -> None:
    prose = "# Each pass of the tide takes one grain, and the finest is the last to be taken.\n"
    assert tier(prose * 9) is Tier.SILENT
    assert tier(prose * 90) is Tier.WEAK


def test_only_the_range_is_weighed_and_indentation_counts_nothing() -> None:
    text = IMPORTS + CANARY
    raw = text.encode()
    scale = Scale(raw, lex(raw, "python"))
    body = scale.weigh(len(IMPORTS), len(raw))
    assert body.tokens == len(lex(CANARY.encode(), "python"))
    assert scale.weigh(0, len(raw)).tokens > body.tokens
    assert scale.weigh(5, 5).tokens == scale.weigh(5, 5).bytes == 0
    deep = CANARY.replace("\n    ", "\n" + " " * 40).encode()
    assert Scale(deep, lex(deep, "python")).weigh(0, len(deep)) == body


def test_a_comment_that_ends_a_line_leaves_the_line_a_body() -> None:
    weights = Scale(b"x = f(y)  # why", lex(b"x = f(y)  # why", "python")).weights
    assert weights.tolist() == [1.0] * 6 + [Part.PROSE.value]


@pytest.mark.parametrize("text", ["", ")))\nx = 1", "((((", '"""', "\n\n"])
def test_text_that_does_not_parse_is_weighed_too(text: str) -> None:
    assert tier(text) is Tier.SILENT
