"""Winnowed fingerprints: few hashes of a text, chosen so that a long enough copy shares one.

Of each window of `w` consecutive hashes of `k`-grams the smallest is kept, so every common run of
`w + k - 1` symbols shares a fingerprint (Schleimer, Wilkerson and Aiken, "Winnowing", SIGMOD 2003).
Two kinds: over letters and digits alone (layout and punctuation don't count; case does), and over
the abstract symbols of `attribution.lexing` (names and literals don't count either).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

CHARACTER_GRAM, CHARACTER_WINDOW = 25, 26
"""One fingerprint is shared by 50 common letters and digits."""
TOKEN_GRAM, TOKEN_WINDOW = 15, 8
"""One fingerprint is shared by 22 common tokens, two by 30."""
START_GRAM = 24
"""Bytes from a word start that one fingerprint stands for, where none is left out."""
MIN_DISTINCT_SYMBOLS = 6
"""Token grams with fewer distinct symbols (rows of numbers, say) say nothing and are left out."""

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
IS_ALNUM = np.array([byte >= 0x80 or chr(byte).isalnum() for byte in range(256)])


@dataclass(frozen=True)
class Fingerprints:
    """Fingerprints of a text in order of place.

    Attributes:
        hashes: shape (n,), uint64.
        first, last: index of the first and of the last symbol of each gram, shape (n,), int64.
    """

    hashes: np.ndarray
    first: np.ndarray
    last: np.ndarray

    def __len__(self) -> int:
        return len(self.hashes)

    def where(self, keep: np.ndarray) -> Fingerprints:
        return Fingerprints(self.hashes[keep], self.first[keep], self.last[keep])


def character_fingerprints(text: np.ndarray, window: int = CHARACTER_WINDOW) -> Fingerprints:
    """Of the letters and digits of a text.

    Args:
        text: bytes, shape (n,), uint8.
        window: a smaller one keeps more of them.

    Returns:
        fingerprints whose `first` and `last` are offsets in `text`.
    """
    places = np.flatnonzero(IS_ALNUM[text])
    hashes, first = _winnow(gram_hashes(text[places], CHARACTER_GRAM), window)
    return Fingerprints(hashes, places[first], places[first + CHARACTER_GRAM - 1])


def token_fingerprints(symbols: np.ndarray) -> Fingerprints:
    """Of the abstract symbols of a text's code lexemes, shape (n,), uint8.

    Returns:
        fingerprints whose `first` and `last` are indices into `symbols`.
    """
    hashes, first = _winnow(gram_hashes(symbols, TOKEN_GRAM), TOKEN_WINDOW)
    if len(first):
        grams = np.sort(symbols[first[:, None] + np.arange(TOKEN_GRAM)], axis=1)
        distinct = 1 + np.count_nonzero(np.diff(grams, axis=1), axis=1)
        keep = distinct >= MIN_DISTINCT_SYMBOLS
        hashes, first = hashes[keep], first[keep]
    return Fingerprints(hashes, first, first + TOKEN_GRAM - 1)


def start_hashes(text: np.ndarray, starts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A 64-bit hash of the `START_GRAM` bytes from each word start on.

    Args:
        text: bytes, shape (n,), uint8.
        starts: offsets in `text`, shape (m,).

    Returns:
        hashes, shape (m,), uint64; and whether a document has as many bytes there, likewise.
    """
    hashes = np.zeros(len(starts), dtype=np.uint64)
    whole: np.ndarray = starts + START_GRAM <= len(text)
    if whole.any():
        grams = np.ascontiguousarray(sliding_window_view(text, START_GRAM)[starts[whole]])
        values = np.zeros(len(grams), dtype=np.uint64)
        for word in grams.view("<u8").T:
            values = mix(values + word)
        hashes[whole] = values
        whole[whole] = grams.all(axis=1)
    return hashes, whole


def gram_hashes(symbols: np.ndarray, size: int) -> np.ndarray:
    """A 64-bit hash of each run of `size` symbols (uint8), shape (max(0, n - size + 1),)."""
    count = len(symbols) - size + 1
    if count <= 0:
        return np.zeros(0, dtype=np.uint64)
    # hash(a + b) = hash(a) * multiplier ** len(b) + hash(b): runs of 1, 2, 4 … symbols make any.
    run = symbols.astype(np.uint64) + np.uint64(1)
    hashes = np.zeros(len(symbols), dtype=np.uint64)
    power, width, done = int(_MULTIPLIER), 1, 0
    while done < size:
        if size & width:
            ahead = run[done:]
            hashes = hashes[: len(ahead)] * np.uint64(power) + ahead
            done += width
        run = run[:-width] * np.uint64(power) + run[width:]
        power, width = power * power % 2**64, width * 2
    return mix(hashes)


def posting_keys(hashes: np.ndarray) -> np.ndarray:
    """The low 32 bits, which is what postings keep; whatever they find is verified."""
    return hashes.astype(np.uint32)


def mix(values: np.ndarray) -> np.ndarray:
    """A bijection of uint64 that spreads every bit (the finalizer of MurmurHash3)."""
    values = values ^ (values >> np.uint64(33))
    values *= np.uint64(0xFF51AFD7ED558CCD)
    values ^= values >> np.uint64(33)
    values *= np.uint64(0xC4CEB9FE1A85EC53)
    values ^= values >> np.uint64(33)
    return values


def _winnow(hashes: np.ndarray, window: int) -> tuple[np.ndarray, np.ndarray]:
    """The hashes that are the smallest of some window, and their indices.

    A text with fewer hashes than a window has its smallest one. Equal smallest hashes are all kept.
    """
    if not len(hashes):
        return hashes, np.zeros(0, dtype=np.int64)
    window = min(window, len(hashes))
    smallest = _sliding(np.minimum, hashes, window)
    # A hash is chosen when it is the smallest of a window that holds it. All those minima are at
    # most the hash, so it is enough that the largest of them reaches it.
    edge = np.zeros(window - 1, dtype=np.uint64)
    reached = _sliding(np.maximum, np.concatenate([edge, smallest, edge]), window)
    chosen = np.flatnonzero(reached == hashes)
    return hashes[chosen], chosen


def _sliding(better: np.ufunc, values: np.ndarray, window: int) -> np.ndarray:
    """The best of each `window` consecutive values, by doubling the reach."""
    reach = 1
    while reach * 2 <= window:
        values = better(values[:-reach], values[reach:])
        reach *= 2
    rest = window - reach
    return better(values[:-rest], values[rest:]) if rest else values
