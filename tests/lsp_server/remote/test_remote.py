"""A completion server on this machine: what it is sent, what its answer becomes, and cancelling."""

from __future__ import annotations

import json
import socket
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from inkling.errors import InklingError
from inkling.layout import Snippet, split_at_cursor
from inkling.settings import Settings
from lsp_server.documents import Document
from lsp_server.engine.records import Cancelled, CompletionRequest, FinishReason
from lsp_server.remote.client import Client
from lsp_server.remote.engine import KEY_VARIABLE, RemoteEngine
from lsp_server.remote.wire import Kind, call, family
from lsp_server.suggest import Policy, plan
from lsp_server.workspace import NOWHERE

if TYPE_CHECKING:
    from collections.abc import Iterator

TEXT = "def add(a, b):\n    return \n\nprint(1)\n"
CURSOR = TEXT.index("return ") + len("return ")


@dataclass
class Completions:
    """A server that answers everything with `reply`, and notes what it was sent."""

    reply: Any
    status: int = 200
    wait: float = 0.0
    address: str = ""
    paths: list[str] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)


@contextmanager
def completions(reply: Any, status: int = 200, wait: float = 0.0) -> Iterator[Completions]:
    state = Completions(reply, status, wait)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            state.paths.append(self.path)
            state.keys.append(self.headers.get("Authorization"))
            state.bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            time.sleep(state.wait)
            data = state.reply if isinstance(state.reply, bytes) else json.dumps(reply).encode()
            self.send_response(state.status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    state.address = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()


def request(lines: int | None = 1, text: str = TEXT, cursor: int = CURSOR) -> CompletionRequest:
    return CompletionRequest(split_at_cursor(text, cursor), 16, lines)


def test_a_llama_cpp_server_is_asked_to_infill() -> None:
    with completions({"content": "a + b", "stop_type": "eos"}) as server:
        engine = RemoteEngine(Settings(server=server.address))
        found = engine.complete(request())
    assert (found.text, found.finish_reason) == ("a + b", FinishReason.END)
    assert server.paths == ["/infill"]
    body = server.bodies[0]
    assert body["input_prefix"] + body["input_suffix"] == TEXT
    assert body["input_prefix"].endswith("return ")
    assert (body["n_predict"], body["stop"]) == (16, ["\n"])


def test_an_openai_server_is_asked_with_a_suffix(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY_VARIABLE, "sesame")
    reply = {"choices": [{"text": "a + b\n\nx\ny", "finish_reason": "length"}]}
    with completions(reply) as server:
        settings = Settings(server=f"{server.address}/proxy/", server_kind="openai",
                            server_model="coder")  # fmt: skip
        found = RemoteEngine(settings).complete(request(lines=2))
    assert (found.text, found.finish_reason) == ("a + b\n", FinishReason.LINES)
    assert (server.paths, server.keys) == (["/proxy/v1/completions"], ["Bearer sesame"])
    assert server.bodies[0]["model"] == "coder"
    assert server.bodies[0]["prompt"] + server.bodies[0]["suffix"] == TEXT


def test_a_server_without_suffix_gets_the_prompt_spelled_out() -> None:
    asked = call(request(), Kind.OPENAI, "m", family("qwen"))
    before, after = TEXT[: CURSOR - len("    return ")], TEXT[CURSOR:]
    # As in this process: what is typed of the line stands after the last sentinel.
    expected = f"<|fim_prefix|>{before}<|fim_suffix|>{after}<|fim_middle|>    return "
    assert asked.body["prompt"] == expected
    forged = request(text="x = '<|fim_suffix|>'\n", cursor=3)
    with pytest.raises(InklingError, match="holds a sentinel"):
        call(forged, Kind.OPENAI, "m", family("qwen"))


def test_other_files_are_sent_as_the_server_takes_them() -> None:
    snippets = (Snippet("b.py", "def f(): ...\n"),)
    context = replace(split_at_cursor(TEXT, CURSOR, path="a.py", repo="r"), snippets=snippets)
    asked = CompletionRequest(context, 16, 1)
    extra = call(asked, Kind.LLAMA_CPP).body["input_extra"]
    assert extra == [{"filename": "b.py", "text": "def f(): ...\n"}]
    prompt = call(asked, Kind.OPENAI, "m", family("qwen")).body["prompt"]
    head = "<|repo_name|>r<|file_sep|>b.py\ndef f(): ...\n<|file_sep|>a.py\n<|fim_prefix|>"
    assert prompt.startswith(head)
    assert "b.py" not in call(asked, Kind.OPENAI, "m", family("deepseek")).body["prompt"]


def test_far_text_is_not_sent() -> None:
    lines = "".join(f"x{number} = {number}\n" for number in range(10_000))
    asked = call(request(text=lines * 2, cursor=len(lines)), Kind.LLAMA_CPP)
    assert 0 < len(asked.body["input_prefix"]) < 12_000
    assert lines.endswith(asked.body["input_prefix"])
    assert lines.startswith(asked.body["input_suffix"])
    assert len(asked.body["input_suffix"]) <= 2_000


def test_cancelling_ends_the_wait_for_a_host_that_does_not_answer() -> None:
    listener = socket.create_server(("127.0.0.1", 0), backlog=0)
    waiting = [socket.socket() for _ in range(3)]
    for each in waiting:  # so many that the next one is not even let in
        each.setblocking(False)
        each.connect_ex(listener.getsockname())
    engine = RemoteEngine(Settings(server=f"http://127.0.0.1:{listener.getsockname()[1]}"))
    timer = threading.Timer(0.2, engine.stop.set)
    timer.start()
    started = time.monotonic()
    with pytest.raises(Cancelled):
        engine.complete(request())
    assert time.monotonic() - started < 5
    for each in (listener, *waiting):
        each.close()


def test_cancelling_ends_the_request_and_the_next_is_answered() -> None:
    with completions({"content": "x"}, wait=20) as server:
        engine = RemoteEngine(Settings(server=server.address))
        timer = threading.Timer(0.2, engine.stop.set)
        timer.start()
        with pytest.raises(Cancelled):
            engine.complete(request())
        timer.join()
        engine.stop.clear()
        server.wait = 0
        assert engine.complete(request()).text == "x"


@pytest.mark.parametrize(
    ("reply", "status"),
    [({"error": "no"}, 500), ({}, 200), ([], 200), (b"<html>", 200), ({"content": 3}, 200)],
)
def test_another_answer_is_one_sentence(reply: Any, status: int) -> None:
    with completions(reply, status) as server, pytest.raises(InklingError):
        RemoteEngine(Settings(server=server.address)).complete(request())


def test_nobody_listens() -> None:
    with completions({}) as server:
        address = server.address
    with pytest.raises(InklingError, match="can't be used"):
        RemoteEngine(Settings(server=address)).complete(request())


@pytest.mark.parametrize("url", ["", "x", "ftp://a", "http://", "http://u:p@host", "http://h:x"])
def test_addresses_that_are_none(url: str) -> None:
    with pytest.raises(InklingError, match="not the address"):
        Client(url)


def test_a_key_is_not_sent_in_the_clear() -> None:
    with pytest.raises(InklingError, match="without encryption"):
        Client("http://build.example:8080", "sesame")
    Client("https://build.example", "sesame")


def test_settings_that_make_no_sense() -> None:
    with pytest.raises(InklingError, match="server_kind"):
        RemoteEngine(Settings(server="http://h", server_kind="soap"))
    with pytest.raises(InklingError, match="no family"):
        RemoteEngine(Settings(server="http://h", server_family="eliza"))


def test_no_secret_reaches_the_server() -> None:
    password, key = "correct-horse-battery", "AK" + "IA" + "ABCDEFGHIJKLMNOP"
    text = f'password = "{password}"\nx = 1\ny = \nkeys = ["{key}"]\n'
    document = Document("untitled:1", text, "python")
    asked = plan(document, text.index("y = ") + 4, NOWHERE, Policy(), lambda _: True)
    assert isinstance(asked, CompletionRequest)
    with completions({"content": "2"}) as server:
        RemoteEngine(Settings(server=server.address)).complete(asked)
    sent = json.dumps(server.bodies)
    assert password not in sent
    assert key not in sent
    assert "x = 1" in sent
