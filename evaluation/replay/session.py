"""One replay: type all insertions through one server and write down what happened at each key."""

from __future__ import annotations

import asyncio
import resource
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from evaluation.replay import typist
from evaluation.replay.editor import ReplayEditor, connect
from evaluation.replay.history import Commit, Insertion, git
from inkling.errors import InklingError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path


@dataclass(frozen=True)
class Key:
    """What one key, or one acceptance, brought.

    Attributes:
        ms: wall time from the edit to the answer.
        late: no answer came before the next key.
        new: a suggestion appeared that isn't the rest of the one before.
        accepted: kind of the acceptance that followed, if any.
        prompt_tokens: tokens that were evaluated for the prompt; None if the server didn't say.
    """

    ms: float
    late: bool
    new: bool
    accepted: str | None
    prompt_tokens: int | None


@dataclass(frozen=True)
class Replay:
    """A whole run.

    Attributes:
        keys: one record for each request, in order.
        plain_keys: keys that it takes to type everything without suggestions.
        pressed_keys: keys that were pressed, acceptances included.
        taken: distinct suggestions of which at least a part was taken.
        cpu_seconds: of the server, with its start and the reading of the workspace.
    """

    keys: tuple[Key, ...]
    plain_keys: int
    pressed_keys: int
    taken: int
    cpu_seconds: float

    @property
    def saved(self) -> float:
        return 1 - self.pressed_keys / self.plain_keys if self.plain_keys else 0.0

    @property
    def shown(self) -> int:
        return sum(key.new for key in self.keys)


def run_replay(
    tree: Path,
    commits: Sequence[tuple[Commit, Sequence[Insertion]]],
    options: dict[str, Any],
    patience: float,
    progress: Callable[[int], None],
) -> Replay:
    """Type the insertions of each commit in the tree of its parent.

    Args:
        tree: a work tree of the repository that may be checked out freely.
        patience: seconds between two keys.
        progress: told the number of keys after each insertion.
    """
    before = _children_cpu()
    recorder = _Recorder(tree, patience, progress)
    asyncio.run(recorder.run(commits, options))
    return Replay(
        tuple(recorder.keys),
        recorder.plain_keys,
        recorder.pressed_keys,
        recorder.taken,
        _children_cpu() - before - recorder.git_seconds,
    )


def _children_cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


class _Recorder:
    """Types, and counts."""

    def __init__(self, tree: Path, patience: float, progress: Callable[[int], None]) -> None:
        self.keys: list[Key] = []
        self.plain_keys = self.pressed_keys = self.taken = 0
        self.git_seconds = 0.0
        self._tree = tree
        self._patience = patience
        self._progress = progress

    async def run(
        self, commits: Sequence[tuple[Commit, Sequence[Insertion]]], options: dict[str, Any]
    ) -> None:
        self._check_out(commits[0][0].parent)
        async with connect(self._tree, options, self._patience) as editor:
            await _loaded(editor, options)
            for commit, insertions in commits:
                editor.changed_on_disk(self._check_out(commit.parent))
                for insertion in insertions:
                    await self._type(editor, insertion)
                    self._progress(self.plain_keys)

    def _check_out(self, revision: str) -> list[Path]:
        """Check out a revision; the paths that changed."""
        before = _children_cpu()
        changed = git(self._tree, "diff", "--name-only", "--no-renames", "-z", "HEAD", revision)
        git(self._tree, "checkout", "--quiet", "--force", "--detach", revision)
        self.git_seconds += _children_cpu() - before
        return [self._tree / path for path in changed.split("\0") if path]

    async def _type(self, editor: ReplayEditor, insertion: Insertion) -> None:
        indentation = insertion.typed[: len(insertion.typed) - len(insertion.typed.lstrip(" \t"))]
        rest = insertion.typed[len(indentation) :]
        line = insertion.before.count("\n")
        editor.open(
            self._tree / insertion.path,
            insertion.before + indentation + insertion.after,
            types.Position(line, len(indentation)),
        )
        self.plain_keys += typist.count_keys(rest)
        text, visible, counted = "", "", False
        while rest:
            answer = await editor.type(text)
            new = bool(answer.text) and (not visible or visible != text + answer.text)
            counted = counted and not new
            acceptance = typist.choose(answer.text, rest) if answer.text else None
            if acceptance is not None and not counted:
                self.taken += 1
                counted = True
            text = acceptance.text if acceptance else typist.next_key(rest)
            self.pressed_keys += 1
            rest = rest[len(text) :]
            visible = answer.text
            self.keys.append(
                Key(
                    answer.ms,
                    answer.late,
                    new,
                    acceptance.kind if acceptance else None,
                    await _prompt_tokens(editor),
                )
            )
        editor.close()


async def _loaded(editor: ReplayEditor, options: dict[str, Any]) -> None:
    """Wait until the model is loaded and the workspace is read.

    Raises:
        InklingError: the model can't be loaded.
    """
    while True:
        status = await editor.status()
        if status.state == "failed":
            raise InklingError(f"The server has no model: {status.message}", "Name another model.")
        if status.state == "ready" and (status.memory or options.get("source") == "model"):
            return
        await asyncio.sleep(0.05)


async def _prompt_tokens(editor: ReplayEditor) -> int | None:
    status = await editor.status()
    if status.last.typedAlong:
        return 0
    figures = status.last.figures
    return None if figures is None else int(figures.promptTokens - figures.reusedTokens)
