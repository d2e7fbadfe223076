"""Changes to an index: documents come in small segments and go at once.

`add` appends segments and merges small ones by size; `forget` marks documents as removed, so that
no answer shows them from the next generation on; `compact` writes segments without what was
removed, and then the bytes are gone. Each change ends in one new manifest.
"""

from __future__ import annotations

import math
import shutil
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from attribution.build import Plan, adopt_segment, build_segments, entry_of, outside_marks
from attribution.exclusive import changing
from attribution.forgetting import Forgotten, publish_obeying, remembering, without
from attribution.index import (
    SEGMENTS,
    IndexManifest,
    SegmentEntry,
    publish,
    read_index_manifest,
    read_live,
)
from attribution.segment import open_segment
from attribution.segment_writer import write_segment
from inkling.errors import InklingError
from inkling.optout import OptOutList

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from attribution.documents import SourceDocument

MERGE_AT = 4
"""So many segments of about one size become one."""
_SMALLEST = 1_000_000


def add_corpus(
    plan: Plan,
    workers: int = 1,
    on_progress: Callable[[int, int, str], None] = lambda done, tasks, step: None,
) -> IndexManifest:
    """Add the documents of a corpus to the index at `plan.out`, but those that it holds already.

    Raises:
        InklingError: no index there, or a damaged corpus.
    """
    with changing(plan.out):
        return _add(plan, workers, on_progress)


def _add(plan: Plan, workers: int, on_progress: Callable[[int, int, str], None]) -> IndexManifest:
    names = build_segments(plan, workers, on_progress)
    held = [entry.name for entry in read_index_manifest(plan.out).segments]
    marks = outside_marks(plan, [*held, *names])

    def added(current: IndexManifest | None) -> IndexManifest:
        current = current or read_index_manifest(plan.out)  # which says that there is none
        known = {entry.name for entry in current.segments}
        entries = [entry_of(plan.out, name) for name in names if name not in known]
        corpora = [*current.corpora, *({plan.corpus_hash} - set(current.corpora))]
        segments = merge_small(plan.out, [*current.segments, *entries], plan.segment_bytes)
        after = replace(current, corpora=corpora, segments=segments)
        return remembering(plan.out, after, [marks])

    return publish_obeying(plan.out, plan.opt_out, added)


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
        if manifest is None:  # of an older index: documents without a word
            return []
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


def compact(folder: Path, on_segment: Callable[[str], None] = lambda name: None) -> Forgotten:
    """Write every segment that holds removed documents again without them.

    Raises:
        InklingError: no index, a change by somebody else meanwhile, or a damaged segment, after
            the others were written.
    """
    with changing(folder):
        return _compact(folder, on_segment)


def _compact(folder: Path, on_segment: Callable[[str], None]) -> Forgotten:
    before = read_index_manifest(folder)
    done = without(folder, before, OptOutList())  # rules that are pending
    entries: list[SegmentEntry] = []
    failures: list[InklingError] = []
    for entry in done.manifest.segments:
        if not entry.removed:
            entries.append(entry)
            continue
        on_segment(entry.name)
        try:
            entries += rewrite(folder, [entry])
        except InklingError as error:
            entries.append(entry)
            failures.append(error)
    after = publish(folder, replace(done.manifest, segments=entries), before, strict=True)
    if failures:
        raise failures[0]
    return replace(done, manifest=after)
