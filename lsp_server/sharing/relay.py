"""Between an editor and the shared process: finds that process, or starts it, and passes bytes on.

Brings neither the protocol's library nor llama.cpp, so it costs a window next to nothing.
"""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any, BinaryIO

from filelock import FileLock, Timeout

from inkling.child import child_command, child_environment
from lsp_server.sharing.frames import HEADER, Greeting, Kind
from lsp_server.sharing.meeting import meeting_place, prepare_folder, read_address

if TYPE_CHECKING:
    from pathlib import Path

logger = logging.getLogger(__name__)

HOST = "127.0.0.1"
_ANSWER_SECONDS = 5.0
_START_SECONDS = 30.0
_READ_BYTES = 65536


def connect(model: str | None = None, log_level: str = "info") -> socket.socket | None:
    """A connection to the shared process, which is started if need be; None if there can't be one.

    Args:
        model: as `--model`.
        log_level: least severity of the lines of its log that are wanted.
    """
    place = meeting_place()
    wanted = Greeting("", model, log_level)
    try:
        if (connection := _connect(place, wanted)) is not None:
            return connection
        prepare_folder(place)
        with FileLock(place.with_suffix(".lock"), timeout=_START_SECONDS):
            if (connection := _connect(place, wanted)) is not None:
                return connection
            _start(place)
        return _connect(place, wanted)
    except (OSError, Timeout) as error:
        logger.warning("the server can't be shared: %s", error)
        return None


def _connect(place: Path, wanted: Greeting) -> socket.socket | None:
    address = read_address(place)
    if address is None:
        return None
    try:
        connection = socket.create_connection((HOST, address.port), _ANSWER_SECONDS)
    except OSError:
        return None  # what stands there is of a process that was killed
    greeting = Greeting(address.token, wanted.model, wanted.log_level)
    try:
        connection.sendall(greeting.to_line())
        if _exactly(connection, HEADER.size) == HEADER.pack(Kind.READY, 0):
            connection.settimeout(None)
            return connection
    except (OSError, EOFError) as error:
        logger.debug("the shared server doesn't answer: %s", error)
    connection.close()
    return None


def _start(place: Path) -> None:
    """Start the process, detached from this one, and wait until it listens. Raises OSError."""
    with place.with_suffix(".log").open("wb") as log:
        process = subprocess.Popen(
            child_command("lsp_server.sharing.process", str(place)),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            cwd=place.parent,
            env=child_environment(),
            **_detached(),
        )
    impatience = threading.Timer(_START_SECONDS, process.kill)
    impatience.start()
    assert process.stdout is not None
    with process.stdout as output:
        said = output.readline()
    impatience.cancel()
    if not said:
        raise OSError(f"it doesn't start, see {place.with_suffix('.log')}")


def _detached() -> dict[str, Any]:
    """The process outlives this one, and the keys pressed in its terminal are not for it."""
    if sys.platform == "win32":
        flags = subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP
        return {"creationflags": flags}
    return {"start_new_session": True}


def relay(connection: socket.socket, log: BinaryIO) -> int:
    """Pass on standard input, and what comes back to standard output and `log`, to the end.

    Returns:
        the exit status that the server gives; 1 if it has died.
    """
    threading.Thread(target=_pass_on, args=[connection], daemon=True).start()
    output = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    sinks = {Kind.PROTOCOL: output, Kind.LOG: log}
    try:
        while True:
            kind, length = HEADER.unpack(_exactly(connection, HEADER.size))
            data = _exactly(connection, length)
            if kind == Kind.EXIT:
                return int(data)
            sinks[Kind(kind)].write(data)
            sinks[Kind(kind)].flush()
    except BrokenPipeError:
        return 0  # the editor has gone
    except (OSError, EOFError):
        last_words = meeting_place().with_suffix(".log")
        log.write(f"The server that all windows share has died; see {last_words}.\n".encode())
        log.flush()
        return 1


def _pass_on(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := os.read(sys.stdin.fileno(), _READ_BYTES):
            connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)


def _exactly(connection: socket.socket, count: int) -> bytes:
    """So many bytes. Raises EOFError if the connection ends before."""
    data = bytearray()
    while len(data) < count:
        chunk = connection.recv(min(count - len(data), _READ_BYTES))
        if not chunk:
            raise EOFError("the connection has ended")
        data += chunk
    return bytes(data)
