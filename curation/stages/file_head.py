"""The prose at the head of a file: its comments and docstring, without the code between them.

What a program says in its strings (a licence checker, a template) is not what is said of the file.
By the look of lines, not by a lexer: a comment begins its line or stands behind code without
quotes. Texts that are prose as a whole are returned as they are.
"""

from __future__ import annotations

import re

HEAD_CHARACTERS = 2_000
_PROSE_LANGUAGES = frozenset({"markdown"})
_LINE_COMMENT = re.compile(
    r"\s*(?:#|//|--|;|%|!|\*|\.\.\s|'(?!'')|\"\s|(?:rem|dnl|@rem|::)\b|__(?:licen[cs]e|copyright)__\s*=)",
    re.I,
)
_BEHIND_CODE = re.compile(r"[^\"'`\n]*?\s(?=#\s|//|/\*|--\s)")
_BLOCKS = (
    ("/*", "*/"), ("<!--", "-->"), ("{-", "-}"), ("(*", "*)"), ("{#", "#}"), ("<%--", "--%>"),
    ("--[[", "]]"), ("<#", "#>"), ("=begin", "=end"), ("#=", "=#"),
    ("=head", "=cut"), ("=pod", "=cut"), ("#[=", "=]"),
)  # fmt: skip
_DOCSTRING = re.compile(
    r"(?:__(?:licen[cs]e|copyright|doc)__\s*=\s*\(?\s*)?[rRuUbB]?(\"\"\"|''')", re.IGNORECASE
)
_TRIPLE = re.compile(r"\"\"\"|'''")
_ONE_LINE_DOCSTRING = re.compile(r"[rRuU]?([\"'])(?!\1)[^\"'\n]*\1\s*$")


def prose_of_head(text: str, language: str | None = None) -> str:
    """The first `HEAD_CHARACTERS` with code blanked out, so that every place stays the same."""
    head = text[:HEAD_CHARACTERS]
    if language in _PROSE_LANGUAGES:
        return head
    parts: list[str] = []
    until: str | None = None
    in_string = seen_code = False
    for line in head.splitlines(keepends=True):
        shown = 0 if until and not in_string else None
        if until is not None:
            if until in line:
                until, in_string = None, False
        elif line.strip():
            shown, until, in_string = _begins(line, seen_code)
            seen_code |= shown is None
        parts.append(_blanked(line, shown))
    return "".join(parts)


def _begins(line: str, seen_code: bool) -> tuple[int | None, str | None, bool]:
    """Of a line outside of any block: where its comment begins, what ends the block that it opens,
    and whether that is a string of the program."""
    plain = line.lstrip()
    for opening, closing in _BLOCKS:
        if plain.startswith(opening):
            return 0, None if closing in plain[len(opening) :] else closing, False
    if match := _DOCSTRING.match(plain):
        return 0, None if match[1] in plain[match.end() :] else match[1], False
    if _LINE_COMMENT.match(line) or (not seen_code and _ONE_LINE_DOCSTRING.match(plain)):
        return 0, None, False
    behind = _BEHIND_CODE.match(line)
    if behind is not None:
        start = behind.end()
        opens = line.startswith("/*", start) and "*/" not in line[start:]
        return start, "*/" if opens else None, False
    quotes = _TRIPLE.findall(line)
    return None, quotes[-1] if len(quotes) % 2 else None, bool(len(quotes) % 2)


def _blanked(line: str, shown: int | None) -> str:
    ending = line[len(line.rstrip("\r\n")) :]
    kept = len(line) - len(ending) if shown is None else min(shown, len(line) - len(ending))
    return " " * kept + line[kept:]
