"""Which lines of a file are plain code, so that a hole in them asks for code and not for prose.

Says nothing about where in a line a hole goes (`evaluation.holes`), and parses no other language
than Python: for those it goes by the look of the line.
"""

from __future__ import annotations

import io
import tokenize

from inkling.languages import BY_NAME

_LAYOUT_TOKENS = frozenset(
    {
        tokenize.NL,
        tokenize.NEWLINE,
        tokenize.INDENT,
        tokenize.DEDENT,
        tokenize.ENCODING,
        tokenize.ENDMARKER,
    }
)


def code_lines(text: str, language: str) -> list[int]:
    """Numbers (from 0, lines end at `\\n`) of the lines that hold code and no comment.

    In Python a line counts if the tokenizer finds code on it and neither a comment nor a piece of
    a string of several lines, which leaves out docstrings of several lines, and if it is not a
    string and nothing else, which leaves out those of one. Python that the tokenizer refuses
    (another version's syntax), and every other language, goes by `_plausible_lines`.
    """
    if language == "python":
        try:
            return _python_lines(text)
        except (tokenize.TokenError, SyntaxError, ValueError):
            pass
    known = BY_NAME.get(language)
    return _plausible_lines(text, known.line_comment if known else None)


def _python_lines(text: str) -> list[int]:
    code: set[int] = set()
    other_than_string: set[int] = set()
    excluded: set[int] = set()
    # io.StringIO splits at "\n" alone when newline="\n", as this package does everywhere.
    for token in tokenize.generate_tokens(io.StringIO(text, newline="\n").readline):
        if token.type in _LAYOUT_TOKENS:
            continue
        first, last = token.start[0] - 1, token.end[0] - 1
        if token.type == tokenize.COMMENT or last > first:
            excluded.update(range(first, last + 1))
            continue
        code.add(first)
        if token.type != tokenize.STRING:
            other_than_string.add(first)
    return sorted((code & other_than_string) - excluded)


def _plausible_lines(text: str, line_comment: str | None) -> list[int]:
    """Lines that aren't blank, hold no line comment, and don't look like one of a block comment."""
    block = ("/*", "*", "<!--", '"""', "'''")
    return [
        number
        for number, line in enumerate(text.split("\n"))
        if (stripped := line.strip())
        and not stripped.startswith(block)
        and not (line_comment and line_comment in stripped)
    ]
