"""Jupyter notebooks: their cells, and the structured form of them as text.

As StarCoder2: neighbouring text cells are joined, outputs are cut at 1,000 characters, and a code
cell without output is followed by `<empty_output>`. Of an error its name and message stay; the
traceback goes, since it shows paths of the author's machine, and of home folders in outputs the
user's name. The other form is `notebook_script`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from curation.formats.placed_json import PlacedText, parse_placed
from curation.formats.sentinels import Part, join

MAX_OUTPUT = 1_000
_ALIASES = {
    "python2": "python",
    "python3": "python",
    "ipython": "python",
    "c++": "cpp",
    "c#": "csharp",
}
_NAME = r"[^\\/\s'\"<>|:*?,;)]+"
_HOMES = (
    re.compile(
        r"(?<![\w.-])((?:/var|/usr|/export)?/home/|(?:/mnt)?(?:/[a-z])?/Users/)" + _NAME,
    ),
    # Names on Windows may hold blanks.
    re.compile(
        rf"(?<!\w)([A-Za-z]:(?:\\+|/)Users(?:\\+|/))(?:[^\\/\n'\"<>|:*?]+(?=[\\/])|{_NAME})",
        re.IGNORECASE,
    ),
)
_LINES = re.compile(r"[^\n]*\n|[^\n]+")


@dataclass(frozen=True)
class Cell:
    """One cell of a notebook.

    Attributes:
        kind: `markdown` or `code`.
        source: its text, lines ended by `\\n`, without one at the end.
        lines: for each line of `source` the line (from 1) of the notebook's file.
        output: of a code cell, as text.
    """

    kind: str
    source: str
    lines: tuple[int, ...]
    output: str = ""


@dataclass(frozen=True)
class Notebook:
    """The cells that aren't empty, and the kernel's language as `inkling.languages` names it."""

    cells: tuple[Cell, ...]
    language: str


class NotANotebookError(Exception):
    """A text is no notebook; the message says why."""


def is_notebook(path: str) -> bool:
    """Whether a file is a notebook by its name."""
    return path.lower().endswith(".ipynb")


def parse_notebook(text: str) -> Notebook:
    """Read a notebook of format 3 or 4.

    Raises:
        NotANotebookError: the text is none.
    """
    try:
        value = parse_placed(text)
    except json.JSONDecodeError as error:
        raise NotANotebookError(f"it isn't JSON, line {error.lineno}: {error.msg}") from error
    except RecursionError as error:
        raise NotANotebookError("its JSON is nested too deeply") from error
    if not isinstance(value, dict):
        raise NotANotebookError("its JSON is no object")
    sheets = value.get("worksheets")
    if isinstance(sheets, list) and sheets and isinstance(sheets[0], dict):
        value = {**value, **sheets[0]}  # format 3
    cells = value.get("cells")
    if not isinstance(cells, list):
        raise NotANotebookError("its JSON holds no cells")
    parsed = [_cell(cell) for cell in cells if isinstance(cell, dict)]
    return Notebook(tuple(cell for cell in parsed if cell.source.strip()), _language(value))


def structured(notebook: Notebook) -> str:
    """`<jupyter_start><jupyter_text>…<jupyter_code>…<jupyter_output>…` for a notebook."""
    parts = [Part("jupyter_start", "")]
    texts: list[str] = []
    for cell in notebook.cells:
        if cell.kind != "code":
            texts.append(cell.source)
            continue
        if texts:
            parts.append(Part("jupyter_text", "\n\n".join(texts)))
            texts = []
        parts.append(Part("jupyter_code", cell.source))
        if cell.output:
            parts.append(Part("jupyter_output", cell.output[:MAX_OUTPUT]))
        else:
            parts.append(Part("empty_output", ""))
    if texts:
        parts.append(Part("jupyter_text", "\n\n".join(texts)))
    return join(parts)


def _cell(cell: dict[str, Any]) -> Cell:
    code = cell.get("cell_type") == "code"
    source, lines = _source(cell.get("source", cell.get("input", "")))
    outputs = cell.get("outputs")
    output = ""
    if code and isinstance(outputs, list):
        output = _joined([item for item in outputs if isinstance(item, dict)])
    return Cell("code" if code else "markdown", source, lines, output.strip())


def _source(value: Any) -> tuple[str, tuple[int, ...]]:
    """A cell's text and where each of its lines begins in the file."""
    texts = value if isinstance(value, list) else [value]
    source = ""
    lines = []
    for text in texts:
        if isinstance(text, PlacedText):
            for piece in _LINES.findall(text.replace("\r\n", "\n").replace("\r", "\n")):
                if not source or source.endswith("\n"):
                    lines.append(text.line)
                source += piece
    return source.removesuffix("\n"), tuple(lines)


def _joined(items: list[dict[str, Any]]) -> str:
    """A cell's outputs, each on lines of its own; pieces of one stream are put together."""
    joined, last = "", None
    for item in items:
        stream = item.get("name") if item.get("output_type") == "stream" else None
        text = _output(item)
        goes_on = stream is not None and stream == last
        if text and joined and not joined.endswith("\n") and not goes_on:
            joined += "\n"
        joined += text
        last = stream
    for home in _HOMES:
        joined = home.sub(r"\g<1>user", joined)
    return joined


def _output(item: dict[str, Any]) -> str:
    if isinstance(item.get("ename"), str):
        return f"{item['ename']}: {_text(item.get('evalue', ''))}\n"
    data = item.get("data")
    if isinstance(data, dict):
        return _text(data.get("text/plain", ""))
    return _text(item.get("text", ""))


def _text(value: Any) -> str:
    if isinstance(value, list):
        return "".join(line for line in value if isinstance(line, str))
    return value if isinstance(value, str) else ""


def _language(value: dict[str, Any]) -> str:
    metadata = value.get("metadata")
    if isinstance(metadata, dict):
        for key, name in (("kernelspec", "language"), ("language_info", "name")):
            table = metadata.get(key)
            if isinstance(table, dict) and isinstance(table.get(name), str):
                language = str(table[name]).lower()
                return _ALIASES.get(language, language)
    return "python"
