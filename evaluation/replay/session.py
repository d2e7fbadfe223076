"""One replay: type all insertions through one server and write down what happened at each key."""

from __future__ import annotations

import asyncio
import resource
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evaluation.replay import typist
from evaluation.replay.history import Commit, Insertion, git

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from evaluation.replay.typing_client import TypingClient


@dataclass(frozen=True)
class Key:
    """What one key, or one acceptance, brought.

    Attributes:
        ms: wall time from the edit to the answer.
        arrival: nothing was typed: the cursor has come to a place.
        late: no answer came before the next key.
        new: a suggestion appeared that isn't the rest of the one before.
        accepted: kind of the acceptance that followed, if any.
        prompt_tokens: tokens that were evaluated for the prompt; None if the server didn't say.
    """

    ms: float
    arrival: bool
    late: bool
    new: bool
    accepted: str | None
    prompt_tokens: int | None


@dataclass(frozen=True)
class Pace:
    """How fast is typed.

    Attributes:
        key: seconds from one key to the next.
        arrival: seconds from the cursor's arrival at a place to the first key.
        rush: the next key comes as soon as the answer is there.
    """

    key: float
    arrival: float
    rush: bool = False


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
    connect: Callable[[], AbstractAsyncContextManager[TypingClient]],
    pace: Pace,
    progress: Callable[[int], None],
) -> Replay:
    """Type the insertions of each commit in the tree of its parent.

    Args:
        tree: a work tree of the repository that may be checked out freely.
        connect: starts whoever completes, once the tree is that of the first commit's parent.
        pace: how fast is typed.
        progress: told the number of keys after each insertion.
    """
    before = _children_cpu()
    recorder = _Recorder(tree, pace, progress)
    asyncio.run(recorder.run(commits, connect))
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

    def __init__(self, tree: Path, pace: Pace, progress: Callable[[int], None]) -> None:
        self.keys: list[Key] = []
        self.plain_keys = self.pressed_keys = self.taken = 0
        self.git_seconds = 0.0
        self._tree = tree
        self._pace = pace
        self._progress = progress

    async def run(
        self,
        commits: Sequence[tuple[Commit, Sequence[Insertion]]],
        connect: Callable[[], AbstractAsyncContextManager[TypingClient]],
    ) -> None:
        self._check_out(commits[0][0].parent)
        async with connect() as editor:
            for commit, insertions in commits:
                await editor.changed_on_disk(self._check_out(commit.parent))
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

    async def _type(self, editor: TypingClient, insertion: Insertion) -> None:
        indentation = insertion.typed[: len(insertion.typed) - len(insertion.typed.lstrip(" \t"))]
        rest = insertion.typed[len(indentation) :]
        await editor.open(
            self._tree / insertion.path, insertion.before + indentation, insertion.after
        )
        self.plain_keys += typist.count_keys(rest)
        text, visible, counted = "", "", False
        while rest:
            seconds = self._pace.key if text else self._pace.arrival
            next_key = time.monotonic() + seconds
            answer = await editor.type(text, seconds)
            if not self._pace.rush:
                await asyncio.sleep(next_key - time.monotonic())
            new = bool(answer.text) and (not visible or visible != text + answer.text)
            counted = counted and not new
            acceptance = typist.choose(answer.text, rest) if answer.text else None
            if acceptance is not None and not counted:
                self.taken += 1
                counted = True
            arrival = not text
            text = acceptance.text if acceptance else typist.next_key(rest)
            self.pressed_keys += 1
            rest = rest[len(text) :]
            visible = answer.text
            self.keys.append(
                Key(
                    answer.ms,
                    arrival,
                    answer.late,
                    new,
                    acceptance.kind if acceptance else None,
                    answer.prompt_tokens,
                )
            )
        await editor.close()
