"""The KV cache on disk: what was read of a workspace, for the next start.

A file holds the active sequence's tokens, keys and values, beside it a note with its hash. What
doesn't fit (another model, other settings, damage) is ignored with a line in the log. The folder's
size is bounded; the oldest files go first. The tokens spell text of the workspace, so the files are
for the user's eyes only and are never sent anywhere.
"""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

import llama_cpp

from inkling.atomic import sha256_file, write_json
from inkling.settings import home

if TYPE_CHECKING:
    from pathlib import Path

    from inkling.bundle import Bundle
    from lsp_server.engine.session import Session

logger = logging.getLogger(__name__)

FOLDER = "states"
MOST_BYTES = 256 * 2**20
_LEAST_TOKENS = 64


@dataclass(frozen=True)
class KeptState:
    """Where the state of a workspace with a model is kept."""

    path: Path

    @property
    def note(self) -> Path:
        return self.path.with_suffix(".json")


def state_of(
    workspace: Path, bundle: Bundle, context_tokens: int, adapter: Path | None
) -> KeptState:
    """The place for a workspace, a model file, and the settings that its cache depends on."""
    files = [bundle.model_path, *([adapter] if adapter is not None else [])]
    stamps = [(str(file.resolve()), file.stat().st_size, file.stat().st_mtime_ns) for file in files]
    known = bundle.manifest.files if bundle.manifest is not None else {}
    hashes = sorted(file.sha256 for file in known.values())
    key = [str(workspace), stamps, hashes, context_tokens, llama_cpp.__version__]
    name = hashlib.sha256(json.dumps(key).encode()).hexdigest()[:32]
    return KeptState(home() / FOLDER / f"{name}.kv")


def save_state(session: Session, kept: KeptState) -> bool:
    """Write the active sequence; whether there was enough to be worth it. A failure is logged."""
    if len(session.tokens) < _LEAST_TOKENS or session.shifted:
        return False
    unfinished = kept.path.with_suffix(".part")
    try:
        kept.path.parent.mkdir(parents=True, exist_ok=True)
        kept.path.parent.chmod(0o700)
        session.write(unfinished)
        digest = sha256_file(unfinished)
        size = unfinished.stat().st_size
        if size > MOST_BYTES:
            return False
        unfinished.replace(kept.path)
        write_json(kept.note, {"sha256": digest, "bytes": size})
        _forget_oldest(kept.path.parent)
    except OSError as error:
        logger.warning("the state of the workspace can't be kept: %s", error)
        return False
    finally:
        unfinished.unlink(missing_ok=True)
    return True


def load_state(session: Session, kept: KeptState) -> bool:
    """Read what was kept into the active sequence; whether there was something good."""
    try:
        note = json.loads(kept.note.read_bytes())
        whole = note["sha256"] == sha256_file(kept.path)
    except FileNotFoundError:
        return False
    except (OSError, ValueError, KeyError, TypeError) as error:
        logger.warning("the kept state %s is ignored: %s", kept.path, error)
        return False
    if not whole or not session.read(kept.path):
        logger.warning("the kept state %s is damaged and ignored", kept.path)
        return False
    return True


def _forget_oldest(folder: Path) -> None:
    files = sorted(folder.glob("*.kv"), key=lambda file: file.stat().st_mtime, reverse=True)
    total = 0
    for file in files:
        total += file.stat().st_size
        if total > MOST_BYTES:
            file.unlink(missing_ok=True)
            KeptState(file).note.unlink(missing_ok=True)
