"""Which models were in use before, so that a choice can be taken back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from inkling.atomic import write_json
from inkling.settings import home

if TYPE_CHECKING:
    from pathlib import Path

FILE_NAME = "model-history.json"
_MOST = 16


def read(path: Path | None = None) -> list[str | None]:
    """Earlier choices, the last one at the end; None stands for the starter model.

    A damaged file counts as none.
    """
    try:
        value = json.loads((path or home() / FILE_NAME).read_bytes())
    except (OSError, ValueError):
        return []
    if not isinstance(value, list):
        return []
    return [item for item in value if item is None or isinstance(item, str)]


def write(choices: list[str | None], path: Path | None = None) -> None:
    """Keep the last few of these choices."""
    write_json(path or home() / FILE_NAME, choices[-_MOST:])
