"""Near-dedup beside peers on the same texts: documents a second, and recall beside its theory.

The rate is documents a second of CPU from text to clusters. Recall is counted for every method on
planted pairs of known similarity; below stands what theory promises for bands, with and without the
check of the estimate that some methods make.
"""

from __future__ import annotations

import random
import time
from math import ceil, comb
from typing import TYPE_CHECKING

import numpy as np
from rich.box import SIMPLE
from rich.table import Table

from curation.stages.signature import SHINGLE_WORDS
from evaluation.dedup_peers import METHODS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evaluation.dedup_peers import Method

SIMILARITIES = (0.7, 0.8, 0.9, 0.95)
_CHANGES = 9


def near_dedup_table(texts: Sequence[str], pairs: int) -> Table:
    """Every method's rate on the texts and its recall on planted pairs, then what theory says."""
    size = sum(len(text.encode()) for text in texts) / 1e6
    table = Table(
        title=f"near-dedup of the same {len(texts):,} documents ({size:.1f} MB), one core; "
        f"recall of {pairs} planted pairs of each Jaccard similarity",
        box=SIMPLE,
        padding=(0, 0, 0, 1),
    )
    table.add_column("method", no_wrap=True)
    table.add_column("bands × rows,\nestimate", no_wrap=True)
    for heading in ("docu-\nments/s", "ours is\nfaster", *(f"{j:g}" for j in SIMILARITIES)):
        table.add_column(heading, justify="right", no_wrap=True)
    planted = [planted_pairs(similarity, pairs) for similarity in SIMILARITIES]
    fastest = 0.0
    for method in METHODS:
        started = time.process_time()
        method.find(texts)
        seconds = time.process_time() - started
        fastest = fastest or seconds
        recalls = (f"{recall(method, both):.2f}" for both in planted)
        rate, times = f"{len(texts) / seconds:,.0f}", f"{seconds / fastest:.1f}×"
        table.add_row(method.name, method.scheme, rate, times, *recalls)
    table.add_section()
    for scheme, method in {method.scheme: method for method in METHODS}.items():
        promised = (f"{theory(method, similarity):.2f}" for similarity in SIMILARITIES)
        table.add_row("theory", scheme, "", "", *promised)
    return table


def planted_pair(rng: random.Random, similarity: float) -> tuple[str, str]:
    """Two texts whose sets of word 5-grams have just that Jaccard similarity.

    Each of k isolated changed words changes five of n 5-grams: J = (n - 5k) / (n + 5k).
    """
    grams = round(SHINGLE_WORDS * _CHANGES * (1 + similarity) / (1 - similarity))
    stream = [f"w{rng.getrandbits(48):x}" for _ in range(grams + SHINGLE_WORDS - 1)]
    changed = list(stream)
    for change in range(_CHANGES):
        changed[SHINGLE_WORDS + change * (grams // _CHANGES)] = f"w{rng.getrandbits(48):x}"
    return " ".join(stream), " ".join(changed)


def planted_pairs(similarity: float, pairs: int) -> list[str]:
    """So many pairs, one after another; their words are in no other pair."""
    rng = random.Random(f"{similarity}")
    return [text for _ in range(pairs) for text in planted_pair(rng, similarity)]


def recall(method: Method, planted: Sequence[str]) -> float:
    """The share of the planted pairs that a method puts into one cluster."""
    cluster_of = {
        number: index for index, members in enumerate(method.find(planted)) for number in members
    }
    both = range(0, len(planted), 2)
    found = sum(
        first in cluster_of and cluster_of[first] == cluster_of.get(first + 1) for first in both
    )
    return found / len(both)


def theory(method: Method, similarity: float) -> float:
    """The chance that a pair of that similarity is found: the S-curve of bands, and the check.

    Each entry of two signatures agrees with the probability `similarity`, whatever the others do
    (Broder 1997). A pair meets if it agrees in all rows of a band; the check asks that it agrees in
    a share `threshold` of all entries.
    """
    least = 0
    if method.threshold is not None:
        least = ceil(method.threshold * method.bands * method.rows - 1e-9)
    rows = method.rows
    band = np.array(
        [comb(rows, n) * similarity**n * (1 - similarity) ** (rows - n) for n in range(rows + 1)]
    )
    agreeing, without_a_band = np.ones(1), np.ones(1)  # chance of each number of equal entries
    for _ in range(method.bands):
        agreeing = np.convolve(agreeing, band)
        without_a_band = np.convolve(without_a_band, [*band[:-1], 0.0])
    return float((agreeing - without_a_band)[least:].sum())
