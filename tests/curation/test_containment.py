"""Stage "heldout_containment": edited copies of held-out code leave the training side."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from curation.stages import containment
from curation.stages.containment import find_contained, heldout_shingles, overlap
from curation.stages.signature import shingles
from tests.curation.trees import module_text

HELDOUT = module_text("held out", functions=30)
HEADER = "# Copyright (c) 2024 Nobody. Licensed to everyone, without warranty of any kind.\n" * 5


def dropped(training: dict[str, str], heldout: str = HELDOUT) -> set[str]:
    """Names of the training files that go; a name's first part is its repository."""
    held = heldout_shingles([heldout])
    names = list(training)
    overlaps = {
        (0, n): overlap(name.split("/")[0], training[name], held) for n, name in enumerate(names)
    }
    return {names[number] for _, number in find_contained(overlaps, len(held))}


def test_an_edited_copy_inside_a_larger_file_is_found() -> None:
    half = HELDOUT[: len(HELDOUT) // 2].replace("return", "yield")
    training = {
        "a/copy.py": half + module_text("own", functions=20),
        "b/own.py": module_text("other", functions=20),
    }
    assert dropped(training) == {"a/copy.py"}


def test_a_few_shared_lines_are_no_copy() -> None:
    shared = "\n".join(HELDOUT.splitlines()[:4])
    assert dropped({"a/own.py": shared + module_text("own", functions=20)}) == set()


def test_a_header_that_many_repositories_share_is_no_copy() -> None:
    training = {f"repo{n}/file.py": HEADER + module_text(n, functions=1) for n in range(3)}
    assert dropped(training, HEADER + HELDOUT) == set()


def test_text_that_only_one_repository_shares_is_a_copy_however_often_it_has_it() -> None:
    training = {f"repo/{n}.py": HELDOUT + module_text(n, functions=4) for n in range(5)}
    assert dropped(training) == set(training)


def test_the_reason_tells_the_share() -> None:
    held = heldout_shingles([HELDOUT])
    found = find_contained({(3, 7): overlap("a", HELDOUT, held)}, len(held))
    stage, drop = found[(3, 7)]
    assert (stage, drop.reason) == (containment.NAME, "contains_heldout")
    assert drop.detail.startswith("100% of ")


def test_without_held_out_code_nothing_is_shared() -> None:
    held = heldout_shingles([])
    assert len(overlap("a", HELDOUT, held).shared) == 0


@given(st.text("abc ", max_size=200), st.lists(st.text("abc ", max_size=200), max_size=4))
def test_overlap_is_the_intersection_of_the_shingle_sets(own: str, held: list[str]) -> None:
    heldout = heldout_shingles(held)
    found = overlap("a", own, heldout)
    expected = np.intersect1d(shingles(own), heldout)
    assert found.size == len(shingles(own))
    assert np.array_equal(heldout[found.shared], expected)
