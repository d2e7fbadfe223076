"""`python -m evaluation dedup`: near-dedup against plain peers on the same files in one run.

Prints documents a second of CPU, from text to clusters, for ours, for datasketch as its
documentation has it (a set of string shingles, `update` for each), for string shingling with
datasketch's batches (the shape of text-dedup), and for datatrove's own MinHash steps
(`evaluation/datatrove_minhash.py`); then how many planted pairs of each similarity are found beside
what the bands promise. The datasketch peers use the same shingles, permutations and bands, so
recall is theirs as well; datatrove has its own default of 14 bands of 8.
"""

from __future__ import annotations

import random
import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from datasketch import MinHash, MinHashLSH
from rich.console import Console
from rich.table import Table

from curation.corpus import read_documents
from curation.sources.environment import list_standard_library
from curation.stages.bands import BANDS, ROWS, near_links
from curation.stages.clusters import clusters
from curation.stages.signature import PERMUTATIONS, SHINGLE_WORDS, signature
from evaluation.datatrove_minhash import datatrove_clusters

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_WORD = re.compile(r"[A-Za-z_0-9]+")
_SIMILARITIES = (0.7, 0.8, 0.9, 0.95)
_MAX_CHARACTERS = 200_000


@dataclass(frozen=True)
class DedupBench:
    """Measure near-dedup beside its peers."""

    corpus: Path | None = None
    """Corpus to take documents from; without one, this Python's standard library."""
    documents: int = 300
    """How many documents."""
    pairs: int = 200
    """Planted pairs for each similarity."""

    def run(self) -> int:
        texts = list(_texts(self.corpus, self.documents))
        console = Console()
        size = sum(map(len, texts)) / 1e6
        table = Table(title=f"{len(texts):,} documents, {size:.1f} MB, one core")
        for heading in ("near-dedup", "documents/s", "ours is faster by", "clusters"):
            table.add_column(heading, justify="left" if heading == "near-dedup" else "right")
        ours = 0.0
        for name, method in METHODS.items():
            started = time.process_time()
            found = method(texts)
            seconds = time.process_time() - started
            ours = ours or seconds
            table.add_row(
                name, f"{len(texts) / seconds:,.0f}", f"{seconds / ours:.1f}×", f"{len(found):,}"
            )
        console.print(table)
        console.print(recall_table(self.pairs))
        return 0


def ours(texts: Sequence[str]) -> list[list[int]]:
    """Clusters by vectorised shingling and sort-merge over bands."""
    signatures = np.stack([signature(text) for text in texts])
    return clusters((int(a), int(b)) for a, b in near_links(signatures, 0.7))


def plain_datasketch(texts: Sequence[str]) -> list[list[int]]:
    """Clusters as datasketch's documentation has it: one `update` a shingle, then the LSH index."""
    return _by_index(texts, lambda sketch, grams: [sketch.update(gram) for gram in grams])


def batched_datasketch(texts: Sequence[str]) -> list[list[int]]:
    """Clusters by string shingles, but hashed in one batch a document."""
    return _by_index(texts, lambda sketch, grams: sketch.update_batch(list(grams)))


METHODS: dict[str, Callable[[Sequence[str]], list[list[int]]]] = {
    "ours": ours,
    "datatrove's MinHash steps": datatrove_clusters,
    "string shingles, datasketch in batches": batched_datasketch,
    "string shingles, datasketch's plain loop": plain_datasketch,
}


def _by_index(
    texts: Sequence[str], update: Callable[[MinHash, set[bytes]], object]
) -> list[list[int]]:
    index = MinHashLSH(num_perm=PERMUTATIONS, params=(BANDS, ROWS))
    sketches: list[MinHash] = []
    links = []
    for number, text in enumerate(texts):
        words = _WORD.findall(text)
        last = max(1, len(words) - SHINGLE_WORDS + 1)
        grams = {" ".join(words[i : i + SHINGLE_WORDS]).encode() for i in range(last)}
        sketch = MinHash(num_perm=PERMUTATIONS)
        update(sketch, grams)
        links += [
            (other, number)
            for other in index.query(sketch)
            if sketch.jaccard(sketches[other]) >= 0.7
        ]
        index.insert(number, sketch)
        sketches.append(sketch)
    return clusters(links)


def planted_pair(rng: random.Random, similarity: float) -> tuple[str, str]:
    """Two texts whose sets of word 5-grams have just that Jaccard similarity.

    Each of k isolated changed words changes five of n 5-grams: J = (n - 5k) / (n + 5k).
    """
    changes = 9
    grams = round(SHINGLE_WORDS * changes * (1 + similarity) / (1 - similarity))
    stream = [f"w{rng.getrandbits(48):x}" for _ in range(grams + SHINGLE_WORDS - 1)]
    changed = list(stream)
    for change in range(changes):
        changed[SHINGLE_WORDS + change * (grams // changes)] = f"w{rng.getrandbits(48):x}"
    return " ".join(stream), " ".join(changed)


def recall_table(pairs: int) -> Table:
    """Found pairs beside the bands' promise and what the 0.7 threshold then keeps of them."""
    table = Table(title=f"{pairs} planted pairs each; {BANDS} bands of {ROWS}")
    for heading in ("true Jaccard", "bands promise", "bands find", "with threshold 0.7"):
        table.add_column(heading, justify="right")
    for similarity in _SIMILARITIES:
        rng = random.Random(f"{similarity}")
        texts = [text for _ in range(pairs) for text in planted_pair(rng, similarity)]
        signatures = np.stack([signature(text) for text in texts])
        promised = 1 - (1 - similarity**ROWS) ** BANDS
        table.add_row(
            f"{similarity:.2f}",
            f"{promised:.3f}",
            *(f"{_found(signatures, t) / pairs:.3f}" for t in (0.3, 0.7)),
        )
    return table


def _found(signatures: np.ndarray, threshold: float) -> int:
    links = {(int(min(pair)), int(max(pair))) for pair in near_links(signatures, threshold)}
    return sum((2 * n, 2 * n + 1) in links for n in range(len(signatures) // 2))


def _texts(corpus: Path | None, count: int) -> Iterator[str]:
    if corpus is not None:
        found = (document.text for document in read_documents(corpus))
    else:
        found = (
            Path(file.location).read_text(encoding="utf-8", errors="replace")
            for file in list_standard_library()
        )
    for text in found:
        if count == 0:
            return
        if 1_000 < len(text) < _MAX_CHARACTERS:
            count -= 1
            yield text
