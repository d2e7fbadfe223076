"""A copy with other names: one to one, nearly everywhere, in code that is varied enough."""

from __future__ import annotations

import random
import re

import numpy as np
import pytest

from attribution.alignment import Alignment, Code, align, distinct_runs
from attribution.lexing import lex
from tests.attribution.samples import CANARY, NAMES, renamed


def code(text: str) -> Code:
    raw = text.encode()
    return Code(raw, lex(raw, "python").code())


def aligned(left: str, right: str, seed: tuple[int, int] = (20, 20)) -> Alignment:
    return align(code(left), code(right), seed)


def test_a_consistent_rename_is_a_copy() -> None:
    found = aligned(CANARY, renamed(CANARY))
    assert found.is_copy
    assert (found.left, found.right, found.size) == (0, 0, len(code(CANARY)))
    assert found.consistency == 1.0
    assert found.identical < 0.3


def test_the_same_code_in_another_layout_keeps_its_names() -> None:
    found = aligned(CANARY, CANARY.replace("    ", "\t"))
    assert found.is_copy
    assert found.identical == 1.0


def test_a_rename_that_is_no_mapping_is_not_called_a_copy() -> None:
    generator = random.Random(3)
    scrambled = re.sub(
        rf"\b({'|'.join(NAMES)})\b", lambda match: generator.choice(list(NAMES.values())), CANARY
    )
    assert code(scrambled).lexemes.symbols.tobytes() == code(CANARY).lexemes.symbols.tobytes()
    assert not aligned(CANARY, scrambled).is_copy


def test_names_that_fall_together_are_not_called_a_copy() -> None:
    """Every name of the one becomes the same name in the other: no way back, so no mapping."""
    assert not aligned(CANARY, renamed(CANARY, dict.fromkeys(NAMES, "x"))).is_copy


def test_what_follows_a_copy_by_chance_is_cut_off() -> None:
    tail = "for a in b:\n    c(d, e[f], g=h.i)\n"
    other = "for p in p:\n    q(p, q[p], q=q.p)\n"
    found = aligned(CANARY + tail, renamed(CANARY) + other)
    assert found.is_copy
    assert len(code(CANARY)) - 3 <= found.size <= len(code(CANARY)) + 4


def test_rows_of_a_table_are_no_copy() -> None:
    left = "".join(f"self.add(name_{n}, {n}, first_{n})\n" for n in range(9))
    right = "".join(f"this.put(word_{n}, {n}, other_{n})\n" for n in range(9))
    found = aligned(left, right)
    assert found.consistency == 1.0
    assert not found.is_copy


@pytest.mark.parametrize(("symbols", "expected"), [(b"", 0), (b"abcd", 0), (b"aaaaaaaaa", 1)])
def test_distinct_runs_of_five_are_counted(symbols: bytes, expected: int) -> None:
    assert distinct_runs(np.frombuffer(symbols, dtype=np.uint8)) == expected


def test_punctuation_that_a_formatter_adds_is_passed_over_and_nothing_else() -> None:
    wrapped = CANARY.replace("sorted(drifted, key", "(sorted(drifted, key").replace(
        "-pebble)", "-pebble,))"
    )
    found = aligned(wrapped, CANARY)
    assert found.is_copy
    assert found.size == len(code(CANARY))
    foreign = CANARY.replace("    while", "    foreign(line)\n    while")
    cut = aligned(foreign, CANARY)
    assert cut.left_end <= code(foreign).lexemes.starts.searchsorted(foreign.index("line"))
