"""What leaves an index: documents that rules cover are marked as removed in the next manifest.

A rule that a damaged segment couldn't be looked through for stays pending: should the segment be
read again, what the rule covers is hidden from the start.
"""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from attribution.exact import holds
from attribution.fingerprints import character_fingerprints
from attribution.index import (
    MANIFEST_NAME,
    REMOVED,
    SEGMENTS,
    ChangedMeanwhileError,
    IndexManifest,
    LiveSegment,
    SegmentEntry,
    opt_out_rules,
    publish,
    read_index_manifest,
    read_live,
    write_tombstones,
)
from attribution.normal_form import word_starts
from attribution.removed_code import RemovedCode, add_removed
from attribution.segment import open_segment
from inkling.errors import InklingError
from inkling.optout import OptOutList

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path


_ATTEMPTS = 5


@dataclass(frozen=True)
class Forgotten:
    """What `forget` did.

    Attributes:
        documents, repositories: that were removed now.
        manifest: of the index without them.
        damaged: what couldn't be looked through or read, a sentence each.
    """

    documents: int
    repositories: tuple[str, ...]
    manifest: IndexManifest
    damaged: tuple[str, ...] = ()


def forget(
    folder: Path, rules: OptOutList, on_document: Callable[[str], None] = lambda name: None
) -> Forgotten:
    """Remove the documents that `rules` cover, from the next answer on.

    What no living document holds is remembered as keyed hashes, so that it can still be blocked.
    Damaged segments, from which no answer comes, are left as they are.

    Raises:
        InklingError: no index, or a change by somebody else meanwhile.
    """
    before = read_index_manifest(folder)
    done = without(folder, before, rules, on_document)
    return replace(done, manifest=publish(folder, done.manifest, before))


def without(
    folder: Path,
    before: IndexManifest,
    rules: OptOutList,
    on_document: Callable[[str], None] = lambda name: None,
) -> Forgotten:
    """The same, with a manifest that isn't published yet."""
    rules = rules.plus(opt_out_rules(before.pending).entries)
    segments, damaged = _sound(folder, before)
    after = [item.without(rules) for item in segments]
    gone = [np.flatnonzero(old.mask & ~new.mask) for old, new in zip(segments, after, strict=True)]
    repos = {
        item.segment.documents[int(number)].repo
        for item, numbers in zip(segments, gone, strict=True)
        for number in numbers
    }
    changed = {
        item.segment.name: (item, numbers)
        for item, numbers in zip(after, gone, strict=True)
        if len(numbers)
    }
    entries = [
        _with_tombstones(folder, entry, *changed[entry.name]) if entry.name in changed else entry
        for entry in before.segments
    ]
    lines = sorted(map(str, rules.entries))
    manifest = replace(
        remembering(folder, before, _only_there(after, gone, on_document)),
        segments=entries,
        opted_out=sorted({*before.opted_out, *lines}),
        pending=lines if damaged else [],
    )
    unreadable = RemovedCode.open(folder / REMOVED, manifest.code_files).damaged
    return Forgotten(sum(map(len, gone)), tuple(sorted(repos)), manifest, (*damaged, *unreadable))


def publish_obeying(
    folder: Path, obeyed: OptOutList, change: Callable[[IndexManifest | None], IndexManifest]
) -> IndexManifest:
    """Publish a change that took long, without what was forgotten since it began.

    Args:
        obeyed: rules by which the new segments were made.
        change: makes the new manifest of the current one; called again if that changes meanwhile.
    """
    for _ in range(_ATTEMPTS):
        has_one = (folder / MANIFEST_NAME).is_file()
        current = read_index_manifest(folder) if has_one else None
        manifest = change(current)
        rules = opt_out_rules(current.opted_out if current else [])
        rules = OptOutList(tuple(e for e in rules.entries if e not in obeyed.entries))
        if rules.entries or manifest.pending:
            manifest = without(folder, manifest, rules).manifest
        with suppress(ChangedMeanwhileError):
            return publish(folder, manifest, current, strict=True)
    raise InklingError(f"The index {folder} is changed all the time.", "Try again later.")


def readable_code(folder: Path, manifest: IndexManifest) -> tuple[str, ...]:
    """Those of the files with keyed hashes of removed code that aren't damaged."""
    names = manifest.code_files
    return tuple(n for n in names if not RemovedCode.open(folder / REMOVED, [n]).damaged)


def remembering(
    folder: Path, manifest: IndexManifest, fingerprints: Iterable[np.ndarray]
) -> IndexManifest:
    """The manifest with `fingerprints` among the keyed hashes of removed code."""
    names = add_removed(folder / REMOVED, manifest.code_files, fingerprints)
    return manifest.with_code_files(names)


def _sound(folder: Path, manifest: IndexManifest) -> tuple[list[LiveSegment], list[str]]:
    """The segments that can be read, and what is wrong with the others."""
    sound: list[LiveSegment] = []
    damaged: list[str] = []
    for entry in manifest.segments:
        try:
            segment = open_segment(folder / SEGMENTS / entry.name)
            sound.append(LiveSegment.of(segment, read_live(folder, entry), entry))
        except InklingError as error:
            damaged.append(error.cause)
    return sound, damaged


def _with_tombstones(
    folder: Path, entry: SegmentEntry, item: LiveSegment, numbers: np.ndarray
) -> SegmentEntry:
    """The entry after the documents `numbers` of the segment were removed, too."""
    languages = Counter(entry.removed_languages)
    languages.update(item.segment.documents[int(number)].language for number in numbers)
    return write_tombstones(folder, entry, item.mask, dict(languages))


def _only_there(
    after: Sequence[LiveSegment],
    gone: Sequence[np.ndarray],
    on_document: Callable[[str], None],
) -> Iterator[np.ndarray]:
    """Fingerprints of removed documents whose text no living document holds."""
    for item, numbers in zip(after, gone, strict=True):
        for number in numbers.tolist():
            document = item.segment.documents[number]
            on_document(f"{document.repo} {document.path}")
            start, end = item.segment.document_text(number)
            text = item.segment.text[start:end]
            raw = np.frombuffer(text, dtype=np.uint8)
            marks = character_fingerprints(raw)
            words = np.flatnonzero(word_starts(raw))
            begins = words[np.maximum(np.searchsorted(words, marks.first, side="right") - 1, 0)]
            kept = [
                not any(holds(segment, text[begin : last + 1]) for segment in after)
                for begin, last in zip(begins.tolist(), marks.last.tolist(), strict=True)
            ]
            yield marks.hashes[np.array(kept, dtype=bool)]
