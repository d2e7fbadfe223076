"""Where a Python file holds no code but text: its strings and comments."""

from __future__ import annotations

import io
import tokenize


def prose_of_python(text: str) -> list[tuple[int, int]]:
    """Offsets of strings and comments; all of a text that can't be tokenized."""
    if "\r" in text:
        return [(0, len(text))]  # the tokenizer's columns would need a map of the line ends
    starts = [0]
    for line in io.StringIO(text):
        starts.append(starts[-1] + len(line))
    kinds = {tokenize.STRING, tokenize.COMMENT, getattr(tokenize, "FSTRING_MIDDLE", -1)}
    found = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type in kinds:
                (row, column), (end_row, end_column) = token.start, token.end
                found.append((starts[row - 1] + column, starts[end_row - 1] + end_column))
    except (tokenize.TokenError, SyntaxError, IndexError):
        return [(0, len(text))]
    return found
