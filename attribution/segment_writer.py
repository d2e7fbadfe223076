"""Documents → one segment. Needs `pydivsufsort`; nothing that answers queries imports this.

Memory: while sorting, the text, 4 bytes of suffix array and 1 byte of marks for each of its bytes,
so 6 bytes a byte, and some 0.8 for fingerprints and what follows word starts. Time: suffix sorting
takes the larger half on one core, lexing most of the rest.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from attribution.bloom import BloomFilter
from attribution.documents import DocumentWriter, SourceDocument
from attribution.fingerprints import (
    character_fingerprints,
    posting_keys,
    start_hashes,
    token_fingerprints,
)
from attribution.lexing import SUPPORTED, lex
from attribution.normal_form import SEPARATOR, word_starts
from attribution.segment import (
    ANCHOR_STEP,
    ANCHORS,
    CHARACTERS,
    FILES,
    PIN_BYTES,
    PIN_STEP,
    PINS,
    PLACES,
    SEGMENT_MANIFEST,
    STARTS,
    SUFFIXES,
    TEXT,
    TOKEN_PIN_STEP,
    TOKEN_PINS,
    TOKENS,
    SegmentManifest,
    file_record,
)
from inkling.atomic import write_json
from inkling.errors import InklingError, require

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

MAX_BYTES = 1_000_000_000
"""Of a segment's text: well within the reach of int32 offsets."""
_SLICE = 8_000_000
_STARTS_BITS = 8
"""A key of the filter of word starts: several in a row must pass, so it may be wrong more often."""
_WORD = re.compile(rb"[\w\x80-\xff]", re.ASCII)


class SegmentWriter:
    """Writes the files of one segment into `folder`, document by document."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        self._text = (folder / TEXT).open("wb")
        self._documents = DocumentWriter(folder)
        self.size = 0
        self._characters: list[np.ndarray] = []
        self._tokens: list[np.ndarray] = []
        self._places: list[np.ndarray] = []
        self._anchors: list[np.ndarray] = []

    def __len__(self) -> int:
        return len(self._documents)

    def add(self, document: SourceDocument, text: bytes) -> None:
        """Append a document whose text is in comparable form; one without a word is left out.

        Raises:
            InklingError: the text holds a zero byte, or the segment would get too large.
        """
        if SEPARATOR in text:
            raise InklingError(
                f"The document {document.repo}/{document.path} holds a NUL byte.",
                "Make the corpus with 'python -m curation run', which drops such files.",
            )
        if _WORD.search(text) is None:
            return
        if self.size + len(text) > MAX_BYTES:
            raise InklingError(
                f"A segment can't hold more than {MAX_BYTES / 1e9:.0f} GB of text.",
                "Give a smaller --segment-mb.",
            )
        self._documents.add(document, self.size)
        self._fingerprint(text, document.language)
        self.size += self._text.write(text) + self._text.write(bytes([SEPARATOR]))

    def _fingerprint(self, text: bytes, language: str) -> None:
        marks = character_fingerprints(np.frombuffer(text, dtype=np.uint8))
        self._characters.append(np.unique(marks.hashes))
        if language not in SUPPORTED:
            return
        code = lex(text, language).code()
        tokens = token_fingerprints(code.symbols)
        places = code.starts + self.size
        self._tokens.append(posting_keys(tokens.hashes))
        self._places.append(places[tokens.first].astype(np.uint32))
        self._anchors.append(places[::ANCHOR_STEP].astype(np.uint32))

    def finish(self, on_step: Callable[[str], None] = lambda name: None) -> SegmentManifest:
        """Sort and write what is left; returns the manifest, which is also in the folder.

        Raises:
            InklingError: no document has a word.
        """
        sort = require("pydivsufsort", "attribution").divsufsort
        self.close()
        on_step("writing fingerprints")
        BloomFilter.of(_joined(self._characters, np.uint64)).save(self.folder / CHARACTERS)
        keys = _joined(self._tokens, np.uint32)
        places = _joined(self._places, np.uint32)
        order = np.lexsort((places, keys))
        keys[order].astype("<u4").tofile(self.folder / TOKENS)
        keys[order][::TOKEN_PIN_STEP].astype("<u4").tofile(self.folder / TOKEN_PINS)
        places[order].astype("<u4").tofile(self.folder / PLACES)
        _joined(self._anchors, np.uint32).astype("<u4").tofile(self.folder / ANCHORS)
        del keys, places, order
        self._characters, self._tokens, self._places, self._anchors = [], [], [], []
        on_step(f"sorting the suffixes of {self.size / 1e6:,.1f} MB")
        text = np.fromfile(self.folder / TEXT, dtype=np.uint8)
        suffixes, follows = self._write_suffixes(text, sort)
        BloomFilter.of(follows, _STARTS_BITS).save(self.folder / STARTS)
        manifest = SegmentManifest(
            len(self._documents),
            self.size,
            suffixes,
            dict(sorted(self._documents.languages.items())),
            {name: file_record(self.folder / name) for name in FILES},
        )
        write_json(self.folder / SEGMENT_MANIFEST, manifest.to_json())
        return manifest

    def close(self) -> None:
        """Close the files that grow with each document."""
        self._text.close()
        self._documents.close()

    def _write_suffixes(
        self, text: np.ndarray, sort: Callable[[np.ndarray], np.ndarray]
    ) -> tuple[int, np.ndarray]:
        """Write the sorted word starts and their pins, slice by slice.

        Returns:
            their number, and the hashes of what follows them, shape (n,), uint64.
        """
        begins = word_starts(text)
        order = sort(text)
        pins: list[bytes] = []
        follows: list[np.ndarray] = []
        count = 0
        with (self.folder / SUFFIXES).open("wb") as out:
            for low in range(0, len(order), _SLICE):
                piece = order[low : low + _SLICE]
                kept = piece[begins[piece]].astype("<i4")
                out.write(kept.tobytes())
                follows.append(_distinct(*start_hashes(text, kept)))
                for offset in kept[(-count) % PIN_STEP :: PIN_STEP].tolist():
                    pins.append(text[offset : offset + PIN_BYTES].tobytes().ljust(PIN_BYTES, b"\0"))
                count += len(kept)
        if not count:
            raise InklingError("The documents have no word.", "Index source code.")
        (self.folder / PINS).write_bytes(b"".join(pins))
        del order, begins
        return count, _joined(follows, np.uint64)


def write_segment(
    folder: Path,
    documents: Iterable[tuple[SourceDocument, bytes]],
    on_step: Callable[[str], None] = lambda name: None,
) -> SegmentManifest | None:
    """Write all `documents` with their comparable texts as one segment; None if there are none."""
    writer = SegmentWriter(folder)
    for document, text in documents:
        writer.add(document, text)
    if len(writer):
        return writer.finish(on_step)
    writer.close()
    return None


def _distinct(hashes: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Hashes of grams that are whole, without repeats; those of equal grams are neighbours."""
    kept = hashes[whole]
    distinct: np.ndarray = kept[np.append(True, kept[1:] != kept[:-1])[: len(kept)]]
    return distinct


def _joined(parts: list[np.ndarray], dtype: type) -> np.ndarray:
    return np.concatenate(parts) if parts else np.zeros(0, dtype=dtype)
