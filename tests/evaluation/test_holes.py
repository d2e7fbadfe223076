"""Holes: a file, cut at a cursor inside a line of code."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.code_lines import code_lines
from evaluation.holes import HoleSampling, cursor_columns, holes_of_document, sample_holes
from inkling.errors import InklingError
from tests.evaluation.corpus_fixture import document, module_text

code_like = st.lists(
    st.one_of(
        st.text(st.characters(codec="utf-8"), max_size=40),
        st.sampled_from(
            [
                "def f(a, b):",
                "    return a + b",
                "\tvalue = 'größe: 漢字 🎉'",
                '    """One line."""',
                '"""',
                "# comment",
                "x = 1  # why",
                "crlf = 12345\r",
                "    ",
                "",
            ]
        ),
    ),
    max_size=12,
).map("\n".join)


@given(text=code_like, seed=st.integers(0, 5), language=st.sampled_from(["python", "go", "css"]))
def test_a_hole_is_the_rest_of_a_line_and_the_four_parts_make_the_file(
    text: str, seed: int, language: str
) -> None:
    source = replace(document(text), language=language)
    for hole in holes_of_document(source, HoleSampling(seed=seed)):
        assert hole.prefix + hole.typed + hole.middle + hole.suffix == text
        assert hole.prefix == "" or hole.prefix.endswith("\n")
        assert "\n" not in hole.typed + hole.middle
        assert "\r" not in hole.middle
        assert hole.suffix.startswith("\n")
        assert sum(not character.isspace() for character in hole.middle) >= 3
        assert any(character.isalnum() for character in hole.middle)
        if hole.kind == "start":
            assert hole.typed.strip() == ""
        else:
            assert hole.typed.strip() != ""


def test_lines_of_docstrings_and_comments_are_no_code() -> None:
    text = module_text("area", functions=1)
    assert [text.split("\n")[number] for number in code_lines(text, "python")] == [
        "import json",
        "def area_0(first, second=0):",
        "    total = first + second * 0",
        "        return json.dumps([total, 0])",
        "    return area_0(total, second)",
    ]


def test_python_that_the_tokenizer_refuses_goes_by_the_look_of_its_lines() -> None:
    text = "# note\nprint 'unclosed ' 'bracket', (\n\nvalue = 3\n"
    assert code_lines(text, "python") == [1, 3]


def test_the_three_kinds_of_cursor() -> None:
    line = "    go(abc, 1)"
    assert cursor_columns(line, "start") == [4]
    # "1)" is too short to ask for; "abc, 1)" and ", 1)" are not.
    assert cursor_columns(line, "boundary") == [6, 7, 10]
    assert cursor_columns(line, "inside") == [5, 6, 7, 8, 9, 10]


def test_the_holes_depend_on_seed_and_documents_and_not_on_their_order() -> None:
    documents = [
        document(module_text(f"{repo}{n}"), repo, f"{repo}/{n}.py")
        for repo in "abc"
        for n in range(5)
    ]
    sampling = HoleSampling(holes=20)
    first = sample_holes(documents, sampling)
    assert sample_holes(reversed(documents), sampling) == first
    assert sample_holes(documents, replace(sampling, seed=1)) != first


def test_holes_are_spread_over_packages_and_files_within_their_caps() -> None:
    sizes = {"large": 30, "middling": 6, "small": 1}
    documents = [
        document(module_text(f"{repo}{n}"), repo, f"{n}.py")
        for repo, size in sizes.items()
        for n in range(size)
    ]
    holes = sample_holes(documents, HoleSampling(holes=29, max_per_package=15, holes_per_file=2))
    assert Counter(hole.package for hole in holes) == {"large": 15, "middling": 12, "small": 2}
    per_file = Counter((hole.package, hole.path) for hole in holes)
    assert max(per_file.values()) <= 2
    assert {hole.kind for hole in holes} == {"start", "boundary", "inside"}
    few = sample_holes(documents, HoleSampling(holes=8, max_per_package=15, holes_per_file=2))
    assert Counter(hole.package for hole in few) == {"large": 3, "middling": 3, "small": 2}


def test_the_same_text_in_two_packages_counts_once() -> None:
    text = module_text("vendored")
    holes = sample_holes(
        [document(text, "one"), document(text, "two")], HoleSampling(holes=3, holes_per_file=3)
    )
    assert {hole.package for hole in holes} == {"one"}


def test_too_few_holes_says_how_many_there_are() -> None:
    with pytest.raises(InklingError, match="gives 3 holes from 1 packages, and 500 were asked for"):
        sample_holes([document(module_text("alone"))], HoleSampling())


def test_no_documents_at_all_says_so() -> None:
    with pytest.raises(InklingError, match="no held-out documents"):
        sample_holes([], HoleSampling())
