"""Where tuned models live: beside those that were fetched, each with the one it replaced.

`models/NAME` is what `inkling model list` shows; `models/.previous/NAME` is what a rollback
brings back.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from inkling.atomic import atomic_folder
from inkling.bundle import MANIFEST_NAME
from inkling.errors import InklingError
from inkling.settings import home

if TYPE_CHECKING:
    from pathlib import Path

PREVIOUS = ".previous"


def models_folder() -> Path:
    return home() / "models"


def _previous() -> Path:
    return models_folder() / PREVIOUS


def check_free_for(name: str) -> None:
    """Only an earlier model may be replaced.

    Raises:
        InklingError: something else lies where the model would be installed.
    """
    target = models_folder() / name
    if target.exists() and not (target / MANIFEST_NAME).is_file():
        raise InklingError(
            f"There is something else than a model at {target}.", "Choose another --name."
        )


def install(bundle: Path, name: str) -> Path:
    """Copy a bundle to where models are served from; the earlier one is kept for a rollback.

    The very bundle that is installed already stays, and so does the one before it.
    """
    target = models_folder() / name
    present = _manifest_of(target)
    if present is not None and present == _manifest_of(bundle):
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with atomic_folder(target) as folder:
        shutil.copytree(bundle, folder, dirs_exist_ok=True)
        if target.exists():  # only now, so that a full disk costs neither of the two
            with atomic_folder(_previous() / name) as earlier:
                shutil.copytree(target, earlier, dirs_exist_ok=True)
    return target


def _manifest_of(folder: Path) -> bytes | None:
    """What the manifest of a model says, the hashes of its files included; None if it has none."""
    path = folder / MANIFEST_NAME
    return path.read_bytes() if path.is_file() else None


def has_replaced_another(name: str) -> bool:
    """Whether there is an earlier model of this name, which no rollback has brought back."""
    manifests = [folder / name / MANIFEST_NAME for folder in (models_folder(), _previous())]
    if not all(manifest.is_file() for manifest in manifests):
        return False
    now, before = (manifest.stat().st_mtime_ns for manifest in manifests)
    return now > before


def roll_back(name: str) -> Path:
    """Bring back the model that the installed one replaced; the two change places.

    Raises:
        InklingError: there is none.
    """
    target, previous = models_folder() / name, _previous() / name
    if not (previous / MANIFEST_NAME).is_file():
        raise InklingError(
            f"There is no earlier model of {name}.",
            "A rollback needs a model that a newer one has replaced.",
        )
    aside = previous.with_name(f".{name}.aside")
    shutil.rmtree(aside, ignore_errors=True)
    if target.exists():
        target.replace(aside)
    previous.replace(target)
    if aside.exists():
        aside.replace(previous)
    return target
