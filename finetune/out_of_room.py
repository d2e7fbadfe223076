"""Memory and disk that run out: what libraries raise then, which is often a RuntimeError."""

from __future__ import annotations

import torch

_NO_MEMORY = ("DefaultCPUAllocator", "CUBLAS_STATUS_ALLOC_FAILED")
_NO_DISK = ("No space left on device", "os error 28", "PytorchStreamWriter failed")


def is_out_of_memory(error: BaseException) -> bool:
    """Whether memory ran out, on the machine or on a GPU."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError) and any(part in str(error) for part in _NO_MEMORY)


def is_disk_full(error: BaseException) -> bool:
    """Whether a file couldn't be written; safetensors and torch don't raise an OSError for that."""
    return isinstance(error, OSError) or any(part in str(error) for part in _NO_DISK)
