"""Stage "cleaning": only licence headers and commented-out code go; the map tells from where."""

from __future__ import annotations

import ast

import pytest
from datatrove.data import Document
from hypothesis import given
from hypothesis import strategies as st

from curation.stages.cleaning import LINE_MAP_KEY, CleaningStage, clean
from curation.stages.stage import DROP_KEY
from tests.curation.trees import module_text

HEADER = "# Copyright 2024 Nobody\n# Licensed under the Apache License, Version 2.0\n\n"
CODE = module_text("cleaning")
DEAD = "    # old = compute(1)\n    # if old:\n    #     return old\n"


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        (HEADER + CODE, "python", CODE),
        (f"#!/usr/bin/env python3\n{HEADER}{CODE}", "python", f"#!/usr/bin/env python3\n{CODE}"),
        ("/* Copyright Nobody */\n\nint x;\n", "c", "int x;\n"),
        ("// Copyright Nobody\n// All rights\nint x;\n", "c++", "int x;\n"),
        (f"def f():\n{DEAD}    return 2\n", "python", "def f():\n    return 2\n"),
    ],
)
def test_headers_and_dead_code_go(text: str, language: str, expected: str) -> None:
    assert clean(text, language)[0] == expected


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (CODE, "python"),
        ("# What this module does\n# and why.\nx = 1\n", "python"),
        ("/* Copyright, never closed\nint x;\n", "c"),
        ("/* Copyright */ int x;\n", "c"),
        ("x = 1\n" + HEADER, "python"),
        ("# Checks the permission of a user,\n# or its license plate.\nx = 1\n", "python"),
        ("# first, then\n# second, and\n# third\n", "python"),
        ("# a = 1\n# b = 2\n", "python"),
        (f'TEXT = """\n{DEAD}"""\n', "python"),
        ("# Note: call it\n# x = f(1)\n# y = f(2)\n", "python"),
        ("# Copyright Nobody\nx\n", "json"),
        ("def broken(:\n" + DEAD, "python"),
    ],
)
def test_anything_else_stays(text: str, language: str) -> None:
    assert clean(text, language) == (text, None)


@given(
    st.lists(st.sampled_from([HEADER, "x = 1\n", DEAD, "def f():\n    pass\n", "\n", "# why\n"]),
             max_size=8).map("".join)
)  # fmt: skip
def test_the_map_leads_from_each_line_to_its_original(text: str) -> None:
    cleaned, line_map = clean(text, "python")
    original = text.split("\n")
    if line_map == []:
        assert cleaned == ""  # all of it was a header; the stage drops such a file
    elif line_map is not None:
        assert [original[number - 1] for number in line_map] == cleaned.split("\n")
        assert line_map == sorted(set(line_map))
        for number in set(range(1, len(original) + 1)) - set(line_map):
            assert original[number - 1].strip()[:1] in ("#", "")
    try:
        before = ast.dump(ast.parse(text))
    except SyntaxError:
        return
    assert ast.dump(ast.parse(cleaned)) == before


def test_the_stage_keeps_the_map_and_drops_what_was_only_a_header() -> None:
    def judged(text: str) -> Document:
        document = Document(text=text, id="i", metadata={"path": "a.py", "language": "python"})
        (same,) = CleaningStage().run(iter([document]))
        assert isinstance(same, Document)
        return same

    assert judged(HEADER + "x = 1\ny = 2").metadata[LINE_MAP_KEY] == [4, 5]
    assert judged(HEADER).metadata[DROP_KEY][1] == "only_comments"
    assert LINE_MAP_KEY not in judged(CODE).metadata
