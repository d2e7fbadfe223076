"""Finds secrets that prose, a table's row or an address names: `**API key:** …`, `| token | … |`.

Words may stand before the name and bold signs or backquotes round name and value, so the values
must look generated. Sentences about passwords without such signs are `secret_values`' concern.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from inkling.likely_secret import (
    is_bare_secret,
    is_generated,
    is_mixed_key,
    is_no_reference,
    is_quoted_password,
)
from inkling.secret_names import NAME, NamedValue

if TYPE_CHECKING:
    from collections.abc import Iterator

_MIXED = re.compile(r"\d[A-Za-z]|[A-Za-z!#%&*+=?@^-]\d")
"""What every value here has; far cheaper to look for."""
_MARKS = r"[*_`'\"]{0,3}"
_END = rf"(?={_MARKS}[.,;:!)]*(?:\s|$|<|\\))"
_PROSE = re.compile(
    rf"{NAME}[sS]?{_MARKS}(?:[ ](?:for|of|to)[ ][^:=.\n]{{1,40}}?)?[ \t]{{0,2}}"
    r"(?P<sign>:(?=[ \t*_`])|=(?=[ \t])|is\b:?|was\b)"
    rf"{_MARKS}[ \t]{{0,4}}(?P<marks>{_MARKS})(?P<value>[^\s`'\"<>|]{{8,200}}?){_END}"
)
_ROW = re.compile(
    rf"\|[ \t]{{0,40}}[*_`]{{0,3}}(?:[\w.-]{{1,20}}[ ]){{0,3}}[\w.-]{{0,20}}?{NAME}[*_`]{{0,3}}"
    r"[ \t]{0,40}\|[ \t]{0,40}[*_`]{0,3}(?P<value>[^\s|`<>]{8,200}?)[*_`]{0,3}[ \t]{0,40}(?:\||$)"
)
_QUERY = re.compile(
    rf"[?&](?:amp;)?(?:[\w.-]{{0,40}}?{NAME}|(?P<short>key))=(?P<value>[A-Za-z0-9_.~%+/=-]{{8,200}})"
)
_SHORTEST_AFTER_KEY = 20


def told_values(text: str) -> Iterator[NamedValue]:
    """Likely secrets that a piece of prose, a comment or a row of a table names."""
    if not _MIXED.search(text):
        return
    for match in _PROSE.finditer(text):
        if _is_told(match):
            yield NamedValue(match.start("value"), match.end("value"), "bare_value")
    if text.count("|") > 1:
        for match in _ROW.finditer(text):
            if _is_likely(match):
                yield NamedValue(match.start("value"), match.end("value"), "bare_value")


def query_values(line: str) -> Iterator[NamedValue]:
    """Likely keys and passwords among the parameters of an address."""
    if "=" not in line or not ("?" in line or "&" in line) or not _MIXED.search(line):
        return
    for match in _QUERY.finditer(line):
        if match["short"] and not (
            len(match["value"]) >= _SHORTEST_AFTER_KEY and is_mixed_key(match["value"])
        ):
            continue
        if is_bare_secret(match["value"], "=", match["password"] is not None):
            yield NamedValue(match.start("value"), match.end("value"), "query")


def _is_told(match: re.Match[str]) -> bool:
    by_verb = match["password"] and match["sign"] not in (":", "=")
    if by_verb and not is_generated(match["value"], quoted=bool(match["marks"])):
        return False
    if match["sign"] == ":" and match["marks"] in ("", "*"):  # as YAML writes its references
        return is_no_reference(match["marks"] + match["value"], ":") and _is_likely(match)
    return _is_likely(match)


def _is_likely(match: re.Match[str]) -> bool:
    password = match["password"] is not None
    if not is_bare_secret(match["value"], "=", password):
        return False
    return is_quoted_password(match["value"]) if password else is_mixed_key(match["value"])
