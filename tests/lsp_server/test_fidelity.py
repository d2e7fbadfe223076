"""Text fidelity: what a client inserts lands byte for byte where it belongs, in any writing.

Scripts, line breaks and a byte order mark × position encodings × recorded clients. The client's
side is computed here from the protocol's words alone, on encoded bytes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from lsprotocol import types

from tests.lsp_server.answers import BEGUN, CURSOR
from tests.lsp_server.editor import editor

if TYPE_CHECKING:
    from pathlib import Path

CLIENTS = ("visual-studio-code", "neovim", "emacs")
CODECS = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}
LINE_BREAK = re.compile(r"\r\n|\r|\n")
NAMES = {
    "plain": "amount",
    "astral": "amount_𝒳",
    "cjk": "金額",
    "combining": "amou\u0301nt",
    "accents": "Größe",
}
FORMS = {
    "lf": lambda text: text,
    "crlf": lambda text: text.replace("\n", "\r\n"),
    "cr": lambda text: text.replace("\n", "\r"),
    "bom": lambda text: "\ufeff" + text,
    "tabs": lambda text: text.replace("    ", "\t"),
}


def place(text: str, offset: int, encoding: str) -> tuple[int, int]:
    ends = [match.end() for match in LINE_BREAK.finditer(text) if match.end() <= offset]
    codec, size = CODECS[encoding]
    return len(ends), len(text[ends[-1] if ends else 0 : offset].encode(codec)) // size


def applied(text: str, item: types.InlineCompletionItem, encoding: str) -> str:
    """What an editor makes of the item: its text instead of the range, on encoded lines."""
    codec, size = CODECS[encoding]
    assert item.range is not None
    starts = [0, *(match.end() for match in LINE_BREAK.finditer(text))]

    def offset(position: types.Position) -> int:
        line = text[starts[position.line] :].encode(codec)
        return starts[position.line] + len(line[: position.character * size].decode(codec))

    return text[: offset(item.range.start)] + str(item.insert_text) + text[offset(item.range.end) :]


@pytest.mark.parametrize("encoding", CODECS)
@pytest.mark.parametrize("client", CLIENTS)
async def test_insertions_are_exact(tiny_bundle: Path, client: str, encoding: str) -> None:
    asked = shown = 0
    options = {"maxNewTokens": 12}
    wanted = [types.PositionEncodingKind(encoding)]
    async with editor(
        f"--model={tiny_bundle}", client=client, encodings=wanted, options=options
    ) as session:
        assert session.started.capabilities.position_encoding == encoding
        await session.loaded()
        for name in NAMES.values():
            for form in FORMS.values():
                line = f"        # {name} 😀 {name}\n"
                start = BEGUN.rindex("\n", 0, CURSOR) + 1
                before = form(BEGUN[:start] + line + BEGUN[start:CURSOR])
                after = form(BEGUN[CURSOR:]).removeprefix("\ufeff")
                text = before + after
                uri = session.open(text, f"/nowhere/{asked}.py")
                asked += 1
                item = await session.inline(uri, *place(text, len(before), encoding))
                if item is None:
                    continue
                shown += 1
                inserted = str(item.insert_text)
                assert applied(text, item, encoding) == before + inserted + after
                if "\r" not in text:
                    assert "\r" not in inserted
                elif "\n" in text:
                    assert not re.search(r"(?<!\r)\n|\r(?!\n)", inserted)
                else:
                    assert "\n" not in inserted
    assert shown >= asked // 2, (shown, asked)
