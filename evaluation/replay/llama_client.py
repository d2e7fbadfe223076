"""The peers: llama.cpp's server asked through `/infill`, as llama.vscode does, or with our prompt.

The second, through `/completion` with the token ids of our own layout, tells the engine apart from
the layout: a model that was trained to begin its middles at the start of a line has little to say
where the typed part of the line stands before the hole.

Numbers are that extension's defaults: 256 lines before and 64 after the cursor, 128 new tokens, 500
ms of decoding, no request with more than 8 characters right of the cursor, and a cache that answers
what was typed along a suggestion. Left out, to the peer's loss: chunks of other files (the starter
was not trained on them), and a second request that follows an acceptance ahead of time.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import sys
import time
from collections.abc import Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from evaluation.replay.typing_client import Answer
from inkling.errors import InklingError
from inkling.layout import split_at_cursor
from inkling.settings import usable_cores
from lsp_server.documents import Change, Document
from lsp_server.engine.window import Window
from lsp_server.shown import Shown, ShownSuggestions

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from lsp_server.engine.vocabulary import Vocabulary

LINES_BEFORE = 256
LINES_AFTER = 64
MAX_RIGHT_OF_CURSOR = 8
REQUEST: dict[str, Any] = {
    "n_predict": 128,
    "t_max_predict_ms": 500,
    "top_k": 40,
    "top_p": 0.99,
    "samplers": ["top_k", "top_p", "infill"],
    "cache_prompt": True,
    "stream": False,
}


Question = Callable[[Document, int], tuple[str, dict[str, Any]]]
"""From a document and an offset in it to the endpoint and what is posted there."""


class LlamaServerClient:
    """Asks a llama.cpp server after each key, and reuses answers while they are typed along."""

    def __init__(self, address: str, question: Question) -> None:
        self._question = question
        parts = urlsplit(address)
        self._connection = http.client.HTTPConnection(parts.hostname or "", parts.port)
        self._document = Document("", "")
        self._offset = 0
        self._shown = ShownSuggestions()
        self._running: asyncio.Task[dict[str, Any]] | None = None

    async def open(self, path: Path, before: str, after: str) -> None:
        self._document = Document(path.as_uri(), before + after)
        self._offset = len(before)

    async def type(self, text: str, patience: float) -> Answer:
        started = time.perf_counter()
        place = self._document.position(self._offset)
        self._document = self._document.changed(Change(text, place, place))
        self._offset += len(text)
        rest = self._shown.rest_at(self._document, self._offset)
        if rest is not None:
            return Answer(rest, _since(started), late=False, prompt_tokens=0)
        if len(self._document.rest_of_line(self._offset).strip()) > MAX_RIGHT_OF_CURSOR:
            return Answer("", _since(started), late=False, prompt_tokens=0)
        if self._running is not None and not self._running.done():
            # The extension sends no second request before the first is answered.
            await asyncio.wait([self._running], timeout=patience)
            if not self._running.done():
                return Answer("", _since(started), late=True, prompt_tokens=None)
        left = max(0.001, patience - _since(started) / 1000)
        question = self._question(self._document, self._offset)
        self._running = asyncio.create_task(asyncio.to_thread(self._ask, *question))
        done, _ = await asyncio.wait([self._running], timeout=left)
        elapsed = _since(started)
        if not done:
            return Answer("", elapsed, late=True, prompt_tokens=None)
        found = self._running.result()
        suggestion = str(found["content"]).rstrip()
        if suggestion:
            self._shown.add(Shown(self._document, self._offset, suggestion))
        return Answer(suggestion, elapsed, False, int(found["timings"]["prompt_n"]))

    async def close(self) -> None:
        if self._running is not None:
            await asyncio.wait([self._running])

    async def changed_on_disk(self, paths: list[Path]) -> None:
        """This peer reads no other file."""

    def _ask(self, endpoint: str, body: dict[str, Any]) -> dict[str, Any]:
        headers = {"Content-Type": "application/json"}
        self._connection.request("POST", endpoint, json.dumps(REQUEST | body), headers)
        answer: dict[str, Any] = json.loads(self._connection.getresponse().read())
        if "content" not in answer:
            raise InklingError(
                f"llama.cpp's server answered: {answer.get('error', answer)}.",
                "Try a model with a larger context.",
            )
        return answer


def ask_infill(document: Document, offset: int) -> tuple[str, dict[str, Any]]:
    """The question as llama.vscode puts it."""
    text = document.text or ""
    start = text.rfind("\n", 0, offset) + 1
    before = text[:start].splitlines(keepends=True)[-LINES_BEFORE:]
    after = text[offset:].splitlines(keepends=True)[:LINES_AFTER]
    line = text[start:offset]
    return "/infill", {
        "input_prefix": "".join(before),
        "input_suffix": "".join(after),
        "input_extra": [],
        "prompt": line,
        "n_indent": len(line) - len(line.lstrip()),
    }


def ask_in_our_layout(vocabulary: Vocabulary, context_tokens: int) -> Question:
    """The question with the token ids that our own engine would evaluate, anchor and all."""
    budget = context_tokens - int(REQUEST["n_predict"])
    window = Window(vocabulary)

    def question(document: Document, offset: int) -> tuple[str, dict[str, Any]]:
        context = split_at_cursor(document.text or "", offset, path=document.uri.split("/")[-1])
        prompt = window.prompt(context, budget)
        return "/completion", {"prompt": [*prompt.head, *prompt.tail]}

    return question


def _since(started: float) -> float:
    return (time.perf_counter() - started) * 1000


@asynccontextmanager
async def connect_llama_server(
    model: Path, context_tokens: int, question: Question
) -> AsyncIterator[LlamaServerClient]:
    """Start llama.cpp's server for a GGUF file, and end it afterwards.

    Raises:
        InklingError: it doesn't start.
    """
    command = ["-P", "-m", "evaluation.replay.llama_server", str(model), str(context_tokens)]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *command,
        str(usable_cores()),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        address = (await process.stdout.readline()).decode().strip()
        if not address:
            raise InklingError(
                "llama.cpp's server did not start.",
                "In Inkling's checkout, run: pip install -e '.[peers]'.",
            )
        yield LlamaServerClient(address, question)
    finally:
        process.stdin.close()
        await process.wait()
