"""Are an index's files what its manifests say? Their hashes are compared once for each change.

Sizes are compared whenever an index is opened, hashes only of files that were written since they
were last found sound; `verified.json` in the index's folder remembers size and time of those. Where
it can't be written, they are compared each time. `stats` compares all, whatever is remembered.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from attribution.index import SEGMENTS
from attribution.segment import FILES, check_files, read_segment_manifest
from inkling.atomic import write_json
from inkling.errors import InklingError

if TYPE_CHECKING:
    from pathlib import Path

    from attribution.index import Index

VERIFIED = "verified.json"

Stamps = dict[str, list[int]]


def verified(index: Index) -> Index:
    """The index without the segments whose files aren't what they were; those count as damaged."""
    known = _read(index.folder / VERIFIED)
    sound: dict[str, Stamps] = {}
    damaged = list(index.damaged)
    for item in index.segments:
        name = item.segment.name
        folder = index.folder / SEGMENTS / name
        try:
            stamps = stamps_of(folder)
            if known.get(name) != stamps:
                check_files(folder, read_segment_manifest(folder), verify=True)
            sound[name] = stamps
        except InklingError as error:
            damaged.append(error.cause)
        except OSError:  # it has gone since: another generation has taken its place
            sound[name] = {}
    if sound != known:
        with suppress(InklingError, OSError):
            write_json(index.folder / VERIFIED, sound)
    kept = tuple(item for item in index.segments if item.segment.name in sound)
    return replace(index, segments=kept, damaged=tuple(damaged))


def stamps_of(folder: Path) -> Stamps:
    """Size and time of writing (ns) of each file of the segment in `folder`.

    Raises:
        OSError: one isn't there.
    """
    found = {name: (folder / name).stat() for name in FILES}
    return {name: [status.st_size, status.st_mtime_ns] for name, status in found.items()}


def _read(path: Path) -> dict[str, Stamps]:
    try:
        value = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}
