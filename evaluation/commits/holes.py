"""Holes at true cursor positions: in lines that commits added, with the file as it was just then.

What stands above the line is as the commit left it, what stands below is still as it was before.
Kinds of cursor and the worth of a middle are those of `evaluation.holes`.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from evaluation.holes import KINDS, MAX_LINE, Hole, cursor_columns
from inkling.languages import BY_NAME, detect_language

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evaluation.replay.history import Commit, Insertion


def holes_of_commit(commit: Commit, repo: str, most: int, seed: int = 0) -> list[Hole]:
    """At most `most` holes, one a line, drawn evenly from the lines that the commit added."""
    generator = random.Random(f"{seed}:{commit.revision}")
    places = [
        (insertion, number)
        for insertion in commit.insertions
        for number in _lines_worth_asking(insertion)
    ]
    generator.shuffle(places)
    holes: list[Hole] = []
    for insertion, number in places:
        if len(holes) == most:
            break
        kind = generator.choice(KINDS)
        columns = cursor_columns(insertion.typed.split("\n")[number], kind)
        if columns:
            column = generator.choice(columns)
            holes.append(_hole(insertion, number, column, kind, repo, commit.revision))
    return holes


def _lines_worth_asking(insertion: Insertion) -> Iterator[int]:
    language = detect_language(insertion.path)
    comment = BY_NAME[language.name].line_comment if language else None
    for number, line in enumerate(insertion.typed.split("\n")):
        code = line.strip()
        if code and len(line) <= MAX_LINE and not (comment and code.startswith(comment)):
            yield number


def _hole(
    insertion: Insertion, number: int, column: int, kind: str, repo: str, revision: str
) -> Hole:
    lines = insertion.typed.split("\n")
    return Hole(
        package=repo,
        path=insertion.path,
        prefix=insertion.before + "".join(f"{line}\n" for line in lines[:number]),
        typed=lines[number][:column],
        suffix=insertion.after,
        middle=lines[number][column:],
        document_id=revision,
        kind=kind,
    )
