"""Ways to find near-duplicates, from texts to clusters: ours, and peers to compare it with.

The peers are datasketch as its documentation has it (a set of string shingles, `update` for each),
the shape of text-dedup (string shingles, numpy permutations, tables of bands, no check of what they
say), string shingles hashed in datasketch's batches, and datatrove's own MinHash steps
(`evaluation/datatrove_minhash.py`). All take the same words for words. All but datatrove, which
keeps its default of 14 bands of 8, have our permutations and bands.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from datasketch import MinHash, MinHashLSH

from curation.stages.bands import BANDS, ROWS, near_links
from curation.stages.clusters import clusters
from curation.stages.signature import PERMUTATIONS, SHINGLE_WORDS, signature
from evaluation.datatrove_minhash import BANDS as DATATROVE_BANDS
from evaluation.datatrove_minhash import ROWS as DATATROVE_ROWS
from evaluation.datatrove_minhash import datatrove_clusters

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

THRESHOLD = 0.7
_WORD = re.compile(r"[A-Za-z_0-9]+")
_PRIME = np.uint64((1 << 61) - 1)
_LARGEST_HASH = np.uint64((1 << 32) - 1)
_BLOCK = 4096


@dataclass(frozen=True)
class Method:
    """A way to find near-duplicates.

    Attributes:
        name: as the table has it.
        find: texts to clusters of their numbers.
        bands, rows: a pair meets if it agrees in all rows of a band.
        threshold: the least estimate of the similarity of a pair that met; None if none is asked.
    """

    name: str
    find: Callable[[Sequence[str]], list[list[int]]]
    bands: int = BANDS
    rows: int = ROWS
    threshold: float | None = THRESHOLD

    @property
    def scheme(self) -> str:
        """What the recall depends on."""
        check = "" if self.threshold is None else f", ≥ {self.threshold:g}"
        return f"{self.bands} × {self.rows}{check}"


def ours(texts: Sequence[str], threshold: float = THRESHOLD) -> list[list[int]]:
    """Clusters by vectorised shingling and sort-merge over bands."""
    signatures = np.stack([signature(text) for text in texts])
    return clusters((int(a), int(b)) for a, b in near_links(signatures, threshold))


def ours_unchecked(texts: Sequence[str]) -> list[list[int]]:
    """The same, with all that meet in a band for a pair."""
    return ours(texts, 0.0)


def plain_datasketch(texts: Sequence[str]) -> list[list[int]]:
    """Clusters as datasketch's documentation has it: one `update` a shingle, then the LSH index."""
    return _by_index(texts, lambda sketch, grams: [sketch.update(gram) for gram in grams])


def batched_datasketch(texts: Sequence[str]) -> list[list[int]]:
    """Clusters by string shingles, but hashed in one batch a document."""
    return _by_index(texts, lambda sketch, grams: sketch.update_batch(list(grams)))


def text_dedup(texts: Sequence[str]) -> list[list[int]]:
    """Clusters in text-dedup's way: SHA-1 of string shingles, permuted as one array a document."""
    random = np.random.default_rng(42)
    a, b = random.integers(1, 1 << 61, (2, PERMUTATIONS), dtype=np.uint64) & _LARGEST_HASH
    tables: list[dict[bytes, list[int]]] = [defaultdict(list) for _ in range(BANDS)]
    for number, text in enumerate(texts):
        grams = [
            int.from_bytes(hashlib.sha1(gram).digest()[:4], "little") for gram in _shingles(text)
        ]
        values = np.array(grams, dtype=np.uint64)[:, None]
        least = np.full(PERMUTATIONS, _LARGEST_HASH, dtype=np.uint64)
        for start in range(0, len(values), _BLOCK):
            permuted = (values[start : start + _BLOCK] * a + b) % _PRIME & _LARGEST_HASH
            least = np.minimum(least, permuted.min(axis=0))
        for band, table in enumerate(tables):
            table[least[band * ROWS : (band + 1) * ROWS].tobytes()].append(number)
    return clusters(
        (members[0], other)
        for table in tables
        for members in table.values()
        for other in members[1:]
    )


METHODS = (
    Method("ours", ours),
    Method("ours, unchecked", ours_unchecked, threshold=None),
    Method("datatrove", datatrove_clusters, DATATROVE_BANDS, DATATROVE_ROWS, None),
    Method("text-dedup's way", text_dedup, threshold=None),
    Method("datasketch, batches", batched_datasketch),
    Method("datasketch, plain", plain_datasketch),
)


def _shingles(text: str) -> set[bytes]:
    words = _WORD.findall(text)
    last = max(1, len(words) - SHINGLE_WORDS + 1)
    return {" ".join(words[i : i + SHINGLE_WORDS]).encode() for i in range(last)}


def _by_index(
    texts: Sequence[str], update: Callable[[MinHash, set[bytes]], object]
) -> list[list[int]]:
    index = MinHashLSH(num_perm=PERMUTATIONS, params=(BANDS, ROWS))
    sketches: list[MinHash] = []
    links = []
    for number, text in enumerate(texts):
        sketch = MinHash(num_perm=PERMUTATIONS)
        update(sketch, _shingles(text))
        links += [
            (other, number)
            for other in index.query(sketch)
            if sketch.jaccard(sketches[other]) >= THRESHOLD
        ]
        index.insert(number, sketch)
        sketches.append(sketch)
    return clusters(links)
