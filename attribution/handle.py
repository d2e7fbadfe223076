"""An index that stays open in a long-lived process and follows its changes."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from attribution.index import MANIFEST_NAME, Index, open_index
from attribution.verification import verified
from inkling.errors import InklingError

if TYPE_CHECKING:
    from pathlib import Path


class IndexHandle:
    """Opens an index once, filters in memory, and again whenever its manifest changes.

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

    def current(self) -> Index:
        """The index as it is now."""
        stamp = self._read_stamp()
        if stamp != self._stamp:
            with self._lock:
                if stamp != self._stamp:
                    self._reopen(stamp)
        return self._index

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
