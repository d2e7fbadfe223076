"""The index on disk: whole or absent, tied to its corpus, and refused when it isn't sound."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from attribution.segment import MANIFEST_NAME, SEGMENT, open_segment
from inkling.errors import InklingError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FILES = ["text.bin", "suffixes.bin", "documents.jsonl", "documents.bin"]
TEXTS = {"a.py": "def first():\n    return 1\n", "b.py": "def second():\n    return 2\n"}


def test_it_carries_the_hash_of_its_corpus(
    index_of: Callable[[dict[str, str]], Path], tmp_path: Path
) -> None:
    from curation.corpus import manifest_hash

    segment = open_segment(index_of(TEXTS), verify=True)
    assert segment.manifest.corpus == manifest_hash(tmp_path / "corpus-0")
    assert segment.manifest.documents == 2


def test_held_out_documents_stay_outside(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    from attribution.build import build_index
    from curation.corpus import HELDOUT, TRAIN
    from tests.evaluation.corpus_fixture import document, write_corpus

    documents = [document("seen = 1\n", split=TRAIN), document("unseen = 1\n", split=HELDOUT)]
    build_index(write_corpus(tmp_path / "corpus", documents), tmp_path / "index")
    assert (tmp_path / "index" / SEGMENT / "text.bin").read_bytes() == b"seen = 1\n\0"


def test_building_twice_gives_the_same_bytes(index_of: Callable[[dict[str, str]], Path]) -> None:
    first, second = index_of(TEXTS), index_of(TEXTS)
    for name in (MANIFEST_NAME, *(f"{SEGMENT}/{name}" for name in FILES)):
        assert (first / name).read_bytes() == (second / name).read_bytes()


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("damage", ["removed", "cut", "emptied"])
def test_a_damaged_file_is_named(
    index_of: Callable[[dict[str, str]], Path], name: str, damage: str
) -> None:
    index = index_of(TEXTS)
    path = index / SEGMENT / name
    if damage == "removed":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[: -1 if damage == "cut" else 0])
    with pytest.raises(InklingError, match=name):
        open_segment(index)


def test_a_changed_byte_is_noticed_by_its_hash(
    index_of: Callable[[dict[str, str]], Path],
) -> None:
    index = index_of(TEXTS)
    path = index / SEGMENT / "text.bin"
    path.write_bytes(path.read_bytes().replace(b"first", b"worst"))
    with pytest.raises(InklingError, match="damaged"):
        open_segment(index, verify=True)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("{", "damaged"),
        ("[]", "damaged"),
        ('{"version": "one"}', "damaged"),
        ('{"version": 1}', "damaged"),
        ('{"version": 99}', "version 99"),
    ],
)
def test_a_bad_manifest_is_refused(
    index_of: Callable[[dict[str, str]], Path], content: str, says: str
) -> None:
    index = index_of(TEXTS)
    (index / MANIFEST_NAME).write_text(content)
    with pytest.raises(InklingError, match=says):
        open_segment(index)


def test_a_failed_build_leaves_the_earlier_index(
    index_of: Callable[[dict[str, str]], Path], tmp_path: Path
) -> None:
    from attribution.build import build_index
    from tests.evaluation.corpus_fixture import document, write_corpus

    index = index_of(TEXTS)
    before = (index / MANIFEST_NAME).read_bytes()
    bad = write_corpus(tmp_path / "bad", [document("a\0b", split="train")])
    with pytest.raises(InklingError, match="NUL"):
        build_index(bad, index)
    assert (index / MANIFEST_NAME).read_bytes() == before
    assert [path.name for path in tmp_path.glob(".*")] == []


def test_what_cannot_be_indexed_is_said(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    from attribution.build import build_index
    from tests.evaluation.corpus_fixture import document, write_corpus

    with pytest.raises(InklingError, match="no finished corpus"):
        build_index(tmp_path, tmp_path / "index")
    empty = write_corpus(tmp_path / "empty", [document("held = 1\n")])
    with pytest.raises(InklingError, match="no training document"):
        build_index(empty, tmp_path / "index")
    (tmp_path / "else").mkdir()
    (tmp_path / "else" / "thesis.txt").write_text("years of work")
    with pytest.raises(InklingError, match="something else"):
        build_index(empty, tmp_path / "else")
    manifest = json.loads((empty / "corpus.json").read_bytes())
    (empty / "corpus.json").write_text(json.dumps(manifest | {"version": 99}))
    with pytest.raises(InklingError, match="version 99"):
        build_index(empty, tmp_path / "index")
    assert not (tmp_path / "index").exists()
