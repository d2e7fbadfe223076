"""An index that stays open in a long-lived process and follows its changes."""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from attribution.index import MANIFEST_NAME, SEGMENTS, Index, open_index
from attribution.segment import check_files
from attribution.verification import stamps_of, verified
from inkling.errors import InklingError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from attribution.verification import Stamps


class IndexHandle:
    """Opens an index once, filters in memory, and again whenever its manifest changes or a file of
    it is written: reading on in one that became shorter would end the process.

    Answers under way go on with the index that they began with. While a new one can't be opened,
    the old one goes on serving. Hashes of files that are new or were written are compared in the
    background; what isn't sound is set aside then.

    Raises:
        InklingError: there is no index to open at first.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._files: dict[str, Stamps] = {}
        self._open(self._read_stamp())

    @property
    def opened(self) -> Index:
        """The index as it was when it was last asked for; never waits."""
        return self._index

    def current(self) -> Index:
        """The index as it is now."""
        if self._has_changed():
            with self._lock:
                if self._has_changed():
                    self._follow()
        return self._index

    def _follow(self) -> None:
        files = self._stamps_of(self._files)
        try:
            self._open(self._read_stamp())
        except InklingError:  # it is being replaced, and the next question tries again, or damaged
            self._leave_out_resized()
            self._files = files

    def _open(self, stamp: tuple[int, int]) -> None:
        self._index = open_index(self._folder, in_memory=True)
        self._stamp = stamp
        self._files = self._stamps_of(entry.name for entry in self._index.manifest.segments)
        threading.Thread(target=self._set_aside, args=(self._index,), daemon=True).start()

    def _has_changed(self) -> bool:
        return self._read_stamp() != self._stamp or self._stamps_of(self._files) != self._files

    def _stamps_of(self, names: Iterable[str]) -> dict[str, Stamps]:
        """By name of a segment; empty where a file is missing."""
        found: dict[str, Stamps] = {}
        for name in names:
            found[name] = {}
            with suppress(OSError):
                found[name] = stamps_of(self._folder / SEGMENTS / name)
        return found

    def _leave_out_resized(self) -> None:
        """Of the opened segments, leave out those whose files aren't as large any more."""
        sound, damaged = [], list(self._index.damaged)
        for item in self._index.segments:
            try:
                check_files(self._folder / SEGMENTS / item.segment.name, item.segment.manifest)
                sound.append(item)
            except InklingError as error:
                damaged.append(error.cause)
        self._index = replace(self._index, segments=tuple(sound), damaged=tuple(damaged))

    def _set_aside(self, opened: Index) -> None:
        """Go on with the sound part of the index, unless another was opened meanwhile."""
        sound = verified(opened)
        with self._lock:
            if self._index is opened:
                self._index = sound

    def _read_stamp(self) -> tuple[int, int]:
        try:
            status = (self._folder / MANIFEST_NAME).stat()
        except OSError:
            return (0, 0)
        return (status.st_mtime_ns, status.st_ino)
