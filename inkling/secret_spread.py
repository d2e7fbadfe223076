"""Finds secrets that begin on a line below their name, come in pieces, or several at once.

`API_KEY = (` above `"…"`, `password: >-` above a word, strings that are joined, and lists:
`tokens = ["…", "…"]`, or YAML's items below `tokens:`. `likely_secret` judges the values.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from inkling.likely_secret import is_bare_secret, is_long_key, is_mixed_key, is_quoted_password
from inkling.secret_calls import unescaped
from inkling.secret_names import NAME, NamedValue

if TYPE_CHECKING:
    from collections.abc import Iterator

STRING_RULE = "spread_string"
WORD_RULE = "spread_word"
"""Of a value without quotes: in code it is a variable."""

_BREAK = r"[ \t]{0,4}(?:(?:#|//)[^\n]{0,120})?\r?\n[ \t]*+"
_MAKER = (
    r"(?:&|new[ ])?(?:\[\d*\]\w{0,10}|vec!|[Aa]rray(?:Of)?|(?:List|Set)\.of|(?:list|set)Of"
    r"|Arrays\.asList|(?:frozen)?set|tuple|list|[Ss]tring\[\][ ]?)?"
)
_QUOTE = r"(?=(?:[bru@]|br)?['\"`])"
_SITE = re.compile(
    r"(?P<sign>[:=])[=>]?[ \t]{0,4}(?=[\[({\\|>\r\n#/&aAflLnsStv])(?:"
    rf"(?P<bracket>{_MAKER}[\[({{]{{1,2}})(?:{_BREAK}|[ \t]{{0,4}}){_QUOTE}"
    rf"|\\?{_BREAK}{_QUOTE}"
    rf"|{_BREAK}(?P<dashes>(?=-[ \t]))"
    rf"|(?P<block>[|>][-+]?)?{_BREAK}(?P<alone>(?=\S{{6,200}}[ \t]*(?:\r?\n|\Z)))"
    r"|\[[ \t]{0,4}(?P<flow>(?=[^\s'\"`\[\]])))"
)
"""The sign behind a name, if no value stands next to it: where the strings or words begin. Most
signs are passed by at the first letter behind them."""
_TELLING = ("pass", "pwd", "secret", "token", "key", "credential", "auth", "pw")
_FAR = 80
_NAME_BEFORE = re.compile(
    rf"{NAME}[sS]?['\"]?\]?"
    r"(?:\??:[ ]?[\w.<>\[\]|, &*'?]{1,40}|[ ][\[\]*\w]{1,20}|\[\w{0,20}\])?[ \t]*$"
)
"""With its type, as in TypeScript, Go and C."""
_STRING = re.compile(
    r"(?:[bru@]|br)?(?P<quote>['\"`])(?P<value>(?:\\.|(?!(?P=quote))[^\\\n]){0,200}+)(?P=quote)"
    r"(?![ \t]*:)"
)
_GAP = re.compile(r"(?:[ \t\r\n+.,\\]|(?:#|//)[^\n]{0,200})*+")
_DASHED = re.compile(
    r"[ \t]*-[ \t]+(?P<quote>['\"`]?)(?P<value>[^\s'\"`]{1,200})(?P=quote),?[ \t]*"
    r"(?:[ ]#[^\n]{0,120})?(?:\r?\n|\Z)"
)
_ALONE = re.compile(r"(?P<value>\S{6,200})")
_IN_FLOW = re.compile(r"\s*(?P<value>[^\s'\"`,\[\]{}()]{1,200})[ \t]*(?:,|(?=\]))")
_MOST = 200
"""So many items of a list are looked at."""


def spread_values(text: str) -> Iterator[NamedValue]:
    """Likely secrets that a text gives to a name, but not as the one value behind it."""
    position = 0
    while site := _SITE.search(text, position):
        position = site.end()
        name = _name_before(text, site.start())
        if name is None:
            continue
        password = name["password"] is not None
        if any(site[kind] is not None for kind in ("dashes", "alone", "flow")):
            if site["sign"] == ":":
                yield from _words(text, site, password)
            continue
        values, position = _strings(text, site)
        listed = len(values) > 1 or "[" in (site["bracket"] or "")
        for places in values:
            value = "".join([_meant(text, start, end) for start, end in places])
            if _is_secret(value, password, listed):
                for start, end in places:
                    yield NamedValue(start, end, STRING_RULE)


def _name_before(text: str, end: int) -> re.Match[str] | None:
    before = text[max(0, end - _FAR) : end]
    before = before[before.rfind("\n") + 1 :]
    lowered = before.lower()
    if not any(map(lowered.__contains__, _TELLING)):
        return None
    return _NAME_BEFORE.search(before)


def _strings(text: str, site: re.Match[str]) -> tuple[list[list[tuple[int, int]]], int]:
    """The places of a list's strings, of each its pieces, and where the list ends.

    Without a bracket there is one string only: the next may be another argument.
    """
    several = site["bracket"] is not None
    values: list[list[tuple[int, int]]] = []
    position = site.end()
    joined = False
    for _ in range(_MOST):
        item = _STRING.match(text, position)
        if item is None or (values and not joined and not several):
            break
        if joined:
            values[-1].append(item.span("value"))
        else:
            values.append([item.span("value")])
        gap = _GAP.match(text, item.end())
        position = gap.end() if gap else item.end()
        joined = gap is None or "," not in gap[0]
    return values, position


def _words(text: str, site: re.Match[str], password: bool) -> Iterator[NamedValue]:
    """A word alone on its line, or those of a list, that have no quotes or stand behind dashes."""
    alone = site["alone"] is not None
    pattern = _ALONE if alone else _DASHED if site["dashes"] is not None else _IN_FLOW
    sign = ":" if site["block"] is None else "="  # in a block's text no sign means anything
    position = site.end()
    for _ in range(1 if alone else _MOST):
        word = pattern.match(text, position)
        if word is None:
            return
        position = word.end()
        quoted = pattern is _DASHED and bool(word["quote"])
        if not quoted and not is_bare_secret(word["value"], sign, password):
            continue
        if _is_secret(word["value"], password, listed=True):
            rule = STRING_RULE if quoted else WORD_RULE
            yield NamedValue(word.start("value"), word.end("value"), rule)


def _meant(text: str, start: int, end: int) -> str:
    return unescaped(text[start:end], text[start - 1])


def _is_secret(value: str, password: bool, listed: bool) -> bool:
    if not password:
        return is_mixed_key(value) if listed else is_quoted_password(value) and is_long_key(value)
    return is_quoted_password(value)
