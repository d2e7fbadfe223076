"""Cutting holes: from a piece of a document to a fill-in-the-middle example.

The cut is made in characters, inside a piece that is known to fit the window, and before packing,
so no middle is ever truncated (FIM cut across a packed window is a known defect of earlier code).
A middle begins at an *anchor*, the start of a line, so it holds what would already be typed: part
of a line, or some lines and a part. See `inkling.layout`.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from inkling.errors import InklingError
from inkling.layout import FimContext, anchor_offset
from pretrain.syntax_middle import node_end

if TYPE_CHECKING:
    import random


@dataclass(frozen=True)
class FimMix:
    """Shares of the kinds of cut. They were chosen by what a cursor meets while someone types.

    Attributes:
        rate: share of pieces that get a hole; the rest is trained from left to right.
        line_end: the hole ends at the end of the cursor's line.
        block_end: the hole ends at the end of a line some lines below.
        node_end: the hole ends at the end of a syntax node around the cursor; the rest of the holes
            ends at any character, within `max_characters` of the cursor.
        lines_above: share of holes whose anchor lies one or more lines above the cursor's line.
        bare: share of holes that begin at the cursor itself, mid-line, with nothing typed.
        suffix_first: share of holes whose anchor is the piece's start: the suffix comes before
            all of the prefix (SPM, in the form that Megatron calls variant 2).
        min_lines_above, max_lines_above, max_block_lines, max_characters: sizes.
    """

    rate: float = 0.5
    line_end: float = 0.5
    block_end: float = 0.3
    node_end: float = 0.0
    lines_above: float = 0.3
    bare: float = 0.1
    suffix_first: float = 0.0
    min_lines_above: int = 1
    max_lines_above: int = 4
    max_block_lines: int = 8
    max_characters: int = 400

    def check(self) -> None:
        """Raise InklingError for shares that aren't, or sizes below 1."""
        for field in fields(self):
            value = getattr(self, field.name)
            low, high = (1, None) if field.name.startswith(("min_", "max_")) else (0, 1)
            if not (low <= value and (high is None or value <= high)):
                raise InklingError(
                    f"--fim.{field.name.replace('_', '-')} is {value}.",
                    "Choose 1 or more." if high is None else "Choose a share from 0 to 1.",
                )
        if self.min_lines_above > self.max_lines_above:
            raise InklingError(
                f"--fim.min-lines-above is {self.min_lines_above}.",
                f"Choose at most {self.max_lines_above}, the value of --fim.max-lines-above.",
            )
        ends = self.line_end + self.block_end + self.node_end
        if ends > 1 + 1e-9:
            raise InklingError(
                f"The holes' ends add up to {ends:.2f}.",
                "Lower --fim.line-end, --fim.block-end or --fim.node-end to 1 together.",
            )


@dataclass(frozen=True)
class Hole:
    """A cut of a text: `text[anchor:cursor]` is typed, `text[cursor:end]` is to be filled in."""

    anchor: int
    cursor: int
    end: int


def cut_hole(
    text: str, mix: FimMix, rng: random.Random, language: str | None = None
) -> Hole | None:
    """Choose a hole, or None if the text has no line worth completing.

    Args:
        language: a name of `inkling.languages`; without one no hole ends with a syntax node.
    """
    cursor = _cursor(text, rng)
    if cursor is None:
        return None
    return hole_at(text, cursor, _end(text, cursor, mix, rng, language), mix, rng)


def hole_at(text: str, cursor: int, end: int, mix: FimMix, rng: random.Random) -> Hole:
    """The hole from `cursor` to `end`, with an anchor drawn by the mix."""
    if mix.suffix_first and rng.random() < mix.suffix_first:
        return Hole(0, cursor, end)
    if rng.random() < mix.bare:
        return Hole(cursor, cursor, end)
    above = 0
    if rng.random() < mix.lines_above:
        above = rng.randint(mix.min_lines_above, mix.max_lines_above)
    return Hole(anchor_offset(text, cursor, above), cursor, end)


def fim_context(
    text: str, hole: Hole, path: str | None, repo: str | None
) -> tuple[FimContext, str]:
    """The context that the hole leaves, and the middle that belongs into it."""
    context = FimContext(
        prefix=text[: hole.anchor],
        typed=text[hole.anchor : hole.cursor],
        suffix=text[hole.end :],
        path=path,
        repo=repo,
    )
    return context, text[hole.cursor : hole.end]


def _cursor(text: str, rng: random.Random) -> int | None:
    """A place in a line that isn't blank."""
    for _ in range(8):
        start = anchor_offset(text, rng.randrange(len(text)))
        cursor = cursor_in_line(text, start, rng)
        if cursor is not None:
            return cursor
    return None


def cursor_in_line(text: str, start: int, rng: random.Random) -> int | None:
    """A place in the line that begins at `start`: after its indentation, or any later character.

    None if the line is blank.
    """
    end = line_end(text, start)
    line = text[start:end]
    if not line.strip():
        return None
    first = start + len(line) - len(line.lstrip())
    return first if rng.random() < 0.3 else rng.randrange(first, end)


def _end(text: str, cursor: int, mix: FimMix, rng: random.Random, language: str | None) -> int:
    kind = rng.random()
    if kind < mix.line_end:
        return line_end(text, cursor)
    if kind < mix.line_end + mix.block_end:
        line = cursor
        for _ in range(rng.randint(1, mix.max_block_lines)):
            line = _next_line(text, line)
        return line_end(text, line)
    if language is not None and kind < mix.line_end + mix.block_end + mix.node_end:
        end = node_end(text, cursor, language, mix.max_characters, rng)
        if end is not None:
            return end
    # Log-uniform: short spans are as frequent as long ones.
    span = int(mix.max_characters ** rng.random())
    return min(len(text), cursor + span)


def line_end(text: str, offset: int) -> int:
    """Offset of the end of the line that holds `offset`, before its line break (`\\r\\n` too)."""
    end = text.find("\n", offset)
    if end < 0:
        return len(text)
    return end - 1 if end > offset and text[end - 1] == "\r" else end


def _next_line(text: str, offset: int) -> int:
    """Offset of the start of the line after the one that holds `offset`; the end if it's last."""
    newline = text.find("\n", offset)
    return len(text) if newline < 0 else newline + 1
