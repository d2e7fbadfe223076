"""What llama.cpp says while it works: kept for error messages, printed only on request."""

from __future__ import annotations

import ctypes
import sys
from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import llama_cpp

if TYPE_CHECKING:
    from collections.abc import Iterator

LEVEL_ERROR = 4


class LlamaLog:
    """Receives the log; `reason` is the last thing that went wrong."""

    def __init__(self, verbose: bool) -> None:
        self.verbose = verbose
        self._errors: deque[str] = deque(maxlen=8)
        # llama.cpp keeps only the address, so the callback must live as long as it is set.
        self.callback: Any = llama_cpp.llama_log_callback(self._receive)

    def _receive(self, level: int, text: bytes, _user_data: Any) -> None:
        line = text.decode("utf-8", "replace")
        if self.verbose:
            sys.stderr.write(line)
        if level == LEVEL_ERROR:
            self._errors.append(line.strip())

    @property
    def reason(self) -> str:
        return self._errors[-1] if self._errors else "llama.cpp gives no reason"


_taken: list[LlamaLog] = []
"""Who has the log, the latest last: two models may be open at once."""
_owner_before: list[tuple[Any, ctypes.c_void_p]] = []
"""Whose the log was before anybody here took it, such as the completion engine's."""


@contextmanager
def llama_log(verbose: bool = False) -> Iterator[LlamaLog]:
    """Take llama.cpp's log for a while; it is one for the whole process."""
    log = LlamaLog(verbose)
    if not _taken:
        _owner_before.append(_current_owner())
    _taken.append(log)
    llama_cpp.llama_log_set(log.callback, None)
    try:
        yield log
    finally:
        _taken.remove(log)
        if _taken:
            llama_cpp.llama_log_set(_taken[-1].callback, None)
        else:
            llama_cpp.llama_log_set(*_owner_before.pop())


def _current_owner() -> tuple[Any, ctypes.c_void_p]:
    callback, data = llama_cpp.llama_log_callback(), ctypes.c_void_p()
    llama_cpp.llama_log_get(ctypes.byref(callback), ctypes.byref(data))
    return callback, data
