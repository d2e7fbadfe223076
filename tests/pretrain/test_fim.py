"""Cutting holes: where a hole may lie, that nothing is lost, and how often each kind comes."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkling.errors import InklingError
from inkling.layout import Sentinel, fim_example_segments
from pretrain.fim import FimMix, Hole, cut_hole, fim_context
from tests.pretrain.documents import module_text

lines = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n"), max_size=12),
    st.sampled_from(["", "    ", "\tx = 1", "def f():", "größe", "\x0c"]),
)
texts = st.tuples(st.lists(lines, min_size=1, max_size=12), st.booleans()).map(
    lambda drawn: "\n".join(drawn[0]) + ("\n" if drawn[1] else "")
)
texts_with_any_line_end = st.lists(
    st.tuples(lines, st.sampled_from(["\n", "\r\n", "\r", ""])), min_size=1, max_size=12
).map(lambda drawn: "".join(line + end for line, end in drawn))
LINE_ENDS = FimMix(line_end=1, block_end=0)
BLOCK_ENDS = FimMix(line_end=0, block_end=1)


@settings(max_examples=400)
@given(texts_with_any_line_end.filter(len), st.integers(0, 2**32))
def test_a_hole_lies_in_the_text_and_its_anchor_starts_a_line(text: str, seed: int) -> None:
    hole = cut_hole(text, FimMix(), random.Random(seed))
    if hole is None:
        return
    assert 0 <= hole.anchor <= hole.cursor <= hole.end <= len(text)
    starts_line = hole.anchor == 0 or text[hole.anchor - 1] == "\n"
    assert starts_line or hole.anchor == hole.cursor
    context, middle = fim_context(text, hole, "path.py", "repo")
    assert context.prefix + context.typed + middle + context.suffix == text
    assert (context.path, context.repo) == ("path.py", "repo")


@given(texts_with_any_line_end.filter(str.strip), st.integers(0, 2**32))
def test_the_cursor_never_stands_in_indentation_or_on_a_blank_line(text: str, seed: int) -> None:
    hole = cut_hole(text, FimMix(), random.Random(seed))
    if hole is not None:
        start = text.rfind("\n", 0, hole.cursor) + 1
        rest = text[hole.cursor :].split("\n", 1)[0]
        assert (text[start : hole.cursor] + rest).strip()
        assert text[start : hole.cursor].strip() or not rest[0].isspace()


@given(texts_with_any_line_end.filter(str.strip), st.integers(0, 2**32))
def test_a_hole_to_the_line_end_stops_before_the_line_break(text: str, seed: int) -> None:
    hole = cut_hole(text, LINE_ENDS, random.Random(seed))
    if hole is not None:
        middle, after = text[hole.cursor : hole.end], text[hole.end :]
        assert "\n" not in middle
        assert middle
        assert after.startswith(("\n", "\r\n")) or not after
        assert not middle.endswith("\r") or not after.startswith("\n")


@given(texts.filter(str.strip), st.integers(0, 2**32))
def test_a_block_hole_ends_at_a_line_end_a_few_lines_below(text: str, seed: int) -> None:
    hole = cut_hole(text, BLOCK_ENDS, random.Random(seed))
    if hole is not None:
        assert hole.end == len(text) or text[hole.end] == "\n"
        below = text.count("\n", hole.cursor, hole.end)
        assert 1 <= below <= BLOCK_ENDS.max_block_lines or hole.end == len(text)


def test_a_block_hole_never_ends_inside_a_windows_line_break() -> None:
    text = "x = 1\r\n" * 30
    for seed in range(50):
        hole = cut_hole(text, BLOCK_ENDS, random.Random(seed))
        assert hole is not None
        assert text[hole.end - 1 : hole.end + 1] != "\r\n"


@given(texts.filter(str.strip), st.integers(0, 2**32))
def test_a_character_hole_is_as_long_as_the_mix_allows(text: str, seed: int) -> None:
    mix = FimMix(line_end=0, block_end=0, max_characters=20)
    hole = cut_hole(text, mix, random.Random(seed))
    if hole is not None:
        assert 1 <= hole.end - hole.cursor <= 20


@pytest.mark.parametrize("text", ["\n", "  \n\t\n", "\r\n\r\n", "\n" * 100])
def test_a_text_without_a_line_worth_completing_has_no_hole(text: str) -> None:
    assert all(cut_hole(text, FimMix(), random.Random(seed)) is None for seed in range(20))


def test_the_same_seed_cuts_the_same_hole() -> None:
    text = module_text(1)
    holes = [cut_hole(text, FimMix(), random.Random("document:0")) for _ in range(2)]
    assert isinstance(holes[0], Hole)
    assert holes[0] == holes[1]


def test_the_kinds_come_about_as_often_as_the_mix_says() -> None:
    """Of 4000 cuts a share of .3 has a standard error of .007."""
    mix, rng = FimMix(), random.Random(5)
    text = module_text(2, functions=30)
    counts: Counter[str] = Counter()
    total = 4_000
    for _ in range(total):
        hole = cut_hole(text, mix, rng)
        assert hole is not None
        typed = text[hole.anchor : hole.cursor]
        starts_line = text[hole.anchor - 1 : hole.anchor] in ("", "\n")
        counts["bare"] += not starts_line
        counts["above"] += "\n" in typed
        counts["to an end"] += text[hole.end : hole.end + 1] in ("", "\n")
        counts["in a line"] += "\n" not in text[hole.cursor : hole.end]
        counts["typed to the line's text"] += not typed.strip() and starts_line
    shares = {kind: count / total for kind, count in counts.items()}
    assert shares["bare"] == pytest.approx(mix.bare, abs=0.03)
    assert shares["above"] == pytest.approx((1 - mix.bare) * mix.lines_above, abs=0.03)
    # Character cuts hit an end by chance, too.
    assert 0.8 <= shares["to an end"] <= 0.9
    # All cuts to the line's end, no block cut, and the short half of the character cuts.
    assert 0.5 <= shares["in a line"] <= 0.7
    # Three in ten cursors stand right after the indentation.
    assert 0.15 <= shares["typed to the line's text"] <= 0.35


def test_anchors_lie_at_most_a_few_lines_above() -> None:
    mix = FimMix(lines_above=1, bare=0, max_lines_above=3)
    text, rng = module_text(3), random.Random(6)
    above = []
    for _ in range(300):
        hole = cut_hole(text, mix, rng)
        assert hole is not None
        above.append(text.count("\n", hole.anchor, hole.cursor))
    assert set(above) <= {0, 1, 2, 3}  # 0 only where the text begins
    assert {1, 2, 3} <= set(above)


def test_anchors_lie_at_least_so_many_lines_above() -> None:
    mix = FimMix(lines_above=1, bare=0, min_lines_above=3, max_lines_above=5)
    text, rng = module_text(3), random.Random(6)
    for _ in range(300):
        hole = cut_hole(text, mix, rng)
        assert hole is not None
        above = text.count("\n", hole.anchor, hole.cursor)
        assert 3 <= above <= 5 or hole.anchor == 0


def test_a_hole_may_end_with_a_syntax_node() -> None:
    """Every drawn end closes what was open: an argument, a call, a statement, a body or a block."""
    pytest.importorskip("tree_sitter_python")
    text = "größe = 1\n\ndef f(a):\n    b = g(a, [1, 2])\n    return b\n\nx = 3\n"
    mix = FimMix(line_end=0, block_end=0, node_end=1, bare=1)
    ends = {
        text[hole.cursor : hole.end]
        for seed in range(300)
        if (hole := cut_hole(text, mix, random.Random(seed), "python")) is not None
        and text[: hole.cursor].endswith("g(a, ")
    }
    assert ends
    assert ends <= {"[1, 2]", "[", "[1, 2])", "[1, 2])\n    return b"}


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_the_share_of_syntax_nodes_is_what_was_asked_for(share: float) -> None:
    """A literal of 41 characters on one line: by chance a cut seldom ends where it ends."""
    pytest.importorskip("tree_sitter_python")
    text = "value = 'a literal that goes on and on for a while' + other\n"
    start, end = text.index("'"), text.rindex("'") + 1
    mix = FimMix(line_end=1 - share, block_end=0, node_end=share)
    rng, counts, total = random.Random(2), Counter[bool](), 0
    while total < 1_500:
        hole = cut_hole(text, mix, rng, "python")
        assert hole is not None
        if start < hole.cursor < end - 1:
            total += 1
            counts[hole.end == len(text) - 1] += 1
    # A node around the cursor may be the statement, which ends with its line.
    assert counts[True] / total >= 1 - share - 0.05
    if share:
        assert counts[False] / total >= 0.4 * share
    else:
        assert not counts[False]


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10_000))
def test_a_suffix_first_example_is_the_suffix_and_then_all_before_it(seed: int) -> None:
    text = module_text(seed % 7)
    hole = cut_hole(text, FimMix(suffix_first=1), random.Random(seed))
    assert hole is not None
    assert hole.anchor == 0
    context, middle = fim_context(text, hole, None, None)
    parts = fim_example_segments(context, middle)
    assert [part for part in parts if isinstance(part, Sentinel)] == [
        Sentinel.PREFIX, Sentinel.SUFFIX, Sentinel.MIDDLE, Sentinel.END,
    ]  # fmt: skip
    _, prefix, _, suffix, _, typed, _ = parts
    assert prefix == ""
    assert f"{typed}{suffix}" == text


@pytest.mark.parametrize(
    ("mix", "flag"),
    [
        (FimMix(rate=1.5), "--fim.rate"),
        (FimMix(node_end=-0.1), "--fim.node-end"),
        (FimMix(max_characters=0), "--fim.max-characters"),
        (FimMix(node_end=0.3), "--fim.line-end"),
        (FimMix(min_lines_above=9), "--fim.min-lines-above"),
    ],
)
def test_shares_that_cannot_be_are_refused(mix: FimMix, flag: str) -> None:
    with pytest.raises(InklingError, match=flag):
        mix.check()
