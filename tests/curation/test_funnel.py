"""The funnel: what leaves one stage enters the next, and the reasons add up."""

from __future__ import annotations

from collections import Counter
from io import StringIO
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from curation.funnel import FunnelRow, as_json, build_funnel, funnel_table
from curation.quality.cards import all_cards

STAGES = ["readable", "language", "quality"]
drops = st.lists(
    st.tuples(st.sampled_from(STAGES), st.sampled_from(["x", "y"]), st.integers(0, 1000)),
    max_size=30,
)


@given(drops, st.integers(30, 100), st.integers(30_000, 10**6))
def test_the_rows_add_up(dropped: list[tuple[str, str, int]], files: int, size: int) -> None:
    rows = build_funnel(STAGES, files, size, dropped)
    assert [row.stage for row in rows] == STAGES
    assert (rows[0].files_in, rows[0].bytes_in) == (files, size)
    for row, following in pairwise(rows):
        assert following.files_in == row.files_in - row.files_dropped
        assert following.bytes_in == row.bytes_in - row.bytes_dropped
    reasons = Counter((stage, reason) for stage, reason, _ in dropped)
    assert reasons == Counter(
        {(row.stage, reason): n for row in rows for reason, n in row.reasons.items()}
    )
    assert sum(row.bytes_dropped for row in rows) == sum(size for *_, size in dropped)


def test_the_table_shows_what_is_kept_and_why_the_rest_went() -> None:
    rows = build_funnel(STAGES, 10, 5_000_000, [("language", "other_language", 2_000_000)])
    output = StringIO()
    Console(file=output, width=120).print(funnel_table(as_json(rows)))
    lines = output.getvalue().splitlines()
    assert any("language" in line and "other_language 1" in line for line in lines)
    assert any("kept" in line and " 9 " in line and "3.0" in line for line in lines)


def test_a_funnel_without_stages_is_an_empty_table() -> None:
    assert funnel_table([]).row_count == 0


def test_no_name_is_broken_in_80_columns() -> None:
    reasons = [card.name for card in all_cards()]
    reasons += ["other_language", "unknown_language", "unreadable_folder", "commented_out_code"]
    rows = [
        FunnelRow("decontamination", 1_234_567, 267_123_456_789, 612_345, 101_234_567_890,
                  dict.fromkeys(reasons, 12_345)),
        FunnelRow("quality", 622_222, 165_888_888_899, 12_345, 1_234_567, {reasons[0]: 1}),
    ]  # fmt: skip
    output = StringIO()
    Console(file=output, width=80).print(funnel_table(rows))
    words = output.getvalue().replace(",", " ").split()
    assert {*reasons, "decontamination"} <= set(words)
    assert "size in" in output.getvalue()
