"""Finds secrets whose name stands on another line than the value.

`- name: DB_PASSWORD` above `value: "…"`, as containers get their environment; the default of a
Terraform variable; the cells of a Markdown table below a heading such as "password".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from inkling.likely_secret import is_bare_secret
from inkling.secret_names import NAME, NamedValue

if TYPE_CHECKING:
    from collections.abc import Iterator

_STRING = r"(?P<quote>['\"]?)(?P<value>[^\s'\",;{}]{6,200})(?P=quote)(?=[\s,;}]|$)"
_VALUE = re.compile(rf"value['\"]?[ \t]{{0,4}}[:=][ \t]{{0,4}}{_STRING}")
_NAME_BEFORE = re.compile(
    rf"\b(?:name|key)['\"]?[ \t]{{0,4}}[:=][ \t]{{0,4}}['\"]?[\w.-]{{0,60}}?{NAME}['\"]?"
    r"[ \t]*,?[ \t]*(?:#[^\n]{0,80})?\r?\n?[ \t]*['\"]?$"
)
_DEFAULT = re.compile(rf"default[ \t]{{0,20}}=[ \t]{{0,4}}(?=\"){_STRING}")
_VARIABLE_BEFORE = re.compile(rf"\bvariable[ \t]+\"\w{{0,60}}?{NAME}\"[ \t]*\{{[^{{}}]{{0,400}}$")
_APART = (("value", _VALUE, _NAME_BEFORE, 200), ("variable", _DEFAULT, _VARIABLE_BEFORE, 500))
"""A word that must be in the text, the value, what stands before it, and how far to look back."""
_TABLE = re.compile(
    r"^(?P<head>[^\n|]*\|[^\n]*)\r?\n[ \t]*\|?[ \t]*:?-{2,}[-:| \t]*\r?\n"
    r"(?P<rows>(?:[^\n|]*\|[^\n]*(?:\n|$)){1,50})",
    re.MULTILINE,
)
_RULER = re.compile(r"-\|-|-[ \t]\|[ \t]?:?-|\|[ \t]?:?-")
_HEADING = re.compile(
    rf"[*_`]*(?:(?:default|initial|user|admin)[ ])?(?:{NAME}|passwords)[*_`]*", re.IGNORECASE
)
_CELL = re.compile(r"(?P<around>`|\*\*|)(?P<value>[^\s|`]{6,80})(?P=around)")


def values_apart(text: str) -> Iterator[NamedValue]:
    """Likely secrets that a line above them names."""
    for word, value, before, far in _APART:
        if word in text:
            for match in value.finditer(text):
                start = match.start()
                name = before.search(text, max(0, start - far), start)
                if name and is_bare_secret(match["value"], "=", name["password"] is not None):
                    yield NamedValue(match.start("value"), match.end("value"), "bare_value")
    if _RULER.search(text):
        yield from _cells(text)


def _cells(text: str) -> Iterator[NamedValue]:
    """Values in those columns of Markdown's tables that are for secrets."""
    for table in _TABLE.finditer(text):
        headings = [_HEADING.fullmatch(cell.strip()) for cell in table["head"].split("|")]
        if not any(headings):
            continue
        offset = table.start("rows")
        for row in table["rows"].splitlines(keepends=True):
            position = offset
            for cell, heading in zip(row.split("|"), headings, strict=False):
                found = heading and _CELL.fullmatch(cell.strip())
                if found and is_bare_secret(found["value"], "=", password=True):
                    start = text.index(found["value"], position)
                    yield NamedValue(start, start + len(found["value"]), "bare_value")
                position += len(cell) + 1
            offset += len(row)
