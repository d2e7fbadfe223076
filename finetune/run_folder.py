"""The folder of a run: where each step leaves its result, and which run it belongs to.

run.json (which run), hub/ and base/ (the base, if it was fetched or a bundle), clones/, trees/ and
asked/ (the repositories as of the cut, and commit by commit), corpus/ (what is learned), log.jsonl
and tensorboard/ (loss by step), steps/ (where training goes on after a stop), checkpoint/ (the
tuned model), bundle/ and base-bundle/ (both, exported), answers.jsonl (what both wrote into each
hole), report.json and report.html (before and after).
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from inkling.atomic import write_json
from inkling.checkpoint import MANIFEST_NAME
from inkling.errors import InklingError
from pretrain.resume import CHECKPOINT_FOLDER, STEPS_FOLDER

if TYPE_CHECKING:
    from pathlib import Path

STATE_NAME = "run.json"
STATE_VERSION = 1


@dataclass(frozen=True)
class RunFolder:
    """The folder `path`, which need not exist yet, and the paths in it that are used twice."""

    path: Path

    @property
    def corpus(self) -> Path:
        return self.path / "corpus"

    @property
    def log(self) -> Path:
        return self.path / "log.jsonl"

    @property
    def checkpoint(self) -> Path:
        return self.path / CHECKPOINT_FOLDER

    @property
    def bundle(self) -> Path:
        return self.path / "bundle"

    @property
    def base_bundle(self) -> Path:
        return self.path / "base-bundle"

    @property
    def answers(self) -> Path:
        return self.path / "answers.jsonl"

    @property
    def report(self) -> Path:
        return self.path / "report.json"

    def has_trained(self, key: str) -> bool:
        """Whether the run `key` has finished training here."""
        return self._key() == key and (self.checkpoint / MANIFEST_NAME).is_file()

    def claim(self) -> None:
        """Make sure that the folder is a run's, before anything is written into it.

        Raises:
            InklingError: there is something else.
        """
        _check_free(self.path)
        if self._key() is None:
            self.begin("")

    def method(self, key: str) -> str | None:
        """How the run `key` trains, if it has begun here: its saves are of no other use."""
        state = self._state()
        return state.get("method") if state.get("key") == key else None

    def begin(self, key: str, method: str | None = None) -> bool:
        """Make this the folder of the run `key`; what a run of another key has trained goes.

        Args:
            method: how it trains, as `finetune.adapters.Method` has it.

        Returns:
            whether there was such a run.
        """
        if self._key() == key:
            return False
        trained = (self.path / STEPS_FOLDER).is_dir() or self.checkpoint.is_dir()
        for stale in (self.path / STEPS_FOLDER, self.checkpoint, self.bundle, self.base_bundle):
            shutil.rmtree(stale, ignore_errors=True)
        for stale in (self.log, self.answers, self.report):
            stale.unlink(missing_ok=True)
        write_json(self.path / STATE_NAME, {"version": STATE_VERSION, "key": key, "method": method})
        return trained

    def _key(self) -> str | None:
        return self._state().get("key")

    def _state(self) -> dict[str, str]:
        try:
            state = json.loads((self.path / STATE_NAME).read_bytes())
        except (OSError, ValueError):
            return {}
        return state if isinstance(state, dict) and isinstance(state.get("key"), str) else {}


def _check_free(folder: Path) -> None:
    """Only a folder that is empty, absent, or an earlier run's may be written into.

    Raises:
        InklingError: it is another.
    """
    if folder.is_file() or (
        folder.is_dir() and any(folder.iterdir()) and not (folder / STATE_NAME).is_file()
    ):
        raise InklingError(
            f"There is something else than an earlier run's result at {folder}.",
            "Choose another --out or --name.",
        )
