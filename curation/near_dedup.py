"""The datatrove steps of near-dedup: they read filtered shards and leave links between documents.

1. `BandWriter`, a task a shard: the shard's signatures, and every band's entries, sorted.
2. `BandMerger`, a task a band: merges that band's entries of all shards and links what is alike.

Nothing in memory grows with the corpus but one range of one band. A document is named by
`shard << 32 | row`. All files appear whole, so a killed task is simply done again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow.parquet as parquet
from datatrove.pipeline.base import PipelineStep

from curation.stages.bands import BANDS, ENTRY, band_hashes, links, merged_ranges, sorted_entries
from curation.stages.signature import PERMUTATIONS, SIGNATURE_KEY
from inkling.atomic import atomic_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from datatrove.data import Document

_SHIFT = np.uint64(32)
_ENTRIES_A_RANGE = 4_000_000


def document_number(shard: int, row: int) -> int:
    """A document's number among the links."""
    return shard << 32 | row


def place_of(number: int) -> tuple[int, int]:
    """(shard, row) of a document's number."""
    return number >> 32, number & 0xFFFF_FFFF


class BandWriter(PipelineStep):  # type: ignore[misc]  # datatrove is untyped
    """Writes `rows/`, `signatures/` and `bands/` of one filtered shard below `folder`."""

    name = "bands"
    type = "inkling"

    def __init__(self, filtered: Path, folder: Path) -> None:
        super().__init__()
        self.filtered = filtered
        self.folder = folder

    def run(
        self, data: Iterator[Document] | None = None, rank: int = 0, world_size: int = 1
    ) -> Iterator[Document]:
        table = parquet.read_table(
            self.filtered / f"{rank:05d}.parquet", columns=[SIGNATURE_KEY, "drop_stage"]
        )
        kept = [n for n, stage in enumerate(table["drop_stage"].to_pylist()) if stage is None]
        column = table[SIGNATURE_KEY]
        signatures = np.empty((len(kept), PERMUTATIONS), dtype=np.uint32)
        for place, row in enumerate(kept):
            signatures[place] = np.frombuffer(column[row].as_py(), dtype=np.uint32)
        rows = np.array(kept, dtype=np.uint64)
        documents = (np.uint64(rank) << _SHIFT) | rows
        bands = np.empty((BANDS, len(kept)), dtype=ENTRY)
        for band, hashes in enumerate(band_hashes(signatures)):
            bands[band] = sorted_entries(hashes, documents)
        for kind, array in (("rows", rows), ("signatures", signatures), ("bands", bands)):
            _save(self.folder / kind / f"{rank:05d}.npy", array)
        yield from ()


class BandMerger(PipelineStep):  # type: ignore[misc]  # datatrove is untyped
    """Writes `links/BAND.npy` below `folder`: pairs of document numbers, shape (n, 2), uint64.

    Run it with `BANDS` tasks.
    """

    name = "links"
    type = "inkling"

    def __init__(self, folder: Path, shards: int, threshold: float) -> None:
        super().__init__()
        self.folder = folder
        self.shards = shards
        self.threshold = threshold

    def run(
        self, data: Iterator[Document] | None = None, rank: int = 0, world_size: int = 1
    ) -> Iterator[Document]:
        runs = [_load(self.folder, "bands", shard)[rank] for shard in range(self.shards)]
        ranges = max(1, -(-sum(map(len, runs)) // _ENTRIES_A_RANGE))
        signatures = StoredSignatures(self.folder)
        found = [
            links(entries, signatures.of, self.threshold) for entries in merged_ranges(runs, ranges)
        ]
        _save(self.folder / "links" / f"{rank:05d}.npy", np.concatenate(found))
        yield from ()


class StoredSignatures:
    """Looks signatures up in the files of `BandWriter`, memory-mapped."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: dict[int, tuple[np.ndarray, np.ndarray]] = {}

    def of(self, documents: np.ndarray) -> np.ndarray:
        """Signatures of documents by number, shape (n, PERMUTATIONS), uint32."""
        found = np.empty((len(documents), PERMUTATIONS), dtype=np.uint32)
        shards = documents >> _SHIFT
        for shard in np.unique(shards):
            rows, signatures = self._shard(int(shard))
            chosen = shards == shard
            wanted = documents[chosen] & np.uint64(0xFFFF_FFFF)
            found[chosen] = signatures[np.searchsorted(rows, wanted)]
        return found

    def _shard(self, shard: int) -> tuple[np.ndarray, np.ndarray]:
        if shard not in self._open:
            self._open[shard] = (
                np.asarray(_load(self._folder, "rows", shard)),
                _load(self._folder, "signatures", shard),
            )
        return self._open[shard]


def read_links(folder: Path) -> Iterator[tuple[int, int]]:
    """The links of all bands."""
    for band in range(BANDS):
        for left, right in _load(folder, "links", band):
            yield int(left), int(right)


def _load(folder: Path, kind: str, number: int) -> np.ndarray:
    array: np.ndarray = np.load(folder / kind / f"{number:05d}.npy", mmap_mode="r")
    return array


def _save(path: Path, array: np.ndarray) -> None:
    with atomic_file(path) as temporary, temporary.open("wb") as handle:
        np.save(handle, array, allow_pickle=False)
