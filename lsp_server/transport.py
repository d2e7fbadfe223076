"""Messages over standard input/output or one TCP connection, until the client is gone."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import re
import sys
import threading
from typing import TYPE_CHECKING, Any, BinaryIO

from inkling.addresses import is_loopback
from inkling.errors import InklingError

if TYPE_CHECKING:
    from pygls.protocol import LanguageServerProtocol

logger = logging.getLogger(__name__)

_CONTENT_LENGTH = re.compile(rb"content-length:\s*(\d+)\s*", re.IGNORECASE)
_MAX_MESSAGE_BYTES = 512 * 1024 * 1024
_READ_BYTES = 65536


def serve_stdio(protocol: LanguageServerProtocol) -> None:
    """Speak over this process's standard input and output.

    Whatever else the process prints goes to standard error from now on, so that no library can
    break the stream.
    """
    output = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    asyncio.run(_serve_stdio(protocol, sys.stdin.fileno(), output))


async def _serve_stdio(protocol: LanguageServerProtocol, source: int, output: BinaryIO) -> None:
    reader = asyncio.StreamReader()
    threading.Thread(
        target=_pump, args=(source, reader, asyncio.get_running_loop()), daemon=True
    ).start()
    protocol.set_writer(_PipeWriter(output))
    await read_messages(protocol, reader)


def _pump(source: int, reader: asyncio.StreamReader, loop: asyncio.AbstractEventLoop) -> None:
    """Move bytes into the event loop. `os.read` holds no lock that could block the exit."""
    try:
        while data := os.read(source, _READ_BYTES):
            loop.call_soon_threadsafe(reader.feed_data, data)
        loop.call_soon_threadsafe(reader.feed_eof)
    except RuntimeError:
        pass  # the loop has ended first


class _PipeWriter:
    def __init__(self, output: BinaryIO) -> None:
        self._output = output

    def write(self, data: bytes) -> None:
        if self._output.closed:
            return  # a task that the exit cut off says its last word
        self._output.write(data)
        self._output.flush()

    def close(self) -> None:
        self._output.close()


def serve_tcp(protocol: LanguageServerProtocol, host: str, port: int) -> None:
    """Listen, speak with the first client that connects, and end with it.

    Raises:
        InklingError: the address can't be listened on.
    """
    asyncio.run(_serve_tcp(protocol, host, port))


async def _serve_tcp(protocol: LanguageServerProtocol, host: str, port: int) -> None:
    connected: asyncio.Future[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = (
        asyncio.get_running_loop().create_future()
    )

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if connected.done():
            writer.close()  # one server, one editor
        else:
            connected.set_result((reader, writer))

    try:
        listener = await asyncio.start_server(accept, host, port)
    except OSError as error:
        raise InklingError(
            f"The address {host}:{port} can't be listened on: {error.strerror or error}.",
            "Name another one.",
        ) from error
    bound = listener.sockets[0].getsockname()
    print(f"inkling: listening on {bound[0]}:{bound[1]}", file=sys.stderr, flush=True)
    reader, writer = await connected
    listener.close()
    protocol.set_writer(writer)
    await read_messages(protocol, reader)


def parse_address(text: str, *, allow_remote: bool) -> tuple[str, int]:
    """`HOST:PORT`, `:PORT` or `PORT`; without a host, this machine only.

    Raises:
        InklingError: malformed, or beyond this machine without `allow_remote`.
    """
    host, _, port = text.rpartition(":")
    host = host.strip("[]") or "127.0.0.1"
    if not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise InklingError(
            f"The address '{text}' is not of the form HOST:PORT.", "Say, for instance, 127.0.0.1:0."
        )
    if not allow_remote and not is_loopback(host):
        raise InklingError(
            f"The address '{text}' can be reached from other machines, and the server asks nobody "
            "for a password.",
            "Use 127.0.0.1, or add --allow-remote if you mean it.",
        )
    return host, int(port)


async def read_messages(protocol: LanguageServerProtocol, reader: asyncio.StreamReader) -> None:
    """Hand every message to `protocol` until the stream ends. A bad one is logged and skipped."""
    try:
        while True:
            body = await _read_body(reader)
            try:
                message: Any = json.loads(body, object_hook=protocol.structure_message)
                protocol.handle_message(message)
            except Exception as error:
                logger.warning("a message was skipped: %s", type(error).__name__)
    except (asyncio.IncompleteReadError, ConnectionError, BrokenPipeError):
        logger.info("the client has gone")


async def _read_body(reader: asyncio.StreamReader) -> bytes:
    length: int | None = None
    while True:
        try:
            header = await reader.readuntil(b"\n")
        except asyncio.LimitOverrunError as error:
            await reader.readexactly(error.consumed)
            continue
        if match := _CONTENT_LENGTH.fullmatch(header):
            length = int(match[1])
            if length > _MAX_MESSAGE_BYTES:
                raise ConnectionError("a message of that size can't be meant")
        elif not header.strip() and length is not None:
            return await reader.readexactly(length)
