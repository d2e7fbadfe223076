"""Mapped files: arrays know theirs, and pages can be asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from attribution.mapping import map_file, mapped_file, will_read

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from attribution.index import Index


def test_an_array_over_a_mapped_file_knows_it(tmp_path: Path) -> None:
    (tmp_path / "numbers").write_bytes(np.arange(5000, dtype="<u4").tobytes())
    mapped = map_file(tmp_path / "numbers")
    numbers = np.frombuffer(mapped, dtype="<u4")
    assert mapped_file(numbers) is mapped
    assert mapped_file(np.arange(3)) is None


def test_the_arrays_of_a_segment_are_mapped_files(open_of: Callable[..., Index]) -> None:
    """Or cold reads could not be measured, nor asked for together."""
    from tests.attribution.samples import CANARY

    (item,) = open_of({"a.py": CANARY}).segments
    segment = item.segment
    for numbers in (segment.suffixes, segment.tokens, segment.places):
        assert mapped_file(numbers) is not None


@pytest.mark.parametrize("ranges", [[], [(0, 1)], [(4095, 4097), (0, 20_000)], [(19_999, 20_000)]])
def test_asking_for_pages_changes_nothing(tmp_path: Path, ranges: list[tuple[int, int]]) -> None:
    (tmp_path / "bytes").write_bytes(bytes(range(250)) * 80)
    mapped = map_file(tmp_path / "bytes")
    will_read(mapped, ranges)
    will_read(None, ranges)
    assert mapped[:] == bytes(range(250)) * 80
