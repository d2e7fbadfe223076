"""Where an index is unless the user says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inkling.settings import home

if TYPE_CHECKING:
    from pathlib import Path

DEFAULT_NAME = "default"


def index_folder(named: Path | None) -> Path:
    """The folder that was named, else `indexes/default` under INKLING_HOME."""
    return named or home() / "indexes" / DEFAULT_NAME
