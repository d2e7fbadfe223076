"""Stages "exact_dedup" and "near_dedup": who is found, who stays, and that order plays no part."""

from __future__ import annotations

import hashlib
import random
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.stages.bands import BANDS, ROWS
from curation.stages.dedup import (
    EXACT_NAME,
    NEAR_NAME,
    Candidate,
    find_duplicates,
    near_components,
)
from curation.stages.signature import signature
from evaluation.dedup_bench import planted_pair
from tests.curation.trees import module_text

if TYPE_CHECKING:
    from collections.abc import Sequence

THRESHOLD = 0.7


@cache
def signed(text: str) -> bytes:
    return signature(text).tobytes()


def candidate(
    number: int,
    text: str,
    path: str | None = None,
    repo: str = "repo",
    split: str = "train",
    committed_at: int | None = None,
    stars: int | None = None,
    license: str | None = "MIT",
    own: bool = False,
) -> Candidate:
    digest = hashlib.sha256(text.encode()).hexdigest()
    path = path or f"{number}.py"
    return Candidate(
        (0, number), repo, path, split, digest, len(text), committed_at, signed(text),
        stars, license, own,
    )  # fmt: skip


def kept(candidates: Sequence[Candidate]) -> list[int]:
    """Numbers of the candidates that stay."""
    dropped = find_duplicates(candidates, THRESHOLD)
    return [c.key[1] for c in candidates if c.key not in dropped]


LONG = module_text("long", functions=40)
NEAR = LONG.replace("return", "return 1 +", 1)
NEAR_OF_SAME_LENGTH = LONG.replace("return", "yields", 1)
OTHER = module_text("other", functions=40)


# --- who is found ----------------------------------------------------------------------------


def test_different_texts_stay() -> None:
    assert kept([candidate(n, module_text(n)) for n in range(5)]) == [0, 1, 2, 3, 4]


def test_equal_texts_are_exact_duplicates_and_name_the_one_that_stays() -> None:
    dropped = find_duplicates([candidate(0, LONG, "a.py"), candidate(1, LONG, "b.py")], THRESHOLD)
    ((key, (stage, drop)),) = dropped.items()
    assert (key, stage, drop.reason) == ((0, 1), EXACT_NAME, "exact_duplicate")
    assert "repo/a.py" in drop.detail


def test_a_changed_copy_is_a_near_duplicate_and_names_cluster_and_similarity() -> None:
    dropped = find_duplicates([candidate(0, NEAR, "a.py"), candidate(1, LONG, "b.py")], THRESHOLD)
    ((key, (stage, drop)),) = dropped.items()
    assert (key, stage, drop.reason) == ((0, 1), NEAR_NAME, "near_duplicate")
    assert "repo/a.py" in drop.detail
    assert "0.9" in drop.detail


def test_a_file_short_of_five_words_is_compared_as_one_shingle() -> None:
    assert kept([candidate(0, "a b c"), candidate(1, "a+b+c"), candidate(2, "a b d")]) == [0, 2]


def test_near_duplicates_of_near_duplicates_form_one_cluster() -> None:
    lines = LONG.splitlines()
    spare = iter(module_text("spare", functions=40).splitlines()[3:])
    chain = [LONG]
    for start in (10, 60, 110):  # each step exchanges other lines
        lines[start : start + 12] = [next(spare) for _ in range(12)]
        chain.append("\n".join(lines))
    candidates = [candidate(n, text) for n, text in enumerate(chain)]
    assert len(set(near_components(candidates, THRESHOLD))) == 1
    assert len(kept([candidates[0], candidates[-1]])) == 2  # the ends alone are no pair
    assert len(kept(candidates)) == 1


@pytest.mark.parametrize("similarity", [0.7, 0.8, 0.9, 0.95])
def test_planted_near_duplicates_are_found_as_often_as_the_bands_promise(similarity: float) -> None:
    """25 bands of 10 rows propose a pair with probability 1 - (1 - J^10)^25."""
    rng = random.Random(round(similarity * 100))
    pairs = 80
    texts = [text for _ in range(pairs) for text in planted_pair(rng, similarity)]
    candidates = [candidate(n, text) for n, text in enumerate(texts)]
    # A low threshold leaves the choice to the bands alone.
    components = near_components(candidates, 0.4)
    found = sum(components[2 * n + 1] == 2 * n for n in range(pairs)) / pairs
    promised = 1 - (1 - similarity**ROWS) ** BANDS
    deviation = (promised * (1 - promised) / pairs) ** 0.5
    assert abs(found - promised) <= 3 * deviation + 0.01
    assert len(set(components)) == 2 * pairs - round(found * pairs)  # and no others are found


def test_a_pair_below_the_threshold_stays_even_if_the_bands_propose_it() -> None:
    left, right = planted_pair(random.Random(1), 0.8)
    pair = [candidate(0, left), candidate(1, right)]
    assert near_components(pair, 0.7) == [0, 0]
    assert near_components(pair, 0.9) == [0, 1]


# --- who stays -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ({"split": "heldout", "path": "_vendor/z.py"}, {"split": "train", "path": "a.py"}),
        ({"split": "heldout", "path": "z.py"}, {"own": True, "path": "a.py"}),
        ({"own": True, "license": None, "path": "z.py"}, {"stars": 9, "path": "a.py"}),
        ({"license": "MIT", "path": "_vendor/z.py"}, {"license": "GPL-3.0-only", "path": "a.py"}),
        ({"license": "MIT", "path": "z.py"}, {"license": None, "stars": 9, "path": "a.py"}),
        ({"path": "z.py"}, {"path": "lib/_vendor/a.py"}),
        ({"path": "z.py", "stars": 9}, {"path": "a.py", "stars": 1, "committed_at": 9}),
        ({"path": "z.py", "stars": 1}, {"path": "a.py"}),
        ({"path": "z.py", "committed_at": 1}, {"path": "third_party/a.py", "committed_at": 9}),
        ({"path": "z.py", "committed_at": 2}, {"path": "a.py", "committed_at": 1}),
        ({"path": "z.py", "committed_at": 1}, {"path": "a.py"}),
        ({"path": "a.py"}, {"path": "z.py"}),
        ({"repo": "a", "path": "z.py"}, {"repo": "z", "path": "a.py"}),
    ],
    ids=[
        "held out",
        "held out 2",
        "own",
        "permissive",
        "permissive 2",
        "not vendored",
        "stars",
        "stars known",
        "not vendored 2",
        "newest",
        "dated",
        "path",
        "repo",
    ],
)
@pytest.mark.parametrize("other", [LONG, NEAR_OF_SAME_LENGTH], ids=["exact", "near"])
def test_the_best_member_stays(better: dict[str, Any], worse: dict[str, Any], other: str) -> None:
    assert kept([candidate(0, LONG, **worse), candidate(1, other, **better)]) == [1]
    assert kept([candidate(0, other, **better), candidate(1, LONG, **worse)]) == [0]


def test_of_two_alike_the_longer_stays_unless_it_is_older() -> None:
    assert len(NEAR) > len(LONG)
    assert kept([candidate(0, LONG, "a.py"), candidate(1, NEAR, "b.py")]) == [1]
    assert kept([candidate(0, LONG, committed_at=2), candidate(1, NEAR, committed_at=1)]) == [0]


def test_a_vendor_folder_counts_but_not_a_file_of_that_name() -> None:
    pair = [candidate(0, LONG, "a/vendor/x.py"), candidate(1, LONG, "b/vendor.py")]
    assert kept(pair) == [1]


# --- held-out code ---------------------------------------------------------------------------


def test_copies_of_held_out_code_never_stay_on_the_training_side() -> None:
    candidates = [
        candidate(0, LONG, repo="out", split="heldout"),
        candidate(1, NEAR, "_vendor/copy.py", committed_at=99),
        candidate(2, LONG, "exact.py", committed_at=99),
        candidate(3, OTHER),
    ]
    dropped = find_duplicates(candidates, THRESHOLD)
    assert dropped[0, 1][1].reason == "near_duplicate_of_heldout"
    assert dropped[0, 2][1].reason == "exact_duplicate"
    assert kept(candidates) == [0, 3]


def test_two_alike_in_the_held_out_side_are_plain_near_duplicates() -> None:
    pair = [candidate(0, NEAR, split="heldout"), candidate(1, LONG, split="heldout")]
    assert [drop.reason for _, drop in find_duplicates(pair, THRESHOLD).values()] == [
        "near_duplicate"
    ]


# --- order -----------------------------------------------------------------------------------

FAMILIES = [
    candidate(0, LONG),
    candidate(1, NEAR, "vendor/a.py"),
    candidate(2, LONG, "copy.py", committed_at=5),
    candidate(3, OTHER, split="heldout"),
    candidate(4, OTHER.replace("return", "yield", 2)),
    candidate(5, OTHER.replace("return", "yield", 1), split="heldout", repo="b"),
    candidate(6, module_text("alone")),
    candidate(7, "a b c"),
    candidate(8, "a b c", "b.py"),
]


@settings(max_examples=25, deadline=None)
@given(st.permutations(FAMILIES))
def test_the_result_does_not_depend_on_the_order(shuffled: list[Candidate]) -> None:
    assert find_duplicates(shuffled, THRESHOLD) == find_duplicates(FAMILIES, THRESHOLD)
