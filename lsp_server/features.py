"""What can be switched off, one by one, to measure what it brings (`without` in the options)."""

from __future__ import annotations

from enum import StrEnum


class Feature(StrEnum):
    """What makes the engine fast and calm."""

    ANCHOR = "anchor"
    SHIFT = "shift"
    TYPE_THROUGH = "type-through"
    JOINING = "joining"
    PREPARING = "preparing"
    RULES = "rules"
