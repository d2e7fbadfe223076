"""Paired bootstrap intervals for the difference of two systems that answered the same questions.

Holes of one file are alike, so whole clusters (files, or packages) are drawn with replacement and
not holes; see Cameron, Gelbach & Miller, *Bootstrap-based improvements for inference with clustered
errors* (2008). The statistic is a ratio of sums, Σ(a − b) / Σ weight, which covers both a mean over
holes (weight 1) and bits per byte (a, b in bits, weight in bytes).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from numpy.typing import NDArray

LEVEL = 0.95
RESAMPLES = 5000
_CHUNK = 500


@dataclass(frozen=True)
class Interval:
    """A difference and its percentile interval at `LEVEL`.

    `low` ≤ `high`; with fewer than two clusters there is nothing to resample and both are NaN.
    """

    difference: float
    low: float
    high: float
    clusters: int

    @property
    def excludes_zero(self) -> bool:
        return self.low > 0 or self.high < 0


def paired_interval(
    first: Sequence[float] | NDArray[np.float64],
    second: Sequence[float] | NDArray[np.float64],
    weights: Sequence[float] | NDArray[np.float64],
    clusters: Sequence[Hashable],
    *,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Interval:
    """Interval of Σ(first − second) / Σ weights.

    Args:
        first, second, weights, clusters: one entry a hole; weights are positive.
        resamples: bootstrap samples.
        seed: of the resampling.
    """
    numerator, denominator = _cluster_sums(first, second, weights, clusters)
    difference = float(numerator.sum() / denominator.sum())
    count = len(numerator)
    if count < 2:
        return Interval(difference, float("nan"), float("nan"), count)
    generator = np.random.default_rng(seed)
    statistics = []
    for start in range(0, resamples, _CHUNK):
        rows = min(_CHUNK, resamples - start)
        # How often each cluster is drawn; equal to drawing `count` of them with replacement.
        draws = generator.multinomial(count, np.full(count, 1 / count), size=rows)
        statistics.append((draws @ numerator) / (draws @ denominator))
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(np.concatenate(statistics), [tail, 1 - tail])
    return Interval(difference, float(low), float(high), count)


def _cluster_sums(
    first: Sequence[float] | NDArray[np.float64],
    second: Sequence[float] | NDArray[np.float64],
    weights: Sequence[float] | NDArray[np.float64],
    clusters: Sequence[Hashable],
) -> tuple[np.ndarray, np.ndarray]:
    """Per cluster: Σ(first − second) and Σ weights; both of shape (clusters,)."""
    index = {cluster: position for position, cluster in enumerate(dict.fromkeys(clusters))}
    members = np.array([index[cluster] for cluster in clusters])
    delta = np.asarray(first, dtype=float) - np.asarray(second, dtype=float)
    size = len(index)
    return (
        np.bincount(members, weights=delta, minlength=size),
        np.bincount(members, weights=np.asarray(weights, dtype=float), minlength=size),
    )
