"""A notebook as a source file: code cells as they are, text cells as comments.

What only the notebook's shell understands becomes a comment: cells that begin with `%%`, and, in
cells that aren't Python as they stand, magics (`%time`), commands (`!ls`), questions (`print?`) and
values of commands (`files = !ls`, of which the name stays, with None).
"""

from __future__ import annotations

import ast
import re
import warnings
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from curation.formats.notebook import Cell, Notebook

_SHELL_LINE = re.compile(r"(?P<indent>[ \t]*)(?:[!%?]|[\w.*]+\?{1,2}[ \t]*$)")
_SHELL_VALUE = re.compile(
    r"(?P<name>[ \t]*[\w.,\[\]\"' \t]*?[\w\]][ \t]*=)[ \t]*(?:!|%{1,2}[A-Za-z])"
)


def script(notebook: Notebook, comment: str = "#") -> tuple[str, list[int]]:
    """The text, and for each of its lines the line of the notebook's file that it stands on.

    A blank line between two cells counts to the one before it.
    """
    lines: list[str] = []
    numbers: list[int] = []
    for cell in notebook.cells:
        if lines:
            lines.append("")
            numbers.append(numbers[-1])
        lines += _lines_of(cell, notebook.language, comment)
        numbers += cell.lines
    return "\n".join([*lines, ""]), [*numbers, numbers[-1] if numbers else 1]


def _lines_of(cell: Cell, language: str, comment: str) -> list[str]:
    """A cell's lines, as many as it has."""
    lines = cell.source.split("\n")
    if cell.kind != "code":
        return [f"{comment} {line}".rstrip() for line in lines]
    if lines[0].startswith("%%"):
        return [f"{comment} {line}" for line in lines]
    if language != "python":
        return [f"{comment} {line}" if line.lstrip()[:1] in ("%", "!") else line for line in lines]
    return lines if _is_python(cell.source) else _without_shell(lines)


def _without_shell(lines: list[str]) -> list[str]:
    made: list[str] = []
    goes_on = False
    for line in lines:
        shell, value = _SHELL_LINE.match(line), _SHELL_VALUE.match(line)
        if goes_on:
            line_made = f"# {line}"
        elif shell and shell["indent"]:
            line_made = f"{shell['indent']}pass  # {line.strip()}"  # a block can't be empty
        elif shell:
            line_made = f"# {line}"
        elif value:
            line_made = f"{value['name']} None  # {line[value.end('name') :].strip()}"
        else:
            line_made = line
        goes_on = line.endswith("\\") and bool(goes_on or shell or value)
        made.append(line_made)
    return made


def _is_python(source: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
