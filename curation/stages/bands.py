"""Near-duplicate pairs by sort-merge over band hashes, in memory or over shards that aren't.

A signature is cut into `BANDS` bands of `ROWS` entries; documents that agree in a whole band meet
where the band's hashes are sorted, and a pair counts if its estimated Jaccard similarity reaches
the threshold. Each band is judged alone, so bands are tasks; one whose entries outgrow memory is
merged range of hashes by range. The links of all bands joined give the clusters (`clusters.py`),
and they are those that comparing all meeting pairs would give.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from curation.stages.signature import PERMUTATIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

BANDS = 25
ROWS = 10
assert BANDS * ROWS == PERMUTATIONS
ENTRY = np.dtype([("hash", "<u8"), ("document", "<u8")])
"""One document in one band."""
_PRIME = np.uint64(0x9E3779B97F4A7C15)


def band_hashes(signatures: np.ndarray) -> np.ndarray:
    """Hash of every band of every signature.

    Args:
        signatures: shape (n, PERMUTATIONS), uint32.

    Returns: shape (BANDS, n), uint64.
    """
    rows = signatures.reshape(len(signatures), BANDS, ROWS).astype(np.uint64)
    mixed = np.zeros((len(signatures), BANDS), dtype=np.uint64)
    for row in range(ROWS):
        mixed = (mixed ^ rows[:, :, row]) * _PRIME
        mixed ^= mixed >> np.uint64(29)
    return np.ascontiguousarray(mixed.T)


def sorted_entries(hashes: np.ndarray, documents: np.ndarray) -> np.ndarray:
    """One band's entries ordered by hash, then document; shape (n,), dtype `ENTRY`."""
    entries = np.empty(len(hashes), dtype=ENTRY)
    entries["hash"], entries["document"] = hashes, documents
    return entries[np.lexsort((documents, hashes))]


def merged_ranges(runs: Sequence[np.ndarray], ranges: int) -> Iterator[np.ndarray]:
    """The entries of several sorted runs in order, one range of hashes at a time.

    Equal hashes are never in two ranges. Runs may be memory-mapped: only a range is held at once.
    """
    step = 2**64 // ranges
    for number in range(ranges):
        low = np.uint64(number * step)
        high = np.uint64((number + 1) * step - 1) if number + 1 < ranges else np.uint64(2**64 - 1)
        parts = [
            run[
                np.searchsorted(run["hash"], low, "left") : np.searchsorted(
                    run["hash"], high, "right"
                )
            ]
            for run in runs
        ]
        together = np.concatenate(parts) if parts else np.empty(0, dtype=ENTRY)
        yield together[np.lexsort((together["document"], together["hash"]))]


def links(
    entries: np.ndarray, signatures_of: Callable[[np.ndarray], np.ndarray], threshold: float
) -> np.ndarray:
    """Pairs of documents with equal hashes that are similar enough, shape (m, 2), uint64.

    Of a group of documents so many pairs are named that they connect what is connected in it.

    Args:
        entries: sorted by hash.
        signatures_of: documents, shape (n,), to signatures, shape (n, PERMUTATIONS).
    """
    found: list[tuple[int, int]] = []
    if not len(entries):
        return np.empty((0, 2), dtype=np.uint64)
    starts = np.flatnonzero(np.diff(entries["hash"], prepend=entries["hash"][:1] + np.uint64(1)))
    for start, end in zip(starts, np.append(starts[1:], len(entries)), strict=True):
        if end - start > 1:
            found += _links_in_group(entries["document"][start:end], signatures_of, threshold)
    return np.array(found, dtype=np.uint64).reshape(-1, 2)


def _links_in_group(
    documents: np.ndarray, signatures_of: Callable[[np.ndarray], np.ndarray], threshold: float
) -> Iterator[tuple[int, int]]:
    signatures = signatures_of(documents)
    # Equal signatures are linked in a row and compared once, or copies would cost their square.
    distinct, first, which = np.unique(signatures, axis=0, return_index=True, return_inverse=True)
    for document, group in zip(documents, which.reshape(-1), strict=True):
        representative = documents[first[group]]
        if document != representative:
            yield int(representative), int(document)
    component = np.arange(len(distinct))
    for number in range(1, len(distinct)):
        similar = np.mean(distinct[:number] == distinct[number], axis=1) >= threshold
        for label in np.unique(component[:number][similar]):
            other = int(np.flatnonzero(similar & (component[:number] == label))[0])
            yield int(documents[first[other]]), int(documents[first[number]])
            component[component == label] = component[number]


def near_links(signatures: np.ndarray, threshold: float) -> np.ndarray:
    """All links among signatures in memory, shape (n, PERMUTATIONS); documents are indices."""
    documents = np.arange(len(signatures), dtype=np.uint64)
    parts = [
        links(sorted_entries(hashes, documents), lambda chosen: signatures[chosen], threshold)
        for hashes in band_hashes(signatures)
    ]
    return np.concatenate(parts)
