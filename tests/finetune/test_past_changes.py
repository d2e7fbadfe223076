"""What earlier commits typed: in the file as it was then, of learned files, without secrets."""

from __future__ import annotations

import random
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from finetune.past_changes import PastChanges, past_changes
from finetune.sources import Source, open_sources
from pretrain.examples import Piece
from pretrain.fim import FimMix
from tests.evaluation.corpus_fixture import document
from tests.finetune.conftest import FIRST, LATER, commit, module

if TYPE_CHECKING:
    from pathlib import Path

    from curation.corpus import CorpusDocument

EVERYTHING = 10**9
WINDOW = 1000


def learned(repo: Path, *names: str) -> list[CorpusDocument]:
    return [
        replace(document(module(name), path=f"{name}.py"), id=name, repo=repo.name)
        for name in names
    ]


def changes(repo: Path, documents: list[CorpusDocument], most: int = EVERYTHING) -> PastChanges:
    return past_changes([Source(repo.name, repo, repo, None)], documents, ["python"], WINDOW, most)


def test_a_hole_is_what_a_commit_added_and_below_it_nothing_newer(repo: Path) -> None:
    past = changes(repo, learned(repo, *FIRST, *LATER))
    assert {d.path for d in past.documents} == {f"{name}.py" for name in LATER}  # the first is all
    for found in past.documents:
        start, end = past.holes[found.id]
        now = module(found.path.removesuffix(".py"))
        assert found.text[start:end].strip()
        assert found.text[:end] in now
        assert found.text[end:].strip() == ""  # the rest of the file was not there yet


def test_only_files_that_are_learned_count(repo: Path) -> None:
    past = changes(repo, learned(repo, LATER[0]))
    assert {d.path for d in past.documents} == {f"{LATER[0]}.py"}
    assert len({d.id for d in past.documents}) == len(past.documents) > 1


def test_the_newest_come_first_and_no_more_than_wanted(repo: Path) -> None:
    past = changes(repo, learned(repo, *LATER), most=1)
    assert [d.path for d in past.documents] == [f"{LATER[-1]}.py"]
    assert not changes(repo, learned(repo, *LATER), most=0).documents


def test_nothing_of_what_proves_the_model_is_learned(repo: Path, tmp_path: Path) -> None:
    sources = open_sources([str(repo)], tmp_path, ["python"], 12)
    (source,) = sources
    assert source.cut is not None
    past = past_changes(sources, learned(repo, *LATER), ["python"], WINDOW, EVERYTHING)
    held_out = {commit.revision for commit in source.cut.commits}
    assert past.documents
    assert held_out.isdisjoint(d.revision for d in past.documents)


def test_a_secret_of_the_past_is_not_learned(tmp_path: Path) -> None:
    repo = tmp_path / "leaky"
    repo.mkdir()
    key = "ghp_" + "a1B2c3D4e5F6" * 3
    added = "\n\ndef twice(number):\n    return number + number\n"
    for month, text in enumerate(
        (module("oak"), module("oak") + f'TOKEN = "{key}"\n', module("oak") + added), start=1
    ):
        (repo / "oak.py").write_text(text)
        commit(repo, f"2024-{month:02}-01T12:00:00Z")
    shown = subprocess.run(["git", "log", "-p"], cwd=repo, check=True, capture_output=True)
    assert key.encode() in shown.stdout
    past = changes(repo, learned(repo, "oak"))
    assert any("number" in d.text for d in past.documents)
    assert not any(key in d.text for d in past.documents)


def test_a_hole_is_cut_in_whole_documents_only(repo: Path) -> None:
    past = changes(repo, learned(repo, *LATER))
    found, rng = past.documents[0], random.Random(1)
    hole = past(Piece(found.text, found, 0), FimMix(), rng)
    assert hole is not None
    assert (hole.cursor, hole.end) == past.holes[found.id]
    assert past(Piece(found.text[:-1], found, 0), FimMix(), rng) is None


@pytest.mark.parametrize("window", [60, 200])
def test_a_document_is_no_longer_than_it_may_be(repo: Path, window: int) -> None:
    source = Source(repo.name, repo, repo, None)
    past = past_changes([source], learned(repo, *LATER), ["python"], window, EVERYTHING)
    longest = max(len(d.text) for d in past.documents)
    assert longest <= max(window * 2.4 + 1, max(b - a for a, b in past.holes.values()) + 200)
