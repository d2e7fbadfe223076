"""Stage "heldout_containment": training files that hold much of some held-out code.

Near-dedup compares whole files, so it misses a vendored copy that was edited or pasted into a
larger file. Here the measure is the share of a training file's 5-grams of words that occur in
held-out code as well. 5-grams that several training repositories have are set aside first: licence
headers and idioms are nobody's copy.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from curation.stages.signature import shingles
from curation.stages.stage import Drop

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

NAME = "heldout_containment"
VERSION = "1"
MAX_SHARE = 0.2
MIN_SHINGLES = 20
"""Fewer shared 5-grams are less than three lines; chance, in a short file."""
COMMON_REPOS = 3
"""A 5-gram that so many training repositories have is common property."""


@dataclass(frozen=True)
class Overlap:
    """What one training document shares with held-out code.

    Attributes:
        size: distinct shingles of the document.
        shared: indices of its shingles among the held-out ones, shape (n,), int64.
    """

    repo: str
    size: int
    shared: np.ndarray


def heldout_shingles(texts: Iterable[str]) -> np.ndarray:
    """The sorted distinct shingles of all held-out texts, shape (n,), uint32."""
    parts = [shingles(text) for text in texts]
    return np.unique(np.concatenate(parts)) if parts else np.zeros(0, dtype=np.uint32)


def overlap(repo: str, text: str, heldout: np.ndarray) -> Overlap:
    """What a training document shares with the sorted `heldout` shingles."""
    own = shingles(text)
    places = np.searchsorted(heldout, own)
    inside = places < len(heldout)
    places, candidates = places[inside], own[inside]
    return Overlap(repo, len(own), places[heldout[places] == candidates])


def find_contained(
    overlaps: Mapping[tuple[int, int], Overlap], heldout_size: int
) -> dict[tuple[int, int], tuple[str, Drop]]:
    """Key of each document to drop → (stage name, reason).

    Args:
        overlaps: of every training document.
        heldout_size: number of held-out shingles.
    """
    by_repo: dict[str, list[np.ndarray]] = {}
    for item in overlaps.values():
        by_repo.setdefault(item.repo, []).append(item.shared)
    repos = _count_repos(by_repo.values(), heldout_size)
    dropped = {}
    for key, item in overlaps.items():
        telling = int(np.count_nonzero(repos[item.shared] < COMMON_REPOS))
        rest = item.size - len(item.shared) + telling
        if telling >= MIN_SHINGLES and telling >= MAX_SHARE * rest:
            detail = f"{telling / rest:.0%} of {rest} 5-grams occur in held-out code"
            dropped[key] = (NAME, Drop("contains_heldout", detail))
    return dropped


def _count_repos(shared_by_repo: Iterable[Sequence[np.ndarray]], size: int) -> np.ndarray:
    """In how many repositories each held-out shingle occurs, shape (size,)."""
    counts = np.zeros(size, dtype=np.int32)
    for parts in shared_by_repo:
        counts[np.unique(np.concatenate(parts))] += 1
    return counts
