"""Changes side by side: nothing that was forgotten comes back, and no work is lost."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from attribution.exclusive import changing
from attribution.forgetting import forget
from attribution.index import SEGMENTS, open_index
from attribution.query import check
from inkling.errors import InklingError
from inkling.optout import parse_list
from tests.attribution.samples import ABOVE, CANARY, OWN_CODE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytest.importorskip("pyarrow")
pytest.importorskip("pydivsufsort")

from attribution.build import (
    SEGMENT_BYTES,
    build_index,
    build_segments,
    finish_build,
    plan_build,
)
from attribution.updates import add_corpus, compact


@pytest.fixture
def corpus(corpus_of: Callable[..., Path]) -> Path:
    from curation.corpus import TRAIN
    from tests.evaluation.corpus_fixture import document

    return corpus_of(
        [
            document(ABOVE + CANARY, "alice/a", "src/a.py", TRAIN),
            document(OWN_CODE, "carol/c", "c.py", TRAIN),
        ]
    )


@pytest.fixture
def folder(corpus: Path, tmp_path: Path) -> Path:
    index = tmp_path / "index"
    build_index(plan_build(corpus, index))
    return index


def names(folder: Path) -> list[str]:
    return sorted(d.repo for item in open_index(folder).segments for d in item.segment.documents)


def test_what_is_forgotten_while_an_index_is_built_anew_stays_forgotten(
    corpus: Path, folder: Path
) -> None:
    plan = plan_build(corpus, folder)
    build_segments(plan, 1, lambda *_: None)
    forget(folder, parse_list("owner alice"))
    finish_build(plan)
    index = open_index(folder)
    report = check(index, CANARY.encode(), "python")
    assert report.findings == ()
    assert report.removed
    assert index.manifest.opted_out == ["owner alice"]


def test_what_is_forgotten_while_documents_are_added_is_not_added(
    folder: Path, corpus_of: Callable[..., Path]
) -> None:
    from curation.corpus import TRAIN
    from tests.evaluation.corpus_fixture import document

    def meanwhile(_done: int, _tasks: int, step: str) -> None:
        if step == "publishing":
            forget(folder, parse_list("owner dave"))

    more = corpus_of([document(ABOVE, "dave/d", "d.py", TRAIN)])
    add_corpus(plan_build(more, folder, SEGMENT_BYTES), 1, meanwhile)
    assert "dave/d" in names(folder)  # it was built already, but
    report = check(open_index(folder), ABOVE.encode(), "python")
    assert {s.document.repo for f in report.findings for s in f.holders.sources} == {"alice/a"}


def test_building_anew_keeps_what_recognises_removed_code(corpus: Path, folder: Path) -> None:
    forget(folder, parse_list("owner alice"))
    compact(folder)
    rules = parse_list("owner alice")
    build_index(plan_build(corpus, folder, opt_out=rules))
    assert check(open_index(folder), CANARY.encode(), "python").removed


def test_code_that_never_came_in_is_recognised_too(corpus: Path, tmp_path: Path) -> None:
    index = tmp_path / "obeying"
    build_index(plan_build(corpus, index, opt_out=parse_list("owner alice")))
    assert names(index) == ["carol/c"]
    report = check(open_index(index), CANARY.encode(), "python")
    assert report.findings == ()
    assert report.removed
    assert check(open_index(index), OWN_CODE.encode(), "python").removed == ()


def test_one_long_change_at_a_time(corpus: Path, folder: Path) -> None:
    before = open_index(folder).manifest
    with changing(folder):
        for change in (
            lambda: compact(folder),
            lambda: build_index(plan_build(corpus, folder)),
            lambda: add_corpus(plan_build(corpus, folder)),
        ):
            with pytest.raises(InklingError, match="by another process"):
                change()
        assert open_index(folder).manifest == before
        assert forget(folder, parse_list("owner alice")).documents == 1  # needn't wait
    assert compact(folder).manifest.documents == 1


def test_a_build_does_not_take_over_what_an_interrupted_addition_left_out(
    corpus: Path, folder: Path
) -> None:
    known = frozenset(d.key for item in open_index(folder).segments for d in item.segment.documents)
    build_segments(plan_build(corpus, folder, known=known), 1, lambda *_: None)  # then a signal
    build_index(plan_build(corpus, folder))
    assert names(folder) == ["alice/a", "carol/c"]


def test_documents_without_a_word_are_left_out_and_hold_up_nothing(
    corpus_of: Callable[..., Path], tmp_path: Path
) -> None:
    index = tmp_path / "dots"
    build_index(plan_build(corpus_of({"dots.py": "...\n", "a.py": CANARY}), index))
    assert open_index(index).manifest.documents == 1
    forget(index, parse_list("path sample:a.py"))
    compact(index)
    assert open_index(index).manifest.segments == []
    assert not list((index / SEGMENTS).iterdir())


def test_a_document_without_a_word_before_a_long_one_makes_no_empty_segment(
    corpus_of: Callable[..., Path], tmp_path: Path
) -> None:
    index = tmp_path / "long"
    corpus = corpus_of({"dots.py": "...\n", "long.py": CANARY + OWN_CODE})
    build_index(plan_build(corpus, index, segment_bytes=len(CANARY)))
    assert open_index(index).manifest.documents == 1


def test_a_killed_worker_is_no_traceback(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from concurrent.futures import Future
    from concurrent.futures.process import BrokenProcessPool, ProcessPoolExecutor

    def killed(*_: object) -> Future[None]:
        future: Future[None] = Future()
        future.set_exception(BrokenProcessPool("killed"))
        return future

    monkeypatch.setattr(ProcessPoolExecutor, "submit", killed)
    with pytest.raises(InklingError, match="ended from outside"):
        build_index(plan_build(corpus, tmp_path / "index"), workers=2)


def test_a_manifest_of_before_pending_rules_is_read(folder: Path) -> None:
    path = folder / "index.json"
    value = json.loads(path.read_bytes())
    del value["pending"], value["damaged_code"]
    path.write_text(json.dumps(value))
    assert open_index(folder).manifest.pending == []
