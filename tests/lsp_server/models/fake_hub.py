"""A model hub on this machine: as much of the Hugging Face protocol as a download needs."""

from __future__ import annotations

import hashlib
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


_PIECE = 1_000_000


class FakeHub:
    """Serves files by `OWNER/REPOSITORY/FILE`, and notes what it was asked.

    Attributes:
        cut_after: close the connection after so many bytes of a file, and answer 404 to whoever
            comes back; None serves as it should.
        lie: claim another checksum than the file's.
        pace: bytes a second; None: as fast as it goes.
    """

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files
        self.cut_after: int | None = None
        self.lie = False
        self.pace: float | None = None
        self.requests: list[tuple[str, str, str | None]] = []
        self.tokens: list[str] = []
        self.address = ""


class _Handler(BaseHTTPRequestHandler):
    hub: FakeHub
    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self._answer(send=False)

    def do_GET(self) -> None:
        self._answer(send=True)

    def _answer(self, *, send: bool) -> None:
        hub = self.hub
        wanted = self.headers.get("Range")
        hub.requests.append((self.command, self.path, wanted))
        hub.tokens += [value for value in [self.headers.get("Authorization")] if value]
        data = hub.files.get(self.path.strip("/").replace("/resolve/main/", "/"))
        if data is None or (send and hub.cut_after == 0):
            self.send_response(404)
            self.send_header("X-Error-Code", "EntryNotFound")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        start = int(wanted.removeprefix("bytes=").partition("-")[0]) if wanted else 0
        digest = "0" * 64 if hub.lie else hashlib.sha256(data).hexdigest()
        self.send_response(206 if wanted else 200)
        self.send_header("ETag", f'"{digest}"')
        self.send_header("X-Linked-ETag", f'"{digest}"')
        self.send_header("X-Linked-Size", str(len(data)))
        self.send_header("X-Repo-Commit", "a" * 40)
        self.send_header("Accept-Ranges", "bytes")
        if wanted:
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        self.send_header("Content-Length", str(len(data) - start))
        self.end_headers()
        if not send:
            return
        end = len(data) if hub.cut_after is None else hub.cut_after
        for at in range(start, end, _PIECE):
            self.wfile.write(data[at : min(at + _PIECE, end)])
            if hub.pace is not None:
                time.sleep(_PIECE / hub.pace)
        if hub.cut_after is not None:
            hub.cut_after = 0
            self.close_connection = True

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@contextmanager
def fake_hub(files: dict[str, bytes]) -> Iterator[FakeHub]:
    """A hub that serves `files` until the block ends."""
    hub = FakeHub(files)
    handler = type("Handler", (_Handler,), {"hub": hub})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    hub.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
