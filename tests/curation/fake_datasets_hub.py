"""A hub of datasets on this machine: as much of the Hugging Face protocol as reading one needs."""

from __future__ import annotations

import hashlib
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlparse

if TYPE_CHECKING:
    from collections.abc import Iterator

_COMMIT = "0" * 40


class _Handler(BaseHTTPRequestHandler):
    """Serves the one dataset `owner/name` of the server's `files`; there is no other."""

    protocol_version = "HTTP/1.1"
    server: _Hub

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers.get("Content-Length", 0))))

    def _answer(self, posted: bytes = b"") -> None:
        path = unquote(urlparse(self.path).path)
        files = self.server.files
        name = path.partition("/resolve/")[2].partition("/")[2]
        if path.startswith("/datasets/owner/name/resolve/") and name in files:
            self._send_file(files[name])
        elif path.startswith("/api/datasets/owner/name/tree/"):
            folder = path.partition("/tree/")[2].partition("/")[2]
            self._send_json(
                [_entry(n, d) for n, d in sorted(files.items()) if n.startswith(folder)]
            )
        elif path.startswith("/api/datasets/owner/name/paths-info/"):
            wanted = parse_qs(posted.decode()).get("paths", [])
            if posted.startswith(b"{"):
                wanted = json.loads(posted)["paths"]
            self._send_json([_entry(n, files[n]) for n in wanted if n in files])
        elif path.startswith("/api/datasets/owner/name"):
            self._send_json({"id": "owner/name", "sha": _COMMIT, "siblings": []})
        else:
            self._send(404, b"{}", {"X-Error-Code": "RepoNotFound"})

    def _send_file(self, data: bytes) -> None:
        headers = {"ETag": f'"{hashlib.sha256(data).hexdigest()}"', "X-Repo-Commit": _COMMIT}
        wanted = self.headers.get("Range")
        if wanted is None:
            self._send(200, data, headers)
            return
        first, _, last = wanted.removeprefix("bytes=").partition("-")
        part = data[int(first) : int(last) + 1 if last else len(data)]
        span = f"bytes {first}-{int(first) + len(part) - 1}/{len(data)}"
        self._send(206, part, {**headers, "Content-Range": span})

    def _send_json(self, value: Any) -> None:
        self._send(200, json.dumps(value).encode(), {"Content-Type": "application/json"})

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        return


class _Hub(ThreadingHTTPServer):
    files: dict[str, bytes]


def _entry(name: str, data: bytes) -> dict[str, object]:
    oid = hashlib.sha1(data, usedforsecurity=False).hexdigest()
    return {"type": "file", "path": name, "size": len(data), "oid": oid}


@contextmanager
def datasets_hub(files: dict[str, bytes]) -> Iterator[str]:
    """The address of a hub whose dataset `owner/name` holds these files."""
    server = _Hub(("127.0.0.1", 0), _Handler)
    server.files = files
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
