"""Sources that aren't files: datasets in The Stack's layout, notebooks, and all kinds together."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as parquet
import pytest

from curation.cli import main
from curation.corpus import read_documents, read_dropped
from curation.formats.sentinels import split
from curation.sources.spool import Spool
from curation.sources.stack import licenses_of, list_stack
from inkling.errors import EXIT_BAD_INPUT
from inkling.license_text import UNRECOGNIZED
from tests.curation.events import EVENTS
from tests.curation.trees import MIT_TEXT, content, module_text, write_tree

if TYPE_CHECKING:
    from pathlib import Path


pytestmark = pytest.mark.usefixtures("apart")


# --- The Stack's layout ----------------------------------------------------------------------

VERSION_1: dict[str, Any] = {
    "content": module_text(1),
    "max_stars_repo_name": "owner/one",
    "max_stars_repo_path": "src/a.py",
    "max_stars_repo_head_hexsha": "abc",
    "max_stars_repo_licenses": ["MIT", "Apache-2.0"],
    "max_stars_count": 7.0,
}
VERSION_2: dict[str, Any] = {
    "content": "# größe\r\n" + module_text(2),
    "repo_name": "owner/two",
    "path": "/b.py",
    "revision_id": "def",
    "detected_licenses": ["GPL-3.0-only"],
    "star_events_count": 3,
}


def write_dataset(path: Path, rows: list[dict[str, Any]]) -> str:
    if path.name.endswith(".parquet"):
        parquet.write_table(pa.Table.from_pylist(rows), path)
    else:
        raw = "\n".join(map(json.dumps, rows)).encode()
        path.write_bytes(gzip.compress(raw) if path.name.endswith(".gz") else raw)
    return str(path)


@pytest.mark.parametrize("name", ["d.parquet", "d.jsonl", "d.jsonl.gz"])
@pytest.mark.parametrize("row", [VERSION_1, VERSION_2], ids=["v1", "v2"])
def test_both_versions_of_the_layout_are_read(
    tmp_path: Path, name: str, row: dict[str, Any]
) -> None:
    place = write_dataset(tmp_path / name, [row])
    for where in (place, f"file://{place}", str(tmp_path)):
        (file,) = list_stack(where, Spool(tmp_path / "spool"))
        assert content(file) == row["content"]
        expected = {
            "owner/one": ("src/a.py", "abc", "MIT AND Apache-2.0", 7),
            "owner/two": ("b.py", "def", "GPL-3.0-only", 3),
        }
        assert (file.path, file.revision, file.license, file.stars) == expected[file.repo]


@pytest.mark.parametrize("name", ["d.parquet", "d.jsonl"])
def test_a_repository_with_its_files_is_a_row_as_well(tmp_path: Path, name: str) -> None:
    """As in the training sets of The Stack v2; what the repository's columns say holds for all."""
    repository = {key: value for key, value in VERSION_2.items() if key not in ("content", "path")}
    files = [
        {"path": "/a.py", "content": "a = 1\n", "detected_licenses": ["MIT"], "repo_name": None},
        {"path": "/b.py", "content": "b = 2\n", "detected_licenses": None, "repo_name": None},
        {"path": "/c.py", "content": None, "detected_licenses": None, "repo_name": None},
    ]
    place = write_dataset(tmp_path / name, [{**repository, "files": files}])
    first, second, third = list_stack(place, Spool(tmp_path / "spool"))
    assert (first.repo, first.path, first.license, first.stars) == ("owner/two", "a.py", "MIT", 3)
    assert (content(first), first.revision) == ("a = 1\n", "def")
    assert (second.path, second.license) == ("b.py", "GPL-3.0-only")
    assert (third.path, third.flaw) == ("row 1, file 3", ("no_row", "no content"))


@pytest.mark.parametrize("name", ["d.parquet", "d.jsonl"])
def test_of_near_copies_in_a_dataset_the_newest_stays(tmp_path: Path, name: str) -> None:
    rows: list[dict[str, Any]] = [
        {**VERSION_2, "content": f"{module_text(1, 9)}# {year}\n", "repo_name": repo,
         "detected_licenses": ["MIT"], "committer_date": f"{year}-02-03T04:05:06"}
        for repo, year in (("a/old", 2019), ("z/new", 2023), ("y/older", 2012))
    ]  # fmt: skip
    out = tmp_path / "corpus"
    place = write_dataset(tmp_path / name, rows)
    assert main(["run", "--datasets", place, "--out", str(out)]) == 0
    (kept,) = read_documents(out)
    assert (kept.repo, kept.committed_at) == ("z/new", 1675397106)


def test_licences_of_a_row_hold_together_and_unknown_stays_unknown() -> None:
    assert licenses_of(["MIT", "Homemade"]) == f"MIT AND {UNRECOGNIZED}"
    assert licenses_of("MIT") == "MIT"
    assert licenses_of([]) is None
    assert licenses_of(None) is None


@pytest.mark.parametrize("name", ["d.parquet", "d.jsonl"])
@pytest.mark.parametrize(
    ("kind", "expected"), [("no_license", None), ("permissive", "MIT"), (None, "MIT")]
)
def test_what_a_dataset_takes_for_unlicensed_stays_so(
    tmp_path: Path, name: str, kind: str | None, expected: str | None
) -> None:
    row = {**VERSION_2, "detected_licenses": ["MIT"], "license_type": kind}
    (file,) = list_stack(write_dataset(tmp_path / name, [row]), Spool(tmp_path / "spool"))
    assert (file.license, file.license_source) == (expected, "dataset" if expected else None)


def test_rows_with_halves_of_characters_and_endless_numbers_end_nothing(tmp_path: Path) -> None:
    half = "\ud83d"
    rows = [
        {**VERSION_1, "content": module_text(number), **changed}
        for number, changed in enumerate(
            (
                {"max_stars_count": float("inf")},
                {"max_stars_count": 10**30},
                {"max_stars_count": -1},
                {"max_stars_repo_name": f"owner/{half}"},
                {"max_stars_repo_path": f"src/{half}.py"},
                {"max_stars_repo_head_hexsha": half},
            )
        )
    ]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, rows)))
    out = tmp_path / "corpus"
    assert main(["run", "--datasets", str(tmp_path / "a.jsonl"), "--out", str(out)]) == 0
    documents = list(read_documents(out))
    assert len(documents) == len(rows)
    assert {document.repo for document in documents} == {VERSION_1["max_stars_repo_name"],
                                                         "owner/\ufffd"}  # fmt: skip
    assert "src/\ufffd.py" in {document.path for document in documents}


def test_a_notebook_with_half_a_character_is_kept_without_it(tmp_path: Path) -> None:
    cell = {"cell_type": "code", "source": module_text(1) + 'FACE = "\ud83d"\n', "outputs": []}
    write_tree(
        tmp_path / "project",
        {"a.ipynb": json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4}),
         "LICENSE": MIT_TEXT},
    )  # fmt: skip
    command = ["run", str(tmp_path / "project"), "--notebooks", "structured"]
    assert main([*command, "--out", str(tmp_path / "corpus")]) == 0
    (document,) = read_documents(tmp_path / "corpus")
    assert 'FACE = "\ufffd"' in document.text


def test_rows_that_are_no_documents_stand_among_the_dropped(tmp_path: Path) -> None:
    """One bad line, row or file ends nothing, and each has its reason."""
    folder = tmp_path / "dataset"
    folder.mkdir()
    lines = ['{"path": "x"}', json.dumps(VERSION_1), "{not json", "[]", '{"content": null}']
    (folder / "a.jsonl").write_text("\n".join(lines))
    (folder / "b.parquet").write_bytes(b"PAR1 cut off")
    out = tmp_path / "corpus"
    assert main(["run", "--datasets", str(folder), "--out", str(out)]) == 0
    assert [document.path for document in read_documents(out)] == ["src/a.py"]
    dropped = {(row.repo, row.path): (row.reason, row.detail) for row in read_dropped(out)}
    assert dropped["a.jsonl", "row 1"] == ("no_row", "no content and no repo")
    assert dropped["a.jsonl", "row 3"][1].startswith("no JSON: ")
    assert dropped["a.jsonl", "row 4"] == ("no_row", "no JSON object")
    assert dropped["a.jsonl", "row 5"] == ("no_row", "no content and no repo and no path")
    assert dropped["b.parquet", "all rows"][0] == "damaged"


@pytest.mark.parametrize(
    "name", ["absent.parquet", "broken.parquet", "broken.jsonl", "ids.parquet"]
)
def test_a_dataset_that_cannot_be_read_is_named(
    tmp_path: Path, name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    if name.startswith("broken"):
        (tmp_path / name).write_bytes(b"PAR1 {broken")
    elif name.startswith("ids"):
        write_dataset(tmp_path / name, [{"blob_id": "1", "path": "x", "repo_name": "a/b"}])
    out = str(tmp_path / "corpus")
    assert main(["run", "--datasets", str(tmp_path / name), "--out", out]) == EXIT_BAD_INPUT
    error = capfd.readouterr().err
    assert name in error
    assert "Traceback" not in error


# --- all together ----------------------------------------------------------------------------


def test_a_run_over_all_of_them(tmp_path: Path) -> None:
    cells = [{"cell_type": "code", "source": module_text("cell"), "outputs": []}]
    project = write_tree(
        tmp_path / "project",
        {
            "LICENSE": MIT_TEXT,
            "a.py": module_text("a"),
            "n.ipynb": json.dumps({"cells": cells}),
            "broken.ipynb": "{not json",
        },
    )
    dataset = write_dataset(tmp_path / "d.jsonl", [VERSION_1, VERSION_2])
    events = tmp_path / "events.json"
    events.write_text("\n".join(map(json.dumps, EVENTS)))
    out = tmp_path / "corpus"
    arguments = [str(project), "--datasets", dataset, "--discussions", str(events)]
    place = ["--out", str(out), "--work", str(tmp_path / "work"), "--workers", "1"]
    options = ["--notebooks", "structured", "--license-policy", "any"]
    assert main(["run", *arguments, *place, *options]) == 0
    kept = {(document.repo, document.path): document for document in read_documents(out)}
    assert {key: document.language for key, document in kept.items()} == {
        ("project", "a.py"): "python",
        ("project", "n.ipynb"): "notebook",
        ("owner/one", "src/a.py"): "python",
        ("owner/two", "b.py"): "python",
        ("a/b", "issues/5"): "discussion",
        ("a/b", "pull/6"): "discussion",
    }
    assert kept["owner/one", "src/a.py"].stars == 7
    assert [p.sentinel for p in split(kept["project", "n.ipynb"].text)][:2] == [
        "jupyter_start",
        "jupyter_code",
    ]
    dropped = {row.path: (row.stage, row.reason) for row in read_dropped(out)}
    assert dropped["broken.ipynb"] == ("notebook", "no_notebook")


def test_a_notebook_with_shell_syntax_is_kept_as_a_script_with_a_map_of_its_lines(
    tmp_path: Path,
) -> None:
    sources = [["files = !ls\n"], ["print?"], module_text(4).splitlines(keepends=True)]
    cells = [{"cell_type": "code", "source": source, "outputs": []} for source in sources]
    raw = json.dumps({"cells": cells}, indent=1)
    write_tree(tmp_path / "project", {"n.ipynb": raw})
    out, work = tmp_path / "corpus", tmp_path / "work"
    place = ["--out", str(out), "--work", str(work), "--workers", "1", "--own-code", "--clean"]
    assert main(["run", str(tmp_path / "project"), *place, "--notebooks", "script"]) == 0
    (document,) = read_documents(out)
    assert document.text.startswith("files = None  # !ls\n\n# print?\n\n")
    lines = document.text.split("\n")
    assert document.line_map is not None
    assert len(document.line_map) == len(lines)
    original = raw.split("\n")
    for line, number in zip(lines[4:], document.line_map[4:], strict=True):
        assert json.dumps(line)[1:-1] in original[number - 1]
