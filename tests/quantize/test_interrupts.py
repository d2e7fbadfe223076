"""A Ctrl-C during a call into C is neither lost nor raised inside the call."""

from __future__ import annotations

import ctypes
import os
import signal

import pytest

from quantize.interrupts import interrupts_held

pytestmark = pytest.mark.skipif(os.name == "nt", reason="POSIX signals")


def test_an_interrupt_inside_a_callback_from_c_arrives_after_the_call() -> None:
    compare_type = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
    calls = []

    def compare(_left: int, _right: int) -> int:
        calls.append(len(calls))
        if len(calls) == 1:
            os.kill(os.getpid(), signal.SIGINT)
        return 0

    numbers = (ctypes.c_int * 8)()
    with pytest.raises(KeyboardInterrupt), interrupts_held():
        ctypes.CDLL(None).qsort(numbers, 8, ctypes.sizeof(ctypes.c_int), compare_type(compare))
    assert len(calls) > 1  # the call went on to its end


def test_without_an_interrupt_nothing_happens_and_the_handler_is_back() -> None:
    before = signal.getsignal(signal.SIGINT)
    with interrupts_held():
        pass
    assert signal.getsignal(signal.SIGINT) is before


def test_an_error_in_the_block_is_raised_as_it_is() -> None:
    with pytest.raises(ValueError, match="x"), interrupts_held():
        raise ValueError("x")
