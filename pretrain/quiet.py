"""Keeps `transformers` from printing: a run shows its own progress and its own errors."""

from __future__ import annotations

from transformers.utils import logging


def quiet_transformers() -> None:
    """Only errors, no progress bars; for the whole process."""
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
