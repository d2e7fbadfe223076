"""Stages "exact_dedup" and "near_dedup": of each group of copies the best member stays.

Exact: the same curated text. Near: clusters over pairs that agree in a band of their MinHash (25
bands of 10 rows, as The Stack v2) and whose estimated Jaccard similarity reaches the threshold.
Best is: held out before training (so that no near-copy of held-out code is trained on), the user's
own, permissively licensed, not vendored, most stars, newest, longest; then by name, so that the
choice never depends on who was seen first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from curation.corpus import HELDOUT
from curation.stages.bands import near_links
from curation.stages.clusters import clusters
from curation.stages.origin import is_vendored
from curation.stages.stage import Drop
from inkling.licenses import LicenseClass, classify

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

EXACT_NAME = "exact_dedup"
NEAR_NAME = "near_dedup"
DEDUP_VERSION = "2"


_SAME = "same text as {name}"
_NEAR = "in one cluster with {name} (Jaccard about {similarity:.2f} to it)"
_KEPT = re.compile(
    r"(?:same text as (.+)|in one cluster with (.+) \(Jaccard about [\d.]+ to it\))", re.DOTALL
)


def kept_instead(detail: str) -> str | None:
    """The name of the document for which a copy was dropped, from the detail of its drop."""
    match = _KEPT.fullmatch(detail)
    return match and (match[1] or match[2])


@dataclass(frozen=True)
class Candidate:
    """What dedup needs to know of a document.

    Attributes:
        key: (shard, row), its place in the filtered shards.
        signature: its MinHash, PERMUTATIONS numbers of type uint32.
    """

    key: tuple[int, int]
    repo: str
    path: str
    split: str
    text_sha256: str
    characters: int
    committed_at: int | None
    signature: bytes
    stars: int | None = None
    license: str | None = None
    own: bool = False

    @property
    def name(self) -> str:
        return f"{self.repo}/{self.path}"


def preference(candidate: Candidate) -> tuple[object, ...]:
    """Sort key: the first of a sorted group is the member to keep."""
    return (
        candidate.split != HELDOUT,
        not candidate.own,
        classify(candidate.license) is not LicenseClass.PERMISSIVE,
        is_vendored(candidate.path),
        -(candidate.stars or 0),
        -(candidate.committed_at or 0),
        -candidate.characters,
        candidate.repo,
        candidate.path,
        candidate.key,
    )


def find_duplicates(
    candidates: Sequence[Candidate], threshold: float
) -> dict[tuple[int, int], tuple[str, Drop]]:
    """Key of each document to drop → (stage name, reason with the member that stays)."""
    dropped: dict[tuple[int, int], tuple[str, Drop]] = {}
    for cluster in _clusters(candidates, threshold):
        dropped |= judge_cluster([candidates[index] for index in cluster])
    return dropped


def judge_cluster(members: Iterable[Candidate]) -> dict[tuple[int, int], tuple[str, Drop]]:
    """All but the best of a cluster: first the copies of each text, then the near-copies."""
    dropped: dict[tuple[int, int], tuple[str, Drop]] = {}
    by_text: dict[str, list[Candidate]] = {}
    for member in members:
        by_text.setdefault(member.text_sha256, []).append(member)
    survivors = []
    for group in by_text.values():
        best, *others = sorted(group, key=preference)
        survivors.append(best)
        for other in others:
            dropped[other.key] = (EXACT_NAME, Drop("exact_duplicate", _SAME.format(name=best.name)))
    best, *others = sorted(survivors, key=preference)
    for other in others:
        heldout = best.split == HELDOUT and other.split != HELDOUT
        reason = "near_duplicate_of_heldout" if heldout else "near_duplicate"
        similarity = _similarity(best, other)
        detail = _NEAR.format(name=best.name, similarity=similarity)
        dropped[other.key] = (NEAR_NAME, Drop(reason, detail))
    return dropped


def near_components(candidates: Sequence[Candidate], threshold: float) -> list[int]:
    """For each candidate the smallest index in its connected component of near-duplicates."""
    labels = list(range(len(candidates)))
    for cluster in _clusters(candidates, threshold):
        for index in cluster:
            labels[index] = min(cluster)
    return labels


def _clusters(candidates: Sequence[Candidate], threshold: float) -> list[list[int]]:
    if not candidates:
        return []
    links = near_links(np.stack([_values(candidate) for candidate in candidates]), threshold)
    return clusters((int(left), int(right)) for left, right in links)


def _values(candidate: Candidate) -> np.ndarray:
    return np.frombuffer(candidate.signature, dtype=np.uint32)


def _similarity(left: Candidate, right: Candidate) -> float:
    """Estimated Jaccard similarity: the share of equal signature entries."""
    return float(np.mean(_values(left) == _values(right)))
