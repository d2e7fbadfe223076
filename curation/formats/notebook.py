"""Jupyter notebooks as text: the cells with their outputs, or as a script.

Structured form as StarCoder2: neighbouring text cells are joined, outputs are cut at 1,000
characters, and a code cell without output is followed by `<empty_output>`. Script form: the code,
with the text as comments.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from curation.formats.sentinels import Part, join

MAX_OUTPUT = 1_000


@dataclass(frozen=True)
class Cell:
    """One cell: `markdown` or `code`, its source, and a code cell's output as text."""

    kind: str
    source: str
    output: str = ""


@dataclass(frozen=True)
class Notebook:
    """The cells that aren't empty, and the kernel's language, lower-case."""

    cells: tuple[Cell, ...]
    language: str


def parse_notebook(text: str) -> Notebook | None:
    """Read a notebook of format 3 or 4; None if the text is no notebook."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict):
        return None
    sheets = value.get("worksheets")
    if isinstance(sheets, list) and sheets and isinstance(sheets[0], dict):
        value = {**value, **sheets[0]}  # format 3
    cells = value.get("cells")
    if not isinstance(cells, list):
        return None
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


def script(notebook: Notebook, comment: str = "#") -> str:
    """The notebook as a source file: code cells as they are, text cells as comments.

    Lines that only the notebook's shell understands (`%matplotlib`, `!pip`) become comments.
    """
    blocks = []
    for cell in notebook.cells:
        lines = cell.source.splitlines()
        if cell.kind != "code":
            lines = [f"{comment} {line}".rstrip() for line in lines]
        elif lines[0].startswith("%%"):
            lines = [f"{comment} {line}" for line in lines]
        else:
            lines = [f"{comment} {li}" if li.lstrip()[:1] in ("%", "!") else li for li in lines]
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks) + "\n"


def _cell(cell: dict[str, Any]) -> Cell:
    code = cell.get("cell_type") == "code"
    source = _text(cell.get("source", cell.get("input", "")))
    outputs = cell.get("outputs")
    output = ""
    if code and isinstance(outputs, list):
        output = "".join(_output(item) for item in outputs if isinstance(item, dict))
    return Cell("code" if code else "markdown", source, output.strip())


def _output(item: dict[str, Any]) -> str:
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
                return str(table[name]).lower()
    return "python"
