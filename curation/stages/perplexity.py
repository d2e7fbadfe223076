"""Stage "perplexity" (optional): drops files that a small language model finds too surprising.

The model counts bytes after up to five others, in hashed tables, and mixes the orders as
Witten and Bell do: an estimate of bits a byte at some MB/s, in the place where CCNet and others
use a KenLM. It is made from a corpus that is known to be good, such as the first one of a user.
What it finds is text that isn't code in any language it knows: data, dumps, ciphers. Off by
default: no gain from it has been measured here.
"""

from __future__ import annotations

import hashlib
from functools import cache
from typing import TYPE_CHECKING
from zipfile import BadZipFile

import numpy as np

from curation.stages.stage import Drop, Explanation, Stage
from inkling.atomic import atomic_file
from inkling.errors import InklingError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from datatrove.data import Document

ORDERS = 6
"""Lengths 1 to 6 of counted runs: a byte and up to five before it."""
_BUCKETS = 1 << 20
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_MOST_BYTES = 200_000
"""So much of a file is measured."""
_ARRAY = "counts"


class ByteModel:
    """Counts of byte runs.

    Args:
        counts: how often a run of each length was seen, by its hash; shape (ORDERS, 2^20), uint32.
    """

    def __init__(self, counts: np.ndarray) -> None:
        self.counts = counts
        self._total = int(counts[0].sum())

    def bits_a_byte(self, text: str) -> float:
        """Mean surprise over a text's first 200,000 bytes; 0 for an empty one."""
        data = _bytes_of(text)
        if not len(data):
            return 0.0
        hashes = [_run_hashes(data, length) for length in range(1, ORDERS + 1)]
        probability = np.full(len(data), 1 / 256)
        for order in range(ORDERS):
            seen = self.counts[order][hashes[order]].astype(np.float64)
            if order == 0:
                before = np.full(len(data), float(self._total))
            else:
                context = np.concatenate([np.zeros(1, np.int64), hashes[order - 1][:-1]])
                before = self.counts[order - 1][context].astype(np.float64)
                before[0] = 0
            # Buckets are shared, so a run may seem more frequent than what it begins with.
            seen = np.minimum(seen, before)
            # Witten-Bell's share of the unseen, with the square root for the number of kinds.
            kinds = np.sqrt(before) + 1
            probability = (seen + kinds * probability) / (before + kinds)
        return float(-np.log2(probability).mean())


def count_bytes(texts: Iterable[str]) -> ByteModel:
    """The model of some texts."""
    counts = np.zeros((ORDERS, _BUCKETS), dtype=np.uint32)
    for text in texts:
        data = _bytes_of(text)
        for order in range(ORDERS):
            places, times = np.unique(_run_hashes(data, order + 1), return_counts=True)
            counts[order][places] += times.astype(np.uint32)
    return ByteModel(counts)


def save_model(model: ByteModel, path: Path) -> None:
    with atomic_file(path) as temporary, temporary.open("wb") as handle:
        np.savez_compressed(handle, counts=model.counts)


@cache
def load_model(path: Path) -> ByteModel:
    """The model in a file, loaded once a process.

    Raises:
        InklingError: there is none.
    """
    try:
        with np.load(path, allow_pickle=False) as arrays:
            counts = arrays[_ARRAY]
    except (OSError, ValueError, KeyError, TypeError, EOFError, BadZipFile) as error:
        raise InklingError(
            f"There is no perplexity model at {path}.",
            "Make one with: python -m curation perplexity CORPUS.",
        ) from error
    if counts.shape != (ORDERS, _BUCKETS):
        raise InklingError(f"The perplexity model {path} has another form.", "Make it again.")
    return ByteModel(counts)


def _bytes_of(text: str) -> np.ndarray:
    return np.frombuffer(text.encode()[:_MOST_BYTES], dtype=np.uint8)


def _run_hashes(data: np.ndarray, length: int) -> np.ndarray:
    """The bucket of the run of `length` bytes that ends at each byte; shorter at the start."""
    mixed = np.zeros(len(data), dtype=np.uint64)
    for back in range(min(length, len(data))):
        shifted = np.zeros(len(data), dtype=np.uint64)
        shifted[back:] = data[: len(data) - back].astype(np.uint64) + np.uint64(1)
        mixed = (mixed * np.uint64(257) + shifted) * _MULTIPLIER
        mixed ^= mixed >> np.uint64(29)
    buckets: np.ndarray = (mixed >> np.uint64(44)).astype(np.int64)
    return buckets


class PerplexityFilter(Stage):
    """Drops files above a number of bits a byte.

    Raises:
        InklingError: there is no model at `path`.
    """

    name = "perplexity"
    reads = ()

    def __init__(self, path: Path, most_bits: float) -> None:
        super().__init__()
        self.path = path.expanduser().resolve()
        self.most_bits = most_bits
        digest = hashlib.sha256(load_model(self.path).counts.tobytes()).hexdigest()
        self.version = f"1 {digest[:12]}"  # results hold for this model only

    @property
    def parameters(self) -> str:
        return f"{self.most_bits:g}"

    def judge(self, document: Document) -> Drop | None:
        bits = load_model(self.path).bits_a_byte(document.text)
        if bits <= self.most_bits:
            return None
        return Drop("surprising", f"{bits:.2f} bits a byte, at most {self.most_bits:g} pass")

    def explain(self, document: Document) -> list[Explanation]:
        bits = load_model(self.path).bits_a_byte(document.text)
        allowed = f"at most {self.most_bits:g}"
        passed = bits <= self.most_bits
        return [Explanation(self.name, "surprising", f"{bits:.2f} bits a byte", allowed, passed)]
