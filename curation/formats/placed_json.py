"""JSON whose strings remember on which line of the file they stand."""

from __future__ import annotations

import json
from bisect import bisect_right
from json.decoder import scanstring  # type: ignore[attr-defined]  # missing in the stubs
from json.scanner import py_make_scanner  # type: ignore[attr-defined]
from typing import Any


class PlacedText(str):
    """A string of a JSON file; `line` (from 1) is where it begins."""

    __slots__ = ("line",)
    line: int


def parse_placed(text: str) -> Any:
    """What `json.loads` gives, each string that is a value as a `PlacedText`.

    Raises:
        ValueError: the text isn't JSON.
        RecursionError: it is nested too deeply.
    """
    ends = [offset for offset, sign in enumerate(text) if sign == "\n"]

    def placed(source: str, start: int, strict: bool = True) -> tuple[PlacedText, int]:
        value, end = scanstring(source, start, strict)
        found = PlacedText(value)
        found.line = bisect_right(ends, start - 1) + 1
        return found, end

    decoder: Any = json.JSONDecoder()  # the stubs lack what is set below
    decoder.parse_string = placed
    # The scanner in C knows no other way to read strings than its own.
    decoder.scan_once = py_make_scanner(decoder)
    return decoder.decode(text)
