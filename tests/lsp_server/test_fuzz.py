"""Random edits against a plain string, and random messages against a server that must live on."""

from __future__ import annotations

import asyncio
import json
import random
import re
from typing import TYPE_CHECKING, Any

import pytest
from lsprotocol import types

from inkling.settings import Settings
from lsp_server.positions import PositionEncoding
from lsp_server.server import build_server
from tests.lsp_server.editor import INKLING

if TYPE_CHECKING:
    from pathlib import Path

EDITS = 10_000
MESSAGES = 1_500
URI = "file:///nowhere/a.py"
CODECS = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}
PIECES = ("a", "é", "漢", "😀", "e\u0301", "\ufeff", "\t", " ", "\n", "\r\n", "\r", "\x0c",
          "\u2028", "def f(x):\n", "return 1", "")  # fmt: skip
LINE_BREAK = re.compile("\r\n|\r|\n")


def position(text: str, offset: int, encoding: str) -> types.Position:
    """By the protocol's words alone: lines before, and code units since the last line break."""
    breaks = [match.end() for match in LINE_BREAK.finditer(text) if match.end() <= offset]
    codec, size = CODECS[encoding]
    since = text[breaks[-1] if breaks else 0 : offset]
    return types.Position(len(breaks), len(since.encode(codec)) // size)


def random_range(generator: random.Random, text: str) -> tuple[int, int]:
    """Two offsets that a position can name: not inside of a CRLF."""
    spots = [n for n in range(len(text) + 1) if text[max(0, n - 1) : n + 1] != "\r\n"]
    start = generator.choice(spots)
    near = [n for n in spots if start <= n <= start + generator.choice((0, 1, 5, 40))]
    return start, generator.choice(near)


@pytest.mark.parametrize("encoding", CODECS)
def test_random_edits_never_diverge_from_a_plain_string(encoding: str) -> None:
    generator = random.Random(encoding)
    protocol = build_server(Settings()).protocol
    protocol.documents.encoding = PositionEncoding(encoding)
    protocol.on_edit = lambda _uri: None
    item = types.TextDocumentItem(URI, "python", 0, "")
    protocol.lsp_text_document__did_open(types.DidOpenTextDocumentParams(item))
    text, made = "", 0
    while made < EDITS // len(CODECS) + 1:
        changes: list[Any] = []
        for _ in range(generator.choice((1, 1, 1, 3))):
            start, end = random_range(generator, text)
            if len(text) > 600:
                end = min(len(text), start + 300)
                end += text[max(0, end - 1) : end + 1] == "\r\n"
            piece = "".join(generator.choices(PIECES, k=generator.randrange(4)))
            where = types.Range(position(text, start, encoding), position(text, end, encoding))
            changes.append(types.TextDocumentContentChangePartial(where, piece))
            text = text[:start] + piece + text[end:]
            made += 1
        version = types.VersionedTextDocumentIdentifier(made, URI)
        protocol.lsp_text_document__did_change(types.DidChangeTextDocumentParams(version, changes))
        document = protocol.documents.get(URI)
        assert document is not None
        assert document.text == text, made


def random_json(generator: random.Random, depth: int = 0) -> Any:
    kind = generator.randrange(8 if depth < 3 else 6)
    if kind == 6:
        return [random_json(generator, depth + 1) for _ in range(generator.randrange(3))]
    if kind == 7:
        names = ("textDocument", "uri", "position", "line", "character", "context", "settings",
                 "contentChanges", "range", "text", "command", "arguments", "x")  # fmt: skip
        return {n: random_json(generator, depth + 1) for n in generator.sample(names, 4)}
    return (None, True, -1, 1e308, URI, "\x00\ud800")[kind]


def random_message(generator: random.Random, number: int) -> bytes:
    """A message that is wrong in one way or another: its JSON, its shape, or its parameters."""
    methods = ("textDocument/inlineCompletion", "textDocument/didChange", "textDocument/didOpen",
               "textDocument/completion", "workspace/executeCommand", "$/cancelRequest",
               "workspace/didChangeConfiguration", "inkling/status", "inkling/explain",
               "workspace/didChangeWatchedFiles", "no/such", "textDocument/didClose")  # fmt: skip
    message: Any = {
        "jsonrpc": "2.0",
        "method": generator.choice(methods),
        "params": random_json(generator),
    }
    if generator.random() < 0.5:
        message["id"] = generator.choice((number, f"id-{number}", None, [1], {}))
    if generator.random() < 0.2:
        message = random_json(generator)
    data = bytearray(json.dumps(message).encode())
    if data and generator.random() < 0.3:
        data[generator.randrange(len(data))] = generator.randrange(256)
    if generator.random() < 0.1:
        del data[generator.randrange(len(data)) :]
    head = b"Content-Length: %d\r\n\r\n" % len(data)
    if generator.random() < 0.05:
        head = b"X-Nonsense: 1\r\n" + head
    return head + bytes(data)


async def test_random_messages_do_not_end_the_server(tiny_bundle: Path) -> None:
    generator = random.Random(7)
    server = await asyncio.create_subprocess_exec(
        str(INKLING), "lsp", f"--model={tiny_bundle}",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    assert server.stdin is not None
    assert server.stdout is not None
    hello = {"capabilities": {}, "processId": None, "rootUri": None}
    server.stdin.write(_framed({"id": 0, "method": "initialize", "params": hello}))
    server.stdin.write(_framed({"method": "initialized", "params": {}}))
    reading = asyncio.create_task(_answer_to(server.stdout, "the last"))
    for number in range(1, MESSAGES):
        server.stdin.write(random_message(generator, number))
        await server.stdin.drain()
    server.stdin.write(_framed({"id": "the last", "method": "inkling/status"}))
    assert "state" in (await asyncio.wait_for(reading, 120))["result"]
    server.stdin.write(_framed({"id": "bye", "method": "shutdown"}))
    await asyncio.wait_for(_answer_to(server.stdout, "bye"), 60)
    server.stdin.write(_framed({"method": "exit"}))
    assert await asyncio.wait_for(server.wait(), 60) == 0


def _framed(message: dict[str, Any]) -> bytes:
    data = json.dumps({"jsonrpc": "2.0", **message}).encode()
    return b"Content-Length: %d\r\n\r\n" % len(data) + data


async def _answer_to(stream: asyncio.StreamReader, number: str) -> Any:
    while True:
        header = await stream.readuntil(b"\r\n\r\n")
        length = re.search(rb"Content-Length: (\d+)", header)
        assert length is not None
        message = json.loads(await stream.readexactly(int(length[1])))
        if message.get("id") == number and "method" not in message:
            return message
