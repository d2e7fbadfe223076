"""The language server, started as a user would start it and spoken to by a real client."""

from __future__ import annotations

import asyncio
import re
import socket
from typing import TYPE_CHECKING, Any

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from inkling.settings import Settings
from lsp_server.documents import Document
from lsp_server.engine.records import CompletionRequest
from lsp_server.server import build_server
from lsp_server.suggest import Policy, parse, plan, presentable
from lsp_server.workspace import locate
from tests.lsp_server.answers import BEGUN as SOURCE
from tests.lsp_server.answers import CURSOR as AFTER_RETURN
from tests.lsp_server.editor import INKLING, editor

if TYPE_CHECKING:
    from pathlib import Path

    from lsp_server.engine.engine import Engine

Encoding = types.PositionEncodingKind
REQUEST_CANCELLED = -32800
INVALID_PARAMS = -32602


@pytest.fixture
def model(tiny_bundle: Path) -> str:
    return f"--model={tiny_bundle}"


def expected(engine: Engine, text: str, offset: int, tokens: int = 64) -> str | None:
    """What the engine says when it is asked directly, with an empty cache."""
    document = Document("file:///nowhere/a.py", text, "python")
    request = plan(document, offset, locate(document.path), Policy(tokens), lambda _: True)
    assert isinstance(request, CompletionRequest)
    engine.session.clear()
    answer = engine.complete(request)
    return presentable(answer, document, offset, syntax=parse(document, offset)).text or None


def place(text: str, offset: int) -> tuple[int, int]:
    before = text[:offset]
    return before.count("\n"), len(before) - before.rfind("\n") - 1


async def test_inline_completion_is_the_engines_answer(model: str, engine: Engine) -> None:
    async with editor(model) as session:
        assert session.started.capabilities.inline_completion_provider
        assert session.started.capabilities.completion_provider is None
        uri = session.open(SOURCE)
        line, character = place(SOURCE, AFTER_RETURN)
        item = await session.inline(uri, line, character)
        assert item is not None
        assert item.insert_text == expected(engine, SOURCE, AFTER_RETURN)
        cursor = types.Position(line, character)
        assert item.range == types.Range(cursor, cursor)


async def test_a_menu_for_clients_without_ghost_text(model: str, engine: Engine) -> None:
    async with editor(model, inline=False) as session:
        assert session.started.capabilities.completion_provider
        uri = session.open(SOURCE)
        line, character = place(SOURCE, AFTER_RETURN)
        item = await session.menu(uri, line, character)
        assert item is not None
        assert isinstance(item.text_edit, types.TextEdit)
        # Menus filter by the word before the cursor, so the item replaces that word by itself.
        whole = "retu" + str(expected(engine, SOURCE, AFTER_RETURN))
        assert (item.text_edit.new_text, item.filter_text) == (whole, whole)
        assert item.text_edit.range.start == types.Position(line, character - len("retu"))
        assert item.text_edit.range.end == types.Position(line, character)


async def test_over_tcp(tiny_bundle: Path) -> None:
    server = await asyncio.create_subprocess_exec(
        str(INKLING), "lsp", "--tcp", ":0", "--model", str(tiny_bundle),
        stderr=asyncio.subprocess.PIPE, stdin=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    assert server.stderr is not None
    line = await server.stderr.readline()
    found = re.search(rb"listening on ([\d.]+):(\d+)", line)
    assert found is not None, line
    async with editor(tcp=(found[1].decode(), int(found[2]))) as session:
        uri = session.open(SOURCE)
        assert await session.inline(uri, *place(SOURCE, AFTER_RETURN)) is not None
    await server.stderr.read()
    assert await server.wait() == 0


@pytest.mark.parametrize("encoding", [Encoding.Utf8, Encoding.Utf16, Encoding.Utf32])
async def test_edits_and_positions_in_every_encoding(
    model: str, engine: Engine, encoding: Encoding
) -> None:
    def units(text: str) -> int:
        return len(text.encode(f"{encoding.value}-le" if encoding != "utf-8" else "utf-8")) // {
            Encoding.Utf8: 1, Encoding.Utf16: 2, Encoding.Utf32: 4,
        }[encoding]  # fmt: skip

    async with editor(model, encodings=[encoding]) as session:
        assert session.started.capabilities.position_encoding == encoding
        uri = session.open('x = "😀"\ny = "漢字"\n')
        first = 'x = "😀'
        session.edit(uri, "é漢", (0, units(first)), (0, units(first)))
        session.edit(uri, "😀z", (1, units('y = "漢')), (1, units('y = "漢字')))
        session.edit(uri, "\n\ndef méthode(self, ", (1, units('y = "漢😀z"')), (2, 0))
        text = 'x = "😀é漢"\ny = "漢😀z"\n\ndef méthode(self, '
        item = await session.inline(uri, 3, units("def méthode(self, "))
        assert item is not None
        assert item.insert_text == expected(engine, text, len(text))
        assert item.range is not None
        assert item.range.start == types.Position(3, units("def méthode(self, "))


async def test_insertions_have_the_documents_line_breaks(model: str) -> None:
    text = SOURCE.replace("\n", "\r\n")
    broken = 0
    async with editor(model) as session:
        uri = session.open(text)
        for number, line in enumerate(text.split("\r\n")):
            item = await session.inline(uri, number, len(line))
            if item is not None:
                assert not re.search(r"(?<!\r)\n|\r(?!\n)", str(item.insert_text))
                broken += "\r\n" in str(item.insert_text)
    assert broken


async def test_a_cancelled_request_ends_and_the_next_one_is_answered(
    model: str, engine: Engine
) -> None:
    text = SOURCE * 20
    offset = len(SOURCE) * 10 + AFTER_RETURN
    async with editor(model) as session:
        uri = session.open(text)
        await session.loaded()
        asked = session.inline_parameters(uri, *place(text, offset))
        pending = session.client.protocol.send_request(
            "textDocument/inlineCompletion", asked, msg_id="first"
        )
        session.client.cancel_request(types.CancelParams("first"))
        with pytest.raises(JsonRpcException) as caught:
            await asyncio.wrap_future(pending)
        assert caught.value.code == REQUEST_CANCELLED
        item = await session.inline(uri, *place(text, offset))
        assert item is not None
        assert item.insert_text == expected(engine, text, offset)


async def test_the_newest_request_wins(model: str) -> None:
    text = SOURCE * 20
    async with editor(model) as session:
        uri = session.open(text)
        await session.loaded()
        offsets = [len(SOURCE) * times + AFTER_RETURN for times in (5, 10, 15)]
        answers = await asyncio.gather(
            *(session.inline(uri, *place(text, offset)) for offset in offsets)
        )
        assert answers[0] is None
        assert answers[1] is None
        assert answers[2] is not None


async def test_no_answer_for_a_document_that_has_changed(model: str) -> None:
    text = SOURCE * 20
    async with editor(model) as session:
        uri = session.open(text)
        await session.loaded()
        asked = session.inline_parameters(uri, *place(text, len(SOURCE) * 10 + AFTER_RETURN))
        pending = session.client.protocol.send_request("textDocument/inlineCompletion", asked)
        session.edit(uri, "# new\n", (0, 0), (0, 0))
        assert await asyncio.wrap_future(pending) is None
        assert (await session.status()).last.silence


@pytest.mark.parametrize(
    ("path", "language", "text", "reason"),
    [
        ("/nowhere/a.rs", "rust", "fn main() {\n    le", "not trained on rust"),
        ("/nowhere/.env", "python", "TOKEN = ", "secrets"),
        ("/nowhere/a.py", "python", "x = 1\n\0\n", "binary"),
        ("/nowhere/a.py", "python", "x" * 8_000_001, "too large"),
        ("/nowhere/a.unknown", "plaintext", "hello ", "this kind of file"),
    ],
)
async def test_silence_with_a_reason(
    model: str, path: str, language: str, text: str, reason: str
) -> None:
    async with editor(model) as session:
        uri = session.open(text, path, language)
        assert await session.inline(uri, 0, 3) is None
        assert reason in (await session.status()).last.silence


async def test_empty_and_nameless_documents(model: str) -> None:
    async with editor(model) as session:
        for uri in (session.open(""), session.open("def f(", "untitled:Untitled-1")):
            await session.inline(uri, 0, 99)
            await session.inline(uri, 99, 0)
        assert (await session.status()).state == "ready"
        assert await session.inline("file:///never/opened.py", 0, 0) is None


async def test_status(model: str, tiny_bundle: Path) -> None:
    async with editor(model) as session:
        status = await session.loaded()
        assert (status.state, status.model.name, status.message) == ("ready", "tiny", None)
        assert status.model.path == str(tiny_bundle / "model.gguf")
        assert status.model.languages == ["python"]
        await session.inline(session.open(SOURCE), *place(SOURCE, AFTER_RETURN))
        figures = (await session.status()).last.figures
        assert figures.promptTokens > figures.newTokens > 0


@pytest.mark.parametrize("kind", ["missing", "garbage", "crashing"])
async def test_a_model_that_does_not_load_is_reported_once_and_the_server_lives(
    tmp_path: Path, tiny_bundle: Path, kind: str
) -> None:
    path = tmp_path / "model.gguf"
    if kind == "garbage":
        path.write_bytes(b"GGUF" + b"\x03" * 3000)
    elif kind == "crashing":
        data = (tiny_bundle / "model.gguf").read_bytes()
        at = data.index(b"qwen3.block_count") + len("qwen3.block_count") + 4
        path.write_bytes(data[:at] + bytes(4) + data[at + 4 :])
    async with editor(f"--model={path}") as session:
        assert (await session.loaded()).state == "failed"
        uri = session.open(SOURCE)
        for _ in range(2):
            assert await session.inline(uri, 0, 0) is None
        status = await session.status()
        assert status.last.silence == "the model is not loaded"
        assert str(path) in status.message
        (message,) = session.client.messages
        assert message.type is types.MessageType.Error
        assert str(path) in message.message


async def test_the_editor_names_the_model_and_the_limits(tiny_bundle: Path) -> None:
    options = {"model": str(tiny_bundle), "maxNewTokens": 2, "colour": "red"}
    async with editor(options=options) as session:
        uri = session.open(SOURCE)
        await session.inline(uri, *place(SOURCE, AFTER_RETURN))
        status = await session.status()
        assert status.model.name == "tiny"
        assert status.last.figures.newTokens <= 2


async def test_switched_off_languages(model: str) -> None:
    async with editor(model, options={"languages": ["go"]}) as session:
        uri = session.open(SOURCE)
        assert await session.inline(uri, *place(SOURCE, AFTER_RETURN)) is None
        assert "switched off" in (await session.status()).last.silence


def ended(reports: list[object]) -> bool:
    return bool(reports) and isinstance(reports[-1], types.WorkDoneProgressEnd)


async def test_loading_and_reading_the_workspace_are_announced(model: str, tmp_path: Path) -> None:
    for number in range(20):
        (tmp_path / f"a{number}.py").write_text(SOURCE)
    async with editor(model, folder=tmp_path) as session:
        await session.loaded()
        seen = session.client.progress_reports
        while len(seen) < 2 or not all(map(ended, seen.values())):
            await asyncio.sleep(0.02)
    titles = []
    for reports in seen.values():
        assert isinstance(reports[0], types.WorkDoneProgressBegin)
        titles.append(reports[0].title)
        middle = [report.message for report in reports[1:-1]]
        assert all(re.fullmatch(r"\d+ files", str(message)) for message in middle)
    assert titles == ["Inkling: loading the model", "Inkling: reading the workspace"]


async def test_an_exit_while_the_workspace_is_read_leaves_no_traceback(
    model: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    for number in range(2000):
        (tmp_path / f"a{number}.py").write_text(SOURCE * 5)
    async with editor(model, folder=tmp_path) as session:
        await session.loaded()
        while not all(map(len, session.client.progress_reports.values())):
            await asyncio.sleep(0.01)
    assert "Traceback" not in capfd.readouterr().err


async def raw_server(model: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        str(INKLING), "lsp", model,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip


def framed(body: str) -> bytes:
    data = body.encode()
    return b"Content-Length: %d\r\n\r\n" % len(data) + data


INITIALIZE = framed(
    '{"jsonrpc":"2.0","id":1,"method":"initialize",'
    '"params":{"capabilities":{},"processId":null,"rootUri":null}}'
)


async def read_response(server: asyncio.subprocess.Process, number: int) -> str:
    assert server.stdout is not None
    while True:
        header = await server.stdout.readuntil(b"\r\n\r\n")
        length = re.search(rb"Content-Length: (\d+)", header)
        assert length is not None
        body = (await server.stdout.readexactly(int(length[1]))).decode()
        if re.search(rf'"id": ?{number}\b', body):
            return body


async def test_malformed_messages_are_survived(model: str) -> None:
    server = await raw_server(model)
    assert server.stdin is not None
    server.stdin.write(
        b"nonsense\r\n"
        + b"x" * 200_000
        + b"\n"
        + framed("{not json")
        + framed("[1, 2]")
        + framed('"text"')
        + framed('{"jsonrpc":"2.0","method":"textDocument/didChange","params":{"a":1}}')
        + INITIALIZE
        + framed('{"jsonrpc":"2.0","id":2,"method":"textDocument/inlineCompletion","params":{}}')
        + framed('{"jsonrpc":"2.0","id":3,"method":"no/such/method","params":{}}')
        + framed('{"jsonrpc":"2.0","id":4,"method":"inkling/status"}')
    )
    assert "inlineCompletionProvider" in await read_response(server, 1)
    assert str(INVALID_PARAMS) in await read_response(server, 2)
    assert "-32601" in await read_response(server, 3)
    assert '"state"' in await read_response(server, 4)
    server.stdin.write(framed('{"jsonrpc":"2.0","id":5,"method":"shutdown"}'))
    await read_response(server, 5)
    server.stdin.write(framed('{"jsonrpc":"2.0","method":"exit"}'))
    _, errors = await server.communicate()
    assert server.returncode == 0
    assert b"Traceback" not in errors


async def test_requests_that_come_too_early_or_too_late_are_answered(model: str) -> None:
    server = await raw_server(model)
    assert server.stdin is not None
    asked = '{"jsonrpc":"2.0","id":%d,"method":"inkling/status"}'
    server.stdin.write(framed(asked % 7) + INITIALIZE)
    assert "-32002" in await read_response(server, 7)
    server.stdin.write(framed('{"jsonrpc":"2.0","id":8,"method":"shutdown"}') + framed(asked % 9))
    assert "-32600" in await read_response(server, 9)
    server.stdin.write(framed('{"jsonrpc":"2.0","method":"exit"}'))
    assert await server.wait() == 0


async def test_exit_without_shutdown_and_with_an_open_pipe(model: str) -> None:
    server = await raw_server(model)
    assert server.stdin is not None
    server.stdin.write(INITIALIZE)
    await read_response(server, 1)
    server.stdin.write(framed('{"jsonrpc":"2.0","method":"exit"}'))
    # The pipe stays open: a server that waits for its end would never finish.
    assert await server.wait() == 1


async def test_the_server_ends_with_its_editor(model: str) -> None:
    server = await raw_server(model)
    assert server.stdin is not None
    server.stdin.write(INITIALIZE)
    await read_response(server, 1)
    server.stdin.close()
    assert await server.wait() == 0


async def test_the_log_has_no_text_of_documents(model: str, tmp_path: Path) -> None:
    log = tmp_path / "inkling.log"
    async with editor(model, f"--log-file={log}", "--log-level=debug") as session:
        uri = session.open(SOURCE.replace("Account", "Konto"))
        session.edit(uri, "Geheimnis", (0, 0), (0, 0))
        await session.inline(uri, *place(SOURCE, AFTER_RETURN))
        await session.inline(uri, 0, 0)
    text = log.read_text()
    assert "model tiny is ready" in text
    assert "Konto" not in text
    assert "Geheimnis" not in text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--tcp", "0.0.0.0:0"], "other machines"),
        (["--tcp", "nowhere"], "HOST:PORT"),
        (["--stdio", "--tcp", ":0"], "exclude each other"),
        (["--log-file", "/no/such/folder/log"], "can't be written"),
    ],
)
async def test_wrong_flags_get_one_sentence(arguments: list[str], said: str) -> None:
    process = await asyncio.create_subprocess_exec(
        str(INKLING), "lsp", *arguments, stderr=asyncio.subprocess.PIPE
    )
    _, errors = await process.communicate()
    assert process.returncode == 2
    assert said.encode() in errors
    assert b"Traceback" not in errors


async def test_a_port_that_is_taken_gets_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        address = f"127.0.0.1:{other.getsockname()[1]}"
        process = await asyncio.create_subprocess_exec(
            str(INKLING), "lsp", "--tcp", address, stderr=asyncio.subprocess.PIPE
        )
        _, errors = await process.communicate()
    assert process.returncode == 2
    assert f"The address {address} can't be listened on".encode() in errors
    assert b"Traceback" not in errors


def test_a_server_can_be_built_without_loading_llama_cpp() -> None:
    server = build_server(Settings())
    assert server.worker is None
    features: Any = server.protocol.fm.features
    assert "inkling/status" in features
