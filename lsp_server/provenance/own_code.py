"""Does the user's own workspace hold a text? Then it is no accusation.

Files are known by winnowed fingerprints of their letters and digits, so layout doesn't matter and
no text is kept. Runs of 32 common letters and digits share one; a text is the workspace's when one
file has all of its fingerprints. State is replaced, never changed, so any thread may ask.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import numpy as np

from attribution.fingerprints import character_fingerprints

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_WINDOW = 8
_MAX_BYTES = 64_000_000
_MAX_CHANGED = 100


class OwnCode:
    """The files of a workspace; a file that changes often is kept apart until many have."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._base = _Postings({})
        self._changed: Mapping[str, np.ndarray] = {}

    @property
    def files(self) -> int:
        changed = sum(len(marks) > 0 for marks in self._changed.values())
        return len(set(self._base.paths) - set(self._changed)) + changed

    def load(self, files: Iterable[tuple[str, str]]) -> None:
        """Know these files (path, text) instead of all before; the first 64 MB of them."""
        known: dict[str, np.ndarray] = {}
        size = 0
        for path, text in files:
            if size + len(text) > _MAX_BYTES:
                break
            size += len(text)
            known[path] = _marks(text)
        with self._lock:
            self._base, self._changed = _Postings(known), {}

    def update(self, path: str, text: str | None) -> None:
        """A file has a new text; None: it is gone."""
        marks = _marks(text) if text is not None else np.zeros(0, dtype=np.uint64)
        with self._lock:
            changed = {**self._changed, path: marks}
            if len(changed) <= _MAX_CHANGED:
                self._changed = changed
                return
            self._base, self._changed = _Postings({**self._base.files(), **changed}), {}

    def holds(self, text: str) -> bool:
        """Whether one file has all that `text` says; never of a text that says too little."""
        marks = _marks(text)
        if not len(marks):
            return False
        changed = self._changed
        if any(np.isin(marks, known, assume_unique=True).all() for known in changed.values()):
            return True
        return not self._base.holders(marks) <= set(changed)


class _Postings:
    """Fingerprints of many files, in one sorted array."""

    def __init__(self, files: Mapping[str, np.ndarray]) -> None:
        self.paths = tuple(files)
        marks = list(files.values())
        keys = np.concatenate(marks) if marks else np.zeros(0, dtype=np.uint64)
        numbers = np.repeat(np.arange(len(marks), dtype=np.uint32), [len(m) for m in marks])
        order = np.argsort(keys, kind="stable")
        self._keys, self._numbers = keys[order], numbers[order]

    def files(self) -> dict[str, np.ndarray]:
        """What was put in."""
        order = np.argsort(self._numbers, kind="stable")
        bounds = np.searchsorted(self._numbers[order], np.arange(1, len(self.paths)))
        return dict(zip(self.paths, np.split(self._keys[order], bounds), strict=False))

    def holders(self, marks: np.ndarray) -> set[str]:
        """The files that have all of `marks`."""
        low = np.searchsorted(self._keys, marks, side="left")
        high = np.searchsorted(self._keys, marks, side="right")
        rarest = np.argsort(high - low)
        found: np.ndarray | None = None
        for number in rarest.tolist():
            here = self._numbers[low[number] : high[number]]
            found = here if found is None else np.intersect1d(found, here)
            if not len(found):
                return set()
        return {self.paths[number] for number in found.tolist()} if found is not None else set()


def _marks(text: str) -> np.ndarray:
    raw = np.frombuffer(text.encode(errors="surrogatepass"), dtype=np.uint8)
    return np.unique(character_fingerprints(raw, _WINDOW).hashes)
