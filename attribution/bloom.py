"""A split-block Bloom filter: is a fingerprint in a segment? No misses, few false alarms.

Every key sets one bit in each of the eight 32-bit words of one block, so a question costs one
cache line (Putze, Sanders and Singler, "Cache-, Hash- and Space-Efficient Bloom Filters", 2007).
An answer is a hint where to look, never a finding.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from attribution.fingerprints import mix

if TYPE_CHECKING:
    from pathlib import Path

WORDS = 8
BITS_PER_KEY = 16
"""About one false alarm in 800 keys."""
_SLICE = 1_000_000

_SALTS = np.array(
    [0x47B6137B, 0x44974D91, 0x8824AD5B, 0xA2B7289D,
     0x705495C7, 0x2DF1424B, 0x9EFC4947, 0x5C6BFB31],
    dtype=np.uint32,
)  # fmt: skip  # odd multipliers, from Apache Parquet's specification of its Bloom filter
_LOW = np.uint64(0xFFFFFFFF)


class BloomFilter:
    """A set of 64-bit keys.

    Args:
        blocks: shape (number of blocks, `WORDS`), uint32, little-endian.
    """

    def __init__(self, blocks: np.ndarray) -> None:
        self.blocks = blocks

    @classmethod
    def of(cls, keys: np.ndarray, bits_per_key: int = BITS_PER_KEY) -> BloomFilter:
        """The filter that holds `keys`, shape (n,), uint64."""
        keys = np.sort(keys)  # far faster than numpy's own way to what is distinct
        keys = keys[np.append(True, keys[1:] != keys[:-1])[: len(keys)]]
        count = max(1, len(keys) * bits_per_key // (32 * WORDS))
        blocks = np.zeros((count, WORDS), dtype="<u4")
        for begin in range(0, len(keys), _SLICE):
            rows, bits = _places(keys[begin : begin + _SLICE], count)
            for word in range(WORDS):
                np.bitwise_or.at(blocks[:, word], rows, bits[:, word])
        return cls(blocks)

    @classmethod
    def open(cls, path: Path, *, in_memory: bool) -> BloomFilter:
        """Read what `save` wrote; mapped unless `in_memory`."""
        if in_memory:
            return cls(np.fromfile(path, dtype="<u4").reshape(-1, WORDS))
        return cls(np.memmap(path, dtype="<u4", mode="r").reshape(-1, WORDS))

    def save(self, path: Path) -> None:
        self.blocks.tofile(path)

    def holds(self, keys: np.ndarray) -> np.ndarray:
        """For each key (uint64) whether it may be in the set, shape (n,), bool."""
        rows, bits = _places(keys, len(self.blocks))
        inside: np.ndarray = ((self.blocks[rows] & bits) == bits).all(axis=1)
        return inside


def _places(keys: np.ndarray, blocks: int) -> tuple[np.ndarray, np.ndarray]:
    """Block of each key, shape (n,), and its bit in each word, shape (n, `WORDS`)."""
    keys = mix(keys)  # winnowing has picked small hashes, which are no longer spread evenly
    rows = (((keys >> np.uint64(32)) * np.uint64(blocks)) >> np.uint64(32)).astype(np.int64)
    low = (keys & _LOW).astype(np.uint32)
    bits = np.uint32(1) << ((low[:, None] * _SALTS) >> np.uint32(27))
    return rows, bits
