"""`python -m finetune watch`: tune again when there are new commits, and take back what got worse.

Every round asks the installed model about the commits that came after it was trained, beside the
model it replaced (the first one beside its base); if it is worse, that one comes back. Then, if
there is anything new, a model is trained, always from the base and never on top of the last one,
and installed if it is proven better. All rounds use one folder, `watch/NAME/run` under
INKLING_HOME, so none is left behind.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import tyro
from filelock import FileLock, Timeout
from rich.console import Console

from inkling.atomic import write_json, write_text
from inkling.child import child_command, child_environment
from inkling.errors import InklingError
from inkling.git import run_git
from inkling.installed import PREVIOUS, models_folder, roll_back
from inkling.settings import home, load_settings

_STATE_NAME = "watch.json"
_LOCK_NAME = "watch.lock"
_RUN_FOLDER = "run"
_HOOK = "post-commit"
_CLOCK = "%H:%M"
_NIGHT = "03:00"


@dataclass(frozen=True)
class Watch:
    """Keep a tuned model current: train on new commits at night, roll back what got worse."""

    repo: Annotated[Path, tyro.conf.Positional]
    """Git checkout to learn."""
    base: str | None = None
    """Checkpoint, bundle or OWNER/NAME on the hub to start from (default: the starter model)."""
    name: str | None = None
    """Name of the tuned model (default: the repository's, with '-personal')."""
    minutes: float = 10.0
    """Train so long at most."""
    every_hours: float = 24.0
    """Hours from one look at the repository to the next."""
    at: str | None = None
    """Look at this time of every day instead, as 03:00; with --once only the next time."""
    once: Annotated[bool, tyro.conf.FlagCreatePairsOff] = False
    """Look once and end, for cron and for hooks."""
    hook: Annotated[bool, tyro.conf.FlagCreatePairsOff] = False
    """Write a post-commit hook that waits in the background for --at (default: 03:00), looks once
    at all that was committed until then, and end."""

    def run(self) -> int:
        from evaluation.replay.history import git

        console = Console()
        if self.at is not None:
            until(self.at, datetime.now())  # says so if it is no time
        git(self.repo, "rev-parse", "HEAD")  # says so if it is no checkout
        if self.hook:
            console.print(f"Written: {self._write_hook()}", soft_wrap=True)
            return 0
        folder = home() / "watch" / self.model
        folder.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(folder / _LOCK_NAME, timeout=0):
                self._watch(folder, console)
        except Timeout:  # of two commits in a row
            console.print(
                f"Another process tunes {self.model}, or waits for the time to.", soft_wrap=True
            )
        return 0

    def _watch(self, folder: Path, console: Console) -> None:
        from finetune.train import InterruptedTrainingError

        while True:
            self._wait(console)
            try:
                self._tune_if_new(folder, console)
            except InklingError as error:  # the next night may be a better one
                if self.once or isinstance(error, InterruptedTrainingError):
                    raise
                console.print(f"error: {error}", soft_wrap=True, highlight=False, markup=False)
            if self.once:
                return
            if self.at is None:
                console.print(f"Looking again in {self.every_hours:g} hours.")
                time.sleep(3600 * self.every_hours)

    def _wait(self, console: Console) -> None:
        if self.at is not None:
            console.print(f"Looking at {self.at}.", highlight=False)
            time.sleep(until(self.at, datetime.now()))

    @property
    def model(self) -> str:
        """Name of the folder that the tuned model is installed in."""
        from quantize.cli import folder_name

        return folder_name(self.name or f"{self.repo.resolve().name}-personal")

    def _tune_if_new(self, folder: Path, console: Console) -> None:
        from evaluation.replay.history import git
        from finetune.cli import tune
        from finetune.options import FinetuneOptions

        path = folder / _STATE_NAME
        state = _read(path)
        head = git(self.repo, "rev-parse", "HEAD").strip()
        if state.get("tuned") == head:
            console.print(f"Nothing new in {self.repo} since {head[:10]}.", soft_wrap=True)
            return
        # Commits that were too few to judge the installed model by count again the next night.
        installed = state.get("installed", state.get("tuned"))
        if installed and not _is_ancestor(self.repo, installed, head):
            installed = head  # a history written anew repeats what was learned; from here on then
        elif installed and roll_back_if_worse(
            self.repo, self.model, installed, self._served_base(folder)
        ):
            console.print("The installed model does worse on the newest commits: rolled back.")
        options = FinetuneOptions(
            repos=(str(self.repo),),
            base=self.base,
            name=self.name,
            minutes=self.minutes,
            out=folder / _RUN_FOLDER,
            yes=True,
        )
        if tune(options) == 0:
            installed = head
        write_json(path, {"tuned": head, "installed": installed})

    def _served_base(self, folder: Path) -> Path | None:
        """The bundle that the last proof compared with; None if there is none any more."""
        from finetune.base import bundle_of
        from finetune.run_folder import RunFolder
        from inkling.bundle import MANIFEST_NAME

        exported = RunFolder(folder / _RUN_FOLDER).base_bundle
        if (exported / MANIFEST_NAME).is_file():
            return exported
        if self.base is None:
            return bundle_of(None)
        return bundle_of(Path(self.base)) if Path(self.base).exists() else None

    def _write_hook(self) -> Path:
        from evaluation.replay.history import git

        # A linked work tree has no folder .git, and the user may keep hooks elsewhere.
        path = self.repo / git(self.repo, "rev-parse", "--git-path", f"hooks/{_HOOK}").strip()
        command = shlex.join(self._once()) + " >/dev/null 2>&1 &"
        if path.exists():
            raise InklingError(f"There is a {_HOOK} hook already.", f"Add to {path}: {command}")
        write_text(path, f"#!/bin/sh\n{command}\n")
        os.chmod(path, 0o755)  # noqa: PTH101
        return path

    def _once(self) -> list[str]:
        """The command line of one look, with what was chosen here."""
        command = child_command("finetune", "watch", "--once", "--at", self.at or _NIGHT)
        command += ["--minutes", f"{self.minutes:g}"]
        if self.base is not None:
            path = Path(self.base)
            command += ["--base", str(path.resolve()) if path.exists() else self.base]
        if self.name is not None:
            command += ["--name", self.name]
        return [*command, str(self.repo.resolve())]


def until(clock: str, now: datetime) -> float:
    """Seconds from `now` to the next time that the clock shows `clock`, as 03:00.

    Raises:
        InklingError: it is no time of day.
    """
    try:
        wanted = datetime.strptime(clock, _CLOCK)
    except ValueError as error:
        raise InklingError(f"--at is {clock}.", "Give it a time of day, as 03:00.") from error
    then = now.replace(hour=wanted.hour, minute=wanted.minute, second=0, microsecond=0)
    return (then - now + timedelta(days=then <= now)).total_seconds()


def roll_back_if_worse(repo: Path, name: str, since: str, base: Path | None = None) -> bool:
    """Bring back what `name` replaced if that does better on what came after `since`.

    Args:
        base: bundle that stands for an earlier model where there is none. If it does better and
            `name` is in use, the choice before that comes back.

    Returns:
        whether anything came back; not without enough new lines to tell.
    """
    from finetune.gate.canary import canary_proof, is_worse
    from inkling.bundle import open_bundle

    installed, earlier = models_folder() / name, models_folder() / PREVIOUS / name
    replaced = earlier if earlier.is_dir() else base
    if not installed.is_dir() or replaced is None:
        return False
    if replaced is base and load_settings().model != str(installed):
        return False
    manifest = open_bundle(installed).manifest
    languages = manifest.languages if manifest else []
    proof = canary_proof(repo, since, languages, replaced, installed)
    if proof is None or not is_worse(proof):
        return False
    if replaced is not base:
        roll_back(name)
        return True
    _take_choice_back()
    return True


def _take_choice_back() -> None:
    """Put what was in use before back in use; the starter, where a choice by hand hides that."""
    for choice in (("rollback",), ("use", "starter")):
        command = child_command("inkling", "model", *choice)
        if subprocess.run(command, env=child_environment(), capture_output=True).returncode == 0:
            return


def _is_ancestor(repo: Path, revision: str, head: str) -> bool:
    return run_git(repo, "merge-base", "--is-ancestor", revision, head) is not None


def _read(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}
