"""Questions for the attribution bench: pieces of indexed files, changed by kind and rate, and
pieces of files that no index holds.

Whole files are changed and then cut, so every piece is one of a file that Python accepts; each form
is cut at a place of its own. All is drawn with one seed, so two systems and two runs are asked the
same.
"""

from __future__ import annotations

import builtins
import io
import keyword
import random
import tokenize
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from attribution.lexing import lex
from attribution.matter import Scale
from inkling.errors import require

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

SNIPPET_BYTES = 400
MIN_WEIGHT = 80
"""Code tokens that a piece weighs: prose and tables are silent by design."""
HELD_OUT = "held out"
BLACK = "black"
_FIXED = {*keyword.kwlist, *keyword.softkwlist, *dir(builtins), "self", "cls"}
_LARGEST = 100_000


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
    indexed: Sequence[Document],
    held_out: Sequence[Document],
    count: int,
    unseen: int,
    seed: int = 1,
) -> list[Question]:
    """`count` pieces of indexed files in every form, and `unseen` pieces of held-out ones."""
    generator = random.Random(seed)
    asked: list[Question] = []
    for document in _drawn(indexed, generator):
        made = [_cut(document, kind, change, generator) for kind, change in FORMS.items()]
        if all(made):
            asked += (question for question in made if question is not None)
        if len(asked) >= count * len(FORMS):
            break
    made_of_others: list[Question] = []
    for document in _drawn(held_out, generator):
        question = _cut(document, HELD_OUT, lambda text, _: text, generator)
        if question is not None:
            made_of_others.append(Question(HELD_OUT, question.text, None))
        if len(made_of_others) >= unseen:
            break
    return asked + made_of_others


def _drawn(documents: Sequence[Document], generator: random.Random) -> Iterator[Document]:
    """Documents in random order, again and again, up to a bound."""
    fitting = [d for d in documents if 3 * SNIPPET_BYTES <= len(d.text) <= _LARGEST]
    for _ in range(20):
        yield from generator.sample(fitting, len(fitting))


def _cut(
    document: Document,
    kind: str,
    change: Callable[[str, random.Random], str],
    generator: random.Random,
) -> Question | None:
    """A piece of the changed file; None if it can't be changed or no piece is found."""
    if not document.text.isascii():
        return None
    try:
        text = change(document.text, generator)
    except (SyntaxError, tokenize.TokenError, ValueError):
        return None  # a file for another Python
    return cut_piece(document, kind, text, generator)


def cut_piece(
    document: Document, kind: str, text: str, generator: random.Random
) -> Question | None:
    """A piece of `text` that begins at a line and weighs enough; None if none is found.

    What it weighs is told by `attribution.matter`, with the whole file in view.
    """
    scale = _scale(text)
    for _ in range(20):
        place = text.find("\n", generator.randrange(len(text) - SNIPPET_BYTES)) + 1
        end = place + SNIPPET_BYTES
        if end <= len(text) and scale.weigh(place, end).tokens >= MIN_WEIGHT:
            return Question(kind, text[place:end], document.number)
    return None


@lru_cache(8)
def _scale(text: str) -> Scale:
    raw = text.encode()
    return Scale(raw, lex(raw, "python"))


def variables(text: str) -> Iterator[tokenize.TokenInfo]:
    """The names in a file that are no keywords, built-ins or attributes.

    Raises:
        SyntaxError, tokenize.TokenError: Python doesn't accept the file.
    """
    before = ""
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.NAME and before != "." and token.string not in _FIXED:
            yield token
        before = token.string


def replaced(text: str, new: Callable[[str], str]) -> str:
    """The file with every variable replaced."""
    lines = list(io.StringIO(text))  # as the tokenizer counts lines
    for token in reversed(list(variables(text))):
        row, begin = token.start
        line = lines[row - 1]
        lines[row - 1] = line[:begin] + new(token.string) + line[token.end[1] :]
    return "".join(lines)


def _rename(text: str, generator: random.Random) -> str:
    """Every variable gets one new name."""
    names = sorted({token.string for token in variables(text)})
    generator.shuffle(names)
    # Code names mostly have a handful of letters, and no letter of the old one.
    made = {name: f"{generator.choice('abcdefgh')}{n}_{len(name)}" for n, name in enumerate(names)}
    return replaced(text, made.__getitem__)


def _replace(share: float) -> Callable[[str, random.Random], str]:
    """A share of all names become others at random, each on its own: an edit, not a rename."""

    def change(text: str, generator: random.Random) -> str:
        def new(name: str) -> str:
            return name if generator.random() >= share else f"v{generator.randrange(10**6)}"

        return replaced(text, new)

    return change


def _black(text: str, _: random.Random) -> str:
    """As the formatter black writes it, with lines of 72."""
    black = require("black", "peers")
    try:
        return str(black.format_str(text, mode=black.Mode(line_length=72)))
    except black.InvalidInput as error:
        raise ValueError("black can't read it") from error


def _tabs(text: str, _: random.Random) -> str:
    """Tabs for each four spaces of indentation, no spaces around operators."""
    lines = text.split("\n")
    return "\n".join(
        "\t" * ((len(line) - len(line.lstrip(" "))) // 4) + line.lstrip(" ") for line in lines
    )


FORMS: dict[str, Callable[[str, random.Random], str]] = {
    "as it is": lambda text, _: text,
    "CRLF": lambda text, _: text.replace("\n", "\r\n"),
    "tabs": _tabs,
    BLACK: _black,
    "renamed": _rename,
    "5 % of names": _replace(0.05),
    "10 % of names": _replace(0.1),
    "20 % of names": _replace(0.2),
    "40 % of names": _replace(0.4),
}
