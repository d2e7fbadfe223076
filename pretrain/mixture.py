"""Which documents are trained on, and in which order: shuffled by hash, no repository too large."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from curation.corpus import CorpusDocument

MAX_REPO_SHARE = 0.10


def shuffle_key(document: CorpusDocument, seed: int) -> bytes:
    """Sort key that puts documents into a fixed random order."""
    name = f"{seed}:{document.repo}/{document.path}:{document.id}"
    return hashlib.sha256(name.encode()).digest()


def capped_repo_sizes(sizes: dict[str, int], max_share: float = MAX_REPO_SHARE) -> dict[str, float]:
    """Size that each repository may have so that none is above `max_share` of what is left.

    The largest ones are all cut to one level `c` with `c = max_share * (sum of the cut sizes)`.
    With too few repositories no such level exists (three can't each be under a tenth), and none
    is cut.
    """
    order = sorted(sizes.values(), reverse=True)
    for cut, largest_left in enumerate(order):
        if cut * max_share >= 1:
            break
        level = max_share * sum(order[cut:]) / (1 - cut * max_share)
        if largest_left <= level:
            return {repo: min(float(size), level) for repo, size in sizes.items()}
    return {repo: float(size) for repo, size in sizes.items()}


def select_documents(
    documents: Iterable[CorpusDocument], seed: int, max_share: float = MAX_REPO_SHARE
) -> list[CorpusDocument]:
    """Documents in random order, with the largest repositories thinned out to `max_share`.

    Thinning is even over that order, so the share holds for the beginning of the list as well as
    for the whole. Sizes are UTF-8 bytes, which stand for tokens closely enough.
    """
    ordered = sorted(documents, key=lambda document: shuffle_key(document, seed))
    sizes: dict[str, int] = {}
    for document in ordered:
        sizes[document.repo] = sizes.get(document.repo, 0) + len(document.text.encode())
    allowed = capped_repo_sizes(sizes, max_share)
    seen = dict.fromkeys(sizes, 0)
    used = dict.fromkeys(sizes, 0.0)
    chosen = []
    for document in ordered:
        size = len(document.text.encode())
        seen[document.repo] += size
        share = allowed[document.repo] / sizes[document.repo]
        if used[document.repo] + size <= seen[document.repo] * share:
            used[document.repo] += size
            chosen.append(document)
    return chosen
