"""Memory and disk that run out: what libraries raise then, which is often a RuntimeError."""

from __future__ import annotations

import errno

import torch

from inkling.errors import InklingError

_NO_MEMORY = ("DefaultCPUAllocator", "CUBLAS_STATUS_ALLOC_FAILED")
_NO_DISK = ("No space left on device", "os error 28", "PytorchStreamWriter failed")


def is_out_of_memory(error: BaseException) -> bool:
    """Whether memory ran out, on the machine or on a GPU."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError) and any(part in str(error) for part in _NO_MEMORY)


def is_disk_full(error: BaseException) -> bool:
    """Whether the disk is full; safetensors and torch don't raise an OSError for that."""
    if isinstance(error, InklingError):
        return False  # told already
    if isinstance(error, OSError):
        return error.errno == errno.ENOSPC
    return any(part in str(error) for part in _NO_DISK)
