"""An index that stays open in a long-lived process and follows its changes."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

from attribution.index import MANIFEST_NAME, SEGMENTS, Index, open_index
from attribution.segment import check_files
from attribution.verification import verified
from inkling.errors import InklingError

if TYPE_CHECKING:
    from pathlib import Path


class IndexHandle:
    """Opens an index once, filters in memory, and again whenever its manifest changes, or the size
    of a file: reading on in one that became shorter would end the process.

    Answers under way go on with the index that they began with. While a new one can't be opened,
    the old one goes on serving. Hashes of files that are new or changed are compared in the
    background; what isn't sound is set aside then.

    Raises:
        InklingError: there is no index to open at first.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._stamp = self._read_stamp()
        self._index = open_index(folder, in_memory=True)
        self._verify()

    @property
    def opened(self) -> Index:
        """The index as it was when it was last asked for; never waits."""
        return self._index

    def current(self) -> Index:
        """The index as it is now."""
        if self._read_stamp() != self._stamp or self._shrunk():
            with self._lock:
                if (stamp := self._read_stamp()) != self._stamp:
                    self._reopen(stamp)
                elif shrunk := self._shrunk():
                    self._leave_out(shrunk)
        return self._index

    def _shrunk(self) -> dict[str, str]:
        """The opened segments whose files aren't as large any more, and what is wrong with each."""
        found: dict[str, str] = {}
        for item in self._index.segments:
            name = item.segment.name
            try:
                check_files(self._folder / SEGMENTS / name, item.segment.manifest)
            except InklingError as error:
                found[name] = error.cause
        return found

    def _leave_out(self, damage: dict[str, str]) -> None:
        kept = tuple(item for item in self._index.segments if item.segment.name not in damage)
        damaged = (*self._index.damaged, *damage.values())
        self._index = replace(self._index, segments=kept, damaged=damaged)

    def _reopen(self, stamp: tuple[int, int]) -> None:
        try:
            self._index = open_index(self._folder, in_memory=True)
            self._stamp = stamp
        except InklingError:  # it is being replaced; the next question tries again
            return
        self._verify()

    def _verify(self) -> None:
        threading.Thread(target=self._set_aside, args=(self._index,), daemon=True).start()

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
