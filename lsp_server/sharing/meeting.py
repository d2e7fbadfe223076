"""Where a relay finds the shared process: a port of this machine and a token, in a private file.

Windows meet only in a process that runs the same code with the same settings of the environment.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import lsp_server
from inkling import __version__
from inkling.atomic import write_json
from inkling.settings import home

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FOLDER = "run"
_PRIVATE = 0o700
_THAT_MATTER = ("INKLING_", "HF_", "OMP_", "GGML_", "CUDA_", "PYTHONPATH")
"""Beginnings of the variables that change what a server does."""


@dataclass(frozen=True)
class Address:
    """Where the process listens on the loopback interface, and what it wants to hear first."""

    port: int
    token: str
    process: int


def meeting_place(environment: Mapping[str, str] = os.environ) -> Path:
    """The file in which the address stands, if there is such a process."""
    variables = sorted(item for item in environment.items() if item[0].startswith(_THAT_MATTER))
    code = [__version__, sys.executable, *lsp_server.__path__]
    name = hashlib.sha256(json.dumps([code, variables]).encode()).hexdigest()[:16]
    return home() / FOLDER / f"{name}.json"


def read_address(place: Path) -> Address | None:
    """The address that stands there; None if nothing does, or nothing that makes sense."""
    try:
        return Address(**json.loads(place.read_bytes()))
    except (OSError, ValueError, TypeError):
        return None


def write_address(place: Path, address: Address) -> None:
    """Raises OSError."""
    prepare_folder(place)
    write_json(place, asdict(address))


def prepare_folder(place: Path) -> None:
    """Make the folder, for the user's eyes only. Raises OSError."""
    place.parent.mkdir(parents=True, exist_ok=True)
    place.parent.chmod(_PRIVATE)
