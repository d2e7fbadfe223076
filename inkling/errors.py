"""What a user sees when something is wrong: one sentence of cause, one of remedy.

Bad input raises `InklingError`; anything else that escapes is a bug and may show a traceback.
"""

from __future__ import annotations

import errno
import importlib
import json
import os
import select
import shlex
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

EXIT_BAD_INPUT = 2
EXIT_INTERRUPTED = 130

# What a disk may answer through no fault of ours. Another OSError that names no file is a bug until
# shown otherwise.
_DISK_REMEDIES = {
    errno.ENOSPC: "Free some space, or choose a place on another disk.",
    errno.EDQUOT: "Free some space, or choose a place on another disk.",
    errno.EACCES: "Choose a path that you may read and write.",
    errno.EPERM: "Choose a path that you may read and write.",
    errno.EROFS: "Choose a path that you may read and write.",
    errno.EIO: "Look whether the disk is sound, or choose a place on another one.",
}
_FILE_REMEDY = "Choose a path that can be read and written."


class InklingError(Exception):
    """An error that the user can act on.

    Args:
        cause: one sentence that says what is wrong, naming the offending value.
        remedy: one sentence that says what to do about it.
    """

    def __init__(self, cause: str, remedy: str) -> None:
        super().__init__(f"{cause} {remedy}")
        self.cause = cause
        self.remedy = remedy


def run_command(command: Callable[[], int | None]) -> int:
    """Run `command` and turn what it raises into an exit status.

    Returns the command's own status (None counts as 0), 2 after an `InklingError` or where a file
    can't be read or written, and 130 after Ctrl-C.
    """
    try:
        status = command() or 0
        sys.stdout.flush()  # notice here, not at the interpreter's exit, that a reader has gone
        return status
    except InklingError as error:
        print(f"error: {error.cause}\n  {error.remedy}", file=sys.stderr)
        return EXIT_BAD_INPUT
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        if not _reader_has_gone():
            raise  # another pipe, say to a process of ours
        # Keep the interpreter's exit from complaining too.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        remedy = _DISK_REMEDIES.get(error.errno or 0, _FILE_REMEDY if error.filename else "")
        if not remedy:
            raise
        place = f" ({error.filename})" if error.filename else ""
        print(f"error: {error.strerror}{place}.\n  {remedy}", file=sys.stderr)
        return EXIT_BAD_INPUT


def _reader_has_gone() -> bool:
    """Whether nobody (`head` has had enough) reads standard output any more."""
    try:
        sys.stdout.flush()
        output = sys.stdout.fileno()
    except BrokenPipeError:
        return True
    except (OSError, ValueError):
        return False
    if not hasattr(select, "poll"):  # Windows
        return False
    poll = select.poll()
    poll.register(output, 0)  # errors are reported unasked
    return bool(poll.poll(0))


def require(module: str, extra: str) -> ModuleType:
    """Import an optional dependency, or say which extra brings it."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise InklingError(
            f"This command needs the Python package '{error.name or module}', "
            "which is not installed.",
            how_to_install(extra),
        ) from error


def how_to_install(extra: str | None) -> str:
    """The remedy for a missing package: what to run, with or without a checkout.

    Names the Python that runs, so that the package comes to where it is missing; pip keeps the
    Inkling that is installed there and adds what the extra (or, for None, Inkling) needs.
    """
    requirement = "inkling" if extra is None else f"inkling[{extra}]"
    command = [sys.executable, "-m", "pip", "install", requirement]
    quoted = subprocess.list2cmdline(command) if os.name == "nt" else shlex.join(command)
    return f"Run: {quoted}"


def flaw(error: Exception) -> str:
    """What is wrong with a manifest, in words, from what reading it raised."""
    match error:
        case json.JSONDecodeError():
            return f"line {error.lineno} isn't valid JSON"
        case UnicodeDecodeError():
            return "it isn't UTF-8 text"
        case KeyError():
            return f"it has no '{error.args[0]}'"
        case TypeError() | AttributeError():
            return "a value is missing or of the wrong kind"
    return str(error).rstrip(".") or "it isn't what it should be"
