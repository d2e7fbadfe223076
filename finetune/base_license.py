"""The licence of a base, by what lies beside its weights: its model card, or a licence file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from inkling.license_text import licenses_in

if TYPE_CHECKING:
    from pathlib import Path

NOT_STATED = "none stated"
_FRONT_MATTER = re.compile(r"\A---\s*\n(.*?)^---", re.DOTALL | re.MULTILINE)
_NAMED = re.compile(r"^licen[cs]e:[ \t]*['\"]?([\w.+-]+)", re.MULTILINE)


def license_of(folder: Path) -> str:
    """What the card's front matter names, else what the licence files are, else `NOT_STATED`."""
    card = folder / "README.md"
    if card.is_file() and (head := _FRONT_MATTER.match(_text(card))):
        named = _NAMED.search(head[1])
        if named:
            return named[1]
    files = sorted(folder.glob("LICEN[CS]E*"))
    found = {name for path in files for name in licenses_in(_text(path))}
    return ", ".join(sorted(found)) or NOT_STATED


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")
