"""Lookup equals a naive search, at every alignment, whatever the line ends and the script."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attribution.normal_form import Query, comparable, word_starts
from attribution.search import find_sources, find_spans

if TYPE_CHECKING:
    from collections.abc import Callable

    from attribution.segment import Segment

CANARY = """\
def quicksand(pebbles, lantern=17):
    drifted = [pebble ^ lantern for pebble in pebbles if pebble % 3]
    for turn, pebble in enumerate(drifted):
        drifted[turn] = (pebble << 2) | (lantern & turn)
    return sorted(drifted, key=lambda pebble: -pebble)
"""
FILLER = [f"value_{n} = compute_{n}({n}, scale={n * n})\n" for n in range(40)]
ABOVE, BELOW = "".join(FILLER[:9]), "".join(FILLER[9:20])

small_text = st.text(alphabet="ab_ é€\n\r.(", max_size=40)


def starts_of(text: bytes) -> list[int]:
    return np.flatnonzero(word_starts(np.frombuffer(text, dtype=np.uint8))).tolist()


def naive_spans(texts: list[str], query: Query, min_bytes: int) -> list[tuple[int, int]]:
    """The definition, by trying everything: runs from word start to word start, none contained."""
    documents = [comparable(text.encode()) for text in texts]
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


@settings(max_examples=60, deadline=None)
@given(
    texts=st.lists(small_text, min_size=1, max_size=4).filter(
        lambda t: starts_of("".join(t).encode())
    ),
    pieces=st.lists(small_text, max_size=4),
    taken=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 40), st.integers(0, 40))),
    min_bytes=st.integers(1, 12),
)
def test_spans_equal_a_naive_search(
    texts: list[str], pieces: list[str], taken: list[tuple[int, int, int]], min_bytes: int
) -> None:
    pytest.importorskip("pyarrow")
    from attribution.build import build_index
    from attribution.segment import open_segment
    from curation.corpus import TRAIN
    from tests.evaluation.corpus_fixture import document, write_corpus

    copies = [texts[n % len(texts)][start : start + size] for n, start, size in taken]
    raw = "".join(pieces + copies).encode()
    query = Query.of(raw)
    with tempfile.TemporaryDirectory() as folder:
        documents = [
            document(text, path=f"{number}.py", split=TRAIN) for number, text in enumerate(texts)
        ]
        build_index(write_corpus(Path(folder) / "corpus", documents), Path(folder) / "index")
        segment = open_segment(Path(folder) / "index")
        assert list(find_spans(segment, query, min_bytes)) == naive_spans(texts, query, min_bytes)
        for found in find_sources(segment, raw, min_bytes):
            target = comparable(raw[found.start : found.end])
            holding = [
                text
                for text in texts
                if any(comparable(text.encode())[s:].startswith(target)
                       for s in starts_of(comparable(text.encode())))
            ]  # fmt: skip
            assert found.holders == len(holding)


@pytest.fixture
def canaries(segment_of: Callable[[dict[str, str]], Segment]) -> Segment:
    return segment_of({
        "first.py": "".join(FILLER),
        "found.py": ABOVE + CANARY + BELOW,
        "windows.py": "".join(FILLER[:2]) + CANARY.upper().replace("\n", "\r\n"),
        "accents.py": "# größe\n" * 3 + CANARY.replace("pebble", "kiesel_größe_石"),
    })  # fmt: skip


def test_a_copy_is_found_at_every_alignment(canaries: Segment) -> None:
    for shift in range(100):
        raw = b"#" * shift + b"\n\n" + CANARY.encode() + b"\nunrelated\n"
        (found,) = find_sources(canaries, raw)
        assert raw[found.start : found.end].startswith(CANARY.encode())
        assert found.first_line == 3
        assert found.holders == 1
        (source,) = found.sources
        assert (source.document.path, source.document.license) == ("found.py", "MIT")
        assert (source.first_line, source.last_line) == (10, 14)


def test_a_foreign_line_between_two_copies_is_not_bridged(canaries: Segment) -> None:
    raw = f"{CANARY}one_foreign_line()\n{''.join(FILLER[20:30])}".encode()
    first, second = find_sources(canaries, raw)
    foreign = raw.index(b"one_foreign")
    assert first.end <= foreign
    assert second.start > foreign


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_line_ends_make_no_difference(canaries: Segment, ends: str) -> None:
    raw = ("\n" + CANARY.upper()).replace("\n", ends).encode()
    (found,) = find_sources(canaries, raw)
    assert raw[found.start : found.end] == raw[len(ends) :]
    assert (found.first_line, found.last_line) == (2, 6)
    source = found.sources[0]
    assert source.document.path == "windows.py"
    assert (source.first_line, source.last_line) == (3, 7)


def test_a_byte_order_mark_shifts_nothing(canaries: Segment) -> None:
    raw = b"\xef\xbb\xbf" + CANARY.encode()
    (found,) = find_sources(canaries, raw)
    assert raw[found.start : found.end] == CANARY.encode()


def test_text_beyond_ascii_is_found_and_never_split(canaries: Segment) -> None:
    copied = CANARY.replace("pebble", "kiesel_größe_石")
    raw = copied.replace("sorted", "ö石").encode()
    (found,) = find_sources(canaries, raw)
    assert found.sources[0].document.path == "accents.py"
    assert raw[found.start : found.end].decode() == copied[: copied.index("sorted")]


def test_all_holders_are_counted_and_some_are_named(
    segment_of: Callable[[dict[str, str]], Segment],
) -> None:
    segment = segment_of({f"copy_{n}.py": f"start_{n}()\n{CANARY}\n" for n in range(9)})
    (found,) = find_sources(segment, CANARY.encode())
    assert found.holders == 9
    assert [s.document.path for s in found.sources] == [f"copy_{n}.py" for n in range(5)]
    assert {(s.first_line, s.last_line) for s in found.sources} == {(2, 6)}


def test_a_span_never_runs_over_the_end_of_a_document(
    segment_of: Callable[[dict[str, str]], Segment],
) -> None:
    segment = segment_of({"a.py": CANARY, "b.py": BELOW})
    joined = f"{CANARY}\0{BELOW}".encode()
    assert [f.sources[0].document.path for f in find_sources(segment, joined)] == ["a.py", "b.py"]


@pytest.mark.parametrize("raw", [b"", b"\xff\xfe\x00", b"\0" * 999, b"....." * 99, b"word"])
def test_nothing_is_found_in_nothing(canaries: Segment, raw: bytes) -> None:
    assert list(find_sources(canaries, raw)) == []


def test_lines_are_those_of_the_original_file(tmp_path: Path) -> None:
    """A curated text may lack lines; its line map says which."""
    pytest.importorskip("pyarrow")
    from dataclasses import replace

    from attribution.build import build_index
    from attribution.segment import open_segment
    from curation.corpus import TRAIN
    from tests.evaluation.corpus_fixture import document, write_corpus

    curated = replace(document(CANARY, split=TRAIN), line_map=[10, 11, 20, 21, 30])
    build_index(write_corpus(tmp_path / "corpus", [curated]), tmp_path / "index")
    (found,) = find_sources(open_segment(tmp_path / "index"), CANARY.encode())
    assert (found.sources[0].first_line, found.sources[0].last_line) == (10, 30)
