"""Which documents are trained on: shuffled by hash, no repository above a tenth."""

from __future__ import annotations

import random
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pretrain.mixture import MAX_REPO_SHARE, capped_repo_sizes, select_documents
from tests.pretrain.documents import document

if TYPE_CHECKING:
    from curation.corpus import CorpusDocument


def documents(sizes: dict[str, int], each: int = 100) -> list[CorpusDocument]:
    """For each repository as many documents of `each` bytes as make up its size."""
    return [
        document("x" * each, repo=repo, path=f"{number}.py")
        for repo, size in sizes.items()
        for number in range(size // each)
    ]


def shares(chosen: list[CorpusDocument]) -> dict[str, float]:
    counts: Counter[str] = Counter()
    for item in chosen:
        counts[item.repo] += len(item.text)
    return {repo: count / counts.total() for repo, count in counts.items()}


SIZES = {"giant": 300_000, "large": 60_000} | {f"small-{n}": 8_000 for n in range(25)}


@given(st.lists(st.integers(1, 10**9), min_size=11, max_size=40))
def test_no_capped_size_is_above_the_share_and_no_more_is_cut_than_must(sizes: list[int]) -> None:
    before = {str(number): size for number, size in enumerate(sizes)}
    after = capped_repo_sizes(before)
    total = sum(after.values())
    assert all(size <= before[repo] for repo, size in after.items())
    assert max(after.values()) <= MAX_REPO_SHARE * total * (1 + 1e-9)
    cut = [size for repo, size in after.items() if size < before[repo]]
    assert all(size == pytest.approx(MAX_REPO_SHARE * total) for size in cut)


@given(st.lists(st.integers(1, 10**9), min_size=1, max_size=9))
def test_too_few_repositories_for_the_share_are_not_cut(sizes: list[int]) -> None:
    before = {str(number): size for number, size in enumerate(sizes)}
    assert capped_repo_sizes(before) == before


def test_no_repository_is_above_the_cap_in_the_whole_list() -> None:
    chosen = select_documents(documents(SIZES), seed=1)
    assert max(shares(chosen).values()) <= MAX_REPO_SHARE + 0.005
    kept = Counter(item.repo for item in chosen)
    assert all(kept[repo] == SIZES[repo] // 100 for repo in SIZES if repo.startswith("small"))


def test_the_cap_holds_for_every_large_beginning_of_the_list() -> None:
    chosen = select_documents(documents(SIZES), seed=1)
    for length in range(500, len(chosen), 50):
        assert max(shares(chosen[:length]).values()) <= MAX_REPO_SHARE + 0.03


def test_few_repositories_are_all_kept() -> None:
    all_documents = documents({"one": 10_000, "two": 100, "three": 100})
    assert len(select_documents(all_documents, seed=1)) == len(all_documents)


def test_the_order_depends_on_the_seed_and_not_on_the_order_of_the_input() -> None:
    given_documents = documents(SIZES)
    chosen = select_documents(given_documents, seed=1)
    random.Random(2).shuffle(given_documents)
    assert select_documents(given_documents, seed=1) == chosen
    assert select_documents(given_documents, seed=2) != chosen


def test_nothing_to_choose_from_is_nothing() -> None:
    assert select_documents([], seed=1) == []
