"""HTTP to a completion server, with the standard library: no redirects, no proxies, cancellable."""

from __future__ import annotations

import errno
import http.client
import json
import os
import selectors
import socket
import ssl
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from inkling.errors import InklingError
from lsp_server.engine.records import Cancelled

if TYPE_CHECKING:
    from lsp_server.remote.wire import Call

_SECONDS = 30.0
_LOOK_SECONDS = 0.02
"""How often a connection in the making looks whether it is still wanted."""
_MOST_BYTES = 4_000_000


class HttpStop:
    """Set it from any thread to end a running request."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._set = False
        self._socket: socket.socket | None = None

    def set(self) -> None:
        with self._lock:
            self._set = True
            if self._socket is not None:
                with suppress(OSError):
                    self._socket.shutdown(socket.SHUT_RDWR)

    def clear(self) -> None:
        with self._lock:
            self._set = False

    def is_set(self) -> bool:
        return self._set

    def watch(self, connection: socket.socket | None) -> None:
        """The connection to break off; None for none."""
        with self._lock:
            self._socket = connection


def _dialled(address: tuple[str, int], timeout: float, stop: HttpStop) -> socket.socket:
    """A connected socket; `stop` ends the wait for a host that doesn't answer.

    Raises:
        Cancelled: `stop` was set.
        OSError: none of the host's addresses can be connected to.
    """
    failure = OSError("the host has no address")
    for family, kind, protocol, _, place in socket.getaddrinfo(*address, 0, socket.SOCK_STREAM):
        dialling = socket.socket(family, kind, protocol)
        try:
            _connect(dialling, place, timeout, stop)
        except OSError as error:
            dialling.close()
            failure = error
        except Cancelled:
            dialling.close()
            raise
        else:
            dialling.settimeout(timeout)
            dialling.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return dialling
    raise failure


def _connect(dialling: socket.socket, place: Any, timeout: float, stop: HttpStop) -> None:
    dialling.setblocking(False)
    deadline = time.monotonic() + timeout
    state = dialling.connect_ex(place)
    if state not in (0, errno.EINPROGRESS, errno.EWOULDBLOCK):
        raise OSError(state, os.strerror(state))
    with selectors.DefaultSelector() as selector:
        selector.register(dialling, selectors.EVENT_WRITE)
        while not selector.select(_LOOK_SECONDS):
            if stop.is_set():
                raise Cancelled
            if time.monotonic() > deadline:
                raise TimeoutError
        state = dialling.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if state:
        raise OSError(state, os.strerror(state))


def _secured(plain: socket.socket, host: str) -> ssl.SSLSocket:
    try:
        return ssl.create_default_context().wrap_socket(plain, server_hostname=host)
    except OSError:
        plain.close()
        raise


class Client:
    """A completion server at a URL.

    Args:
        url: `http://HOST:PORT` or `https://HOST`, with a path in front of ours if need be.
        key: sent as a bearer token; never logged.

    Raises:
        InklingError: not such a URL, or a key that would be sent in the clear to another machine.
    """

    def __init__(self, url: str, key: str | None = None) -> None:
        try:
            parts = urlsplit(url)
            self._host, self._port = parts.hostname, parts.port
        except ValueError:
            parts, self._host = urlsplit(""), None
        if parts.scheme not in ("http", "https") or not self._host or "@" in parts.netloc:
            raise InklingError(
                "The setting 'server' is not the address of a completion server.",
                "Give it an address such as http://127.0.0.1:8080.",
            )
        self._secure = parts.scheme == "https"
        if key and not self._secure and self._host not in ("127.0.0.1", "::1", "localhost"):
            raise InklingError(
                "The key of the completion server would be sent without encryption.",
                "Use an https:// address, or a tunnel to 127.0.0.1.",
            )
        self._base = parts.path.rstrip("/")
        self._key = key
        self.stop = HttpStop()

    def post(self, call: Call) -> tuple[Any, float]:
        """Decoded JSON of the answer, and the seconds that it took.

        Raises:
            Cancelled: `stop` was set.
            InklingError: unreachable, or an answer that isn't JSON with status 200.
        """
        started = time.perf_counter()
        kind = http.client.HTTPSConnection if self._secure else http.client.HTTPConnection
        assert self._host is not None
        connection = kind(self._host, self._port, timeout=_SECONDS)
        try:
            # Dialled here, since `connect` can't be broken off.
            dialled = _dialled((connection.host, connection.port), _SECONDS, self.stop)
            connection.sock = _secured(dialled, connection.host) if self._secure else dialled
            self.stop.watch(connection.sock)
            if self.stop.is_set():
                raise Cancelled
            headers = {"Content-Type": "application/json", "Accept": "application/json"}
            if self._key:
                headers["Authorization"] = f"Bearer {self._key}"
            body = json.dumps(call.body).encode()
            connection.request("POST", self._base + call.path, body, headers)
            response = connection.getresponse()
            data = response.read(_MOST_BYTES + 1)
            if response.status != http.HTTPStatus.OK or len(data) > _MOST_BYTES:
                raise InklingError(
                    f"The completion server answered with status {response.status}.",
                    "Check 'server' and 'server_kind' in the settings, and the server's log.",
                )
            return json.loads(data), time.perf_counter() - started
        except (OSError, http.client.HTTPException, ValueError) as error:
            if self.stop.is_set():
                raise Cancelled from None
            raise InklingError(
                f"The completion server {self._host} can't be used: {type(error).__name__}.",
                "Start it, or remove 'server' from the settings.",
            ) from error
        finally:
            self.stop.watch(None)
            connection.close()
