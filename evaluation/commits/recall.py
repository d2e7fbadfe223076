"""Does a model go on with a text word for word? Asked of the model alone, without memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inkling.bundle import open_bundle
from inkling.layout import split_at_cursor
from lsp_server.engine.engine import Engine
from lsp_server.engine.records import CompletionRequest, EngineSettings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

MAX_NEW_TOKENS = 48


def count_recalled(bundle: Path, strings: Sequence[tuple[str, str]]) -> int:
    """How many of (text before the cursor, how it goes on) a bundle completes exactly so."""
    recalled = 0
    with Engine(open_bundle(bundle), EngineSettings(threads=1)) as engine:
        for before, rest in strings:
            context = split_at_cursor(before, len(before))
            request = CompletionRequest(context, MAX_NEW_TOKENS, max_lines=1)
            recalled += engine.complete(request).text.startswith(rest)
    return recalled
