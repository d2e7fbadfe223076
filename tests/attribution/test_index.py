"""The index on disk: whole or absent, tied to its corpus, and damage is named, not hidden."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from attribution.documents import SourceDocument
from attribution.index import MANIFEST_NAME, SEGMENTS, WORK, open_index
from attribution.query import check
from attribution.segment import FILES
from inkling.errors import InklingError
from tests.attribution.samples import CANARY, OWN_CODE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TEXTS = {"a.py": CANARY, "b.py": OWN_CODE}


def segment_folder(index: Path) -> Path:
    (folder,) = (index / SEGMENTS).iterdir()
    return folder


def tree(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.suffix != ".lock"
    }


def test_it_carries_the_hash_of_its_corpus(index_of: Callable[..., Path], tmp_path: Path) -> None:
    from curation.corpus import manifest_hash

    index = open_index(index_of(TEXTS), verify=True)
    assert index.manifest.corpora == [manifest_hash(tmp_path / "corpus-0")]
    assert index.manifest.documents == 2
    assert index.languages == {"python"}
    assert index.damaged == ()


def test_every_trained_document_is_found_and_no_held_out_one(
    index_of: Callable[..., Path],
) -> None:
    from curation.corpus import HELDOUT, TRAIN
    from tests.evaluation.corpus_fixture import document

    documents = [
        *(document(CANARY.replace("quick", f"q{n}"), "r", f"{n}.py", TRAIN) for n in range(20)),
        document(OWN_CODE, "r", "held.py", HELDOUT),
    ]
    index = open_index(index_of(documents))
    for item in documents[:-1]:
        (found,) = check(index, item.text.encode(), "python").findings
        assert item.path in {s.document.path for s in found.holders.sources}
    assert check(index, OWN_CODE.encode(), "python").is_clean
    assert b"Orchard" not in b"".join(tree(index.folder).values())


def test_building_twice_gives_the_same_bytes(index_of: Callable[..., Path]) -> None:
    assert tree(index_of(TEXTS)) == tree(index_of(TEXTS))


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("damage", ["removed", "cut", "emptied"])
def test_a_damaged_file_is_named(index_of: Callable[..., Path], name: str, damage: str) -> None:
    index = index_of(TEXTS)
    path = segment_folder(index) / name
    if damage == "removed":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[: -1 if damage == "cut" else 0])
    with pytest.raises(InklingError, match=name):
        open_index(index)


def test_a_changed_byte_is_noticed_by_its_hash(index_of: Callable[..., Path]) -> None:
    index = index_of(TEXTS)
    path = segment_folder(index) / "text.bin"
    path.write_bytes(path.read_bytes().replace(b"prune", b"prone"))
    with pytest.raises(InklingError, match="damaged"):
        open_index(index, verify=True)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("{", "damaged"),
        ("[]", "damaged"),
        ('{"version": "one"}', "damaged"),
        ('{"version": 2}', "damaged"),
        ('{"version": 2, "corpora": [], "segments": [{}]}', "damaged"),
        ('{"version": 1}', "too old"),
        ('{"version": 99}', "version 99"),
    ],
)
def test_a_bad_manifest_is_refused(index_of: Callable[..., Path], content: str, says: str) -> None:
    index = index_of(TEXTS)
    (index / MANIFEST_NAME).write_text(content)
    with pytest.raises(InklingError, match=says):
        open_index(index)


def two_segments(corpus_of: Callable[..., Path], out: Path) -> Path:
    from attribution.build import build_index, plan_build

    build_index(plan_build(corpus_of(TEXTS), out, segment_bytes=600))
    assert len(list((out / SEGMENTS).iterdir())) == 2
    return out


def test_a_damaged_segment_is_named_and_the_others_go_on(
    corpus_of: Callable[..., Path], tmp_path: Path
) -> None:
    out = two_segments(corpus_of, tmp_path / "index")
    (first, _) = open_index(out).segments
    (out / SEGMENTS / first.segment.name / "suffixes.bin").write_bytes(b"")
    index = open_index(out)
    assert len(index.segments) == 1
    assert "suffixes.bin" in index.damaged[0]
    found = check(index, OWN_CODE.encode(), "python")
    assert [f.holders.sources[0].document.path for f in found.findings] == ["b.py"]
    missed = check(index, CANARY.encode(), "python")
    assert missed.findings == ()
    assert not missed.is_clean
    assert "suffixes.bin" in missed.unchecked[0]


def test_the_same_answers_whatever_the_segments(
    corpus_of: Callable[..., Path], index_of: Callable[..., Path], tmp_path: Path
) -> None:
    one, two = open_index(index_of(TEXTS)), open_index(two_segments(corpus_of, tmp_path / "two"))
    for text in (CANARY, OWN_CODE, CANARY + OWN_CODE, CANARY[40:200] + OWN_CODE[30:]):
        assert check(one, text.encode(), "python") == check(two, text.encode(), "python")


def test_an_interrupted_build_goes_on(
    corpus_of: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from attribution import build

    corpus = corpus_of(TEXTS)
    shard = corpus / "documents" / "00000.parquet"
    (corpus / "documents" / "00001.parquet").write_bytes(shard.read_bytes())
    plan = build.plan_build(corpus, tmp_path / "index", segment_bytes=600)
    assert len(plan.tasks) == 2
    run_task = build.run_task

    def interrupted(plan: build.Plan, task: int, *rest: object) -> None:
        if task == 1:
            raise KeyboardInterrupt
        run_task(plan, task)

    monkeypatch.setattr(build, "run_task", interrupted)
    with pytest.raises(KeyboardInterrupt):
        build.build_index(plan)
    with pytest.raises(InklingError, match="no finished index"):
        open_index(plan.out)
    ran = []
    monkeypatch.setattr(
        build, "run_task", lambda plan, task, *rest: ran.append(run_task(plan, task))
    )
    build.build_index(plan)
    assert len(ran) == 1
    assert open_index(plan.out, verify=True).manifest.documents == 2
    assert not (plan.out / WORK).exists()


def test_processes_and_datatrove_build_the_same_index(
    corpus_of: Callable[..., Path], tmp_path: Path
) -> None:
    from attribution.build import BuildTasks, build_index, finish_build, plan_build

    executor = pytest.importorskip("datatrove.executor.local")
    corpus = corpus_of(TEXTS)
    shard = corpus / "documents" / "00000.parquet"
    (corpus / "documents" / "00001.parquet").write_bytes(shard.read_bytes())
    alone = plan_build(corpus, tmp_path / "alone", segment_bytes=600)
    build_index(alone)
    build_index(plan_build(corpus, tmp_path / "processes", segment_bytes=600), workers=2)
    plan = plan_build(corpus, tmp_path / "datatrove", segment_bytes=600)
    step = BuildTasks(plan)
    executor.LocalPipelineExecutor([step], tasks=2, logging_dir=str(tmp_path / "logs")).run()
    finish_build(plan)
    expected = tree(tmp_path / "alone")
    assert tree(tmp_path / "processes") == expected
    assert tree(tmp_path / "datatrove") == expected


def test_a_failed_build_leaves_the_earlier_index(
    index_of: Callable[..., Path], corpus_of: Callable[..., Path]
) -> None:
    from attribution.build import build_index, plan_build
    from tests.evaluation.corpus_fixture import document

    index = index_of(TEXTS)
    before = tree(index)
    bad = corpus_of([document("a\0b", split="train")])
    with pytest.raises(InklingError, match="NUL"):
        build_index(plan_build(bad, index))
    assert tree(index) == before


def test_an_open_index_answers_while_it_is_built_again(
    index_of: Callable[..., Path], corpus_of: Callable[..., Path]
) -> None:
    from attribution.build import build_index, plan_build

    folder = index_of(TEXTS)
    index = open_index(folder)
    assert index.is_current()
    build_index(plan_build(corpus_of({"c.py": OWN_CODE}), folder))
    assert not index.is_current()
    assert check(index, CANARY.encode(), "python").findings
    assert check(open_index(folder), CANARY.encode(), "python").is_clean


@pytest.mark.parametrize(
    ("column", "value", "says"),
    [
        ("split", None, "no column 'split'"),
        ("text", None, "no column 'text'"),
        ("line_map", None, "no column 'line_map'"),
        ("text", [None], "a document with the text None"),
        ("text", [7], "a document with the text 7"),
        ("repo", [None], "a document with the repo None"),
        ("text_sha256", ["xyz"], "a document with the text_sha256 'xyz'"),
        ("license", [7], "a document with the license 7"),
        ("committed_at", ["now"], "a document with the committed_at 'now'"),
        ("text_sha256", [None], "a document with the text_sha256 None"),
    ],
)
def test_a_damaged_shard_is_named(
    corpus_of: Callable[..., Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    column: str,
    value: list[object] | None,
    says: str,
) -> None:
    """A column is gone, or holds what it can't."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from attribution.cli import main

    corpus = corpus_of({"a.py": CANARY})
    shard = corpus / "documents" / "00000.parquet"
    table = pq.read_table(shard).drop_columns([column])
    pq.write_table(table if value is None else table.append_column(column, pa.array(value)), shard)
    assert main(["build", str(corpus), "--out", str(tmp_path / "index")]) == 2
    error = " ".join(capsys.readouterr().err.split())
    assert f"error: The shard {shard} can't be read: it" in error
    assert says in error


def test_a_shard_with_text_that_is_not_utf_8_is_named(
    corpus_of: Callable[..., Path], tmp_path: Path
) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from attribution.corpus_reader import read_documents

    shard = corpus_of({"a.py": CANARY}) / "documents" / "00000.parquet"
    latin = pa.array([b"gr\xf6\xdfe"]).view(pa.string())
    pq.write_table(pq.read_table(shard).drop_columns(["text"]).append_column("text", latin), shard)
    with pytest.raises(InklingError, match=str(shard)):
        list(read_documents(shard))


def test_what_cannot_be_indexed_is_said(corpus_of: Callable[..., Path], tmp_path: Path) -> None:
    from attribution.build import build_index, plan_build
    from tests.evaluation.corpus_fixture import document

    with pytest.raises(InklingError, match="no finished corpus"):
        plan_build(tmp_path, tmp_path / "index")
    empty = corpus_of([document("held = 1\n")])
    with pytest.raises(InklingError, match="no training document"):
        build_index(plan_build(empty, tmp_path / "index"))
    with pytest.raises(InklingError, match="with a word"):
        build_index(plan_build(corpus_of({"a.py": "(\n"}), tmp_path / "index"))
    (tmp_path / "else").mkdir()
    (tmp_path / "else" / "thesis.txt").write_text("years of work")
    with pytest.raises(InklingError, match="something else"):
        plan_build(empty, tmp_path / "else")
    with pytest.raises(InklingError, match="can't be built"):
        plan_build(empty, tmp_path / "index", segment_bytes=0)
    manifest = json.loads((empty / "corpus.json").read_bytes())
    (empty / "corpus.json").write_text(json.dumps(manifest | {"version": 99}))
    with pytest.raises(InklingError, match="version 99"):
        plan_build(empty, tmp_path / "index")
    broken = corpus_of(TEXTS)
    (broken / "documents" / "00000.parquet").write_bytes(b"PAR1 no")
    with pytest.raises(InklingError, match="can't be read"):
        plan_build(broken, tmp_path / "index")


def test_queries_load_nothing_heavy() -> None:
    heavy = {"torch", "transformers", "datatrove", "pyarrow", "pydivsufsort", "fastapi", "pygments"}
    program = (
        "import sys, attribution.query, attribution.index, attribution.cli;"
        f"print(*sorted({heavy!r} & set(sys.modules)))"
    )
    result = subprocess.run(
        [sys.executable, "-P", "-c", program], capture_output=True, text=True, timeout=120
    )
    assert result.returncode == 0, result.stderr
    assert set(result.stdout.split()) <= {"pygments"}  # which tyro's help may bring


def test_a_row_of_an_index_without_origins_is_read() -> None:
    row = {
        "id": "0", "text_sha256": "1", "repo": "r", "path": "p.py", "revision": None,
        "language": "python", "license": None, "license_source": None, "committed_at": None,
        "line_map": None,
    }  # fmt: skip
    assert SourceDocument.from_json(json.dumps(row).encode()).origin is None
    with pytest.raises(TypeError):
        SourceDocument.from_json(json.dumps({"id": "0"}).encode())
