"""A hub of models on this machine: as much of the Hugging Face protocol as fetch and push need."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlparse

if TYPE_CHECKING:
    from collections.abc import Iterator

_COMMIT = "0" * 40


class ModelHub(ThreadingHTTPServer):
    """Holds one model, `owner/name`.

    Attributes:
        files: of the model; a push adds to them.
        made: bodies of the requests that made a repository.
        tokens: what was sent to prove who asks.
    """

    files: dict[str, bytes]
    made: list[dict[str, Any]]
    tokens: set[str]

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: ModelHub

    def do_HEAD(self) -> None:
        self._answer(b"")

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers.get("Content-Length", 0))))

    def _answer(self, posted: bytes) -> None:
        hub = self.server
        hub.tokens.add(self.headers.get("Authorization") or "")
        path = unquote(urlparse(self.path).path)
        name = path.partition("/resolve/")[2].partition("/")[2]
        if path.startswith("/owner/name/resolve/") and name in hub.files:
            self._send_file(hub.files[name])
        elif path == "/api/repos/create":
            hub.made.append(json.loads(posted))
            self._send_json({"url": f"{hub.address}/owner/name"})
        elif path == "/api/validate-yaml":
            self._send_json({"errors": [], "warnings": []})
        elif path.startswith("/api/models/owner/name/preupload/"):
            asked = json.loads(posted)["files"]
            modes = [{"path": f["path"], "uploadMode": "regular"} for f in asked]
            self._send_json({"files": [{**mode, "shouldIgnore": False} for mode in modes]})
        elif path.startswith("/api/models/owner/name/commit/"):
            for line in map(json.loads, posted.splitlines()):
                if line["key"] == "file":
                    value = line["value"]
                    hub.files[value["path"]] = base64.b64decode(value["content"])
            self._send_json(
                {"commitUrl": f"{hub.address}/owner/name/commit/{_COMMIT}", "commitOid": _COMMIT}
            )
        elif path.startswith("/api/models/owner/name/tree/"):
            self._send_json([_entry(name, data) for name, data in sorted(hub.files.items())])
        elif path.startswith("/api/models/owner/name"):
            siblings = [{"rfilename": name} for name in sorted(hub.files)]
            self._send_json({"id": "owner/name", "sha": _COMMIT, "siblings": siblings})
        else:
            self._send(404, b"{}", {"X-Error-Code": "RepoNotFound"})

    def _send_file(self, data: bytes) -> None:
        digest = hashlib.sha256(data).hexdigest()
        self._send(200, data, {"ETag": f'"{digest}"', "X-Repo-Commit": _COMMIT})

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
        """Say nothing."""


def _entry(name: str, data: bytes) -> dict[str, object]:
    oid = hashlib.sha1(data, usedforsecurity=False).hexdigest()
    return {"type": "file", "path": name, "size": len(data), "oid": oid}


@contextmanager
def model_hub(files: dict[str, bytes]) -> Iterator[ModelHub]:
    """A hub whose model `owner/name` holds these files, until the block ends."""
    hub = ModelHub(("127.0.0.1", 0), _Handler)
    hub.files, hub.made, hub.tokens = dict(files), [], set()
    threading.Thread(target=hub.serve_forever, daemon=True).start()
    try:
        yield hub
    finally:
        hub.shutdown()
        hub.server_close()
