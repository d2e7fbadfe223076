"""The systems of the attribution bench behind one interface: ours and its peers, in one process.

Each peer follows its published parameters, written anew here. All give a score, so that they can
be compared at equal false alarms, and the source they would name, if they can name one.
"""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
import sys
import zlib
from collections import Counter
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from attribution.bloom import BloomFilter
from attribution.findings import Scope
from attribution.fingerprints import character_fingerprints
from attribution.matter import Tier
from attribution.query import check
from evaluation.attribution_cold import drop_files, drop_pages
from inkling.errors import require

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from attribution.index import Index
    from evaluation.attribution_queries import Document

Answer = tuple[float, int | None]
"""Score (0: not found) and the number of the document it names, if any."""


class System(Protocol):
    """What the bench asks of a system; `size` is in bytes, without the text.

    `cool` drops its files from memory; False if it has none, or if they can't be dropped.
    """

    name: str
    size: int

    def ask(self, text: str) -> Answer: ...

    def cool(self) -> bool: ...


class InMemory:
    """A system that reads nothing when it is asked."""

    def cool(self) -> bool:
        return False


class Ours:
    """All three tiers, with as many candidates as before a suggestion is shown.

    Without candidates only exact copies are found.
    """

    def __init__(
        self, index: Index, numbers: dict[tuple[str, str], int], max_candidates: int = 3
    ) -> None:
        self._index, self._numbers = index, numbers
        self._scope = Scope(max_candidates=max_candidates)
        self.name = "Inkling" if max_candidates else "Inkling, exact alone"
        self.named: set[int] = set()
        manifests = [item.segment.manifest for item in index.segments]
        self.size = sum(manifest.disk - manifest.bytes for manifest in manifests)

    def ask(self, text: str) -> Answer:
        report = check(self._index, text.encode(), "python", self._scope)
        loud = [found for found in report.findings if found.tier is Tier.STRONG]
        if not loud:
            return 0.0, None
        best = max(loud, key=lambda found: found.weight.tokens)
        places = {(s.document.repo, s.document.path) for f in loud for s in f.holders.sources}
        named = {self._numbers[place] for place in places if place in self._numbers}
        # A document that is named at all counts: copies of one file are equally true sources.
        self.named = named
        return best.weight.tokens, next(iter(named), None)

    def cool(self) -> bool:
        return drop_pages(self._index)


class Prefilter(InMemory):
    """Our filter alone: what it says is never shown, but it must be fast."""

    name = "Inkling, filter alone"

    def __init__(self, index: Index) -> None:
        self._filters = [item.segment.characters for item in index.segments]
        self.size = sum(
            int(item.segment.manifest.files["characters.bloom"]["bytes"]) for item in index.segments
        )

    def ask(self, text: str) -> Answer:
        marks = character_fingerprints(np.frombuffer(text.encode(), dtype=np.uint8))
        return float(
            max((int(f.holds(marks.hashes).sum()) for f in self._filters), default=0)
        ), None


class StridedBloom(InMemory):
    """Data Portraits (Marone and Van Durme 2023): 50-character grams, stride 50, longest chain.

    White space is squeezed, as its plugin for editors does. Names no source.
    """

    name = "Bloom filter 50/50"
    _width = 50

    def __init__(self, documents: Sequence[Document]) -> None:
        keys = [
            self._hash(text[place : place + self._width])
            for text in (self._squeezed(document.text) for document in documents)
            for place in range(0, len(text) - self._width + 1, self._width)
        ]
        self._filter = BloomFilter.of(np.array(keys, dtype=np.uint64))
        self.size = self._filter.blocks.nbytes

    def ask(self, text: str) -> Answer:
        text = self._squeezed(text)
        grams = [text[n : n + self._width] for n in range(max(0, len(text) - self._width + 1))]
        if not grams:
            return 0.0, None
        found = self._filter.holds(np.array([self._hash(g) for g in grams], dtype=np.uint64))
        best = 0
        for first in range(min(self._width, len(found))):
            run = 0
            for hit in found[first :: self._width]:
                run = run + 1 if hit else 0
                best = max(best, run)
        return float(best), None

    @staticmethod
    def _squeezed(text: str) -> str:
        return re.sub(r"\s+", " ", text)

    @staticmethod
    def _hash(gram: str) -> int:
        raw = gram.encode()
        return zlib.crc32(raw) << 32 | zlib.crc32(raw[::-1])


class Winnowing(InMemory):
    """SCANOSS's parameters: lower-case letters and digits, grams of 30, windows of 64, CRC-32C.

    CRC-32 stands in for CRC-32C. Most fingerprints in common with one file.
    """

    name = "Winnowing 30/64"
    _gram, _window = 30, 64

    def __init__(self, documents: Sequence[Document]) -> None:
        hashes, numbers = [], []
        for document in documents:
            marks = self._marks(document.text)
            hashes.append(marks)
            numbers.append(np.full(len(marks), document.number, dtype=np.uint32))
        keys, values = np.concatenate(hashes), np.concatenate(numbers)
        order = np.argsort(keys, kind="stable")
        self._keys, self._values = keys[order], values[order]
        self.size = self._keys.nbytes + self._values.nbytes

    def ask(self, text: str) -> Answer:
        votes: Counter[int] = Counter()
        for mark in self._marks(text):
            low = np.searchsorted(self._keys, mark)
            high = np.searchsorted(self._keys, mark, side="right")
            votes.update(set(self._values[low:high].tolist()))
        if not votes:
            return 0.0, None
        number, count = votes.most_common(1)[0]
        return float(count), number

    def _marks(self, text: str) -> np.ndarray:
        raw = re.sub(rb"[^a-z0-9]", b"", text.lower().encode())
        count = len(raw) - self._gram + 1
        if count < 1:
            return np.zeros(0, dtype=np.uint32)
        grams = np.array([zlib.crc32(raw[n : n + self._gram]) for n in range(count)], np.uint32)
        window = min(self._window, count)
        smallest = np.lib.stride_tricks.sliding_window_view(grams, window).min(axis=1)
        return np.unique(smallest)


class Trigrams:
    """SQLite's FTS5 with trigrams: eight phrases of the text, most of them in one file."""

    name = "SQLite FTS5 trigram"
    _phrases = 8

    def __init__(self, documents: Sequence[Document], folder: Path) -> None:
        path = folder / "trigrams.sqlite"
        self._db = sqlite3.connect(path)
        self._db.execute(
            "create virtual table t using fts5(x, tokenize='trigram case_sensitive 1', content='')"
        )
        self._db.executemany(
            "insert into t(rowid, x) values (?, ?)", ((d.number + 1, d.text) for d in documents)
        )
        self._db.execute("insert into t(t) values ('optimize')")
        self._db.commit()
        self.size = path.stat().st_size
        self._path = path

    def cool(self) -> bool:
        return drop_files([self._path])

    def ask(self, text: str) -> Answer:
        step = max(1, len(text) // self._phrases)
        votes: Counter[int] = Counter()
        for place in range(0, len(text) - 39, step):
            phrase = text[place : place + 40].replace('"', '""')
            rows = self._db.execute(
                "select rowid from t where t match ? limit 50", (f'"{phrase}"',)
            )
            votes.update(row - 1 for (row,) in rows)
        if not votes:
            return 0.0, None
        number, count = votes.most_common(1)[0]
        return float(count), number


class MinHashes(InMemory):
    """datasketch's MinHashLSH over windows of 40 words, 64 permutations, Jaccard from 0.5 on."""

    name = "MinHashLSH"
    _words, _step, _permutations = 80, 40, 64

    def __init__(self, documents: Sequence[Document]) -> None:
        datasketch = require("datasketch", "train")
        # A copy has its random numbers already; making them is most of the work otherwise.
        self._empty = datasketch.MinHash(num_perm=self._permutations, seed=1)
        self._lsh = datasketch.MinHashLSH(threshold=0.5, num_perm=self._permutations)
        self.size = 0
        for document in documents:
            words = re.findall(r"\w+|[^\w\s]", document.text)
            for place in range(0, max(1, len(words) - self._words // 2), self._step):
                signature = self._signature(words[place : place + self._words])
                self._lsh.insert((document.number, place), signature, check_duplication=False)
                # Each band keeps its hash values and the key; the signature itself isn't kept.
                self.size += self._permutations * 8 + 16

    def ask(self, text: str) -> Answer:
        words = re.findall(r"\w+|[^\w\s]", text)
        votes: Counter[int] = Counter()
        for place in range(0, max(1, len(words) - self._words // 2), self._step // 2):
            signature = self._signature(words[place : place + self._words])
            votes.update({number for number, _ in self._lsh.query(signature)})
        if not votes:
            return 0.0, None
        number, count = votes.most_common(1)[0]
        return float(count), number

    def _signature(self, words: Sequence[str]) -> object:
        made = self._empty.copy()
        made.update_batch({" ".join(words[n : n + 3]).encode() for n in range(len(words) - 2)})
        return made


class InfiniGram:
    """The infini-gram wheel over bytes: the longest span of 50 bytes or more that is held.

    It is built by the wheel's own program in a process of its own.
    """

    name = "infini-gram"
    _shortest = 50

    def __init__(self, documents: Sequence[Document], folder: Path) -> None:
        data, save = folder / "infini-text", folder / "infini-index"
        data.mkdir()
        with (data / "text.jsonl").open("w", encoding="utf-8") as out:
            out.writelines(json.dumps({"text": document.text}) + "\n" for document in documents)
        command = [
            *(sys.executable, "-m", "infini_gram.indexing", "--data_dir", str(data)),
            *("--save_dir", str(save), "--token_dtype", "u8", "--cpus", "1", "--mem", "8"),
            *("--shards", "1", "--ulimit", "4096"),
        ]
        subprocess.run(command, check=True, capture_output=True)
        self._folder = save
        self._engine = self._opened()
        paths = [path for path in save.iterdir() if not path.name.startswith("tokenized")]
        self.size = sum(path.stat().st_size for path in paths)

    def _opened(self) -> Any:
        engine = require("infini_gram.engine", "peers").InfiniGramEngine
        # Both numbers must fit into a byte; no UTF-8 text holds these.
        return engine(str(self._folder), eos_token_id=254, vocab_size=255, token_dtype="u8")

    def cool(self) -> bool:
        self._engine = None  # or its mapping would keep the pages
        dropped = drop_files(self._folder.iterdir())
        self._engine = self._opened()
        return dropped

    def ask(self, text: str) -> Answer:
        found = self._engine.attribute(
            input_ids=list(text.encode()),
            delim_ids=[],
            min_len=self._shortest,
            max_cnt=1_000_000,
            enforce_bow=False,
        )
        best = max(found["spans"], key=lambda span: span["length"], default=None)
        if best is None:
            return 0.0, None
        place = best["docs"][0]  # the wheel takes even places only
        document = self._engine.get_doc_by_ptr(place["s"], place["ptr"] & ~1, max_disp_len=1)
        return float(best["length"]), document.get("doc_ix")
