"""What a check finds, at every alignment and boundary, and what it must not say."""

from __future__ import annotations

import random
import re
import socket
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attribution.candidates import look_up
from attribution.exact import find_spans
from attribution.findings import Kind, Scope
from attribution.index import Index, IndexManifest
from attribution.matter import Tier
from attribution.normal_form import Query
from attribution.probe import prepare, starts_to_try
from attribution.query import MIN_BYTES, STOPPED, check, examine
from attribution.removed_code import RemovedCode
from tests.attribution.samples import (
    ABOVE,
    BELOW,
    CANARY,
    FILLER,
    NAMES,
    OWN_CODE,
    licensed,
    renamed,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from attribution.findings import Report

ALL = Scope(quietest=Tier.SILENT)
LINES = CANARY.count("\n")


@pytest.fixture
def canaries(open_of: Callable[..., Index]) -> Index:
    return open_of({
        "first.py": "".join(FILLER),
        "found.py": ABOVE + CANARY + BELOW,
        "windows.py": "".join(FILLER[:2]) + CANARY.upper().replace("\n", "\r\n"),
        "accents.py": "# größe\n" * 3 + CANARY.replace("pebble", "kiesel_größe_石"),
    })  # fmt: skip


def sources(report: Report) -> set[str]:
    return {s.document.path for found in report.findings for s in found.holders.sources}


# 1. Every alignment.


def test_a_copy_is_found_at_every_alignment(canaries: Index) -> None:
    seen = set()
    for shift in range(100):
        # Letters move the fingerprints of letters and digits, words those of tokens.
        before = "q" * (1 + shift % 10) + " + other_name" * (shift // 10)
        raw = f"{before}\n\n{CANARY}\nunrelated()\n".encode()
        probe = prepare(Query.of(raw), 0, "python", None)
        seen.add((tuple(probe.characters.first % 50), tuple(probe.characters.hashes[:2])))
        (found,) = check(canaries, raw, "python").findings
        assert found.kind is Kind.EXACT
        assert found.tier is Tier.STRONG
        assert raw[found.start : found.end].startswith(CANARY.encode())
        assert found.first_line == 3
        assert found.holders.documents == 1
        (source,) = found.holders.sources
        assert (source.document.path, source.document.license) == ("found.py", "MIT")
        assert source.document.license_source == "metadata"
        assert (source.first_line, source.last_line) == (10, 9 + LINES)
    assert len(seen) > 50


def test_a_copy_that_begins_at_any_character_is_found(canaries: Index) -> None:
    for cut in range(100):
        raw = CANARY[cut:].encode()
        (found,) = check(canaries, raw, "python", Scope(quietest=Tier.WEAK)).findings
        assert found.kind is Kind.EXACT
        words = [word.start() for word in re.finditer(rb"\b\w", raw)]
        assert found.start <= next(start for start in words if start > 0)
        assert found.end >= len(raw) - 1
        (source,) = found.holders.sources
        assert (source.document.path, source.document.license) == ("found.py", "MIT")
        assert source.last_line == 9 + LINES


# 2. No bridges.


def test_a_foreign_line_between_two_copies_is_not_bridged(canaries: Index) -> None:
    raw = f"{CANARY}one_foreign_line()\n{''.join(FILLER[20:30])}".encode()
    first, second = check(canaries, raw, "python").findings
    foreign = raw.index(b"one_foreign")
    assert first.end <= foreign < second.start


def test_a_span_never_runs_over_the_end_of_a_document(open_of: Callable[..., Index]) -> None:
    index = open_of({"a.py": CANARY, "b.py": BELOW})
    report = check(index, f"{CANARY}\0{BELOW}".encode(), "python")
    assert [f.holders.sources[0].document.path for f in report.findings] == ["a.py", "b.py"]


# 3. What is not there is not claimed.


def test_own_code_is_clean(canaries: Index) -> None:
    assert check(canaries, OWN_CODE.encode() * 3, "python").is_clean


def test_a_filter_that_fires_everywhere_still_finds_nothing(canaries: Index) -> None:
    (item,) = canaries.segments
    item.segment.characters.blocks = np.full((1, 8), 0xFFFFFFFF, dtype=np.uint32)
    report = check(canaries, OWN_CODE.encode(), "python", ALL)
    assert [found for found in report.findings if found.tier is not Tier.SILENT] == []


def test_looking_only_where_the_filters_fire_loses_no_span(canaries: Index) -> None:
    """Against a search from every word start; spans of fewer than 50 letters are not promised."""
    (segment,) = canaries.segments
    generator = random.Random(5)
    texts = ["".join(FILLER), CANARY, OWN_CODE]
    for _ in range(40):
        parts = []
        for _ in range(6):
            text = generator.choice(texts)
            start = generator.randrange(len(text) - 60)
            parts.append(text[start : start + generator.randrange(20, 300)])
        query = Query.of(generator.choice(["", "\n", " + "]).join(parts).encode())
        everywhere = {
            (start, end)
            for start, end in find_spans(segment, query.text, query.starts, MIN_BYTES)
            if sum(map(str.isalnum, query.text[start:end].decode())) >= 50
        }
        probe = prepare(query, 0, "python", None)
        (postings,) = look_up([segment], probe.tokens)
        tried = starts_to_try(postings, probe, MIN_BYTES)
        assert len(tried) <= len(query.starts)
        assert everywhere <= set(find_spans(segment, query.text, tried, MIN_BYTES))


@pytest.mark.parametrize("language", ["python", None])
def test_a_span_begins_with_what_is_no_letter_of_its_first_word(
    open_of: Callable[..., Index], language: str | None
) -> None:
    text = "__quicksand_private__" + CANARY.removeprefix("def quicksand")
    report = check(open_of({"private.py": "# above\n" + text}), text.encode(), language)
    assert [found.start for found in report.findings] == [0]


@pytest.mark.parametrize("raw", [b"", b"....." * 99, b"word", "größe".encode()])
def test_nothing_is_found_in_nothing(canaries: Index, raw: bytes) -> None:
    assert check(canaries, raw, "python").is_clean
    assert examine(canaries, "", raw.decode(errors="replace"), "python").is_clean


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"\xff\xfe\x00", "binary"),
        (b"\0" * 999, "binary"),
        (OWN_CODE.encode("utf-16-le"), "binary"),  # without its mark
        ("größe = 1\n".encode("latin-1"), "isn't UTF-8"),
    ],
)
def test_what_is_no_text_in_a_known_encoding_is_never_clean(
    canaries: Index, raw: bytes, says: str
) -> None:
    report = check(canaries, raw, "python")
    assert report.findings == ()
    assert says in report.unchecked[0]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_tells_the_encoding(canaries: Index, encoding: str) -> None:
    report = check(canaries, f"größe = 1\n{CANARY}".encode(encoding), "python")
    (found,) = report.findings
    assert (found.kind, found.first_line, report.unchecked) == (Kind.EXACT, 2, ())


# 4. Layout.


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("    ", "\t"),
        lambda text: text.replace("    ", "  "),
        lambda text: re.sub(r" ([-+|&^<>=%]+) ", r"\1", text),
        lambda text: re.sub(r"([(\[])(?=\w)", r"\1\n            ", text),
        lambda text: text.replace("\n", "  # as before\n"),
    ],
    ids=["CRLF", "tabs", "two spaces", "no spaces", "wrapped", "comments"],
)
def test_another_layout_is_found_with_its_source(
    canaries: Index, change: Callable[[str], str]
) -> None:
    report = check(canaries, change(CANARY).encode(), "python")
    strong = [found for found in report.findings if found.tier is Tier.STRONG]
    assert {found.kind for found in strong} <= {Kind.EXACT, Kind.REFORMATTED}
    assert "found.py" in {s.document.path for f in strong for s in f.holders.sources}


def test_carriage_returns_count_in_offsets(canaries: Index) -> None:
    raw = ("\n" + CANARY.upper()).replace("\n", "\r\n").encode()
    found = check(canaries, raw, "python").findings[0]
    assert raw[found.start : found.end] == raw[2:]
    assert (found.first_line, found.last_line) == (2, 1 + LINES)
    source = found.holders.sources[0]
    assert (source.document.path, source.first_line) == ("windows.py", 3)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_copy_is_found_whatever_the_line_ends(open_of: Callable[..., Index], end: str) -> None:
    index = open_of({"found.py": (ABOVE + CANARY + BELOW).replace("\n", end)})
    for mine in ("\n", "\r\n", "\r"):
        raw = ("mine = 1\n\n" + CANARY + "other = 2\n").replace("\n", mine).encode()
        (found,) = check(index, raw, "python").findings
        assert (found.kind, found.tier) == (Kind.EXACT, Tier.STRONG)
        assert raw[found.start : found.end].strip() == CANARY.strip().replace("\n", mine).encode()
        assert (found.first_line, found.last_line) == (3, 2 + LINES)
        (source,) = found.holders.sources
        assert (source.first_line, source.last_line) == (10, 9 + LINES)


def test_mixed_line_ends_shift_nothing(canaries: Index) -> None:
    raw = b"a\rb\r\rc\r\n\r\r\nd\n\r" + CANARY.replace("\n", "\r\n", 3).encode() + b"\r"
    found = check(canaries, raw, "python").findings[0]
    assert found.start == raw.index(b"def quicksand")
    assert raw[found.start : found.end].splitlines() == CANARY.encode().splitlines()
    assert (found.first_line, found.last_line) == (9, 8 + LINES)


def test_a_byte_order_mark_shifts_nothing(canaries: Index) -> None:
    raw = b"\xef\xbb\xbf" + CANARY.encode()
    (found,) = check(canaries, raw, "python").findings
    assert raw[found.start : found.end] == CANARY.encode()


def test_text_beyond_ascii_is_found_and_never_split(canaries: Index) -> None:
    copied = CANARY.replace("pebble", "kiesel_größe_石")
    raw = copied.replace("sorted", "ö石").encode()
    found = check(canaries, raw, "python").findings[0]
    assert sources(check(canaries, raw, "python")) == {"accents.py"}
    assert raw[found.start : found.end].decode() == copied[: copied.index("sorted")]


# 5. Other names.


def test_a_consistent_rename_is_a_renamed_copy_and_never_exact(canaries: Index) -> None:
    raw = renamed(CANARY).encode()
    (found,) = check(canaries, raw, "python").findings
    assert found.kind is Kind.RENAMED
    assert found.tier is Tier.STRONG
    assert (found.first_line, found.last_line) == (1, LINES)
    sources_ = {s.document.path: s for s in found.holders.sources}
    assert (sources_["found.py"].first_line, sources_["found.py"].last_line) == (10, 9 + LINES)


@pytest.mark.parametrize("seed", range(8))
def test_an_inconsistent_rename_is_never_a_renamed_copy(canaries: Index, seed: int) -> None:
    generator = random.Random(seed)
    scrambled = re.sub(
        rf"\b({'|'.join(NAMES)})\b", lambda _: generator.choice(list(NAMES.values())), CANARY
    )
    kinds = {found.kind for found in check(canaries, scrambled.encode(), "python").findings}
    assert not kinds & {Kind.EXACT, Kind.RENAMED}


def test_a_foreign_line_between_two_renamed_copies_is_not_bridged(canaries: Index) -> None:
    other = "".join(FILLER[20:34]).replace("value_", "worth_").replace("compute_", "reckon_")
    foreign = "".join(f"unheard_{n} = [of_{n}] + {{{n}: 'it'}}\n" for n in range(12))
    raw = f"{renamed(CANARY)}{foreign}{other}".encode()
    begin, end = raw.index(b"unheard_0"), raw.index(b"worth_20")
    found = check(canaries, raw, "python").findings
    assert found
    assert all(item.end <= begin or item.start >= end for item in found)


@pytest.mark.parametrize("share", [0.1, 0.2])
def test_an_edited_copy_is_found_and_called_so(canaries: Index, share: float) -> None:
    generator = random.Random(8)
    edited = re.sub(
        rf"\b({'|'.join(NAMES)})\b",
        lambda match: match[0] if generator.random() > share else f"v{generator.randrange(999)}",
        CANARY,
    )
    report = check(canaries, edited.encode(), "python")
    kinds = {found.kind for found in report.findings if found.tier is Tier.STRONG}
    assert Kind.EDITED in kinds
    assert Kind.RENAMED not in kinds
    assert "found.py" in sources(report)


# 6. Boundaries.


def test_a_span_that_begins_before_the_suggestion_is_found(canaries: Index) -> None:
    for cut in range(20, len(CANARY) - 20, 7):  # in names, in strings, between lines
        before, suggestion = "import os\n\n" + CANARY[:cut], CANARY[cut:]
        (found,) = examine(canaries, before, suggestion, "python").findings
        assert found.kind is Kind.EXACT
        assert found.start == 0
        assert found.end == len(suggestion)
        assert found.first_line == 1


def test_a_suggestion_inside_a_docstring_is_lexed_as_one(open_of: Callable[..., Index]) -> None:
    """Quotes before the part that is looked at decide what is string and what is code."""
    index = open_of({"found.py": CANARY})
    before = 'def f():\n    """' + "A long explanation.\n    " * 60
    assert len(before.encode()) > 1024
    inside = examine(index, before, renamed(CANARY), "python")
    assert inside.findings == ()
    outside = examine(index, before + '"""\n', renamed(CANARY), "python")
    assert [found.kind for found in outside.findings] == [Kind.RENAMED]


@settings(max_examples=150, deadline=None)
@given(before=st.text("a\"'\\\n#(é", max_size=30), suggestion=st.text("b\"'\\\n) ", max_size=30))
def test_quotes_and_escapes_in_any_order_are_examined(before: str, suggestion: str) -> None:
    removed = RemovedCode(b"", np.zeros(0, dtype=np.uint64))
    empty = Index(Path(), IndexManifest([], []), (), (), removed)
    for gap in ("", "x = 1\n" * 300):
        assert examine(empty, before + gap, suggestion, "python").findings == ()


def test_what_stands_before_the_suggestion_alone_does_not_count(canaries: Index) -> None:
    assert examine(canaries, CANARY + "\n\n", OWN_CODE, "python").findings == ()


@pytest.mark.parametrize("before", ["\ufeffimport os\r\n", "\ud800\n", "x = 1\r\n" * 300])
def test_a_mark_carriage_returns_and_half_characters_before_it_shift_nothing(
    canaries: Index, before: str
) -> None:
    (found,) = examine(canaries, before, CANARY, "python").findings
    assert (found.start, found.end, found.first_line) == (0, len(CANARY), 1)
    assert examine(canaries, before, OWN_CODE + "\udfff", "python").findings == ()


def test_lines_and_offsets_count_from_the_suggestion(canaries: Index) -> None:
    suggestion = "own = 1\n" + CANARY
    (found,) = examine(canaries, "import os\n\n\n", suggestion, "python").findings
    assert suggestion.encode()[found.start : found.end] == CANARY.encode()
    assert (found.first_line, found.last_line) == (2, 1 + LINES)


# 8. Many holders.


def test_what_was_vendored_by_hundreds_is_grouped_with_every_licence(
    open_of: Callable[..., Index],
) -> None:
    from curation.corpus import TRAIN
    from tests.evaluation.corpus_fixture import document

    def copy(n: int) -> object:
        made = document(f"start_{n % 50}()\n{CANARY}", f"owner/{n}", f"pkg/_vendor/q{n}.py", TRAIN)
        return licensed(made, "GPL-3.0-only" if n % 100 == 7 else "MIT", committed_at=2000 + n)

    origin = licensed(document(CANARY, "first/one", "q.py", TRAIN), None, committed_at=7)
    index = open_of([origin, *(copy(n) for n in range(500))])
    (found,) = check(index, CANARY.encode(), "python").findings
    holders = found.holders
    assert (holders.documents, holders.repositories, holders.contents) == (501, 501, 51)
    assert holders.licenses == ((None, 1), ("GPL-3.0-only", 5), ("MIT", 495))
    assert [s.document.license for s in holders.sources[:3]] == [None, "GPL-3.0-only", "MIT"]
    assert holders.sources[1].vendored
    assert holders.earliest is not None
    assert holders.earliest.document.repo == "first/one"
    assert found.tier is Tier.STRONG


# 9. A check can be ended, and asks nobody else.


def test_a_check_that_is_ended_says_so_and_keeps_what_it_has(canaries: Index) -> None:
    calls = iter([False] * 2)  # before a segment, after its span
    scope = Scope(stop=lambda: next(calls, True))
    ended = check(canaries, f"{renamed(CANARY)}\n{CANARY}".encode(), "python", scope)
    assert STOPPED in ended.unchecked
    assert [found.kind for found in ended.findings] == [Kind.EXACT]
    at_once = check(canaries, CANARY.encode(), "python", Scope(stop=lambda: True))
    assert (at_once.findings, at_once.is_clean) == ((), False)


def test_the_longest_span_is_told_first(canaries: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("attribution.query.ALWAYS_TOLD", 1)
    part = "".join(CANARY.splitlines(keepends=True)[:3])
    calls = iter([False] * 2)  # before a segment, after the first span
    scope = Scope(stop=lambda: next(calls, True))
    ended = check(canaries, f"{part}\n{OWN_CODE}\n{CANARY}".encode(), "python", scope)
    assert STOPPED in ended.unchecked
    (found,) = ended.findings
    assert found.end - found.start >= len(CANARY.strip())


def test_no_connection_is_opened(canaries: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    assert check(canaries, CANARY.encode(), "python").findings
    assert examine(canaries, "", renamed(CANARY), "python").findings


# 10. Not checked is never clean.


def test_what_could_not_be_checked_is_said(canaries: Index) -> None:
    own = OWN_CODE.encode()
    for language, says in [(None, "isn't known"), ("rust", "no rust code"), ("json", "no json")]:
        report = check(canaries, own, language)
        assert not report.is_clean
        assert says in report.unchecked[0]
    foreign = check(canaries, own, "python", Scope(corpus="0" * 64))
    assert "another corpus" in foreign.unchecked[0]
    (corpus,) = canaries.manifest.corpora
    assert check(canaries, own, "python", Scope(corpus=corpus)).is_clean


def test_a_text_in_an_unknown_language_still_finds_exact_copies(canaries: Index) -> None:
    report = check(canaries, CANARY.encode(), None)
    assert sources(report) == {"found.py"}
    assert report.unchecked


# The user's own code is never an accusation.


def test_the_users_own_workspace_is_exempt(canaries: Index) -> None:
    mine = Scope(own=f"# mine\n{CANARY}".__contains__)
    assert check(canaries, CANARY.encode(), "python", mine).findings == ()
    repo = Scope(own_repos=frozenset({"sample"}))
    assert check(canaries, CANARY.encode(), "python", repo).findings == ()
    other = Scope(own=OWN_CODE.__contains__, own_repos=frozenset({"other"}))
    assert check(canaries, CANARY.encode(), "python", other).findings


def test_lines_are_those_of_the_original_file(open_of: Callable[..., Index]) -> None:
    """A curated text may lack lines; its line map says which."""
    from curation.corpus import TRAIN
    from tests.evaluation.corpus_fixture import document

    numbers = [10, 11, *range(20, 20 + LINES - 3), 90]
    curated = replace(document(CANARY, split=TRAIN), line_map=numbers)
    (found,) = check(open_of([curated]), CANARY.encode(), "python").findings
    source = found.holders.sources[0]
    assert (source.first_line, source.last_line) == (10, 90)


def test_a_line_map_of_a_text_with_lone_carriage_returns_fits(
    open_of: Callable[..., Index],
) -> None:
    """Curation counts lines by line feeds; the first two lines here are one to it."""
    from curation.corpus import TRAIN
    from tests.evaluation.corpus_fixture import document

    numbers = [10, *range(20, 20 + LINES - 2), 90]
    curated = replace(document(CANARY.replace("\n", "\r", 1), split=TRAIN), line_map=numbers)
    (found,) = check(open_of([curated]), CANARY.encode(), "python").findings
    source = found.holders.sources[0]
    assert (source.first_line, source.last_line) == (10, 17 + LINES)


def test_a_large_text_is_checked_too(canaries: Index) -> None:
    raw = "".join(f"unseen_{n}(argument_{n * 31})\n" for n in range(40_000)) + CANARY
    (found,) = check(canaries, raw.encode(), "python").findings
    assert found.first_line == 40_001
