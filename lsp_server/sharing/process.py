"""The shared process: a server for every relay that connects, on one event loop.

Each has its own documents, options, memory and KV cache; the weights and the turns to compute are
common. It ends some time after the last relay has gone.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import logging
import os
import secrets
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from inkling.errors import EXIT_BAD_INPUT, InklingError
from inkling.settings import load_settings
from lsp_server import logs
from lsp_server.engine.shared_models import SharedModels
from lsp_server.server import build_server
from lsp_server.sharing.frames import Greeting, Kind, frame
from lsp_server.sharing.meeting import Address, read_address, write_address
from lsp_server.transport import read_messages

if TYPE_CHECKING:
    from asyncio import StreamReader, StreamWriter

logger = logging.getLogger(__name__)

HOST = "127.0.0.1"
LINGER_SECONDS = 30.0
"""A window that is loaded anew comes back within this time."""
_GREETING_SECONDS = 5.0


class _Sender:
    """Puts bytes of one kind into frames; any thread may write."""

    def __init__(self, writer: StreamWriter, kind: Kind) -> None:
        self._writer = writer
        self._kind = kind
        self._loop = asyncio.get_running_loop()

    def write(self, data: bytes | str) -> None:
        raw = data.encode("utf-8", "replace") if isinstance(data, str) else data
        with contextlib.suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(self._send, frame(self._kind, raw))

    def _send(self, data: bytes) -> None:
        if not self._writer.is_closing():
            self._writer.write(data)

    def flush(self) -> None:
        """Every write is sent as it comes."""

    def close(self) -> None:
        """The connection is closed when the server has ended."""


class SharedProcess:
    """Serves relays until none has been connected for `linger` seconds."""

    def __init__(self, linger: float = LINGER_SECONDS) -> None:
        self._linger = linger
        self._token = secrets.token_hex()
        self._models = SharedModels()
        self._connected = 0
        self._left = asyncio.Event()

    async def serve(self, place: Path) -> None:
        """Listen, write the address to `place`, and serve.

        Raises:
            OSError: nothing can be listened on, or the address can't be written.
        """
        listener = await asyncio.start_server(self._welcome, HOST, 0)
        address = Address(listener.sockets[0].getsockname()[1], self._token, os.getpid())
        write_address(place, address)
        _say_ready()
        try:
            await self._until_deserted()
        finally:
            if read_address(place) == address:
                place.unlink(missing_ok=True)
            listener.close()

    async def _until_deserted(self) -> None:
        while True:
            self._left.clear()
            try:
                await asyncio.wait_for(self._left.wait(), self._linger)
            except TimeoutError:
                if not self._connected:
                    return

    async def _welcome(self, reader: StreamReader, writer: StreamWriter) -> None:
        greeting = await self._greeting(reader)
        if greeting is None:
            writer.close()
            return
        self._connected += 1
        try:
            writer.write(frame(Kind.READY))
            status = await self._serve_one(greeting, reader, writer)
            if not writer.is_closing():
                writer.write(frame(Kind.EXIT, str(status).encode()))
        finally:
            self._connected -= 1
            self._left.set()
            writer.close()

    async def _greeting(self, reader: StreamReader) -> Greeting | None:
        try:
            async with asyncio.timeout(_GREETING_SECONDS):
                greeting = Greeting.from_line(await reader.readline())
        except (TimeoutError, ValueError, TypeError, OSError):
            return None
        right = hmac.compare_digest(str(greeting.token).encode(), self._token.encode())
        return greeting if right else None

    async def _serve_one(
        self, greeting: Greeting, reader: StreamReader, writer: StreamWriter
    ) -> int:
        """Serve one editor to its end; the exit status that a process of its own would have."""
        try:
            server = build_server(load_settings(), greeting.model, self._models)
        except InklingError as error:
            writer.write(frame(Kind.LOG, f"error: {error}\n".encode()))
            return EXIT_BAD_INPUT
        server.protocol.set_writer(_Sender(writer, Kind.PROTOCOL))
        with logs.also_to(_Sender(writer, Kind.LOG), greeting.log_level):
            try:
                await read_messages(server.protocol, reader)
            except SystemExit as end:  # how pygls answers the message `exit`
                return end.code if isinstance(end.code, int) else 1
            finally:
                server.protocol.set_writer(_Sender(writer, Kind.LOG))
                await asyncio.to_thread(server.stop)
        return 0


def _say_ready() -> None:
    """Tell who has started this process; whatever is printed later goes to the log."""
    print("ready", flush=True)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())


def main(place: str, linger: float = LINGER_SECONDS) -> None:
    logs.configure("warning")
    asyncio.run(SharedProcess(linger).serve(Path(place)))


if __name__ == "__main__":
    main(sys.argv[1], *map(float, sys.argv[2:]))
