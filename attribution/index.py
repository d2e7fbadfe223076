"""An index on disk: immutable segments, what has been removed from them, and the manifest.

    index/
        index.json                    generation, corpora, segments, removed documents
        segments/<name>/              see `attribution.segment`
        removed/<segment>-<hash>.roaring  numbers of a segment's removed documents (tombstones)
        removed/code-<hash>.bin       keyed hashes of removed code (see `attribution.removed_code`)
        building/                     records of finished tasks of an unfinished build

Every change writes new files and then replaces `index.json`, so a reader sees one generation or
the next, never a mixture. What no manifest names any more is deleted afterwards; on POSIX systems
a process that still reads it keeps its pages.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import asdict, dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from attribution.exclusive import publishing
from attribution.removed_code import RemovedCode
from attribution.segment import Segment, open_segment
from inkling.atomic import atomic_file, sha256_file, write_json
from inkling.errors import InklingError, flaw
from inkling.optout import OptOutList, parse_list

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

INDEX_VERSION = 2
MANIFEST_NAME = "index.json"
SEGMENTS, REMOVED, WORK = "segments", "removed", "building"

_REMEDY = "Build it again with: python -m attribution build."
_ATTEMPTS = 5


@dataclass(frozen=True)
class SegmentEntry:
    """A segment as the index sees it.

    Attributes:
        documents, bytes: what it holds, removed documents included.
        removed: number of removed documents, `removed_languages` of each language.
        tombstones, tombstones_sha256: file in `removed/` with their numbers.
    """

    name: str
    documents: int
    bytes: int
    removed: int = 0
    tombstones: str | None = None
    tombstones_sha256: str | None = None
    removed_languages: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class IndexManifest:
    """What `index.json` says.

    Attributes:
        corpora: manifest hashes of the corpora in it, as checkpoints and bundles carry them.
        segments: in the order in which they were added.
        generation: counts the changes.
        removed_code: file in `removed/` with keyed hashes.
        damaged_code: earlier such files that couldn't be read when code was added to them.
        opted_out: the opt-out rules that were applied.
        pending: those of them that a damaged segment couldn't be looked through for.
    """

    corpora: list[str]
    segments: list[SegmentEntry]
    generation: int = 1
    removed_code: str | None = None
    opted_out: list[str] = field(default_factory=list)
    damaged_code: list[str] = field(default_factory=list)
    pending: list[str] = field(default_factory=list)
    version: int = INDEX_VERSION

    @property
    def code_files(self) -> tuple[str, ...]:
        """Files with keyed hashes of removed code, the one that is added to first."""
        return (*([self.removed_code] if self.removed_code else []), *self.damaged_code)

    def with_code_files(self, names: Sequence[str]) -> IndexManifest:
        """The same with these `code_files`."""
        first, *damaged = names or (None,)
        return replace(self, removed_code=first, damaged_code=damaged)

    @property
    def documents(self) -> int:
        return sum(entry.documents - entry.removed for entry in self.segments)

    @property
    def bytes(self) -> int:
        """Text in all segments; that of removed documents counts until they are compacted."""
        return sum(entry.bytes for entry in self.segments)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> IndexManifest:
        known = {item.name for item in fields(cls)}
        values = {key: item for key, item in value.items() if key in known}
        values["segments"] = [SegmentEntry(**entry) for entry in values["segments"]]
        if not isinstance(values["corpora"], list):
            raise TypeError("corpora is not a list")
        return cls(**values)


@dataclass(frozen=True)
class LiveSegment:
    """A segment with what of it still counts.

    Attributes:
        live: for each document whether it was not removed, shape (documents,), bool; None: all.
        languages: names of the languages of those that were not.
    """

    segment: Segment
    live: np.ndarray | None
    languages: frozenset[str] = frozenset()

    @classmethod
    def of(cls, segment: Segment, live: np.ndarray | None, entry: SegmentEntry) -> LiveSegment:
        """A segment as the index's manifest has it."""
        counts = segment.manifest.languages
        removed = entry.removed_languages
        left = frozenset(name for name, count in counts.items() if count > removed.get(name, 0))
        return cls(segment, live, left if live is None or live.any() else frozenset())

    def without(self, rules: OptOutList) -> LiveSegment:
        """The same without the documents that the rules cover."""
        covered = np.array([document.is_covered_by(rules) for document in self.segment.documents])
        return replace(self, live=self.mask & ~covered) if covered.any() else self

    @property
    def mask(self) -> np.ndarray:
        """`live`, also where all documents are."""
        return np.ones(len(self.segment.documents), dtype=bool) if self.live is None else self.live

    def live_offsets(self, offsets: np.ndarray) -> np.ndarray:
        """Those of `offsets` in the text that lie in documents that were not removed."""
        if self.live is None:
            return offsets
        return np.asarray(offsets[self.live[self.segment.documents.numbers(offsets)]])


@dataclass(frozen=True)
class Index:
    """An opened index.

    Attributes:
        segments: those that are sound.
        damaged: what was wrong with each of the others, one sentence each.
        removed_code: recognises code of removed documents.
        languages: names of the languages that live segments hold.
    """

    folder: Path
    manifest: IndexManifest
    segments: tuple[LiveSegment, ...]
    damaged: tuple[str, ...]
    removed_code: RemovedCode

    @property
    def languages(self) -> frozenset[str]:
        return frozenset(name for item in self.segments for name in item.languages)

    def is_current(self) -> bool:
        """Whether the index on disk is still the one that was opened."""
        try:
            return read_index_manifest(self.folder).generation == self.manifest.generation
        except InklingError:
            return True  # it is being replaced: what is open goes on serving


def read_index_manifest(folder: Path) -> IndexManifest:
    """Read `index.json`.

    Raises:
        InklingError: no finished index, damaged, or written by another version.
    """
    path = folder / MANIFEST_NAME
    if not path.is_file():
        raise InklingError(
            f"There is no finished index at {folder}.",
            "Build one with: python -m attribution build CORPUS.",
        )
    try:
        value = json.loads(path.read_bytes())
        version = int(value["version"])
        if version == INDEX_VERSION:
            return IndexManifest.from_json(value)
    except (ValueError, KeyError, TypeError) as error:
        raise InklingError(f"The manifest {path} is damaged: {flaw(error)}.", _REMEDY) from error
    if version > INDEX_VERSION:
        raise InklingError(
            f"The index {folder} has version {version}; "
            f"this Inkling reads version {INDEX_VERSION}.",
            "Upgrade Inkling, or build the index again.",
        )
    raise InklingError(f"The index {folder} has version {version}, which is too old.", _REMEDY)


def open_index(folder: Path, *, verify: bool = False, in_memory: bool = False) -> Index:
    """Open the index in `folder`; damaged segments are set aside and named.

    Args:
        verify: compare the hashes of all files, not only their sizes.
        in_memory: keep the filters in memory (for a process that answers many queries).

    Raises:
        InklingError: no index, a damaged manifest, or no segment that is sound.
    """
    manifest = read_index_manifest(folder)
    for _ in range(_ATTEMPTS):
        index = _open(folder, manifest, verify, in_memory)
        # A segment may have gone between reading the manifest and opening it.
        again = read_index_manifest(folder) if index.damaged else manifest
        if again.generation == manifest.generation:
            break
        manifest = again
    if not index.segments and index.damaged:
        raise InklingError(index.damaged[0], _REMEDY)
    return index


def _open(folder: Path, manifest: IndexManifest, verify: bool, in_memory: bool) -> Index:
    sound: list[LiveSegment] = []
    damaged: list[str] = []
    pending = opt_out_rules(manifest.pending)
    for entry in manifest.segments:
        try:
            segment = open_segment(
                folder / SEGMENTS / entry.name, verify=verify, in_memory=in_memory
            )
            item = LiveSegment.of(segment, read_live(folder, entry), entry)
            sound.append(item.without(pending) if pending.entries else item)
        except InklingError as error:
            damaged.append(error.cause)
    removed = RemovedCode.open(folder / REMOVED, manifest.code_files)
    return Index(folder, manifest, tuple(sound), (*damaged, *removed.damaged), removed)


def opt_out_rules(lines: Sequence[str]) -> OptOutList:
    """The rules that a manifest keeps; whatever is added later obeys them too.

    Raises:
        InklingError: one of them is no entry of a list.
    """
    return parse_list("\n".join(lines), "the opt-out rules of the index")


def read_live(folder: Path, entry: SegmentEntry) -> np.ndarray | None:
    """Which documents of a segment were not removed; None: all.

    Raises:
        InklingError: the tombstones are missing or damaged, so removed text could be shown.
    """
    if entry.tombstones is None:
        return None
    from pyroaring import BitMap

    path = folder / REMOVED / entry.tombstones
    try:
        sound = sha256_file(path) == entry.tombstones_sha256
    except OSError:
        sound = False
    if not sound:
        raise InklingError(f"The index file {path} is missing or damaged.", _REMEDY)
    live = np.ones(entry.documents, dtype=bool)
    live[np.array(BitMap.deserialize(path.read_bytes()).to_array(), dtype=np.int64)] = False
    return live


def write_tombstones(
    folder: Path, entry: SegmentEntry, live: np.ndarray, languages: dict[str, int]
) -> SegmentEntry:
    """Write which documents are removed; returns the entry that says so.

    Args:
        languages: how many of each language are removed.
    """
    from pyroaring import BitMap

    removed = np.flatnonzero(~live)
    raw = BitMap(removed.tolist()).serialize()
    digest = hashlib.sha256(raw).hexdigest()
    name = f"{entry.name}-{digest[:16]}.roaring"
    with atomic_file(folder / REMOVED / name) as temporary:
        temporary.write_bytes(raw)
    return replace(
        entry,
        removed=len(removed),
        tombstones=name,
        tombstones_sha256=digest,
        removed_languages=languages,
    )


class ChangedMeanwhileError(InklingError):
    """Another process has published a manifest since one was read."""


def publish(
    folder: Path, manifest: IndexManifest, read: IndexManifest | None, *, strict: bool = False
) -> IndexManifest:
    """Make `manifest` the index's next generation and delete what it no longer names.

    Args:
        read: the manifest that the change started from; None where there was none.
        strict: delete what an unfinished build has written, too.

    Raises:
        ChangedMeanwhileError: someone else has changed the index meanwhile.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with publishing(folder):
        current = read_index_manifest(folder) if (folder / MANIFEST_NAME).is_file() else None
        if (current.generation if current else 0) != (read.generation if read else 0):
            raise ChangedMeanwhileError(
                f"The index {folder} was changed by another process meanwhile.", "Try again."
            )
        manifest = replace(manifest, generation=(current.generation + 1) if current else 1)
        write_json(folder / MANIFEST_NAME, manifest.to_json())
        if strict:
            shutil.rmtree(folder / WORK, ignore_errors=True)
        _collect_garbage(folder, manifest)
    return manifest


def _collect_garbage(folder: Path, manifest: IndexManifest) -> None:
    """Delete segments and tombstones that neither `manifest` nor an unfinished build names."""
    building = (folder / WORK).is_dir()
    kept = {entry.name for entry in manifest.segments}
    for record in (folder / WORK).rglob("*.json"):
        kept.update(json.loads(record.read_bytes()))
    for path in _entries(folder / SEGMENTS):
        if path.name not in kept and not (building and path.name.startswith(".")):
            shutil.rmtree(path, ignore_errors=True)
    named = {entry.tombstones for entry in manifest.segments} | set(manifest.code_files)
    for path in _entries(folder / REMOVED):
        if path.name not in named and path.suffix != ".key":
            path.unlink(missing_ok=True)


def _entries(folder: Path) -> Iterator[Path]:
    return iter(sorted(folder.iterdir())) if folder.is_dir() else iter(())
