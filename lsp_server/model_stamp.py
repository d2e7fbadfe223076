"""What tells that another model lies where one was loaded from."""

from __future__ import annotations

from pathlib import Path

from inkling.bundle import MANIFEST_NAME

ModelStamp = tuple[str, int, int]


def stamp_of(model: str | None) -> ModelStamp | None:
    """Path, time and number of the file that a model is known by; None if it is missing.

    Args:
        model: a bundle or GGUF file; None for the starter, which doesn't change.
    """
    if model is None:
        return "", 0, 0
    path = Path(model).expanduser()
    manifest = path / MANIFEST_NAME
    try:
        status = (manifest if manifest.is_file() else path).stat()
    except OSError:
        return None
    return str(path), status.st_mtime_ns, status.st_ino
