"""Rule cards: the table `cards.toml` as records, and the judgement that it amounts to.

A card is data: what it is called, which signal it looks at, the bounds a text must keep to, for
which languages, and who found that bound. The first card that a text breaks names the reason.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from curation.quality.signals import SIGNALS, Reading, Source


@dataclass(frozen=True)
class Bounds:
    """The least and the greatest value that a card lets pass; None: no bound."""

    least: float | None = None
    greatest: float | None = None

    def hold(self, value: float) -> bool:
        return (self.least is None or value >= self.least) and (
            self.greatest is None or value <= self.greatest
        )

    def __str__(self) -> str:
        parts = []
        if self.least is not None:
            parts.append(f"at least {as_text(self.least)}")
        if self.greatest is not None:
            parts.append(f"at most {as_text(self.greatest)}")
        return " and ".join(parts)


@dataclass(frozen=True)
class Card:
    """One rule of the table.

    Attributes:
        name: of the rule; the reason for which a file is dropped.
        signal: a name of `SIGNALS`.
        bounds: for every language without bounds of its own.
        by_language: bounds of single languages; None switches the card off for one.
        languages: the only languages it looks at; empty: all.
        default: whether it is on unless it is asked for.
        source: who found the bound.
        why: what it keeps out, or why it is off.
    """

    name: str
    signal: str
    bounds: Bounds
    by_language: dict[str, Bounds | None]
    languages: tuple[str, ...]
    default: bool
    source: str
    why: str

    def bounds_for(self, language: str) -> Bounds | None:
        """What holds for a language, or None where the card doesn't look at it."""
        if self.languages and language not in self.languages:
            return None
        return self.by_language.get(language, self.bounds)


@dataclass(frozen=True)
class Finding:
    """What one card found in one file: the measured value, the bounds, and whether they hold."""

    card: Card
    reading: Reading
    bounds: Bounds

    @property
    def passed(self) -> bool:
        return self.bounds.hold(self.reading.value)

    @property
    def detail(self) -> str:
        place = f", line {self.reading.line}" if self.reading.line is not None else ""
        return f"{self.card.signal} is {as_text(self.reading.value)}, {self.bounds} passes{place}"


def as_text(value: float) -> str:
    """A measured value for people: counts in full, shares with four digits."""
    return str(int(value)) if value == int(value) else f"{value:.4g}"


@cache
def all_cards() -> tuple[Card, ...]:
    """The whole table, in the order in which it is applied (from cheap to costly)."""
    return tuple(map(_card, tomllib.loads(cards_text())["card"]))


def cards_text() -> str:
    """The table as it is written, by which results can be told from those of another table."""
    return files("curation.quality").joinpath("cards.toml").read_text(encoding="utf-8")


def default_cards() -> tuple[Card, ...]:
    return tuple(card for card in all_cards() if card.default)


def choose_cards(also: tuple[str, ...] = (), without: tuple[str, ...] = ()) -> tuple[Card, ...]:
    """The default cards, those named in `also` added and those in `without` left out.

    Raises:
        KeyError: a name that is no card's.
    """
    names = {card.name for card in all_cards()}
    for name in (*also, *without):
        if name not in names:
            raise KeyError(name)
    return tuple(
        card
        for card in all_cards()
        if (card.default or card.name in also) and card.name not in without
    )


def findings(source: Source, cards: tuple[Card, ...]) -> list[Finding]:
    """What every card that has something to say found, passed or not."""
    found = (find(source, card) for card in cards)
    return [finding for finding in found if finding is not None]


def find(source: Source, card: Card) -> Finding | None:
    """What a card found, or None if it doesn't look at this file."""
    bounds = card.bounds_for(source.language)
    reading = SIGNALS[card.signal](source) if bounds is not None else None
    if bounds is None or reading is None:
        return None
    return Finding(card, reading, bounds)


def first_broken(source: Source, cards: tuple[Card, ...]) -> Finding | None:
    """The first card that the file breaks; later ones are not measured."""
    for card in cards:
        finding = find(source, card)
        if finding is not None and not finding.passed:
            return finding
    return None


def _card(row: dict[str, Any]) -> Card:
    return Card(
        name=row["name"],
        signal=row["signal"],
        bounds=Bounds(row.get("least"), row.get("greatest")),
        by_language={
            language: Bounds(value.get("least"), value.get("greatest")) if value else None
            for language, value in row.get("by_language", {}).items()
        },
        languages=tuple(row.get("languages", ())),
        default=row.get("default", True),
        source=row["source"],
        why=row["why"],
    )
