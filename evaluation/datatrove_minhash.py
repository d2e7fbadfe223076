"""datatrove's own MinHash as a peer: its signature, bucket and cluster steps over a list of texts.

Its defaults (5-grams, 14 bands of 8, its normalisation of text) stay; its word tokenizer, which
would be spaCy's, is replaced by the words that the others split at, so that hashing is compared
and not tokenizing, and its hash is SHA-1, since its xxhash takes no text from xxhash 4 on.
"""

from __future__ import annotations

import re
import struct
import tempfile
from contextlib import redirect_stderr
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from datatrove.data import Document
from datatrove.pipeline.dedup import (
    MinhashDedupBuckets,
    MinhashDedupCluster,
    MinhashDedupSignature,
)
from datatrove.pipeline.dedup.minhash import MinhashConfig
from datatrove.utils.hashing import HashConfig
from datatrove.utils.logging import logger
from datatrove.utils.word_tokenizers import WordTokenizer

if TYPE_CHECKING:
    from collections.abc import Sequence

BANDS = 14
ROWS = 8
_WORD = re.compile(r"[A-Za-z_0-9]+")


class _Words(WordTokenizer):  # type: ignore[misc]  # datatrove is untyped
    def word_tokenize(self, text: str) -> list[str]:
        return _WORD.findall(text)

    def sent_tokenize(self, text: str) -> list[str]:
        return [text]

    def span_tokenize(self, text: str) -> list[tuple[int, int]]:
        return [(0, len(text))]


def datatrove_clusters(texts: Sequence[str]) -> list[list[int]]:
    """Clusters of near-duplicates, as the numbers of their texts."""
    config = MinhashConfig(
        num_buckets=BANDS, hashes_per_bucket=ROWS, hash_config=HashConfig(hash_fc="sha1")
    )
    logger.disable("datatrove")
    try:
        with tempfile.TemporaryDirectory() as name, redirect_stderr(StringIO()):
            folder = Path(name)
            signatures, buckets, found = (str(folder / part) for part in ("s", "b", "c"))
            documents = (Document(text=text, id=str(n)) for n, text in enumerate(texts))
            step: Any = MinhashDedupSignature(signatures, config=config, language=_Words())
            step.run(documents)
            for rank in range(config.num_buckets):
                MinhashDedupBuckets(signatures, buckets, config=config).run(
                    None, rank, config.num_buckets
                )
            MinhashDedupCluster(buckets, found, config=config, save_cluster_id=True).run(None)
            return _read_clusters(Path(found))
    finally:
        logger.enable("datatrove")


def _read_clusters(folder: Path) -> list[list[int]]:
    clusters: dict[int, list[int]] = {}
    for file in sorted(folder.glob("*.clusters")):
        for document, cluster in struct.iter_unpack("<2I", file.read_bytes()):
            clusters.setdefault(cluster, []).append(document)
    return list(clusters.values())
