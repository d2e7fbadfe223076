"""What of other files goes before the current one in a prompt. Pure functions.

First the definitions of names that stand near the cursor, then of names that the file imports,
then, where room is left, passages that are like the text around the cursor (BM25). What stands in
the window already is left out. The parts come in the order of how seldom they change, so that the
KV cache of the first ones survives an edit in the last.

Training and serving call this module with the same arguments for the same state of a repository.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

from inkling.definitions import Definition, definitions
from inkling.languages import detect_language
from inkling.layout import Snippet
from inkling.neighbours import imported_names
from inkling.ranking import bm25
from inkling.secrets import without_secrets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from inkling.layout import FimContext

_NEAR_LINES_BEFORE = 16
_NEAR_LINES_AFTER = 4
_QUESTION_LINES = 24
_CHUNK_LINES = 16
_EDIT_LINES = 6
_SEEN_SHARE = 0.6
_MOST_PASSAGES = 3
_MOST_SEARCHED = 12  # files, the closest
_LEAST_TOKENS = 12
_LEAST_SCORE = 8.0  # Tabby's threshold for BM25 over code
_ROOM_SHARE = 4
_MOST_ROOM = 1024
_LEAST_CONTEXT = 2048  # below, the file itself needs the room (docs/experiments.md)
_NAME = re.compile(r"[^\W\d]\w{2,}")


class Standing(IntEnum):
    """How often a file changes; the order of the parts in the prompt."""

    ON_DISK = 0
    OPEN = 1
    EDITED = 2


@dataclass(frozen=True)
class Neighbour:
    """Another file of the repository, as it stands now.

    Attributes:
        path: relative to the repository.
        edited: lines (from 0) that were edited lately, the newest first.
    """

    path: str
    text: str
    standing: Standing = Standing.ON_DISK
    edited: tuple[int, ...] = ()


@dataclass(frozen=True)
class _Piece:
    """Some lines of a neighbour that may go into the prompt."""

    neighbour: int
    first_line: int
    text: str


def snippet_room(context_tokens: int) -> int:
    """Tokens for other files in a prompt, by the size of the model's context."""
    return min(_MOST_ROOM, context_tokens // _ROOM_SHARE) if context_tokens >= _LEAST_CONTEXT else 0


def choose_snippets(
    context: FimContext,
    neighbours: Sequence[Neighbour],
    budget: int,
    count_tokens: Callable[[str], int],
) -> tuple[Snippet, ...]:
    """Parts of other files for a prompt, at most `budget` tokens with their paths.

    Args:
        neighbours: the closest first.
        count_tokens: tokens of a text.
    """
    seen = {line.strip() for line in f"{context.prefix}\n{context.suffix}".split("\n")}
    taken: dict[int, list[_Piece]] = {}
    known: set[str] = set()
    left = budget
    for piece in _candidates(context, neighbours):
        if left < _LEAST_TOKENS:
            break
        fresh = _fresh(piece.text, seen, neighbours[piece.neighbour].path)
        if not fresh or fresh in known:
            continue
        path = neighbours[piece.neighbour].path
        header = 0 if piece.neighbour in taken else count_tokens(f"{path}\n") + 1
        cost = count_tokens(fresh + "\n") + header
        if cost > left:
            continue
        left -= cost
        known.add(fresh)
        taken.setdefault(piece.neighbour, []).append(
            _Piece(piece.neighbour, piece.first_line, fresh)
        )
    return _in_order(neighbours, taken)


def _in_order(
    neighbours: Sequence[Neighbour], taken: dict[int, list[_Piece]]
) -> tuple[Snippet, ...]:
    numbers = sorted(taken, key=lambda n: (neighbours[n].standing, neighbours[n].path))
    snippets = []
    for number in numbers:
        pieces = sorted(taken[number], key=lambda piece: (piece.first_line, piece.text))
        text = "\n".join(piece.text for piece in pieces) + "\n"
        snippets.append(Snippet(neighbours[number].path, text))
    return tuple(snippets)


def _candidates(context: FimContext, neighbours: Sequence[Neighbour]) -> Iterator[_Piece]:
    """Pieces, the most useful first."""
    whole = context.prefix + context.typed
    near = _names_near(context)
    yield from _definitions_of(near, neighbours)
    yield from _edited_places(neighbours)
    imported = dict.fromkeys(parts[-1] for parts in imported_names(context.prefix))
    yield from _definitions_of([name for name in imported if name not in near], neighbours)
    question = "\n".join(whole.split("\n")[-_QUESTION_LINES:])
    yield from _passages(question, neighbours)


def _names_near(context: FimContext) -> list[str]:
    """Names around the cursor, the closest first."""
    before = (context.prefix + context.typed).split("\n")[-_NEAR_LINES_BEFORE:]
    after = context.suffix.split("\n")[:_NEAR_LINES_AFTER]
    names: dict[str, None] = {}
    for line in [*reversed(before), *after]:
        for name in reversed(_NAME.findall(line)):
            names.setdefault(name)
    return list(names)


def _definitions_of(names: Sequence[str], neighbours: Sequence[Neighbour]) -> Iterator[_Piece]:
    """Outlines of what is called so, at most one a name: that of the closest file."""
    tables: list[dict[str, Definition]] = []
    for neighbour in neighbours:
        language = detect_language(neighbour.path)
        found = definitions(neighbour.text, language.name if language else None)
        tables.append({definition.name: definition for definition in reversed(found)})
    for name in names:
        for number, table in enumerate(tables):
            if name in table:
                yield _Piece(number, table[name].first_line, table[name].outline)
                break


def _edited_places(neighbours: Sequence[Neighbour]) -> Iterator[_Piece]:
    """The lines around the last edit in each of the files that were edited."""
    for number, neighbour in enumerate(neighbours):
        if neighbour.edited:
            lines = neighbour.text.split("\n")
            first = max(0, neighbour.edited[0] - _EDIT_LINES)
            yield _Piece(number, first, "\n".join(lines[first : first + 2 * _EDIT_LINES + 1]))


def _passages(question: str, neighbours: Sequence[Neighbour]) -> Iterator[_Piece]:
    """The passages most like the question."""
    pieces = [
        piece
        for number, neighbour in enumerate(neighbours[:_MOST_SEARCHED])
        for piece in _chunks(number, neighbour.text)
    ]
    scores = bm25(question, [piece.text for piece in pieces])
    best = sorted(range(len(pieces)), key=lambda n: (-scores[n], n))[:_MOST_PASSAGES]
    for number in best:
        if scores[number] >= _LEAST_SCORE:
            yield pieces[number]


def _chunks(number: int, text: str) -> Iterator[_Piece]:
    lines = text.split("\n")
    for first in range(0, len(lines), _CHUNK_LINES):
        chunk = "\n".join(lines[first : first + _CHUNK_LINES])
        if chunk.strip():
            yield _Piece(number, first, chunk)


def _fresh(text: str, seen: set[str], path: str) -> str:
    """The text without secrets; "" if the window shows most of its lines already."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    if not lines or sum(line in seen for line in lines) > _SEEN_SHARE * len(lines):
        return ""
    language = detect_language(path)
    return without_secrets(text.strip("\n"), language.name if language else None)
