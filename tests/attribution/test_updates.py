"""Documents come and go: sources move, text disappears, its repetition is still noticed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from attribution.findings import Scope
from attribution.index import MANIFEST_NAME, REMOVED, SEGMENTS, SegmentEntry, open_index
from attribution.query import check, examine
from inkling.errors import InklingError
from inkling.optout import parse_list
from tests.attribution.samples import ABOVE, BELOW, CANARY, FILLER, OWN_CODE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from curation.corpus import CorpusDocument

SECOND = "".join(FILLER[20:36])


@pytest.fixture
def documents() -> list[CorpusDocument]:
    """CANARY in two repositories, in one of them with more around it."""
    pytest.importorskip("pyarrow")
    from curation.corpus import TRAIN
    from tests.evaluation.corpus_fixture import document

    return [
        document(ABOVE + CANARY, "alice/a", "src/a.py", TRAIN),
        document(CANARY + BELOW, "bob/b", "lib/b.py", TRAIN),
        document(OWN_CODE, "carol/c", "c.py", TRAIN),
    ]


@pytest.fixture
def folder(index_of: Callable[..., Path], documents: list[CorpusDocument]) -> Path:
    return index_of(documents)


def repos(folder: Path, text: str) -> list[str]:
    report = check(open_index(folder), text.encode(), "python")
    return [s.document.repo for found in report.findings for s in found.holders.sources]


def bytes_on_disk(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_detail_moves_to_the_other_holder_and_then_vanishes(folder: Path) -> None:
    from attribution.forgetting import forget

    assert repos(folder, CANARY) == ["alice/a", "bob/b"]
    forget(folder, parse_list("owner alice"))
    assert repos(folder, CANARY) == ["bob/b"]
    done = forget(folder, parse_list("path bob/b:lib/"))
    assert (done.documents, done.repositories) == (1, ("bob/b",))
    assert repos(folder, CANARY) == []
    assert repos(folder, OWN_CODE) == ["carol/c"]


def test_a_shorter_living_span_takes_the_place_of_a_longer_removed_one(folder: Path) -> None:
    from attribution.forgetting import forget

    text = ABOVE + CANARY
    (long,) = check(open_index(folder), text.encode(), "python").findings
    assert long.end - long.start == len(text)
    forget(folder, parse_list("repo alice/a"))
    report = check(open_index(folder), text.encode(), "python")
    (short,) = report.findings
    assert text.encode()[short.start : short.end] == CANARY.encode()
    assert [s.document.repo for s in short.holders.sources] == ["bob/b"]


@pytest.mark.parametrize("compacted", [False, True])
def test_removed_code_can_be_blocked_but_not_what_others_still_hold(
    folder: Path, compacted: bool
) -> None:
    from attribution.forgetting import forget
    from attribution.updates import compact

    forget(folder, parse_list("owner alice"))
    if compacted:
        compact(folder)
    index = open_index(folder)
    report = check(index, (ABOVE + OWN_CODE).encode(), "python")
    (span,) = report.removed
    assert span.first_line == 1
    assert span.last_line in (len(ABOVE.splitlines()) - 1, len(ABOVE.splitlines()))
    assert check(index, CANARY.encode(), "python").removed == ()
    before, suggestion = ABOVE[:40], ABOVE[40:]
    assert examine(index, before, suggestion, "python").removed
    assert not examine(index, ABOVE, OWN_CODE[:60], "python").removed


def test_after_compaction_the_bytes_are_gone(folder: Path) -> None:
    from attribution.forgetting import forget
    from attribution.updates import compact

    assert b"quicksand" in bytes_on_disk(folder)
    forget(folder, parse_list("owner alice\nowner bob"))
    manifest = compact(folder).manifest
    assert manifest.documents == 1
    raw = bytes_on_disk(folder)
    for secret in (b"quicksand", b"lantern", b'alice/a"', b"src/a.py", b"value_7"):
        assert secret not in raw, secret
    assert b"Orchard" in raw
    # The filter and the postings are those of what is left alone.
    (item,) = open_index(folder, verify=True).segments
    import numpy as np

    from attribution.fingerprints import character_fingerprints

    marks = character_fingerprints(np.frombuffer(CANARY.encode(), dtype=np.uint8))
    assert not item.segment.characters.holds(marks.hashes).any()


def test_an_index_may_become_empty(folder: Path) -> None:
    from attribution.forgetting import forget
    from attribution.updates import compact

    forget(folder, parse_list("owner alice\nowner bob\nrepo carol/c"))
    compact(folder)
    assert not list((folder / SEGMENTS).iterdir())
    index = open_index(folder)
    assert index.manifest.documents == 0
    report = check(index, OWN_CODE.encode(), "python")
    assert report.removed
    assert not check(index, b"x = 1\n", "python").is_clean  # it holds no Python any more


def test_what_was_forgotten_stays_away_when_it_comes_again(
    folder: Path, corpus_of: Callable[..., Path], documents: list[CorpusDocument]
) -> None:
    from attribution.cli import main
    from attribution.forgetting import forget
    from attribution.updates import compact

    forget(folder, parse_list("owner alice"))
    compact(folder)
    corpus = str(corpus_of(documents))
    assert main(["add", corpus, "--index", str(folder)]) == 0
    assert repos(folder, CANARY) == ["bob/b"]
    assert main(["build", corpus, "--out", str(folder)]) == 0
    assert repos(folder, CANARY) == ["bob/b"]


def test_adding_brings_new_documents_once(folder: Path, corpus_of: Callable[..., Path]) -> None:
    from attribution.cli import main
    from curation.corpus import TRAIN, manifest_hash
    from tests.evaluation.corpus_fixture import document

    new = corpus_of([document(SECOND, "dave/d", "d.py", TRAIN), document(OWN_CODE, split=TRAIN)])
    before = open_index(folder).manifest
    for _ in range(2):
        assert main(["add", str(new), "--index", str(folder)]) == 0
        index = open_index(folder, verify=True)
        assert index.manifest.documents == 5
        assert repos(folder, SECOND) == ["dave/d"]
        assert repos(folder, OWN_CODE) == ["carol/c", "sample"]
    assert index.manifest.corpora == [*before.corpora, manifest_hash(new)]
    scope = Scope(corpus=manifest_hash(new))
    assert check(index, b"x = 1\n", "python", scope).is_clean


def test_small_segments_are_merged_by_size(folder: Path, corpus_of: Callable[..., Path]) -> None:
    from attribution.cli import main
    from curation.corpus import TRAIN
    from tests.evaluation.corpus_fixture import document

    for number in range(3):
        text = CANARY.replace("quick", f"quick_{number}_")
        corpus = corpus_of([document(text, f"r{number}", "x.py", TRAIN)])
        assert main(["add", str(corpus), "--index", str(folder)]) == 0
    index = open_index(folder, verify=True)
    assert len(index.segments) == 1
    assert len(list((folder / SEGMENTS).iterdir())) == 1
    assert index.manifest.documents == 6
    assert repos(folder, CANARY.replace("quick", "quick_1_"))[0] == "r1"


def test_merging_drops_what_was_removed(folder: Path) -> None:
    from attribution.forgetting import forget
    from attribution.updates import rewrite

    forget(folder, parse_list("owner alice"))
    (entry,) = open_index(folder).manifest.segments
    (merged,) = rewrite(folder, [entry])
    assert (merged.documents, merged.removed, merged.tombstones) == (2, 0, None)


def test_merges_take_the_oldest_of_a_size_that_fit() -> None:
    from attribution.updates import merges

    def entries(*sizes: int) -> list[SegmentEntry]:
        return [SegmentEntry(str(n), 1, size * 1_000_000) for n, size in enumerate(sizes)]

    def chosen(*sizes: int, limit: int = 256) -> list[list[str]]:
        return [[e.name for e in group] for group in merges(entries(*sizes), limit * 1_000_000)]

    assert chosen(1, 1, 1) == []
    assert chosen(1, 200, 2, 3, 1, 1) == [["0", "2", "3", "4"]]
    assert chosen(200, 200, 200, 200) == []
    assert chosen(1, 1, 1, 1, 20, 20, 20, 20) == [["0", "1", "2", "3"], ["4", "5", "6", "7"]]


def test_forgetting_goes_on_beside_a_damaged_segment(
    folder: Path, corpus_of: Callable[..., Path]
) -> None:
    from attribution.build import SEGMENT_BYTES, plan_build
    from attribution.forgetting import forget
    from attribution.updates import add_corpus, compact

    add_corpus(plan_build(corpus_of({"second.py": SECOND}), folder, SEGMENT_BYTES))
    damaged = open_index(folder).manifest.segments[1].name
    (folder / SEGMENTS / damaged / "suffixes.bin").write_bytes(b"")
    done = forget(folder, parse_list("owner alice"))
    assert (done.documents, done.repositories) == (1, ("alice/a",))
    assert "suffixes.bin" in done.damaged[0]
    assert repos(folder, CANARY) == ["bob/b"]
    assert "suffixes.bin" in compact(folder).damaged[0]
    assert b"src/a.py" not in bytes_on_disk(folder)


def test_a_rule_waits_for_a_segment_that_could_not_be_read(
    folder: Path, corpus_of: Callable[..., Path]
) -> None:
    from attribution.build import SEGMENT_BYTES, plan_build
    from attribution.forgetting import forget
    from attribution.updates import add_corpus, compact

    add_corpus(plan_build(corpus_of({"second.py": SECOND}), folder, SEGMENT_BYTES))
    (damaged,) = (item for item in open_index(folder).manifest.segments if item.documents == 1)
    file = folder / SEGMENTS / damaged.name / "suffixes.bin"
    sound = file.read_bytes()
    file.write_bytes(b"")
    (name,) = repos(folder, OWN_CODE)
    forget(folder, parse_list(f"repo sample\nrepo {name}"))
    assert open_index(folder).manifest.pending
    file.write_bytes(sound)
    assert repos(folder, SECOND) == []  # at once, although no tombstone says so yet
    assert compact(folder).documents == 1
    assert not open_index(folder).manifest.pending
    assert SECOND.encode()[:200] not in bytes_on_disk(folder)


def test_a_language_is_gone_with_its_last_document(folder: Path) -> None:
    from attribution.forgetting import forget

    forget(folder, parse_list("owner alice"))
    assert open_index(folder).languages == {"python"}
    forget(folder, parse_list("owner bob\nrepo carol/c"))
    assert open_index(folder).languages == frozenset()
    assert not check(open_index(folder), b"x = 1\n", "python").is_clean


@pytest.mark.parametrize("damage", ["cut", "gone", "no key"])
def test_removed_code_that_cannot_be_recognised_any_more_is_said(folder: Path, damage: str) -> None:
    from attribution.forgetting import forget

    forget(folder, parse_list("owner alice\nowner bob"))
    (hashes,) = (folder / REMOVED).glob("code-*.bin")
    if damage == "cut":
        hashes.write_bytes(hashes.read_bytes()[:-8])
    elif damage == "gone":
        hashes.unlink()
    else:
        (folder / REMOVED / "code.key").unlink()
    report = check(open_index(folder), CANARY.encode(), "python")
    assert not report.is_clean
    assert "removed code is recognised" in report.unchecked[0]
    # More can be removed all the same, and what was lost is still said.
    done = forget(folder, parse_list("repo carol/c"))
    assert done.documents == 1
    assert "removed code is recognised" in done.damaged[0]
    report = check(open_index(folder), OWN_CODE.encode(), "python")
    assert report.removed
    assert "removed code is recognised" in report.unchecked[0]


def test_restored_hashes_of_removed_code_count_again(folder: Path) -> None:
    from attribution.forgetting import forget

    forget(folder, parse_list("owner alice\nowner bob"))
    (hashes,) = (folder / REMOVED).glob("code-*.bin")
    sound = hashes.read_bytes()
    hashes.write_bytes(sound[:-8])
    forget(folder, parse_list("repo carol/c"))
    hashes.write_bytes(sound)
    for text in (CANARY, OWN_CODE):
        report = check(open_index(folder), text.encode(), "python")
        assert report.removed
        assert not any("removed code" in reason for reason in report.unchecked)


def test_lost_tombstones_hide_the_segment_rather_than_show_removed_text(folder: Path) -> None:
    from attribution.forgetting import forget

    forget(folder, parse_list("owner alice"))
    (tombstones,) = (folder / REMOVED).glob("*.roaring")
    tombstones.write_bytes(b"")
    with pytest.raises(InklingError, match="roaring"):
        open_index(folder)


def test_a_change_by_somebody_else_is_not_overwritten(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from attribution import forgetting

    before = forgetting.read_index_manifest(folder)
    forgetting.forget(folder, parse_list("owner alice"))
    monkeypatch.setattr(forgetting, "read_index_manifest", lambda _: before)
    with pytest.raises(InklingError, match="another process"):
        forgetting.forget(folder, parse_list("owner bob"))
    assert repos(folder, CANARY) == ["bob/b"]


def test_the_key_is_private_and_the_hashes_are_of_no_use_without_it(folder: Path) -> None:
    from dataclasses import replace

    from attribution.forgetting import forget

    forget(folder, parse_list("owner alice"))
    key = folder / REMOVED / "code.key"
    assert key.stat().st_mode & 0o077 == 0
    index = open_index(folder)
    stranger = replace(index, removed_code=replace(index.removed_code, key=b"another"))
    assert check(index, ABOVE.encode(), "python").removed
    assert not check(stranger, ABOVE.encode(), "python").removed
    assert index.manifest.removed_code in {p.name for p in (folder / REMOVED).iterdir()}
    assert (folder / MANIFEST_NAME).is_file()
