"""Stages "exact_dedup" and "near_dedup": of each group of copies the best member stays.

Exact: the same curated text. Near: connected components over pairs that MinHash LSH proposes (25
bands of 10 rows, as The Stack v2) and whose estimated Jaccard similarity reaches the threshold.
Best is: held out before training (so that no near-copy of held-out code is trained on), not
vendored, newest, longest; then by name, so that the choice never depends on who was seen first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from datasketch import MinHashLSH

from curation.corpus import HELDOUT
from curation.stages.signature import PERMUTATIONS, sketch_of
from curation.stages.stage import Drop

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

EXACT_NAME = "exact_dedup"
NEAR_NAME = "near_dedup"
DEDUP_VERSION = "1"
BANDS = 25
ROWS = 10
VENDOR_FOLDERS = frozenset(
    {
        "_vendor",
        "_vendored",
        "vendor",
        "vendored",
        "third_party",
        "extern",
        "externals",
        "site-packages",
    }
)


@dataclass(frozen=True)
class Candidate:
    """What dedup needs to know of a document; `key` is its place in the filtered shards."""

    key: tuple[int, int]
    repo: str
    path: str
    split: str
    text_sha256: str
    characters: int
    committed_at: int | None
    signature: bytes

    @property
    def name(self) -> str:
        return f"{self.repo}/{self.path}"


def preference(candidate: Candidate) -> tuple[object, ...]:
    """Sort key: the first of a sorted group is the member to keep."""
    vendored = not VENDOR_FOLDERS.isdisjoint(candidate.path.split("/")[:-1])
    return (
        candidate.split != HELDOUT,
        vendored,
        -(candidate.committed_at or 0),
        -candidate.characters,
        candidate.repo,
        candidate.path,
    )


def find_duplicates(
    candidates: Sequence[Candidate], threshold: float
) -> dict[tuple[int, int], tuple[str, Drop]]:
    """Key of each document to drop → (stage name, reason with the member that stays)."""
    dropped: dict[tuple[int, int], tuple[str, Drop]] = {}
    survivors = []
    for group in _group(candidates, (c.text_sha256 for c in candidates)):
        best, *others = sorted(group, key=preference)
        survivors.append(best)
        for other in others:
            dropped[other.key] = (EXACT_NAME, Drop("exact_duplicate", f"same text as {best.name}"))
    survivors.sort(key=lambda c: c.key)
    for group in _group(survivors, near_components(survivors, threshold)):
        best, *others = sorted(group, key=preference)
        for other in others:
            similarity = _similarity(best, other)
            heldout = best.split == HELDOUT and other.split != HELDOUT
            reason = "near_duplicate_of_heldout" if heldout else "near_duplicate"
            detail = f"in one cluster with {best.name} (Jaccard about {similarity:.2f} to it)"
            dropped[other.key] = (NEAR_NAME, Drop(reason, detail))
    return dropped


def near_components(candidates: Sequence[Candidate], threshold: float) -> list[int]:
    """For each candidate the smallest index in its connected component of near-duplicates."""
    index = MinHashLSH(num_perm=PERMUTATIONS, params=(BANDS, ROWS))
    parent = list(range(len(candidates)))

    def root(node: int) -> int:
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for i, candidate in enumerate(candidates):
        sketch = sketch_of(_values(candidate))
        for j in index.query(sketch):
            if root(i) != root(j) and _similarity(candidate, candidates[j]) >= threshold:
                first, second = sorted((root(i), root(j)))
                parent[second] = first
        index.insert(i, sketch, check_duplication=False)
    return [root(i) for i in range(len(candidates))]


def _values(candidate: Candidate) -> np.ndarray:
    return np.frombuffer(candidate.signature, dtype=np.uint32)


def _similarity(left: Candidate, right: Candidate) -> float:
    """Estimated Jaccard similarity: the share of equal signature entries."""
    return float(np.mean(_values(left) == _values(right)))


def _group(candidates: Sequence[Candidate], keys: Iterable[Hashable]) -> list[list[Candidate]]:
    groups: dict[Hashable, list[Candidate]] = {}
    for candidate, key in zip(candidates, keys, strict=True):
        groups.setdefault(key, []).append(candidate)
    return list(groups.values())
