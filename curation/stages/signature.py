"""Stage "signature": a MinHash signature for each document, for near-dedup to compare.

datasketch computes the MinHash (`affine32`); shingling, which costs more than hashing when done
word by word in Python, is vectorised here: each distinct word is hashed once and the 5-grams are
mixed as arrays.
"""

from __future__ import annotations

import re
import zlib
from typing import TYPE_CHECKING

import numpy as np
from datasketch import MinHash

from curation.stages.stage import Drop, Stage

if TYPE_CHECKING:
    from datatrove.data import Document

PERMUTATIONS = 250
SHINGLE_WORDS = 5
SIGNATURE_KEY = "signature"
_SCHEME = "affine32"
_BLOCK = 4096
_WORD = re.compile(r"[A-Za-z_0-9]+")
_MULTIPLIERS = np.array(
    [0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93,
     0xA0761D6478BD642F],
    dtype=np.uint64,
)  # fmt: skip


def word_hashes(text: str) -> tuple[np.ndarray, np.ndarray]:
    """(hash of each word, offset at which it starts), both of shape (n,), uint64 and int64.

    Words are runs of letters, digits and `_`, as in The Stack's dedup.
    """
    matches = list(_WORD.finditer(text))
    known = {word: zlib.crc32(word.encode()) for word in {match[0] for match in matches}}
    count = len(matches)
    hashes = np.fromiter((known[match[0]] for match in matches), dtype=np.uint64, count=count)
    starts = np.fromiter((match.start() for match in matches), dtype=np.int64, count=count)
    return hashes, starts


def windows(hashes: np.ndarray, width: int) -> np.ndarray:
    """Hash of every `width` values in a row, shape (n - width + 1,), uint64."""
    count = len(hashes) - width + 1
    mixed = np.zeros(count, dtype=np.uint64)
    for offset in range(width):
        multiplier = _MULTIPLIERS[offset % len(_MULTIPLIERS)]
        mixed = (mixed ^ hashes[offset : offset + count]) * multiplier
        mixed ^= mixed >> np.uint64(29)
    return mixed


def shingles(text: str) -> np.ndarray:
    """The distinct 5-grams of words of a text as hashes, shape (n,), uint32.

    A text of fewer than five words is one shingle.
    """
    words = _WORD.findall(text)
    if not words:
        return np.zeros(1, dtype=np.uint32)
    known = {word: zlib.crc32(word.encode()) for word in set(words)}
    stream = np.fromiter((known[word] for word in words), dtype=np.uint64, count=len(words))
    mixed = windows(stream, min(SHINGLE_WORDS, len(stream)))
    return np.unique((mixed >> np.uint64(32)).astype(np.uint32))


def signature(text: str) -> np.ndarray:
    """MinHash signature of a text, shape (PERMUTATIONS,), uint32."""
    values = shingles(text)
    sketch = MinHash(num_perm=PERMUTATIONS, scheme=_SCHEME, hashfunc=int)
    for start in range(0, len(values), _BLOCK):
        sketch.update_batch(values[start : start + _BLOCK])
    return np.asarray(sketch.hashvalues, dtype=np.uint32)


class Signature(Stage):
    """Adds the signature to each document that is still kept; drops none."""

    name = "signature"
    reads = ()

    def judge(self, document: Document) -> Drop | None:
        document.metadata[SIGNATURE_KEY] = signature(document.text).tobytes()
        return None
