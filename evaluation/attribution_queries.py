"""Questions for the attribution bench: pieces of indexed files, changed by kind and rate, and
pieces of files that no index holds.

Everything is drawn with one seed, so two systems and two runs are asked the same.
"""

from __future__ import annotations

import builtins
import keyword
import random
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from attribution.lexing import lex
from attribution.matter import Scale

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

SNIPPET_BYTES = 400
_NAME = re.compile(r"(?<![\w.\"'])[A-Za-z_]\w*")
_FIXED = {*keyword.kwlist, *keyword.softkwlist, *dir(builtins), "self", "cls"}
HELD_OUT = "held out"


@dataclass(frozen=True)
class Document:
    """A file: `number` names it to the systems under test."""

    number: int
    repo: str
    path: str
    text: str


@dataclass(frozen=True)
class Question:
    """A text to look up; `source` is the document it was cut from, None for held-out text."""

    kind: str
    text: str
    source: int | None


def questions(
    indexed: Sequence[Document], held_out: Sequence[Document], count: int, seed: int = 1
) -> list[Question]:
    """`count` pieces of indexed files, each in every form, and as many held-out pieces."""
    generator = random.Random(seed)
    asked = [
        Question(kind, change(text, generator), document.number)
        for document, text in pieces(indexed, count, generator)
        for kind, change in FORMS.items()
    ]
    asked += [Question(HELD_OUT, text, None) for _, text in pieces(held_out, count, generator)]
    return asked


def pieces(
    documents: Sequence[Document], count: int, generator: random.Random
) -> Iterator[tuple[Document, str]]:
    """Pieces of `SNIPPET_BYTES` that begin at a line and are bodies: prose and tables left out.

    What is a body is told by `attribution.matter`, with the whole file in view.
    """
    found = 0
    for _ in range(count * 200):
        document = generator.choice(documents)
        if len(document.text) < 3 * SNIPPET_BYTES:
            continue
        place = document.text.find("\n", generator.randrange(len(document.text) - SNIPPET_BYTES))
        text = document.text[place + 1 : place + 1 + SNIPPET_BYTES]
        if (
            not document.text.isascii()
            or _scale(document.text).weigh(place + 1, place + 1 + SNIPPET_BYTES).tokens < 80
        ):
            continue
        yield document, text
        found += 1
        if found == count:
            return


@lru_cache(64)
def _scale(text: str) -> Scale:
    raw = text.encode()
    return Scale(raw, lex(raw, "python"))


def _rename(text: str, generator: random.Random) -> str:
    """Every variable gets one new name."""
    names = sorted({name for name in _NAME.findall(text) if name not in _FIXED})
    new = {
        name: f"{generator.choice('abcdefgh')}{number}_renamed" for number, name in enumerate(names)
    }
    return _NAME.sub(lambda match: new.get(match[0], match[0]), text)


def _replace(share: float) -> Callable[[str, random.Random], str]:
    """A share of all names become others at random, each on its own: an edit, not a rename."""

    def change(text: str, generator: random.Random) -> str:
        return _NAME.sub(
            lambda match: (
                match[0]
                if match[0] in _FIXED or generator.random() >= share
                else f"v{generator.randrange(10**6)}"
            ),
            text,
        )

    return change


def _respace(text: str, _: random.Random) -> str:
    """Other indentation, no spaces around operators: as another formatter would write it."""
    return re.sub(r" ([-+*/|&^<>=%]+) ", r"\1", text.replace("    ", "\t"))


FORMS: dict[str, Callable[[str, random.Random], str]] = {
    "as it is": lambda text, _: text,
    "CRLF": lambda text, _: text.replace("\n", "\r\n"),
    "other layout": _respace,
    "renamed": _rename,
    "5 % of names": _replace(0.05),
    "10 % of names": _replace(0.1),
    "20 % of names": _replace(0.2),
    "40 % of names": _replace(0.4),
}
