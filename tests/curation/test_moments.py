"""Moments as data spells them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from curation.sources.moments import seconds_of


@pytest.mark.parametrize(
    "moment",
    [
        "2024-01-01T12:00:00Z",
        "2024-01-01 12:00:00",
        datetime(2024, 1, 1, 12, tzinfo=UTC),
        datetime(2024, 1, 1, 13, tzinfo=timezone(timedelta(hours=1))),
        datetime(2024, 1, 1, 12),  # as Parquet files have it
    ],
)
def test_a_moment_is_seconds_in_every_spelling(moment: Any) -> None:
    assert seconds_of(moment) == 1704110400


@pytest.mark.parametrize("moment", [None, "", "soon", 5, ["2024-01-01"], {}])
def test_what_is_no_moment_has_none(moment: Any) -> None:
    assert seconds_of(moment) is None
