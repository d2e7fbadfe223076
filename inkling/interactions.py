"""The interaction log with text: what was suggested and what was written instead.

The server writes it only where its user agreed to keep text (`keepText`); preference tuning reads
it. One JSON object a line in `INKLING_HOME/interactions.jsonl`; it never leaves the machine, holds
nothing that looks like a secret, and is deleted by `inkling uninstall-data` or by hand.
"""

from __future__ import annotations

import json
import logging
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING

from inkling.secrets import without_secrets
from inkling.settings import home

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

logger = logging.getLogger(__name__)

FILE_NAME = "interactions.jsonl"
CONTEXT_CHARACTERS = 2_000
"""So much of the text before and after the cursor is kept."""


@dataclass(frozen=True)
class Interaction:
    """One suggestion, half a minute after it was shown.

    Attributes:
        at: seconds since 1970.
        language: name in `inkling.languages`, "" if unknown.
        path: of the file, relative to its repository, as the prompt named it; "" if unnamed.
        prefix, suffix: text before and after the cursor.
        suggested: what was shown.
        written: what stands there now, as many lines as were suggested.
        accepted: whether the suggestion was taken as a whole.
    """

    at: float
    language: str
    path: str
    prefix: str
    suffix: str
    suggested: str
    written: str
    accepted: bool


def append(interaction: Interaction, path: Path | None = None) -> None:
    """Add one line; what looks like a secret is hidden first. A disk that refuses is logged."""
    path = path or home() / FILE_NAME
    values = asdict(interaction)
    for name in ("prefix", "suffix", "suggested", "written"):
        values[name] = without_secrets(values[name], interaction.language or None)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as handle:  # one write, so that several servers don't mix
            handle.write(json.dumps(values).encode() + b"\n")
    except OSError as error:
        logger.debug("interactions can't be written: %s", error.strerror)


def read(path: Path | None = None) -> Iterator[Interaction]:
    """The interactions of the log, without lines that are damaged."""
    path = path or home() / FILE_NAME
    try:
        lines = path.read_bytes().split(b"\n")
    except FileNotFoundError:
        return
    kinds = {field.name: field.type for field in fields(Interaction)}
    for line in lines:
        try:
            values = json.loads(line)
            texts = [values[name] for name, kind in kinds.items() if kind == "str"]
            interaction = Interaction(**values)
        except (ValueError, KeyError, TypeError):
            continue
        if all(isinstance(text, str) for text in texts):
            yield interaction
