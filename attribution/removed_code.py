"""Code that was removed from the index can still be recognised, so that a model can't repeat it.

What stays of a removed document is a keyed hash (BLAKE2b) of each of its fingerprints of letters
and digits: no text, no name, no path. The key lies beside the hashes, so whoever has both and the
very text can confirm that it was removed; nobody can read the text back from them. Removal from
the index is not removal from the weights of a model that was trained on it.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from inkling.atomic import atomic_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from attribution.fingerprints import Fingerprints

KEY_NAME = "code.key"
KEY_BYTES = 32
MIN_FINGERPRINTS = 3
"""So many in a row are a copy: at least 76 letters and digits, in practice some 100."""
_MAX_GAP = 160
"""Bytes between the fingerprints of one copy; 26 letters and digits seldom take more."""


@dataclass(frozen=True)
class RemovedSpan:
    """A range of a text (bytes) that repeats code which was removed from the index."""

    start: int
    end: int


@dataclass(frozen=True)
class RemovedCode:
    """The keyed hashes of an index.

    Attributes:
        key: empty if nothing was removed, or if it is damaged.
        hashes: ascending, shape (n,), uint64.
        damaged: a sentence for each file that couldn't be read.
    """

    key: bytes
    hashes: np.ndarray
    damaged: tuple[str, ...] = ()

    @classmethod
    def open(cls, folder: Path, names: Sequence[str]) -> RemovedCode:
        """Those in the files `names` of `folder`."""
        key = _read(folder / KEY_NAME) if names else b""
        key = key if len(key) == KEY_BYTES else b""
        hashes, damaged = np.zeros(0, dtype="<u8"), []
        for name in names:
            raw = _read(folder / name)
            if key and name == file_name(raw):
                hashes = np.union1d(hashes, np.frombuffer(raw, dtype="<u8"))
            else:
                damaged.append(
                    f"The index file {folder / name}, by which removed code is recognised, is "
                    "missing or damaged."
                )
        return cls(key, hashes, tuple(damaged))

    def keyed(self, hashes: np.ndarray) -> np.ndarray:
        """The keyed hash of each fingerprint, shape (n,), uint64."""
        digests = (
            hashlib.blake2b(value, digest_size=8, key=self.key).digest()
            for value in _chunks(hashes.astype("<u8").tobytes())
        )
        return np.frombuffer(b"".join(digests), dtype="<u8")

    def spans(self, marks: Fingerprints) -> list[RemovedSpan]:
        """Ranges of a text, given by its fingerprints, that repeat removed code."""
        if not len(self.hashes) or not len(marks):
            return []
        places = np.searchsorted(self.hashes, keyed := self.keyed(marks.hashes))
        found = self.hashes[np.minimum(places, len(self.hashes) - 1)] == keyed
        spans: list[RemovedSpan] = []
        run: list[int] = []
        for number in [*np.flatnonzero(found).tolist(), None]:
            broken = number is None or (
                run
                and (number != run[-1] + 1 or marks.first[number] - marks.last[run[-1]] > _MAX_GAP)
            )
            if broken:
                if len(run) >= MIN_FINGERPRINTS:
                    spans.append(
                        RemovedSpan(int(marks.first[run[0]]), int(marks.last[run[-1]]) + 1)
                    )
                run = []
            if number is not None:
                run.append(number)
        return spans


def file_name(raw: bytes) -> str:
    """Of a file that holds `raw`: damage shows, since the name is a part of its hash."""
    return f"code-{hashlib.sha256(raw).hexdigest()[:16]}.bin"


def add_removed(
    folder: Path, names: Sequence[str], fingerprints: Iterable[np.ndarray]
) -> tuple[str, ...]:
    """Add fingerprints (uint64) to those in the files `names` of `folder`; returns the files then.

    Damage is no reason to refuse a removal. Damaged files stay among the names after the first, so
    that they are told of, and count again should they be restored.
    """
    values = [array for array in fingerprints if len(array)]
    if not values:
        return tuple(names)
    known = RemovedCode.open(folder, names)
    key = known.key
    if not key:
        key = _new_key(folder / KEY_NAME)
        for name in names:  # another key's hashes would be taken for sound ones
            (folder / name).unlink(missing_ok=True)
    keyed = RemovedCode(key, known.hashes).keyed(np.unique(np.concatenate(values)))
    raw = np.union1d(known.hashes, keyed).astype("<u8").tobytes()
    target = folder / file_name(raw)
    with atomic_file(target) as temporary:
        temporary.write_bytes(raw)
    lost = [name for name in names if name != file_name(_read(folder / name))]
    return target.name, *lost


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _new_key(path: Path) -> bytes:
    key = secrets.token_bytes(KEY_BYTES)
    with atomic_file(path) as temporary:
        temporary.touch(mode=0o600)
        temporary.write_bytes(key)
    return key


def _chunks(raw: bytes) -> Iterable[bytes]:
    return (raw[place : place + 8] for place in range(0, len(raw), 8))
