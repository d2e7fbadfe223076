"""The memory of one working tree: an index of its files, kept up to date file by file.

Changed files go into a small second index and hide their old text in the large one; when they have
become many, all is indexed anew. State is replaced, never changed, so one thread may update while
another asks.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import numpy as np

from lsp_server.memory.recall import Recall
from lsp_server.memory.suffix_index import SEPARATOR, Interval, SuffixIndex

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

MIN_MATCH = 4
"""Shorter matches, in tokens, tell less than the model knows."""
LONGEST_MATCH = 48
HORIZON = 48
"""Tokens that are looked up beyond an occurrence."""
MOST_OCCURRENCES = 128
MAX_TOKENS = 8_000_000
"""Files beyond this many tokens in all are left out; an index of so many takes about 110 MB."""
_COMPARED_CHARACTERS = 16
_COMPARED_TOKENS = 24
_REBUILD_SHARE = 0.1
_REBUILD_TOKENS = 50_000


@dataclass(frozen=True)
class _Shelf:
    """An index and the path of each of its sequences."""

    index: SuffixIndex
    paths: tuple[str, ...]


def _shelf(files: Mapping[str, Sequence[int]]) -> _Shelf:
    return _Shelf(SuffixIndex(list(files.values())), tuple(files))


@dataclass(frozen=True)
class _State:
    base: _Shelf
    changed: _Shelf
    changed_files: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    hidden: frozenset[int] = frozenset()
    """Numbers of the base's sequences that are out of date."""


@dataclass(frozen=True)
class Place:
    """Where something is remembered for.

    Attributes:
        ids: tokens of the text before the cursor, the last ones up to the cursor itself.
        follows: the text after the cursor, its beginning suffices.
    """

    ids: Sequence[int]
    follows: str = ""


class Tokens(Protocol):
    """What the memory needs of a vocabulary."""

    def encode(self, text: str) -> list[int]: ...

    def piece(self, token: int) -> bytes: ...

    def starting_with(self, start: bytes) -> NDArray[np.int64]: ...


class RepositoryMemory:
    """Answers what follows a context elsewhere in the working tree.

    Args:
        vocabulary: of the model that is served.
    """

    def __init__(self, vocabulary: Tokens) -> None:
        self.vocabulary = vocabulary
        self._lock = threading.Lock()
        self._state = _State(_shelf({}), _shelf({}))

    @property
    def tokens(self) -> int:
        """Tokens that are indexed."""
        state = self._state
        return len(state.base.index.tokens) + len(state.changed.index.tokens)

    @property
    def files(self) -> int:
        state = self._state
        changed = sum(map(bool, state.changed_files.values()))
        return len(state.base.paths) - len(state.hidden) + changed

    def load(self, files: Iterable[tuple[str, str]]) -> None:
        """Index these files (path, text) instead of all that was known; takes a while."""
        base: dict[str, Sequence[int]] = {}
        total = 0
        for path, text in files:
            ids = self.vocabulary.encode(text)
            if total + len(ids) > MAX_TOKENS:
                continue
            total += len(ids)
            base[path] = ids
        with self._lock:
            self._state = _State(_shelf(base), _shelf({}))

    def update(self, path: str, text: str | None) -> None:
        """A file has a new text; None: it is gone."""
        ids = tuple(self.vocabulary.encode(text)) if text is not None else ()
        with self._lock:
            state = self._state
            changed = {**state.changed_files, path: ids}
            size = sum(map(len, changed.values()))
            base = len(state.base.index.tokens)
            if size > max(_REBUILD_TOKENS, _REBUILD_SHARE * base):
                self._state = _merged(state, changed)
                return
            numbers = [n for n, p in enumerate(state.base.paths) if p in changed]
            self._state = _State(state.base, _shelf(changed), changed, frozenset(numbers))

    def recall(self, place: Place, healed: int = 3) -> Recall | None:
        """The longest match of the text before the cursor, and how it goes on; None if too short.

        Up to `healed` of the last tokens may be the beginning of a longer one, so their bytes count
        instead of their ids. What stands after the cursor already is no news and left out.
        """
        state = self._state
        best: Recall | None = None
        for depth in range(min(healed, len(place.ids)) + 1):
            cut = len(place.ids) - depth
            typed = b"".join(map(self.vocabulary.piece, place.ids[cut:]))
            if typed and not len(self.vocabulary.starting_with(typed)):
                continue  # no token goes on from there
            found = self._longest(state, place.ids[:cut], typed, place.follows, depth)
            if found is not None and (best is None or found.length > best.length):
                best = found
        return best

    def _longest(
        self, state: _State, ids: Sequence[int], typed: bytes, follows: str, depth: int
    ) -> Recall | None:
        shelves = [(state.base, state.hidden), (state.changed, frozenset[int]())]
        levels = [(s, h, s.index.intervals(ids, LONGEST_MATCH)) for s, h in shelves if s.paths]
        longest = max((len(intervals) for _, _, intervals in levels), default=0)
        seen = 0
        for length in range(longest, max(MIN_MATCH - depth, 1) - 1, -1):
            here = [(s, h, i[length - 1]) for s, h, i in levels if len(i) >= length]
            count = sum(interval.count for _, _, interval in here)
            if count == seen:
                continue  # the same occurrences as those of the longer match
            seen = count
            rows = np.concatenate([_rows(shelf, interval, h) for shelf, h, interval in here])
            if typed:
                rows = rows[np.isin(rows[:, 0], self.vocabulary.starting_with(typed))]
            rows = self._news(rows, len(typed), follows)
            if len(rows):
                return Recall(length + depth, rows, covered=len(typed))
        return None

    def _news(self, rows: NDArray[np.uint32], covered: int, follows: str) -> NDArray[np.uint32]:
        """The rows that say something, and not just what stands after the cursor already."""
        already = follows.lstrip()[:_COMPARED_CHARACTERS].encode()
        keep = np.zeros(len(rows), dtype=np.bool_)
        for number, row in enumerate(rows[:, :_COMPARED_TOKENS].tolist()):
            ids = row[: row.index(SEPARATOR)] if SEPARATOR in row else row
            text = b"".join(map(self.vocabulary.piece, ids))[covered:]
            keep[number] = bool(text) and not (already and text.lstrip().startswith(already))
        return rows[keep]


def _rows(shelf: _Shelf, interval: Interval, hidden: frozenset[int]) -> NDArray[np.uint32]:
    """The next `HORIZON` tokens of each occurrence that isn't hidden."""
    index = shelf.index
    positions = index.following(interval, MOST_OCCURRENCES)
    if hidden:
        numbers = index.sequence_of(positions)
        positions = positions[~np.isin(numbers, list(hidden))]
    places = positions[:, None] + np.arange(HORIZON)
    rows = index.tokens[np.minimum(places, len(index.tokens) - 1)]
    ended = np.cumsum(rows == SEPARATOR, axis=1) > 0
    return np.where(ended, np.uint32(SEPARATOR), rows)


def _merged(state: _State, changed: Mapping[str, Sequence[int]]) -> _State:
    """Everything in one index again."""
    files: dict[str, Sequence[int]] = {}
    tokens, starts = state.base.index.tokens, state.base.index.starts
    ends = [*(starts[1:] - 1), len(tokens) - 1]
    for number, path in enumerate(state.base.paths):
        if path not in changed:
            files[path] = tokens[starts[number] : ends[number]].tolist()
    files |= {path: ids for path, ids in changed.items() if ids}
    return _State(_shelf(files), _shelf({}))
