"""One `git cat-file` process that answers for many objects, and says so if it ends too soon."""

from __future__ import annotations

import subprocess
from contextlib import suppress
from typing import TYPE_CHECKING

from inkling.errors import InklingError
from inkling.git import git_command, git_environment

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Self


class CatFile:
    """Asks git for objects by name; a context manager.

    Args:
        folder: a folder of the repository, or a bare one.
        mode: of `git cat-file`, such as `--batch`.

    Raises:
        InklingError: git can't be started, or ends before it has answered; also from the methods.
    """

    def __init__(self, folder: Path, mode: str) -> None:
        self._folder = folder
        try:
            self._process = subprocess.Popen(
                git_command(folder, "cat-file", mode),
                env=git_environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
        except OSError as error:
            raise self._ended() from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        with suppress(OSError):  # what git no longer reads doesn't matter now
            self._process.stdin.close()
        self._process.terminate()
        self._process.wait()

    def ask(self, name: str) -> str:
        """The line that git answers for an object, such as `blob 12` or `NAME missing`."""
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(name.encode("utf-8", "surrogateescape") + b"\n")
            process.stdin.flush()
            line = process.stdout.readline()
        except OSError as error:
            raise self._ended() from error
        if not line.endswith(b"\n"):
            raise self._ended()
        return line.decode("utf-8", "replace").strip()

    def read(self, size: int) -> bytes:
        """The content that follows an answer of the mode `--batch`."""
        assert self._process.stdout is not None
        raw = self._process.stdout.read(size + 1)
        if len(raw) <= size:
            raise self._ended()
        return raw[:-1]

    def _ended(self) -> InklingError:
        return InklingError(
            f"git stopped in the middle of reading the history of {self._folder}.",
            "See what git says above, check the repository by 'git fsck', and give the command "
            "again.",
        )
