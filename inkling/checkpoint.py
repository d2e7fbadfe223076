"""A checkpoint on disk: an ordinary Hugging Face folder plus `training.json`.

`pretrain` and `finetune` write it, `quantize` reads it. Only the manifest lives here; the weights
are safetensors and are loaded by whoever needs them.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any

from inkling.atomic import write_json
from inkling.errors import InklingError, flaw
from inkling.layout import LAYOUT_VERSION

if TYPE_CHECKING:
    from pathlib import Path

CHECKPOINT_VERSION = 1
MANIFEST_NAME = "training.json"


@dataclass(frozen=True)
class CheckpointManifest:
    """What `training.json` says.

    Attributes:
        name: of the model, as users see it.
        context_size: tokens of one training window.
        languages: names of `inkling.languages` in the training data.
        corpus: manifest hash of the corpus (`inkling.corpus.corpus_hash`).
        layout_version: `inkling.layout.LAYOUT_VERSION` that the data was formatted with.
        training: configuration and outcome: tokens, steps, hours, losses …
    """

    name: str
    context_size: int
    languages: list[str]
    corpus: str | None = None
    layout_version: int = LAYOUT_VERSION
    training: dict[str, Any] = field(default_factory=dict)
    version: int = CHECKPOINT_VERSION


def write_checkpoint_manifest(folder: Path, manifest: CheckpointManifest) -> None:
    """Write `training.json`; by being the last file it marks the checkpoint as finished."""
    write_json(folder / MANIFEST_NAME, asdict(manifest))


def read_checkpoint_manifest(folder: Path) -> CheckpointManifest:
    """Read `training.json`.

    Raises:
        InklingError: no finished checkpoint, damaged, or written by a newer Inkling.
    """
    path = folder / MANIFEST_NAME
    if not path.is_file():
        raise InklingError(
            f"There is no finished checkpoint at {folder}.",
            "Name the subfolder 'checkpoint' of what 'python -m pretrain' wrote, and let a run "
            "that was interrupted finish.",
        )
    try:
        value = json.loads(path.read_bytes())
        version = value["version"]
        if version > CHECKPOINT_VERSION:
            raise InklingError(
                f"The checkpoint {folder} has version {version}; "
                f"this Inkling reads up to {CHECKPOINT_VERSION}.",
                "Upgrade Inkling.",
            )
        known = {f.name for f in fields(CheckpointManifest)}
        return CheckpointManifest(**{key: item for key, item in value.items() if key in known})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InklingError(
            f"The manifest {path} is damaged: {flaw(error)}.", "Train the model again."
        ) from error
