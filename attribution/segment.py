"""An immutable segment of an index: memory-mapped files, named by what they hold.

    segments/<hash of all below>/
        segment.json       counts, and size and SHA-256 of every file
        text.bin           documents in comparable form, a zero byte after each
        suffixes.bin       int32: the word starts of text.bin in order of what follows them
        pins.bin           first 16 bytes of every 128th of those suffixes, kept in memory
        characters.bloom   fingerprints of letters and digits; also kept in memory when serving
        starts.bloom       what follows each of the word starts; likewise
        tokens.bin         uint32: fingerprints of abstract code tokens, ascending
        token_pins.bin     uint32: every 1,024th of them, kept in memory
        places.bin         uint32: where in text.bin the first token of each of them begins
        anchors.bin        uint32: where every 64th code token begins, so lexing can start there
        documents.*        the document table (see `attribution.documents`)

Numbers are little-endian.
"""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_left, bisect_right
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from attribution.bloom import BloomFilter
from attribution.documents import NAMES, ROWS, TABLE, DocumentTable
from attribution.mapping import map_file, mapped_file, will_read
from inkling.atomic import sha256_file
from inkling.errors import InklingError

if TYPE_CHECKING:
    import mmap
    from collections.abc import Sequence
    from pathlib import Path

SEGMENT_VERSION = 5
SEGMENT_MANIFEST = "segment.json"
TEXT, SUFFIXES, PINS = "text.bin", "suffixes.bin", "pins.bin"
CHARACTERS, STARTS = "characters.bloom", "starts.bloom"
TOKENS, TOKEN_PINS = "tokens.bin", "token_pins.bin"
PLACES, ANCHORS = "places.bin", "anchors.bin"
FILES = (
    TEXT, SUFFIXES, PINS, CHARACTERS, STARTS, TOKENS, TOKEN_PINS, PLACES, ANCHORS, ROWS, TABLE,
    NAMES,
)  # fmt: skip
_MAY_BE_EMPTY = {TOKENS, TOKEN_PINS, PLACES, ANCHORS}

PIN_BYTES = 16
PIN_STEP = 128
TOKEN_PIN_STEP = 1024
"""A page of fingerprints, so that looking one up reads one page."""
ANCHOR_STEP = 64

_REMEDY = "Build the index again with: python -m attribution build."


@dataclass(frozen=True)
class SegmentManifest:
    """What `segment.json` says.

    Attributes:
        documents, bytes, word_starts: what the segment holds.
        languages: name → documents.
        files: name → size in bytes and hex SHA-256.
    """

    documents: int
    bytes: int
    word_starts: int
    languages: dict[str, int]
    files: dict[str, dict[str, Any]] = field(default_factory=dict)
    version: int = SEGMENT_VERSION

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> SegmentManifest:
        known = {item.name for item in fields(cls)}
        return cls(**{key: item for key, item in value.items() if key in known})

    @property
    def name(self) -> str:
        """The segment's name: half a hash of its files' hashes."""
        digests = "".join(f"{name}{self.files[name]['sha256']}" for name in sorted(self.files))
        return hashlib.sha256(digests.encode()).hexdigest()[:32]

    @property
    def disk(self) -> int:
        """Size of all files in bytes."""
        return sum(int(item["bytes"]) for item in self.files.values())


@dataclass(frozen=True)
class Segment:
    """An opened segment.

    Attributes:
        text: all documents, a zero byte after each.
        suffixes: offsets in `text`, shape (word starts,), int32, in lexicographic order.
        pins, pin_heads: first 16 bytes of every `PIN_STEP`-th suffix, and their first 8 as numbers.
        tokens, places: postings of token fingerprints, shape (n,), uint32.
        token_pins: every `TOKEN_PIN_STEP`-th of `tokens`.
        anchors: shape (n,), uint32, ascending.
    """

    name: str
    manifest: SegmentManifest
    text: mmap.mmap
    suffixes: np.ndarray
    pins: bytes
    pin_heads: np.ndarray
    characters: BloomFilter
    starts: BloomFilter
    tokens: np.ndarray
    token_pins: np.ndarray
    places: np.ndarray
    anchors: np.ndarray
    documents: DocumentTable

    def pinned(self, target: bytes) -> tuple[int, int]:
        """Bounds of the places in `suffixes` at which those that begin with `target` may stand.

        Args:
            target: at least `PIN_BYTES` long, or nothing is narrowed down.
        """
        if len(target) < PIN_BYTES:
            return 0, len(self.suffixes)
        head, pins = target[:PIN_BYTES], range(len(self.pins) // PIN_BYTES)

        def pin(number: int) -> bytes:
            return self.pins[number * PIN_BYTES : (number + 1) * PIN_BYTES]

        heads, begin = self.pin_heads.data, int.from_bytes(head[: PIN_BYTES // 2], "big")
        first = bisect_left(heads, begin)
        last = bisect_right(heads, begin, first)
        low = bisect_left(pins, head, first, last, key=pin)
        high = bisect_right(pins, head, low, last, key=pin)
        return max(low - 1, 0) * PIN_STEP, min(high * PIN_STEP, len(self.suffixes))

    def posting_bounds(self, keys: np.ndarray) -> list[tuple[int, int]]:
        """For each key (uint32) the range of `tokens` that it can stand in; their pages are asked
        for, so that they come side by side."""
        begins = np.searchsorted(self.token_pins, keys, side="left").tolist()
        ends = np.searchsorted(self.token_pins, keys, side="right").tolist()
        bounds = [
            (max(begin - 1, 0) * TOKEN_PIN_STEP, min(end * TOKEN_PIN_STEP, len(self.tokens)))
            for begin, end in zip(begins, ends, strict=True)
        ]
        width = self.tokens.itemsize
        will_read(mapped_file(self.tokens), ((low * width, high * width) for low, high in bounds))
        return bounds

    def postings(
        self, keys: np.ndarray, bounds: Sequence[tuple[int, int]]
    ) -> tuple[np.ndarray, np.ndarray]:
        """Where the postings of each key begin in `places`, and how many there are.

        Args:
            bounds: what `posting_bounds` said of the keys.
        """
        tokens = self.tokens.data
        found: list[tuple[int, int]] = []
        for key, (begin, limit) in zip(keys.tolist(), bounds, strict=True):
            first = bisect_left(tokens, key, begin, limit)
            found.append((first, bisect_right(tokens, key, first, limit) - first))
        low, counts = np.array(found, dtype=np.int64).reshape(-1, 2).T
        return low, counts

    def document_text(self, number: int) -> tuple[int, int]:
        """Where the text of a document begins and ends in `text`, the zero byte left out."""
        starts = self.documents.starts
        last = number + 1 == len(starts)
        return int(starts[number]), (len(self.text) if last else int(starts[number + 1])) - 1


def read_segment_manifest(folder: Path) -> SegmentManifest:
    """Read `segment.json`.

    Raises:
        InklingError: missing, damaged, or written by another version.
    """
    path = folder / SEGMENT_MANIFEST
    try:
        value = json.loads(path.read_bytes())
        version = value["version"]
        if version == SEGMENT_VERSION:
            manifest = SegmentManifest.from_json(value)
            assert all(
                isinstance(manifest.files[n]["sha256"], str)
                and isinstance(manifest.files[n]["bytes"], int)
                for n in FILES
            )
            return manifest
    except (OSError, ValueError, KeyError, TypeError, AssertionError) as error:
        raise InklingError(f"The segment {folder.name} is missing or damaged.", _REMEDY) from error
    raise InklingError(
        f"The segment {folder.name} has version {version}; this Inkling reads {SEGMENT_VERSION}.",
        "Upgrade Inkling, or build the index again.",
    )


def open_segment(folder: Path, *, verify: bool = False, in_memory: bool = False) -> Segment:
    """Open a segment. Sizes are always checked, with `verify` the hashes as well.

    Args:
        in_memory: read filters and anchors into memory instead of mapping them (for a long-lived
            process).

    Raises:
        InklingError: missing, truncated, altered, or written by another version.
    """
    manifest = read_segment_manifest(folder)
    check_files(folder, manifest, verify=verify)
    try:
        pins = (folder / PINS).read_bytes()
        return Segment(
            folder.name,
            manifest,
            map_file(folder / TEXT),
            _numbers(folder / SUFFIXES, "<i4"),
            pins,
            np.frombuffer(pins, dtype=">u8")[:: PIN_BYTES // 8].astype(np.uint64),
            BloomFilter.open(folder / CHARACTERS, in_memory=in_memory),
            BloomFilter.open(folder / STARTS, in_memory=in_memory),
            _numbers(folder / TOKENS, "<u4"),
            np.fromfile(folder / TOKEN_PINS, dtype="<u4"),
            _numbers(folder / PLACES, "<u4"),
            _numbers(folder / ANCHORS, "<u4", in_memory=in_memory),
            DocumentTable(folder),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InklingError(f"The segment {folder.name} is damaged.", _REMEDY) from error


def check_files(folder: Path, manifest: SegmentManifest, *, verify: bool = False) -> None:
    """Compare sizes with the manifest, with `verify` hashes and the segment's name as well.

    Raises:
        InklingError: a file is missing or another.
    """
    for name in FILES:
        _check_file(folder / name, manifest.files[name], verify)
    if verify and manifest.name != folder.name:
        raise InklingError(f"The segment {folder.name} is not what its name says.", _REMEDY)


def file_record(path: Path) -> dict[str, Any]:
    """Size and hash of a file, as the manifests hold them."""
    return {"bytes": path.stat().st_size, "sha256": sha256_file(path)}


def _numbers(path: Path, dtype: str, *, in_memory: bool = False) -> np.ndarray:
    if path.stat().st_size == 0:
        return np.zeros(0, dtype=dtype)
    return np.fromfile(path, dtype) if in_memory else np.frombuffer(map_file(path), dtype=dtype)


def _check_file(path: Path, expected: dict[str, Any], verify: bool) -> None:
    try:
        size = path.stat().st_size
        whole = size == expected["bytes"] and (size > 0 or path.name in _MAY_BE_EMPTY)
        whole = whole and not (verify and sha256_file(path) != expected["sha256"])
    except OSError:
        whole = False
    if not whole:
        raise InklingError(f"The index file {path} is missing or damaged.", _REMEDY)
