"""Near-dedup by sort-merge: the same clusters as comparing everything, in memory and in shards."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.near_dedup import BandMerger, BandWriter, document_number, place_of, read_links
from curation.shards import filtered_schema
from curation.stages.bands import (
    BANDS,
    ROWS,
    band_hashes,
    links,
    merged_ranges,
    near_links,
    sorted_entries,
)
from curation.stages.clusters import clusters
from curation.stages.signature import PERMUTATIONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

THRESHOLD = 0.7


def families(seed: int, count: int) -> np.ndarray:
    """Signatures in families that drift: each is a copy of an earlier one with entries changed."""
    rng = np.random.default_rng(seed)
    made = [rng.integers(0, 2**32, PERMUTATIONS, dtype=np.uint32)]
    while len(made) < count:
        signature = made[rng.integers(len(made))].copy()
        changed = rng.random(PERMUTATIONS) < rng.choice([0.0, 0.05, 0.2, 0.3, 0.5, 1.0])
        signature[changed] = rng.integers(0, 2**32, changed.sum(), dtype=np.uint32)
        made.append(signature)
    return np.stack(made)


def partition(components: Iterable[Sequence[int]]) -> set[frozenset[int]]:
    return {frozenset(component) for component in components}


def reference(signatures: np.ndarray, threshold: float) -> set[frozenset[int]]:
    """Compare all pairs: those that agree in a whole band and are similar enough are linked."""
    linked = [
        (left, right)
        for left, right in combinations(range(len(signatures)), 2)
        if (signatures[left] == signatures[right]).reshape(BANDS, ROWS).all(axis=1).any()
        and np.mean(signatures[left] == signatures[right]) >= threshold
    ]
    return partition(clusters(linked))


def pairs(found: np.ndarray) -> list[tuple[int, int]]:
    return [(int(left), int(right)) for left, right in found]


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 60), st.sampled_from([0.5, 0.7, 0.9]))
def test_sort_merge_finds_the_clusters_of_comparing_all(
    seed: int, count: int, threshold: float
) -> None:
    signatures = families(seed, count)
    found = near_links(signatures, threshold)
    assert partition(clusters(pairs(found))) == reference(signatures, threshold)


def test_the_steps_over_shards_give_what_memory_gives(tmp_path: Path) -> None:
    signatures = families(7, 90)
    # Three shards; every fourth row was dropped before and must not count.
    places: list[tuple[int, int]] = []
    remaining = iter(signatures)
    for shard in range(3):
        rows = []
        for row in range(40):
            dropped = row % 4 == 3
            blank = dict.fromkeys(filtered_schema().names)
            signature = None if dropped else next(remaining).tobytes()
            rows.append({**blank, "signature": signature, "drop_stage": "x" if dropped else None})
            if not dropped:
                places.append((shard, row))
        table = pa.Table.from_pylist(rows, filtered_schema())
        (tmp_path / "filtered").mkdir(exist_ok=True)
        parquet.write_table(table, tmp_path / f"filtered/{shard:05d}.parquet")
    for shard in range(3):
        list(BandWriter(tmp_path / "filtered", tmp_path).run(rank=shard, world_size=3))
    for band in range(BANDS):
        list(BandMerger(tmp_path, 3, THRESHOLD).run(rank=band, world_size=BANDS))
    index = {place: number for number, place in enumerate(places)}
    over_shards = [[index[place_of(n)] for n in group] for group in clusters(read_links(tmp_path))]
    assert partition(over_shards) == reference(signatures, THRESHOLD) != set()


@given(st.lists(st.lists(st.integers(0, 2**64 - 1), max_size=30), max_size=5), st.integers(1, 7))
def test_ranges_lose_no_entry_and_split_no_hash(runs: list[list[int]], ranges: int) -> None:
    sorted_runs = [
        sorted_entries(np.array(run, dtype=np.uint64), np.arange(len(run), dtype=np.uint64))
        for run in runs
    ]
    parts = list(merged_ranges(sorted_runs, ranges))
    assert len(parts) == ranges
    together = [int(value) for part in parts for value in part["hash"]]
    assert together == sorted(value for run in runs for value in run)
    seen: set[int] = set()
    for part in parts:
        values = {int(value) for value in part["hash"]}
        assert not values & seen
        seen |= values


def test_bands_agree_just_where_all_their_rows_do() -> None:
    left = families(1, 1)
    right = left.copy()
    right[0, 3 * ROWS] += 1
    same = (band_hashes(left) == band_hashes(right)).reshape(-1)
    assert np.flatnonzero(~same).tolist() == [3]


def test_nothing_in_nothing_out() -> None:
    nobody = np.empty(0, dtype=np.uint64)
    assert links(sorted_entries(nobody, nobody), lambda chosen: chosen, 0.7).shape == (0, 2)
    assert clusters([]) == []


@given(st.integers(0, 2**31), st.integers(0, 2**32 - 1))
def test_a_document_number_holds_shard_and_row(shard: int, row: int) -> None:
    assert place_of(document_number(shard, row)) == (shard, row)
