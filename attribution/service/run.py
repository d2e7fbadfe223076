"""Starts the service: on this machine without a key, beyond it with a key and a rate limit."""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from typing import TYPE_CHECKING

from inkling.addresses import is_loopback
from inkling.errors import InklingError, require

if TYPE_CHECKING:
    from pathlib import Path

KEY_VARIABLE = "INKLING_API_KEY"
_LAST_PORT = 65_535


def serve(
    folder: Path,
    host: str,
    port: int,
    opt_out: Path,
    requests_a_minute: int,
    corpus: str | None = None,
) -> int:
    """Serve until interrupted; returns the exit status.

    Args:
        corpus: manifest hash of the corpus that the model was trained on, if known.

    Raises:
        InklingError: a package or an index is missing, a key is needed and not set, or a number is
            out of range.
    """
    if not 1 <= port <= _LAST_PORT:
        raise InklingError(f"There is no port {port}.", f"Give one from 1 to {_LAST_PORT}.")
    uvicorn = require("uvicorn", "serve")
    require("fastapi", "serve")
    from attribution.service.app import LOOPBACK_NAMES, create_app
    from attribution.service.guard import RateLimit

    key = os.environ.get(KEY_VARIABLE) or None
    local = is_loopback(host)
    if not local and key is None:
        raise InklingError(
            f"To listen on {host}, beyond this machine, the service needs a key.",
            f"Set {KEY_VARIABLE}, or leave out --host.",
        )
    if requests_a_minute < 1:
        raise InklingError(f"A limit of {requests_a_minute} allows nothing.", "Give 1 or more.")
    app = create_app(
        folder,
        opt_out,
        key=key,
        limit=None if local else RateLimit(requests_a_minute),
        hosts=LOOPBACK_NAMES if local else ("*",),
        corpus=corpus,
    )
    config = uvicorn.Config(app, host=host, port=port, log_level="warning", server_header=False)
    with _listening(host, port) as listener, suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[listener])
    return 0


def _listening(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise InklingError(
            f"The service can't listen on {host}, port {port}: {error.strerror}.",
            "End what listens there, or give another --port or --host.",
        ) from error
