"""Ctrl-C during a call into llama.cpp: held back until the call returns.

llama.cpp logs through a Python callback. A `KeyboardInterrupt` that is raised in there can't cross
the C code: ctypes prints and forgets it, and the command would go on as if nothing had happened.
"""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def interrupts_held() -> Iterator[None]:
    """Raise a Ctrl-C that comes within the block at its end. Only the main thread gets any."""
    previous = signal.getsignal(signal.SIGINT)
    in_main_thread = threading.current_thread() is threading.main_thread()
    if not in_main_thread or not callable(previous):
        yield
        return
    came: list[int] = []
    signal.signal(signal.SIGINT, lambda number, _frame: came.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, previous)
    if came:
        raise KeyboardInterrupt
