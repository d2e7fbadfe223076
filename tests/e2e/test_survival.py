"""Survival: twenty thousand edits with completions among them, then a kill and a new start.

Prints how resident memory grew. `INKLING_SURVIVAL_EDITS` sets another number of edits.
"""

from __future__ import annotations

import os
import random
from pathlib import Path

import numpy as np
import pytest

from tests.lsp_server.answers import SOURCE
from tests.lsp_server.editor import editor

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="memory is read from /proc"),
]

EDITS = int(os.environ.get("INKLING_SURVIVAL_EDITS", "20000"))
ASK_EVERY = 100
SAMPLE_EVERY = EDITS // 40
MOST_GROWTH = 0.15  # of resident memory, from the first half of the samples to the last


def resident_bytes(process: int) -> int:
    pages = Path(f"/proc/{process}/statm").read_text().split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.timeout(900)
async def test_twenty_thousand_edits(
    tiny_bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    generator = random.Random(1)
    lines = (SOURCE * 20).split("\n")
    samples: list[tuple[int, int]] = []
    async with editor(f"--model={tiny_bundle}", folder=tmp_path) as session:
        process = session.process_id
        uri = session.open("\n".join(lines), tmp_path / "a.py")
        await session.loaded()
        for number in range(1, EDITS + 1):
            row = generator.randrange(len(lines))
            kind = generator.randrange(4)
            if kind == 0 and len(lines) > 300:
                session.edit(uri, "", (row, 0), (row + 1, 0))
                del lines[row]
            elif kind == 1 and len(lines) < 700:
                session.edit(uri, f"x{number} = {number}\n", (row, 0), (row, 0))
                lines.insert(row, f"x{number} = {number}")
            else:
                column = generator.randrange(len(lines[row].encode("utf-16-le")) // 2 + 1)
                before = lines[row].encode("utf-16-le")[: 2 * column].decode("utf-16-le", "ignore")
                column = len(before.encode("utf-16-le")) // 2
                session.edit(uri, "y", (row, column), (row, column))
                lines[row] = f"{before}y{lines[row][len(before) :]}"[:200]
                if len(lines[row]) == 200:
                    session.edit(uri, "", (row, 0), (row, 10_000))
                    lines[row] = ""
            if number % ASK_EVERY == 0:
                await session.inline(uri, row, 0)
            if number % SAMPLE_EVERY == 0:
                await session.status()
                samples.append((number, resident_bytes(process)))
        # The server still has the very document that was typed.
        asked = {"textDocument": {"uri": uri}, "position": {"line": 0, "character": 0}}
        answer = await session.client.protocol.send_request_async("inkling/explain", asked)
        assert answer.silence is None
        seen = next(part.text for part in answer.prompt if part.name == "after the cursor")
        assert "\n".join(lines).startswith(seen)
        await session.kill()
    late = np.array(samples[len(samples) // 4 :], dtype=float)
    slope = float(np.polyfit(late[:, 0], late[:, 1], 1)[0])
    growth = late[-1, 1] / late[0, 1] - 1
    with capsys.disabled():
        print(
            f"\n{EDITS} edits, {EDITS // ASK_EVERY} requests: resident memory "
            f"{late[0, 1] / 1e6:.1f} → {late[-1, 1] / 1e6:.1f} MB, {slope:+.0f} bytes an edit"
        )
    assert growth < MOST_GROWTH
    async with editor(f"--model={tiny_bundle}", folder=tmp_path) as session:
        assert (await session.loaded()).state == "ready"
        uri = session.open(SOURCE, tmp_path / "a.py")
        await session.inline(uri, 3, 0)
        assert (await session.status()).state == "ready"
