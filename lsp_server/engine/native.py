"""llama.cpp seen from Python: its log, and a flag that aborts a computation.

The only other modules that touch the bindings are `model`, `vocabulary` and `session`.
"""

from __future__ import annotations

import ctypes
import logging
import os
from functools import cache
from typing import Any

import llama_cpp

logger = logging.getLogger(__name__)

# ggml.h: debug 1, info 2, warn 3, error 4, continuation 5. Its debugging is every tensor's.
_LEVELS = {2: logging.DEBUG, 3: logging.INFO, 4: logging.WARNING}
_ERROR_LEVEL = 4
_AFTER_AN_ABORT = (
    "sched_graph_compute_async failed with error 1",
    "process_ubatch: failed to compute graph, compute status: 1",
    "removing memory module entries",
    "failed to decode, ret = 2",
)
"""What llama.cpp says when it was told to stop: no error."""
_recent_errors: list[str] = []


@llama_cpp.llama_log_callback  # type: ignore[untyped-decorator]
def _log_to_python(level: int, text: bytes, _data: object) -> None:
    message = text.decode("utf-8", "replace").strip()
    if any(words in message for words in _AFTER_AN_ABORT):
        logger.debug("llama.cpp: %s", message)
        return
    if level == _ERROR_LEVEL:
        _recent_errors.append(message)
    if level in _LEVELS:
        logger.log(_LEVELS[level], "llama.cpp: %s", message)


@cache
def start_backend() -> None:
    """Send llama.cpp's log to Python's and start its backends; once a process."""
    llama_cpp.llama_log_set(_log_to_python, ctypes.c_void_p(0))
    llama_cpp.llama_backend_init()


def forget_errors() -> None:
    _recent_errors.clear()


def first_error() -> str | None:
    """The first error that llama.cpp logged since `forget_errors`: the one that explains."""
    return _recent_errors[0] if _recent_errors else None


class StopFlag:
    """A flag that llama.cpp polls while it computes; any thread may set it.

    The poll is the C library's `strlen` on a two-byte buffer: empty says go on, one character
    says stop. So the computing threads never wait for Python's global lock.
    """

    def __init__(self) -> None:
        self._buffer = ctypes.create_string_buffer(2)
        self.callback = self._poll()
        self.callback_data = ctypes.cast(self._buffer, ctypes.c_void_p)

    def _poll(self) -> Any:
        try:
            library = ctypes.CDLL("msvcrt" if os.name == "nt" else None)
            return ctypes.cast(library.strlen, llama_cpp.ggml_abort_callback)
        except (OSError, AttributeError):
            return llama_cpp.ggml_abort_callback(lambda _data: self.is_set())

    def set(self) -> None:
        self._buffer[0] = b"\x01"

    def clear(self) -> None:
        self._buffer[0] = b"\x00"

    def is_set(self) -> bool:
        return self._buffer[0] != b"\x00"
