"""What a run goes on from: its last whole save, and whether the options still fit it.

`run.json` in the run's folder holds what decides the tokenizer and the shape of the model. A run
that has saved a step can't go on with anything else, and its data must not be replaced either.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from inkling.atomic import write_json
from inkling.checkpoint import read_checkpoint_manifest
from inkling.errors import InklingError

if TYPE_CHECKING:
    from pathlib import Path

    from pretrain.options import PretrainOptions

RUN_NAME = "run.json"
STEPS_FOLDER = "steps"
CHECKPOINT_FOLDER = "checkpoint"
_FIXED = ("vocabulary", "layers", "hidden", "feed_forward", "window", "seed")
_LAST_WRITTEN = "trainer_state.json"


def last_save(run: Path) -> Path | None:
    """The newest whole `steps/checkpoint-N` of a run, or None.

    `Trainer` writes straight into the final folder and `trainer_state.json` last, so a save that
    a kill cut off lacks that file or has half of it.
    """
    saves = (run / STEPS_FOLDER).glob("checkpoint-*")
    numbered = [(saved_step(path), path) for path in saves if path.name[11:].isdigit()]
    for _, path in sorted(numbered, reverse=True):
        try:
            json.loads((path / _LAST_WRITTEN).read_bytes())
        except (OSError, ValueError):
            continue
        return path
    return None


def saved_step(save: Path) -> int:
    """The step that a save was made after."""
    return int(save.name.rpartition("-")[2])


def begin_or_resume(options: PretrainOptions, corpus_hash: str) -> Path | None:
    """The save to go on from, or None for a run that begins (which is noted in `run.json`).

    Raises:
        InklingError: the run was begun with another corpus, vocabulary, shape or seed, or its
            folder is a file.
    """
    if options.out.exists() and not options.out.is_dir():
        raise InklingError(f"{options.out} is a file, not a folder.", "Name a folder for the run.")
    path = options.out / RUN_NAME
    wanted = {"corpus": corpus_hash} | {name: getattr(options, name) for name in _FIXED}
    save = last_save(options.out)
    if save is not None:
        for name, begun in _read(path).items():
            if name in wanted and wanted[name] != begun:
                raise _mismatch(options.out, name, begun)
    write_json(path, wanted)
    return save


def is_finished(options: PretrainOptions, described: dict[str, str], corpus_hash: str) -> bool:
    """Whether the run's checkpoint is whole and was made with just these options."""
    try:
        manifest = read_checkpoint_manifest(options.out / CHECKPOINT_FOLDER)
    except InklingError:
        return False
    return manifest.corpus == corpus_hash and manifest.training.get("options") == described


def _read(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}  # an older run, which has none
    return value if isinstance(value, dict) else {}


def _mismatch(run: Path, name: str, begun: object) -> InklingError:
    what = "another corpus" if name == "corpus" else f"--{name.replace('_', '-')} {begun}"
    return InklingError(
        f"The run in {run} was begun with {what}.",
        "Use what it was begun with, or another --out folder.",
    )
