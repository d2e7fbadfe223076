"""Does a text parse? By the language's own parser where Python has one, else by tree-sitter.

A grammar that isn't installed is no verdict. Python means Python 3 as this interpreter reads it;
what is only too deep or too long for its parser is left to the grammar's, and is no verdict of JSON
and TOML.
"""

from __future__ import annotations

import ast
import importlib
import json
import re
import tomllib
import warnings
from functools import cache
from typing import TYPE_CHECKING

from inkling.languages import BY_NAME

if TYPE_CHECKING:
    from collections.abc import Callable

    from tree_sitter import Node, Parser


def syntax_error_share(text: str, language: str) -> tuple[float, int | None] | None:
    """(share of the text that doesn't parse, line of the first error), or None for no verdict.

    The strict parsers answer 0 or 1: they stop at the first error.
    """
    if language in _STRICT:
        try:
            return _STRICT[language](text)
        except (RecursionError, MemoryError, OverflowError):
            pass  # the parser's limit says nothing of the text
    parser = grammar_parser(language)
    return None if parser is None else _tree_sitter_errors(parser, text)


_JSON_EXTRA = re.compile(
    r"""(?P<string>"(?:[^"\\\n]|\\.)*")
      | /\*.*?\*/ | //[^\n]*
      | ,(?=(?>\s | /\*.*?\*/ | //[^\n]*)*+[\]}])""",
    re.VERBOSE | re.DOTALL,
)


def _blank(match: re.Match[str]) -> str:
    """A string as it is; of anything else only its line ends, so that lines keep their numbers."""
    return match["string"] or "\n" * match[0].count("\n")


_LIMIT = re.compile(r"too many (?:nested|levels|statically)|Exceeds the limit")
"""What parsers say of valid text that they can't take."""


def _python(text: str) -> tuple[float, int | None] | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except SyntaxError as error:
        if _LIMIT.match(error.msg):
            raise OverflowError(error.msg) from error
        return 1.0, error.lineno
    except ValueError:  # NUL bytes
        return 1.0, None
    return 0.0, None


def _json(text: str) -> tuple[float, int | None] | None:
    """JSON as editors and compilers read their settings: with comments and a last comma."""
    try:
        json.loads(_JSON_EXTRA.sub(_blank, text))
    except json.JSONDecodeError as error:
        return 1.0, error.lineno
    except ValueError as error:  # a number of too many digits
        raise OverflowError(str(error)) from error
    return 0.0, None


def _toml(text: str) -> tuple[float, int | None] | None:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return 1.0, None
    except ValueError as error:
        raise OverflowError(str(error)) from error
    return 0.0, None


_STRICT: dict[str, Callable[[str], tuple[float, int | None] | None]] = {
    "python": _python,
    "json": _json,
    "toml": _toml,
}


@cache
def grammar_parser(language: str) -> Parser | None:
    """The tree-sitter parser of a language; None where its grammar isn't installed."""
    row = BY_NAME.get(language)
    if row is None or row.grammar is None:
        return None
    try:
        tree_sitter = importlib.import_module("tree_sitter")
        grammar = importlib.import_module(row.grammar)
    except ImportError:
        return None
    entry = getattr(grammar, "language", None) or getattr(grammar, f"language_{language}", None)
    if entry is None:
        return None
    parser: Parser = tree_sitter.Parser(tree_sitter.Language(entry()))
    return parser


def _tree_sitter_errors(parser: Parser, text: str) -> tuple[float, int | None]:
    """Share of bytes that stand in an error node themselves; a missing token counts as one byte.

    One macro can make an error node of a whole file. What has a structure of its own inside of it
    was understood all the same, and only the rest counts.
    """
    encoded = text.encode()
    root = parser.parse(encoded).root_node
    if not root.has_error:
        return 0.0, None
    total, first = 0, None
    pending: list[Node] = [root]
    while pending:
        node = pending.pop()
        if node.is_error or node.is_missing:
            understood = [child for child in node.children if child.child_count or child.is_extra]
            inside = sum(child.end_byte - child.start_byte for child in understood)
            total += max(1, node.end_byte - node.start_byte - inside)
            line = node.start_point[0] + 1
            first = line if first is None else min(first, line)
            pending.extend(understood)
        elif node.has_error:
            pending.extend(node.children)
    return total / max(1, len(encoded)), first
