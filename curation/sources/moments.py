"""Moments, as data spells them, in seconds since 1970."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any


def seconds_of(moment: Any) -> int | None:
    """Of a `datetime` or a text such as `2024-01-01T12:00:00Z`; None for what is no time.

    Without a zone it is UTC.
    """
    try:
        time = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
        if not isinstance(time, datetime):
            return None
        return int((time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp())
    except (ValueError, OverflowError):
        return None
