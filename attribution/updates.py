"""Changes to an index: documents come in small segments and go at once.

`add` appends segments and merges small ones by size; `forget` marks documents as removed, so that
no answer shows them from the next generation on; `compact` writes segments without what was
removed, and then the bytes are gone. Each change ends in one new manifest.
"""

from __future__ import annotations

import math
import shutil
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from attribution.build import Plan, adopt_segment, build_segments, entry_of
from attribution.exact import holds
from attribution.fingerprints import character_fingerprints
from attribution.index import (
    REMOVED,
    SEGMENTS,
    IndexManifest,
    LiveSegment,
    SegmentEntry,
    publish,
    read_index_manifest,
    read_live,
    write_tombstones,
)
from attribution.normal_form import word_starts
from attribution.removed_code import add_removed
from attribution.segment import open_segment
from attribution.segment_writer import write_segment
from inkling.errors import InklingError
from inkling.optout import OptOutList, parse_list

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from attribution.documents import SourceDocument

MERGE_AT = 4
"""So many segments of about one size become one."""
_SMALLEST = 1_000_000


@dataclass(frozen=True)
class Forgotten:
    """What `forget` did.

    Attributes:
        documents, repositories: that were removed now.
        damaged: what was wrong with segments that couldn't be looked through, a sentence each.
    """

    documents: int
    repositories: tuple[str, ...]
    manifest: IndexManifest
    damaged: tuple[str, ...] = ()


def add_corpus(
    plan: Plan,
    workers: int = 1,
    on_progress: Callable[[int, int, str], None] = lambda done, tasks, step: None,
) -> IndexManifest:
    """Add the documents of a corpus to the index at `plan.out`, but those that it holds already.

    Raises:
        InklingError: no index there, or a damaged corpus.
    """
    before = read_index_manifest(plan.out)
    names = build_segments(plan, workers, on_progress)
    known = {entry.name for entry in before.segments}
    entries = [entry_of(plan.out, name) for name in names if name not in known]
    corpora = [*before.corpora, *({plan.corpus_hash} - set(before.corpora))]
    segments = merge_small(plan.out, [*before.segments, *entries], plan.segment_bytes)
    after = replace(before, corpora=corpora, segments=segments)
    return publish(plan.out, after, before, strict=True)


def merge_small(
    folder: Path, entries: Sequence[SegmentEntry], segment_bytes: int
) -> list[SegmentEntry]:
    """The entries after merging those of about one size until no size has `MERGE_AT` of them."""
    result = list(entries)
    while group := next(merges(result, segment_bytes), None):
        merged = rewrite(folder, group)
        result = [entry for entry in result if entry not in group] + merged
    return result


def merges(
    entries: Sequence[SegmentEntry], segment_bytes: int
) -> Iterator[tuple[SegmentEntry, ...]]:
    """Groups of segments to merge: the oldest of a size, where they fit into one segment."""
    tiers: dict[int, list[SegmentEntry]] = defaultdict(list)
    for entry in entries:
        tiers[int(math.log(max(entry.bytes, _SMALLEST) / _SMALLEST, MERGE_AT))].append(entry)
    for tier in sorted(tiers):
        group = tuple(tiers[tier][:MERGE_AT])
        if len(group) == MERGE_AT and sum(entry.bytes for entry in group) <= segment_bytes:
            yield group


def rewrite(folder: Path, entries: Sequence[SegmentEntry]) -> list[SegmentEntry]:
    """One new segment with the living documents of some; none if all were removed."""
    if not any(entry.documents > entry.removed for entry in entries):
        return []
    temporary = folder / SEGMENTS / f".merge-{entries[0].name}.tmp"
    shutil.rmtree(temporary, ignore_errors=True)
    try:
        manifest = write_segment(temporary, living(folder, entries))
        name = adopt_segment(folder, temporary, manifest.name)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return [entry_of(folder, name)]


def living(folder: Path, entries: Iterable[SegmentEntry]) -> Iterator[tuple[SourceDocument, bytes]]:
    """The documents that were not removed, with their texts."""
    for entry in entries:
        segment = open_segment(folder / SEGMENTS / entry.name)
        live = read_live(folder, entry)
        for number, document in enumerate(segment.documents):
            if live is None or live[number]:
                start, end = segment.document_text(number)
                yield document, segment.text[start:end]


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
    segments, damaged = _sound(folder, before)
    after = [LiveSegment(item.segment, _without(item, rules)) for item in segments]
    gone = [
        np.flatnonzero(_mask(old) & ~_mask(new)) for old, new in zip(segments, after, strict=True)
    ]
    repos = {
        item.segment.documents[int(number)].repo
        for item, numbers in zip(segments, gone, strict=True)
        for number in numbers
    }
    fingerprints = _only_there(after, gone, on_document)
    removed_code = add_removed(folder / REMOVED, before.removed_code, fingerprints)
    changed = {
        item.segment.name: (item, numbers)
        for item, numbers in zip(after, gone, strict=True)
        if len(numbers)
    }
    entries = [
        _with_tombstones(folder, entry, *changed[entry.name]) if entry.name in changed else entry
        for entry in before.segments
    ]
    lines = sorted({*before.opted_out, *map(str, rules.entries)})
    manifest = publish(
        folder,
        replace(before, segments=entries, removed_code=removed_code, opted_out=lines),
        before,
    )
    return Forgotten(sum(map(len, gone)), tuple(sorted(repos)), manifest, tuple(damaged))


def compact(folder: Path, on_segment: Callable[[str], None] = lambda name: None) -> IndexManifest:
    """Write every segment that holds removed documents again without them.

    Raises:
        InklingError: no index, a change by somebody else meanwhile, or a damaged segment, after
            the others were written.
    """
    before = read_index_manifest(folder)
    entries: list[SegmentEntry] = []
    failures: list[InklingError] = []
    for entry in before.segments:
        if not entry.removed:
            entries.append(entry)
            continue
        on_segment(entry.name)
        try:
            entries += rewrite(folder, [entry])
        except InklingError as error:
            entries.append(entry)
            failures.append(error)
    after = publish(folder, replace(before, segments=entries), before, strict=True)
    if failures:
        raise failures[0]
    return after


def opted_out(manifest: IndexManifest) -> OptOutList:
    """The rules that were applied to an index; whatever is added later obeys them too.

    Raises:
        InklingError: one of them is no entry of a list.
    """
    return parse_list("\n".join(manifest.opted_out), "the opt-out rules of the index")


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
    return write_tombstones(folder, entry, _mask(item), dict(languages))


def _mask(item: LiveSegment) -> np.ndarray:
    return np.ones(len(item.segment.documents), dtype=bool) if item.live is None else item.live


def _without(item: LiveSegment, rules: OptOutList) -> np.ndarray | None:
    covered = np.array([document.is_covered_by(rules) for document in item.segment.documents])
    return _mask(item) & ~covered if covered.any() else item.live


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
