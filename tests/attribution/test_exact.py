"""Exact spans equal a naive search, whatever the line ends, the script and what was removed."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attribution.documents import SourceDocument
from attribution.exact import find_spans, holders
from attribution.index import LiveSegment
from attribution.normal_form import Query, comparable, word_starts
from attribution.segment import open_segment

small_text = st.text(alphabet="ab_ é€\n\r.(", max_size=40)


def starts_of(text: bytes) -> list[int]:
    return np.flatnonzero(word_starts(np.frombuffer(text, dtype=np.uint8))).tolist()


def naive_spans(documents: list[bytes], query: Query, min_bytes: int) -> list[tuple[int, int]]:
    """The definition, by trying everything: runs from word start to word start, none contained."""
    runs = {d[start:] for d in documents for start in starts_of(d)}
    spans = []
    for start in query.starts:
        longest = max(
            (
                end
                for end in range(start, len(query.text) + 1)
                if any(run.startswith(query.text[start:end]) for run in runs)
            ),
            default=start,
        )
        while start < longest < len(query.text) and query.text[longest] & 0xC0 == 0x80:
            longest -= 1
        if longest - start >= min_bytes and all(end < longest for _, end in spans):
            spans.append((start, longest))
    return spans


def row(number: int) -> SourceDocument:
    return SourceDocument(
        str(number), f"{number:064x}", "r", f"{number}.py", None, "python", None, None, None, None
    )


@settings(max_examples=60, deadline=None)
@given(
    texts=st.lists(small_text, min_size=1, max_size=4).filter(
        lambda t: starts_of("\n".join(t).encode())
    ),
    pieces=st.lists(small_text, max_size=4),
    taken=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 40), st.integers(0, 40))),
    removed=st.sets(st.integers(0, 3)),
    min_bytes=st.integers(1, 12),
)
def test_spans_equal_a_naive_search(
    texts: list[str],
    pieces: list[str],
    taken: list[tuple[int, int, int]],
    removed: set[int],
    min_bytes: int,
) -> None:
    pytest.importorskip("pydivsufsort")
    from attribution.segment_writer import write_segment

    # A segment leaves out documents without a word.
    documents = [text for text in (comparable(t.encode()) for t in texts) if starts_of(text)]
    copies = [texts[n % len(texts)][start : start + size] for n, start, size in taken]
    query = Query.of("".join(pieces + copies).encode())
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "segment"
        write_segment(path, [(row(n), text) for n, text in enumerate(documents)])
        mask = np.array([number not in removed for number in range(len(documents))])
        segment = LiveSegment(open_segment(path), None if mask.all() else mask)
        living = [text for text, alive in zip(documents, mask, strict=True) if alive]
        spans = list(find_spans(segment, query.text, query.starts, min_bytes))
        assert spans == naive_spans(living, query, min_bytes)
        for start, end in spans:
            target = query.text[start:end]
            holding = [
                number
                for number, text in enumerate(documents)
                if mask[number] and any(text[s:].startswith(target) for s in starts_of(text))
            ]
            numbers, places = holders(segment, target)
            assert numbers.tolist() == holding
            assert all(segment.segment.text[p : p + len(target)] == target for p in places)


def test_the_pins_of_a_large_segment_change_no_answer(tmp_path: Path) -> None:
    """More word starts than one pin stands for, many of them alike."""
    pytest.importorskip("pydivsufsort")
    from attribution.segment_writer import write_segment

    lines = [f"value_{n % 700} = compute({n}, {n * n % 97})\n" for n in range(3000)]
    text = "".join(lines).encode()
    write_segment(tmp_path / "segment", [(row(0), text)])
    segment = LiveSegment(open_segment(tmp_path / "segment"), None)
    assert len(segment.segment.pins) > 16 * 8
    for first in range(0, 2990, 37):
        part = "".join(lines[first : first + 3]).encode()
        query = Query.of(part)
        assert list(find_spans(segment, query.text, query.starts, 20)) == [(0, len(part))]
        assert holders(segment, part)[1].tolist() == [text.index(part)]


def test_a_length_of_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="min_bytes"):
        list(find_spans(None, b"x", [0], 0))  # type: ignore[arg-type]
