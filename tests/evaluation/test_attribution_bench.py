"""The attribution bench: fair questions, every peer finds a plain copy, intervals are right."""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING

import pytest

from evaluation.attribution_bench import Result, threshold, wilson
from evaluation.attribution_peers import InfiniGram, MinHashes, StridedBloom, Trigrams, Winnowing
from evaluation.attribution_queries import (
    FORMS,
    HELD_OUT,
    SNIPPET_BYTES,
    Document,
    Question,
    questions,
)
from tests.evaluation.corpus_fixture import module_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def plain(name: str) -> str:
    """A module without docstrings and comments, as the bench wants its pieces."""
    lines = module_text(name, 20).splitlines(keepends=True)[5:]
    code = "".join(line for line in lines if not line.lstrip().startswith(('"""', "#")))
    return re.sub("  # .*", "", code)


INDEXED = [Document(n, f"repo-{n}", "m.py", plain(f"{name}_thing")) for n, name in enumerate("abc")]
HELD = [Document(0, "other", "h.py", plain("unrelated"))]


pytest.importorskip("black")


def test_every_piece_is_asked_in_every_form_and_the_same_in_every_run() -> None:
    asked = questions(INDEXED, HELD, 5, 7)
    assert asked == questions(INDEXED, HELD, 5, 7)
    assert [q.kind for q in asked] == [*FORMS] * 5 + [HELD_OUT] * 7
    assert {len(q.text) for q in asked} == {SNIPPET_BYTES}
    for question in asked:
        if question.kind == "as it is":
            assert question.source is not None
            assert question.text in INDEXED[question.source].text
        assert (question.source is None) == (question.kind == HELD_OUT)


def test_a_rename_is_consistent_and_leaves_keywords_attributes_and_strings_alone() -> None:
    text = "for a in b.a:\n    print(a, self.b, f'a', rb'b')\n"
    renamed = FORMS["renamed"](text, random.Random(1))
    _, new, *_ = renamed.split()
    assert renamed.startswith("for ")
    assert new != "a"
    assert f".a:\n    print({new}, self.b, f" in renamed
    assert renamed.endswith("rb'b')\n")


@pytest.mark.parametrize("kind", [kind for kind in FORMS if "names" in kind or kind == "renamed"])
def test_what_is_changed_is_still_python(kind: str) -> None:
    for document in INDEXED:
        compile(FORMS[kind](document.text, random.Random(2)), "m.py", "exec")


@pytest.mark.parametrize("system", [StridedBloom, Winnowing, Trigrams, MinHashes, InfiniGram])
def test_every_peer_finds_a_copy_and_not_what_is_strange(
    system: Callable[..., StridedBloom], tmp_path: Path
) -> None:
    if system is MinHashes:
        pytest.importorskip("datasketch")
    if system is InfiniGram:
        pytest.importorskip("infini_gram")
    on_disk = system in (Trigrams, InfiniGram)
    made = system(INDEXED, tmp_path) if on_disk else system(INDEXED)
    assert made.size > 0
    copied = INDEXED[1].text[100 : 100 + SNIPPET_BYTES]
    score, source = made.ask(copied)
    assert score >= 1
    if system is not MinHashes:  # which can't tell modules apart that differ by a name
        assert source in (1, None)
    assert made.ask("lorem = ipsum(dolor)\nsit.amet[consectetur] += adipiscing\n" * 4)[0] == 0


def test_the_interval_is_wilsons() -> None:
    low, high = wilson(0, 400)
    assert low == 0
    assert high == pytest.approx(0.00951, abs=1e-5)
    assert wilson(5, 10) == pytest.approx((0.2366, 0.7634), abs=1e-4)
    assert wilson(0, 0) == (0.0, 1.0)


def test_the_threshold_allows_so_many_false_alarms() -> None:
    asked = [Question(HELD_OUT, "", None)] * 4 + [Question("as it is", "", 1)]
    result = Result("x", None, 0.0, [], [], [3.0, 0.0, 1.0, 2.0, 2.5], [None] * 5)
    for alarms in range(4):
        limit = threshold(result, asked, alarms)
        assert sum(score >= limit for score in result.scores[:4]) == alarms
    assert threshold(result, asked, 4) > 0
