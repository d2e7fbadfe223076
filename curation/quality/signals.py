"""Signals: what can be measured of one file's text. They measure; the cards decide.

A signal is a function from a `Source` to a `Reading`, or to None where it has nothing to say (no
grammar for the language, no star count). None of them runs the code.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from curation.quality.comments import comment_characters
from curation.quality.syntax import syntax_error_share

if TYPE_CHECKING:
    from collections.abc import Callable

_ENCODED = re.compile(
    r"[A-Za-z0-9+/]{64,}={0,2}"
    r"|(?:\b(?:0x|\\x)?[0-9a-fA-F]{2}(?:,\s*|\b\s*)){8,}"
    r"|(?:\\u[0-9a-fA-F]{4}){8,}"
)
_WORD = re.compile(r"\w+")
_HEX_WORD = re.compile(r"(?:0x)?(?=[0-9a-fA-F]*[0-9])[0-9a-fA-F]{4,}")
_TODO = re.compile(r"\b(?:TODO|FIXME)\b")
_ASSERT = re.compile(r"\s*(?:assert\b|self\.assert\w+|assert(?!_type)\w*!?\()", re.IGNORECASE)
_PRINT = re.compile(r"\s*(?:print\b|console\.log\b|System\.out\.print|fmt\.Print|println!)")
_IMPORT = re.compile(
    r"\s*(?:import\b|from\s+\S+\s+import\b|#include\b|using\s+\w|use\s+\w|require)"
)
_PASS = re.compile(r"\s*(?:pass|\.\.\.)\s*(?:#.*)?$")
_INSERT = re.compile(r"\s*(?:INSERT\s+INTO|\()", re.IGNORECASE)
_TAG = re.compile(r"<!--.*?-->|<[^>]*>", re.DOTALL)
_TELLING = re.compile(r"\w\W*\w\W*\w")
_XML_PROLOGUE = "<?xml version="
_XML_CHARACTERS = 100
_RUN_WORDS = 10
_LONG_LINE = 1_000


@dataclass(frozen=True)
class Reading:
    """A signal's value, and the line (from 1) and the place in the text that show it, if any do."""

    value: float
    line: int | None = None
    span: tuple[int, int] | None = None


@dataclass(frozen=True)
class Source:
    """One file's text as the signals see it; `language` is a name of `inkling.languages`."""

    text: str
    language: str
    stars: int | None = None

    @cached_property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    @cached_property
    def written_lines(self) -> list[str]:
        """The lines that aren't blank."""
        return [line for line in self.lines if line.strip()]

    def line_of(self, offset: int) -> int:
        return self.text.count("\n", 0, offset) + 1


def _characters(source: Source) -> Reading:
    return Reading(len(source.text))


def _uncommented_characters(source: Source) -> Reading:
    """Characters that are no comment; explained settings are longer than bare ones."""
    return Reading(len(source.text) - (comment_characters(source.text, source.language) or 0))


def _lines(source: Source) -> Reading:
    return Reading(len(source.lines))


def _words(source: Source) -> Reading:
    return Reading(sum(1 for _ in _WORD.finditer(source.text)))


def _longest_line(source: Source) -> Reading | None:
    if not source.lines:
        return None
    number = max(range(len(source.lines)), key=lambda n: len(source.lines[n]))
    return Reading(len(source.lines[number]), number + 1)


def _long_line_share(source: Source) -> Reading | None:
    """The share of the text that stands in lines above 1,000 characters."""
    longest = _longest_line(source)
    total = sum(len(line) for line in source.lines if len(line) > _LONG_LINE)
    share = _share(total, len(source.text))
    return share and Reading(share.value, longest.line if longest and total else None)


def _mean_line(source: Source) -> Reading | None:
    if not source.lines:
        return None
    return Reading(sum(map(len, source.lines)) / len(source.lines))


def _alphanumeric_share(source: Source) -> Reading | None:
    return _share(sum(map(str.isalnum, source.text)), len(source.text))


def _letter_share(source: Source) -> Reading | None:
    """Letters among what isn't blank: indentation says nothing of what is indented."""
    visible = len(source.text) - sum(map(str.isspace, source.text))
    return _share(sum(map(str.isalpha, source.text)), visible)


def _digit_share(source: Source) -> Reading | None:
    return _share(sum(map(str.isdigit, source.text)), len(source.text))


def _space_share(source: Source) -> Reading | None:
    return _share(sum(map(str.isspace, source.text)), len(source.text))


def _hex_word_share(source: Source) -> Reading | None:
    words = _WORD.findall(source.text)
    return _share(sum(_HEX_WORD.fullmatch(word) is not None for word in words), len(words))


def _longest_encoded_run(source: Source) -> Reading:
    longest = max(_ENCODED.finditer(source.text), key=lambda m: m.end() - m.start(), default=None)
    if longest is None:
        return Reading(0)
    return Reading(len(longest[0]), source.line_of(longest.start()), longest.span())


def _encoded_share(source: Source) -> Reading | None:
    total = sum(match.end() - match.start() for match in _ENCODED.finditer(source.text))
    return _share(total, len(source.text))


def _repeated_line_share(source: Source) -> Reading | None:
    """Lines that stand further up already; brackets and blank lines don't count."""
    lines = [line.strip() for line in source.lines if _TELLING.search(line)]
    return _share(len(lines) - len(set(lines)), len(lines))


def _repeated_word_share(source: Source) -> Reading | None:
    """Words in runs of ten that stand further up already: copied blocks, whatever their lines."""
    words = _WORD.findall(source.text)
    seen: set[int] = set()
    repeated = bytearray(len(words))
    for start in range(len(words) - _RUN_WORDS + 1):
        run = hash(tuple(words[start : start + _RUN_WORDS]))
        if run in seen:
            repeated[start : start + _RUN_WORDS] = b"\1" * _RUN_WORDS
        seen.add(run)
    return _share(sum(repeated), len(words))


def _comment_share(source: Source) -> Reading | None:
    characters = comment_characters(source.text, source.language)
    return None if characters is None else _share(characters, len(source.text))


def _xml_prologue(source: Source) -> Reading:
    start = source.text.find(_XML_PROLOGUE, 0, _XML_CHARACTERS)
    if start < 0:
        return Reading(0)
    return Reading(1, source.line_of(start), (start, start + len(_XML_PROLOGUE)))


def _page_text(source: Source) -> Reading:
    """Characters between the tags of a page, scripts and styles included: they too are written."""
    return Reading(len(" ".join(_TAG.sub(" ", source.text).split())))


def _page_text_share(source: Source) -> Reading | None:
    return _share(_page_text(source).value, len(source.text))


def _syntax_errors(source: Source) -> Reading | None:
    found = syntax_error_share(source.text, source.language)
    return None if found is None else Reading(*found)


def _stars(source: Source) -> Reading | None:
    return None if source.stars is None else Reading(source.stars)


def _line_share(
    pattern: re.Pattern[str], search: bool = False
) -> Callable[[Source], Reading | None]:
    """The share of written lines that begin with (or hold) a pattern; the first is shown."""

    def signal(source: Source) -> Reading | None:
        test = pattern.search if search else pattern.match
        matching = [number for number, line in enumerate(source.lines, start=1) if test(line)]
        share = _share(len(matching), len(source.written_lines))
        return share and Reading(share.value, matching[0] if matching else None)

    return signal


def _share(part: float, whole: float) -> Reading | None:
    return Reading(part / whole) if whole else None


SIGNALS: dict[str, Callable[[Source], Reading | None]] = {
    "characters": _characters,
    "uncommented_characters": _uncommented_characters,
    "lines": _lines,
    "words": _words,
    "longest_line": _longest_line,
    "long_line_share": _long_line_share,
    "mean_line": _mean_line,
    "alphanumeric_share": _alphanumeric_share,
    "letter_share": _letter_share,
    "digit_share": _digit_share,
    "space_share": _space_share,
    "hex_word_share": _hex_word_share,
    "longest_encoded_run": _longest_encoded_run,
    "encoded_share": _encoded_share,
    "repeated_line_share": _repeated_line_share,
    "repeated_word_share": _repeated_word_share,
    "comment_share": _comment_share,
    "todo_line_share": _line_share(_TODO, search=True),
    "assert_line_share": _line_share(_ASSERT),
    "print_line_share": _line_share(_PRINT),
    "import_line_share": _line_share(_IMPORT),
    "pass_line_share": _line_share(_PASS),
    "insert_line_share": _line_share(_INSERT),
    "xml_prologue": _xml_prologue,
    "page_text": _page_text,
    "page_text_share": _page_text_share,
    "syntax_errors": _syntax_errors,
    "stars": _stars,
}
