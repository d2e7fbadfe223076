"""A suggestion among the lines around the cursor, for a terminal."""

from __future__ import annotations

from rich.text import Text

LINES_AROUND = 6
GHOST_STYLE = "bold green"
_NUMBER_STYLE = "dim"


def preview(text: str, offset: int, suggestion: str, lines_around: int = LINES_AROUND) -> Text:
    """Numbered lines of `text` around `offset`, with `suggestion` set off where it would go.

    Args:
        offset: of the cursor, in characters.
        suggestion: text to insert; it may have several lines.
    """
    before = text[:offset].split("\n")
    after = text[offset:].split("\n")
    first = max(0, len(before) - 1 - lines_around)
    shown = Text("\n".join(before[first:]))
    shown.append(suggestion, GHOST_STYLE)
    shown.append("\n".join(after[: lines_around + 1]))
    rows = shown.split("\n", allow_blank=True)
    width = len(str(first + len(rows)))
    numbered = [
        Text.assemble((f"{first + number:>{width}}  ", _NUMBER_STYLE), row)
        for number, row in enumerate(rows, start=1)
    ]
    return Text("\n").join(numbered)
