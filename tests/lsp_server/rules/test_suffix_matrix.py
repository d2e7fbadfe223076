"""A matrix of golden holes in real code: every kind of place where text follows the cursor.

The model's answer is what really stood there and then more of what follows, as models write it.
What is shown must be the missing text: with it the file is what it was.
"""

from __future__ import annotations

import ast
import json.decoder
import random
import re
import string
import textwrap
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest

from lsp_server.documents import Document
from lsp_server.engine.records import Completion, FinishReason
from lsp_server.suggest import parse, presentable

MODULES = (json.decoder, random, string, textwrap)
EACH = 24
KINDS = {
    "auto-closed bracket": re.compile(r"^ +[\w., =]+\((?P<cut>[^()'\"#\n]{3,})\)$"),
    "mid-identifier": re.compile(r"^ +(?:return|if|self\.\w+ =) \w{2}(?P<cut>\w[^#'\"\n]*)$"),
    "in a string": re.compile(r"^ +[^'\"#\n]*'\w(?P<cut>[\w ]+)'[^'\"\n]*$"),
    "in a docstring": re.compile(r"^ {4,}[A-Z]\w+ \w+ (?P<cut>[^'\"\n]+)$"),
    "in a comment": re.compile(r"^ *# \w+ (?P<cut>.{6,})$"),
    "end of a statement": re.compile(r"^ +\w[^'\"#\n]* = (?P<cut>[^'\"#\n]{4,})$"),
}


@dataclass(frozen=True)
class Hole:
    """`before` and `after` a cursor, what is `missing` there, and what the model answers."""

    kind: str
    before: str
    after: str
    missing: str
    answer: str


def holes(kind: str) -> list[Hole]:
    found = []
    for module in MODULES:
        text = Path(str(module.__file__)).read_text(encoding="utf-8")
        for match in re.finditer(KINDS[kind].pattern, text, re.MULTILINE):
            start, end = match.span("cut")
            rest = text[end:]
            lines = rest.split("\n")
            if kind == "in a docstring" and not _in_docstring(text, match.start()):
                continue
            # Models go on with what follows the hole: the rest of the line, and the lines below.
            answer = match["cut"] + "\n".join(lines[: random.Random(start).choice((1, 2, 3))])
            found.append(Hole(kind, text[:start], rest, match["cut"], answer))
    random.Random(kind).shuffle(found)
    return found[:EACH]


def _in_docstring(text: str, offset: int) -> bool:
    return text.count('"""', 0, offset) % 2 == 1


def shown(hole: Hole) -> str:
    offset = len(hole.before)
    document = Document("file:///nowhere/a.py", hole.before + hole.after, "python")
    answer = Completion(hole.answer, (), (), FinishReason.END, 0, 0, 0.0, 0.0)
    return presentable(answer, document, offset, syntax=parse(document, offset)).text


def test_the_matrix_is_large_enough() -> None:
    sizes = {kind: len(holes(kind)) for kind in KINDS}
    assert sum(sizes.values()) >= 100, sizes
    assert min(sizes.values()) >= 5, sizes


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_shown_makes_the_file_whole(kind: str) -> None:
    matrix = holes(kind)
    exact = 0
    for hole in matrix:
        text = shown(hole)
        whole = hole.before + text + hole.after
        exact += text == hole.missing
        if text:
            ast.parse(whole)  # the file stays sound
            assert not _new_repeats(hole, whole), (hole.kind, text)
    # Silence or a shorter text is allowed now and then, wrong text never.
    assert exact >= 0.9 * len(matrix), f"{exact} of {len(matrix)}"


def _new_repeats(hole: Hole, whole: str) -> list[str]:
    """Long lines next to their own copy that the original has not."""
    original = _pairs(hole.before + hole.missing + hole.after)
    return [line for line, count in _pairs(whole).items() if count > original[line]]


def _pairs(text: str) -> Counter[str]:
    lines = [line.strip() for line in text.split("\n")]
    return Counter(a for a, b in pairwise(lines) if a == b and len(a) > 3)
