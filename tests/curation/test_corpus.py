"""Reading a corpus: what is unfinished, newer or damaged is said in a sentence."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as parquet
import pytest

from curation.corpus import (
    CORPUS_VERSION,
    DOCUMENTS_FOLDER,
    DROPPED_FOLDER,
    HELDOUT,
    MANIFEST_NAME,
    TRAIN,
    CorpusDocument,
    CorpusManifest,
    DroppedFile,
    document_schema,
    dropped_schema,
    manifest_hash,
    read_documents,
    read_dropped,
    read_manifest,
)
from inkling.atomic import write_json
from inkling.errors import InklingError

if TYPE_CHECKING:
    from pathlib import Path

DOCUMENTS = [
    CorpusDocument(
        id="0" * 64, text="größe\r\n", text_sha256="1" * 64, line_map=None, repo="a", path="a.py",
        revision=None, language="python", license=None, license_source=None, committed_at=None,
        stars=None, split=TRAIN, stages="{}",
    ),
    CorpusDocument(
        id="2" * 64, text="", text_sha256="3" * 64, line_map=[1, 3], repo="b", path="b.py",
        revision="1", language="python", license="MIT", license_source="file", committed_at=5,
        stars=7, split=HELDOUT, stages='{"x": 1}',
    ),
]  # fmt: skip
DROPPED = DroppedFile("4" * 64, "c", "c.py", None, 10, "quality", "too_short", "10 characters")


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """A finished corpus of two documents and one dropped file."""
    folder = tmp_path / "corpus"
    for name, schema, rows in (
        (DOCUMENTS_FOLDER, document_schema(), [asdict(item) for item in DOCUMENTS]),
        (DROPPED_FOLDER, dropped_schema(), [asdict(DROPPED)]),
    ):
        (folder / name).mkdir(parents=True)
        parquet.write_table(pa.Table.from_pylist(rows, schema), folder / name / "00000.parquet")
    write_json(folder / MANIFEST_NAME, CorpusManifest([], {}, [], {}, {}).to_json())
    return folder


def test_documents_and_drops_round_trip(corpus: Path) -> None:
    assert list(read_documents(corpus)) == DOCUMENTS
    assert list(read_documents(corpus, TRAIN)) == DOCUMENTS[:1]
    assert list(read_documents(corpus, HELDOUT)) == DOCUMENTS[1:]
    assert list(read_dropped(corpus)) == [DROPPED]


def test_the_hash_changes_with_the_manifest(corpus: Path) -> None:
    before = manifest_hash(corpus)
    assert manifest_hash(corpus) == before
    write_json(corpus / MANIFEST_NAME, CorpusManifest([], {}, [], {TRAIN: 1}, {}).to_json())
    assert manifest_hash(corpus) != before


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (None, "no finished corpus"),
        ("{", "damaged"),
        ("[]", "damaged"),
        ("{}", "damaged"),
        (json.dumps({"version": "new"}), "damaged"),
        (json.dumps({"version": CORPUS_VERSION}), "damaged"),
        (json.dumps({"version": CORPUS_VERSION + 1}), f"has version {CORPUS_VERSION + 1}"),
    ],
)
def test_a_manifest_that_cannot_be_used_is_named(
    corpus: Path, content: str | None, cause: str
) -> None:
    manifest = corpus / MANIFEST_NAME
    manifest.unlink() if content is None else manifest.write_text(content)
    for read in (read_manifest, manifest_hash, lambda c: list(read_documents(c))):
        with pytest.raises(InklingError, match=cause) as caught:
            read(corpus)
        assert str(corpus) in caught.value.cause


def test_keys_that_a_later_version_adds_are_ignored(corpus: Path) -> None:
    path = corpus / MANIFEST_NAME
    path.write_text(json.dumps(json.loads(path.read_text()) | {"later": 1}))
    assert read_manifest(corpus) == CorpusManifest([], {}, [], {}, {})


@pytest.mark.parametrize("content", [b"", b"PAR1 nonsense", None])
def test_a_damaged_shard_is_named(corpus: Path, content: bytes | None) -> None:
    for folder, read in ((DOCUMENTS_FOLDER, read_documents), (DROPPED_FOLDER, read_dropped)):
        shard = corpus / folder / "00000.parquet"
        shard.write_bytes(shard.read_bytes()[:-20] if content is None else content)
        with pytest.raises(InklingError, match=r"shard .*00000\.parquet can't be read"):
            list(read(corpus))
