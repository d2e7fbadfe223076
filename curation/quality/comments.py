"""How many characters of a text are comments: by the look of lines, not by a full lexer.

Python's docstrings count. A comment sign inside a string is taken for a comment only where it
begins a line.
"""

from __future__ import annotations

import re

from inkling.languages import BY_NAME

_SLASH_STAR = r"/\*.*?\*/"
_BLOCKS = {
    "python": r'^[ \t]*[rRuU]?(?:"""(?:[^\\]|\\.)*?"""|\'\'\'(?:[^\\]|\\.)*?\'\'\')[ \t]*$',
    "html": r"<!--.*?-->",
    "markdown": r"<!--.*?-->",
    "lua": r"--\[\[.*?\]\]",
    "haskell": r"\{-.*?-\}",
    "ruby": r"^=begin\b.*?^=end\b",
    "perl": r"^=\w+.*?^=cut\b",
    "julia": r"#=.*?=#",
    "css": _SLASH_STAR,
    "sql": _SLASH_STAR,
}
_NO_BLOCKS = frozenset({"json", "yaml", "toml", "r", "shell", "makefile", "dockerfile", "cmake"})


def comment_characters(text: str, language: str) -> int | None:
    """Characters in comments, without line ends; None for a language that has none."""
    row = BY_NAME.get(language)
    if row is None or (row.line_comment is None and language not in _BLOCKS):
        return None
    patterns = []
    if language in _BLOCKS:
        patterns.append(_BLOCKS[language])
    elif language not in _NO_BLOCKS:
        patterns.append(_SLASH_STAR)
    if row.line_comment is not None:
        patterns.append(rf"^[ \t]*{re.escape(row.line_comment)}[^\n]*")
    pattern = re.compile("|".join(patterns), re.DOTALL | re.MULTILINE)
    return sum(len(match[0]) - match[0].count("\n") for match in pattern.finditer(text))
