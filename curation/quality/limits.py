"""The bounds of rules that are no cards, from the same table `cards.toml`.

A limit belongs to a stage or a format that measures by itself, mostly before there is a text that
a card could look at: a file's size, a commit's change.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from typing import Any

from curation.quality.cards import Bounds, cards_text


@dataclass(frozen=True)
class Limit:
    """One row of the table.

    Attributes:
        name: of the rule; the reason for which something is dropped.
        stage: the stage or format that applies it.
        measure: what is measured, in which unit.
        bounds: what passes.
        kept: the share of the others that is kept all the same, drawn by chance.
        source: who found the bound.
        why: what it keeps out.
    """

    name: str
    stage: str
    measure: str
    bounds: Bounds
    kept: float
    source: str
    why: str


@cache
def all_limits() -> tuple[Limit, ...]:
    """The limits of all stages and formats, in the table's order."""
    return tuple(map(_limit, tomllib.loads(cards_text())["limit"]))


def limit(name: str) -> Limit:
    """The limit of a name.

    Raises:
        KeyError: no limit is called so.
    """
    return {row.name: row for row in all_limits()}[name]


def greatest(name: str) -> int:
    """The greatest value that a limit lets pass, for one that has no other bound.

    Raises:
        KeyError: no limit is called so, or it has no such bound.
    """
    found = limit(name).bounds.greatest
    if found is None:
        raise KeyError(name)
    return int(found)


def _limit(row: dict[str, Any]) -> Limit:
    return Limit(
        name=row["name"],
        stage=row["stage"],
        measure=row["measure"],
        bounds=Bounds(row.get("least"), row.get("greatest")),
        kept=row.get("kept", 0.0),
        source=row["source"],
        why=row["why"],
    )
