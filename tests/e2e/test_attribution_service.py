"""The attribution service as a user starts it, under load and while its index changes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from tests.attribution.samples import ABOVE, CANARY, FILLER, OWN_CODE
from tests.e2e.attribution_service import serving

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

httpx = pytest.importorskip("httpx")
pytest.importorskip("uvicorn")
pytest.importorskip("pydivsufsort")
pytestmark = pytest.mark.e2e

SECOND = "".join(FILLER[20:36])


async def ask_all(address: str, texts: list[str]) -> list[dict[str, Any]]:
    """The answers to all texts, asked at once: each over a connection of its own."""
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(base_url=address, timeout=120, limits=limits) as client:

        async def ask(text: str) -> dict[str, Any]:
            body = {"text": text, "language": "python"}
            response = await client.post("/v1/attribution", json=body)
            assert response.status_code == 200, response.text
            return dict(response.json())

        return await asyncio.gather(*map(ask, texts))


def test_a_thousand_requests_at_once_while_the_index_is_built_again(
    corpus_of: Callable[..., Path], index_of: Callable[..., Path], tmp_path: Path
) -> None:
    """Every answer is one of the old index or one of the new one, and later ones of the new."""
    from attribution.build import build_index, plan_build

    index = index_of({"old.py": ABOVE + CANARY})
    new = plan_build(corpus_of({"new.py": CANARY + SECOND, "own.py": OWN_CODE}), index)
    texts = [(CANARY, OWN_CODE, SECOND, "")[n % 4] for n in range(1000)]

    async def both(address: str) -> list[dict[str, Any]]:
        building = asyncio.create_task(asyncio.to_thread(build_index, new))
        answers = await ask_all(address, texts)
        await building
        return answers

    allowed: dict[str, tuple[set[str], ...]] = {
        CANARY: ({"old.py"}, {"new.py"}),
        OWN_CODE: (set(), {"own.py"}),
        SECOND: (set(), {"new.py"}),
        "": (set(),),
    }
    with serving(index, tmp_path / "opt-out.txt") as address:
        for text, answer in zip(texts, asyncio.run(both(address)), strict=True):
            named = {s["path"] for found in answer["findings"] for s in found["sources"]}
            assert named in allowed[text]
            assert answer["unchecked"] == []
        last = asyncio.run(ask_all(address, [CANARY, OWN_CODE, SECOND]))
        assert [a["findings"][0]["sources"][0]["path"] for a in last] == [
            "new.py", "own.py", "new.py",
        ]  # fmt: skip


def test_a_damaged_segment_is_named_while_the_others_go_on(
    corpus_of: Callable[..., Path], tmp_path: Path
) -> None:
    from attribution.build import build_index, plan_build
    from attribution.index import SEGMENTS, open_index

    out = tmp_path / "index"
    build_index(plan_build(corpus_of({"a.py": CANARY, "b.py": OWN_CODE}), out, segment_bytes=600))
    first, _ = open_index(out).segments
    (out / SEGMENTS / first.segment.name / "suffixes.bin").write_bytes(b"")
    with serving(out, tmp_path / "opt-out.txt") as address:
        lost, sound, large = asyncio.run(
            ask_all(address, [CANARY, OWN_CODE, "unseen(1)\n" * 500_000 + OWN_CODE])
        )
    assert lost["findings"] == []
    assert "suffixes.bin" in lost["unchecked"][0]
    assert lost["clean"] is False
    for answer in (sound, large):  # five megabytes among them
        assert [s["path"] for f in answer["findings"] for s in f["sources"]] == ["b.py"]
        assert "suffixes.bin" in answer["unchecked"][0]
