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
from inkling.errors import InklingError

if TYPE_CHECKING:
    from collections.abc import Iterable
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
        hashes: ascending, shape (n,), uint64.
    """

    key: bytes
    hashes: np.ndarray

    @classmethod
    def open(cls, folder: Path, name: str | None) -> RemovedCode:
        """Those in the file `name` of `folder`; none if nothing was removed.

        Raises:
            InklingError: the file or its key is missing or damaged.
        """
        if name is None:
            return cls(b"", np.zeros(0, dtype="<u8"))
        try:
            key, raw = (folder / KEY_NAME).read_bytes(), (folder / name).read_bytes()
        except OSError:
            key, raw = b"", b""
        if len(key) != KEY_BYTES or name != file_name(raw):
            raise InklingError(
                f"The index file {folder / name}, by which removed code is recognised, is missing "
                "or damaged.",
                "Restore the folder from a copy, or have the same code forgotten again.",
            )
        return cls(key, np.frombuffer(raw, dtype="<u8"))

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


def add_removed(folder: Path, name: str | None, fingerprints: Iterable[np.ndarray]) -> str | None:
    """Add fingerprints (uint64) to the file `name` of `folder`; returns the new file's name.

    A damaged file is no reason to refuse a removal: the new one then begins anew.
    """
    values = [array for array in fingerprints if len(array)]
    if not values:
        return name
    try:
        known = RemovedCode.open(folder, name)
    except InklingError:
        known = RemovedCode.open(folder, None)
    key = known.key or _new_key(folder / KEY_NAME)
    keyed = RemovedCode(key, known.hashes).keyed(np.unique(np.concatenate(values)))
    raw = np.union1d(known.hashes, keyed).astype("<u8").tobytes()
    target = folder / file_name(raw)
    with atomic_file(target) as temporary:
        temporary.write_bytes(raw)
    return target.name


def _new_key(path: Path) -> bytes:
    key = secrets.token_bytes(KEY_BYTES)
    with atomic_file(path) as temporary:
        temporary.touch(mode=0o600)
        temporary.write_bytes(key)
    return key


def _chunks(raw: bytes) -> Iterable[bytes]:
    return (raw[place : place + 8] for place in range(0, len(raw), 8))
