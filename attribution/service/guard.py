"""What stands before the service: a key, a rate limit, a size limit, and headers for the page.

The key and the rate limit hold when the service listens beyond this machine; the size limit always.
"""

from __future__ import annotations

import hmac
import math
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fastapi import HTTPException
from starlette.responses import JSONResponse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY = 16_000_000
"""5 MB of text with its quotes and all beyond ASCII escaped, which takes three times as much."""
_TOO_LONG = f"Send at most {MAX_BODY:,} bytes."
_MAX_CLIENTS = 10_000
_HEADERS = [
    (
        b"content-security-policy",
        b"default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
]


@dataclass
class RateLimit:
    """A token bucket for each client, refilled evenly over a minute; the oldest are forgotten."""

    a_minute: int
    buckets: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)

    def allows(self, client: str, now: float) -> bool:
        """Whether `client` may ask at `now` (seconds); counts the question if so."""
        level, before = self.buckets.pop(client, (float(self.a_minute), now))
        level = min(self.a_minute, level + (now - before) * self.a_minute / 60)
        allowed = level >= 1
        self.buckets[client] = (level - allowed, now)
        while len(self.buckets) > _MAX_CLIENTS:
            self.buckets.popitem(last=False)
        return allowed


class Guard:
    """ASGI middleware.

    Args:
        key: what `Authorization: Bearer ...` must carry for `/v1/`; None asks for none.
        limit: of questions to `/v1/`; None limits nothing.
    """

    def __init__(self, app: ASGIApp, key: str | None, limit: RateLimit | None) -> None:
        self._app = app
        self._key = key
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", []), *_HEADERS]
            await send(message)

        refusal = self._refusal(scope)
        if refusal is not None:
            await refusal(scope, receive, with_headers)
            return
        await self._app(scope, _limited(receive), with_headers)

    def _refusal(self, scope: Scope) -> JSONResponse | None:
        headers = dict(scope["headers"])
        asks = scope["path"].startswith("/v1/")
        if self._limit is not None and asks:
            client = scope["client"][0] if scope.get("client") else ""
            if not self._limit.allows(client, time.monotonic()):
                seconds = math.ceil(60 / self._limit.a_minute)
                refusal = _error(429, f"Too many requests; wait {seconds} s.")
                refusal.headers["retry-after"] = str(seconds)
                return refusal
        if self._key is not None and asks:
            scheme, _, given = headers.get(b"authorization", b"").partition(b" ")
            right = hmac.compare_digest(given.strip(), self._key.encode())
            if scheme.lower() != b"bearer" or not right:
                return _error(401, "Send the key as 'Authorization: Bearer KEY'.")
        length = headers.get(b"content-length", b"0")
        if not length.isdigit() or int(length) > MAX_BODY:
            return _error(413, _TOO_LONG)
        return None


def _limited(receive: Receive) -> Receive:
    """Ends a body that was sent without a length once it gets too long."""
    size = 0

    async def limited() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > MAX_BODY:
            raise HTTPException(413, _TOO_LONG)  # the framework answers with it
        return message

    return limited


def _error(status: int, text: str) -> JSONResponse:
    return JSONResponse({"detail": text}, status)
