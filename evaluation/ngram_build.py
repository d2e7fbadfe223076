"""Training tokens and suffix array of the baseline, made once and kept on disk.

The training side of the corpus is read in its stored order, encoded with the model's own
vocabulary, and kept in a folder whose name is a hash of the corpus manifest, the vocabulary and
the token limit, so a changed input never meets an old array.
"""

from __future__ import annotations

import hashlib
import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from curation.corpus import TRAIN, manifest_hash, read_documents, read_manifest
from evaluation.ngram import NgramArrays
from inkling.atomic import atomic_folder, write_json
from inkling.errors import InklingError, require
from inkling.layout import Sentinel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray
    from rich.progress import Progress

    from lsp_server.engine.vocabulary import Vocabulary

_FORMAT = 1
_FACTS_NAME = "ngram.json"
_ARRAY_NAMES = ("reversed_tokens", "suffixes", "followers")
_DOCUMENTS_AT_ONCE = 64
_PROBE = "if x1234 == 'größe':\r\n\t\t  return [self.漢字[0]]  # it's 🎉\n\n\n    y_2 += 0x1F\n"


@dataclass(frozen=True)
class NgramFacts:
    """What the arrays were made from, and what that took.

    Attributes:
        tokens: training tokens, one end token a document included.
        documents: training documents.
        bytes: of their text (of a document that the token limit cuts: all of it).
        tokenize_seconds, sort_seconds: wall time when they were made.
    """

    tokens: int
    documents: int
    bytes: int
    tokenize_seconds: float
    sort_seconds: float


def load_or_build(
    corpus: Path,
    vocabulary: Vocabulary,
    cache: Path,
    *,
    max_tokens: int | None = None,
    workers: int = 1,
    progress: Progress | None = None,
) -> tuple[NgramArrays, NgramFacts]:
    """The arrays for a corpus and a vocabulary, from `cache` if they are there.

    Args:
        max_tokens: use only so many tokens, the first in the corpus's stored order.
        workers: threads that encode; llama.cpp works outside Python's lock.

    Raises:
        InklingError: no corpus, its training side is empty, or the model has no end token.
    """
    key = json.dumps([_FORMAT, manifest_hash(corpus), vocabulary_hash(vocabulary), max_tokens])
    folder = cache / f"ngram-{hashlib.sha256(key.encode()).hexdigest()[:16]}"
    if not (folder / _FACTS_NAME).is_file():
        started = time.perf_counter()
        parts: list[NDArray[np.unsignedinteger]] = []
        size = 0
        stream = _encoded_documents(corpus, vocabulary, max_tokens, workers, progress)
        for part, byte_count in stream:
            parts.append(part)
            size += byte_count
        if not parts:
            raise InklingError(
                f"The corpus {corpus} has no training documents.",
                "The baseline needs some: make the corpus again.",
            )
        tokens = np.concatenate(parts)
        tokenized = time.perf_counter()
        arrays = sort_tokens(tokens)
        facts = NgramFacts(
            tokens=len(tokens),
            documents=len(parts),
            bytes=size,
            tokenize_seconds=round(tokenized - started, 3),
            sort_seconds=round(time.perf_counter() - tokenized, 3),
        )
        with atomic_folder(folder) as temporary:
            for name in _ARRAY_NAMES:
                np.save(temporary / f"{name}.npy", getattr(arrays, name))
            write_json(temporary / _FACTS_NAME, asdict(facts))
    return _load(folder)


def _load(folder: Path) -> tuple[NgramArrays, NgramFacts]:
    try:
        # asarray: a plain view of the map, whose elements are several times faster to read.
        maps = (np.asarray(np.load(folder / f"{n}.npy", mmap_mode="r")) for n in _ARRAY_NAMES)
        return NgramArrays(*maps), NgramFacts(**json.loads((folder / _FACTS_NAME).read_bytes()))
    except (OSError, ValueError, TypeError) as error:
        raise InklingError(
            f"The baseline's arrays in {folder} are damaged: {error}.",
            "Remove that folder; they are made again.",
        ) from error


def sort_tokens(tokens: NDArray[np.unsignedinteger]) -> NgramArrays:
    """The arrays of a token stream `end d₁ end d₂ …`; about 20 bytes of memory a token on the way.

    pydivsufsort sorts bytes: it views wider tokens as big-endian bytes, sorts all byte suffixes,
    and keeps those at token boundaries, which is the order of the tokens.
    """
    backwards = np.ascontiguousarray(tokens[::-1])
    suffixes = np.asarray(require("pydivsufsort", "evaluate").divsufsort(backwards))
    if len(tokens) <= np.iinfo(np.int32).max:
        suffixes = suffixes.astype(np.int32, copy=False)
    # Index -1 closes the ring: the document before the first end token is the last one.
    return NgramArrays(backwards, suffixes, backwards[suffixes - 1])


def vocabulary_hash(vocabulary: Vocabulary) -> str:
    """Hex SHA-256 of what makes ids of text: every token's bytes, and how a probe is split."""
    digest = hashlib.sha256()
    for token in range(vocabulary.size):
        piece = vocabulary.piece(token)
        digest.update(len(piece).to_bytes(4, "little") + piece)
    digest.update(json.dumps([sorted(vocabulary.stop_ids), vocabulary.encode(_PROBE)]).encode())
    return digest.hexdigest()


def _encoded_documents(
    corpus: Path,
    vocabulary: Vocabulary,
    max_tokens: int | None,
    workers: int,
    progress: Progress | None,
) -> Iterator[tuple[NDArray[np.unsignedinteger], int]]:
    """`end` and the tokens of each training document, with the size of its text in bytes."""
    if Sentinel.END not in vocabulary.sentinel_ids:
        raise InklingError(
            "The model has no end token, which parts the baseline's documents.",
            "Choose a model that has one.",
        )
    end_token = vocabulary.sentinel_ids[Sentinel.END]
    dtype = np.uint16 if vocabulary.size <= 1 << 16 else np.uint32

    def encode(text: str) -> tuple[NDArray[np.unsignedinteger], int]:
        ids = vocabulary.encode(text)
        return np.concatenate(([end_token], ids)).astype(dtype), len(text.encode())

    total = read_manifest(corpus).documents.get(TRAIN)
    task = progress.add_task("baseline: reading the corpus", total=total) if progress else None
    texts = (document.text for document in read_documents(corpus, TRAIN))
    used = 0
    with ThreadPoolExecutor(workers) as pool:
        while texts_at_once := list(islice(texts, _DOCUMENTS_AT_ONCE)):
            for ids, size in pool.map(encode, texts_at_once):
                if max_tokens is not None:
                    ids = ids[: max_tokens - used]
                used += len(ids)
                if len(ids):
                    yield ids, size
                if max_tokens is not None and used >= max_tokens:
                    return
                if progress and task is not None:
                    progress.advance(task)
