"""Stage "cleaning" (optional): takes lines out that teach nothing, and remembers which stayed.

Two rules: the licence comment at the head of a file, which thousands of files share; and, in
Python, runs of commented-out code. Only comments go, so what parsed still does. `line_map` gives
for each line that stays its number in the original. Off by default: a model that is to name its
sources should see the notices, and no gain from cleaning has been measured here.
"""

from __future__ import annotations

import ast
import io
import re
import textwrap
import tokenize
import warnings
from typing import TYPE_CHECKING

from curation.stages.stage import Drop, Explanation, Stage, span_of_lines
from inkling.languages import BY_NAME

if TYPE_CHECKING:
    from datatrove.data import Document

LINE_MAP_KEY = "line_map"
_LICENSE_WORDS = re.compile(
    r"copyright|spdx-license|licen[cs]ed under|under the terms of|permission is hereby"
    r"|redistribution and use|all rights reserved",
    re.IGNORECASE,
)
_NOT_HEADER = re.compile(r"#!|.{0,4}coding[:=]|# /// script")
_FEWEST_CODE_LINES = 3
_CODE = (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Return, ast.Import, ast.ImportFrom, ast.If,
         ast.For, ast.While, ast.With, ast.FunctionDef, ast.ClassDef, ast.Raise, ast.Assert,
         ast.Delete, ast.Try)  # fmt: skip


def removable_lines(text: str, language: str) -> dict[int, str]:
    """Line number (from 0) → rule, for every line that may go."""
    lines = text.split("\n")
    found = dict.fromkeys(_header(lines, language), "license_header")
    if language == "python":
        found |= dict.fromkeys(_commented_code(text), "commented_code")
    return found


def clean(text: str, language: str) -> tuple[str, list[int] | None]:
    """(the text without removable lines, original number of each line; None: nothing went)."""
    removed = removable_lines(text, language)
    if not removed:
        return text, None
    lines = text.split("\n")
    kept = [number for number in range(len(lines)) if number not in removed]
    return "\n".join(lines[number] for number in kept), [number + 1 for number in kept]


def _header(lines: list[str], language: str) -> range:
    """The licence comment at the head, with the blank lines after it."""
    row = BY_NAME.get(language)
    start = 0
    while start < len(lines) and (not lines[start].strip() or _NOT_HEADER.match(lines[start])):
        start += 1
    if row is None or start == len(lines):
        return range(0)
    end = start
    if lines[start].lstrip().startswith("/*"):
        while end < len(lines) and "*/" not in lines[end]:
            end += 1
        if end == len(lines) or lines[end].split("*/", 1)[1].strip():
            return range(0)  # never closed, or code behind it
        end += 1
    elif row.line_comment is not None:
        while end < len(lines) and lines[end].lstrip().startswith(row.line_comment):
            end += 1
    if not _LICENSE_WORDS.search("\n".join(lines[start:end])):
        return range(0)
    while end < len(lines) and not lines[end].strip():
        end += 1
    return range(start, end)


def _commented_code(text: str) -> list[int]:
    """Lines of runs of Python comments that are code themselves."""
    if "#" not in text or "\r" in text:
        return []
    comments: dict[int, tuple[int, str]] = {}
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT and not token.line[: token.start[1]].strip():
                comments[token.start[0] - 1] = (token.start[1], token.string[1:])
    except (tokenize.TokenError, SyntaxError, IndexError):
        return []
    found: list[int] = []
    run: list[int] = []
    for number in [*sorted(comments), -1]:
        follows = run and number == run[-1] + 1 and comments[number][0] == comments[run[-1]][0]
        if not follows:
            if len(run) >= _FEWEST_CODE_LINES and _is_code([comments[n][1] for n in run]):
                found += run
            run = []
        run.append(number)
    return found


def _is_code(lines: list[str]) -> bool:
    """Whether comment lines, their signs removed, are Python statements and not prose."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            body = ast.parse(textwrap.dedent("\n".join(lines))).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    telling = sum(
        isinstance(node, _CODE) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call))
        for node in body
    )
    return telling > 0 and telling == len(body)


class CleaningStage(Stage):
    """Removes licence headers and commented-out code; drops a file of which nothing stays."""

    name = "cleaning"
    reads = ("language", LINE_MAP_KEY)

    def judge(self, document: Document) -> Drop | None:
        text, line_map = clean(document.text, document.metadata.get("language") or "")
        if line_map is None:
            return None
        if not text.strip():
            return Drop("only_comments", "a licence header or commented-out code is all it holds")
        document.text = text
        earlier = document.metadata.get(LINE_MAP_KEY)  # of a notebook, say
        document.metadata[LINE_MAP_KEY] = (
            line_map if earlier is None else [earlier[number - 1] for number in line_map]
        )
        return None

    def explain(self, document: Document) -> list[Explanation]:
        removed = removable_lines(document.text, document.metadata.get("language") or "")
        rows = [
            Explanation(
                self.name,
                rule,
                f"{sum(r == rule for r in removed.values())} lines are removed",
                "",
                True,
                span_of_lines(document.text, min(n for n, r in removed.items() if r == rule) + 1),
            )
            for rule in dict.fromkeys(removed.values())
        ]
        return rows + super().explain(document)
