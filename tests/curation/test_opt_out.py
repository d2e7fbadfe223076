"""Opt-out from end to end: the list keeps files out, and takes them out of a corpus that exists."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from curation.cli import main
from curation.corpus import read_documents, read_dropped, read_manifest
from curation.sources.commits import list_commits
from curation.sources.spool import Spool
from inkling.errors import EXIT_BAD_INPUT
from inkling.optout import default_list, read_list
from tests.curation.trees import git, git_checkout, module_text, write_tree

TREE = {"a.py": module_text("a"), "b.py": module_text("b"), "sub/c.py": module_text("c")}


def paths(corpus: Path) -> set[str]:
    return {document.path for document in read_documents(corpus)}


def files_below(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.fixture
def corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A corpus of three files, made without a list."""
    monkeypatch.setenv("INKLING_HOME", str(tmp_path / "home"))
    write_tree(tmp_path / "project", TREE)
    assert curate(tmp_path, tmp_path / "corpus") == 0
    assert paths(tmp_path / "corpus") == set(TREE)
    return tmp_path / "corpus"


def curate(folder: Path, out: Path) -> int:
    arguments = [folder / "project", "--own-code", "--out", out, "--work", folder / "work"]
    return main(["run", *map(str, arguments), "--workers", "1"])


def test_what_the_list_names_enters_no_later_corpus(corpus: Path, tmp_path: Path) -> None:
    digest = hashlib.sha256(TREE["b.py"].encode()).hexdigest()
    assert main(["opt-out", "add", "path:project:sub/", f"sha256:{digest}"]) == 0
    assert curate(tmp_path, tmp_path / "second") == 0
    assert paths(tmp_path / "second") == {"a.py"}
    dropped = {row.path: (row.stage, row.reason) for row in read_dropped(tmp_path / "second")}
    assert dropped == {"sub/c.py": ("opt_out", "path"), "b.py": ("opt_out", "sha256")}
    record = read_manifest(tmp_path / "second").opt_out
    assert record == {"list_sha256": read_list().sha256, "entries": 2}


@pytest.mark.parametrize(
    ("entry", "left"),
    [
        ("owner:someone", set()),
        ("path:someone/named:sub/", {"a.py", "b.py"}),
    ],
)
def test_a_checkout_is_left_out_by_its_origin(
    entry: str, left: set[str], corpus: Path, tmp_path: Path
) -> None:
    """In a later run and in a corpus that exists; no password of the address is kept."""
    project = git_checkout(tmp_path / "project", TREE)
    address = "https://me:hunter2hunter2@github.com/Someone/named.git"
    git(project, "remote", "add", "origin", address)
    assert curate(tmp_path, corpus) == 0
    assert {d.origin for d in read_documents(corpus)} == {"github.com/Someone/named"}
    assert {d.repo for d in read_documents(corpus)} == {"project"}
    assert main(["opt-out", "add", entry]) == 0
    assert main(["opt-out", "apply", str(corpus)]) == 0
    assert paths(corpus) == left
    if left:
        assert curate(tmp_path, tmp_path / "second") == 0
        assert paths(tmp_path / "second") == left
    assert not any(b"hunter2" in path.read_bytes() for path in files_below(tmp_path / "corpus"))


def test_the_history_of_a_checkout_is_left_out_by_its_origin(tmp_path: Path) -> None:
    project = git_checkout(tmp_path / "project", TREE)
    (project / "a.py").write_text("".join(f"new_{n} = {n}\n" for n in range(9)) + TREE["a.py"])
    git(project, "commit", "--quiet", "--all", "-m", "Add nine constants to the first module")
    git(project, "remote", "add", "origin", "git@gitlab.com:group/sub/named.git")
    (file,) = list_commits(project, Spool(tmp_path / "spool"))
    assert file.origin == "gitlab.com/group/sub/named"


def test_the_list_reaches_a_corpus_that_exists(
    corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["opt-out", "add", "--file", str(tmp_path / "project/a.py")]) == 0
    assert main(["opt-out", "apply", str(corpus)]) == 0
    assert "project/a.py" in capsys.readouterr().out
    assert paths(corpus) == {"b.py", "sub/c.py"}
    manifest = read_manifest(corpus)
    assert manifest.documents == {"train": 2}
    assert manifest.packages["project"]["documents"] == 2
    assert manifest.opt_out["removed_later"] == 1
    assert [(row.path, row.stage) for row in read_dropped(corpus)] == [("a.py", "opt_out")]
    before = (corpus / "corpus.json").read_bytes()
    assert main(["opt-out", "apply", str(corpus)]) == 0
    assert (corpus / "corpus.json").read_bytes() == before


def test_the_same_list_reaches_the_index_of_sources(corpus: Path, tmp_path: Path) -> None:
    pytest.importorskip("pydivsufsort")
    from attribution.cli import main as attribution
    from attribution.index import read_index_manifest

    index, copy = str(tmp_path / "index"), tmp_path / "project/a.py"
    assert attribution(["build", str(corpus), "--out", index]) == 0
    assert attribution(["check", str(copy), "--index", index]) == 1
    assert main(["opt-out", "add", "path:project:a.py"]) == 0
    assert main(["opt-out", "apply", str(corpus)]) == 0
    place = str(default_list())
    assert attribution(["forget", "--list", place, "--index", index, "--compact"]) == 0
    assert read_index_manifest(Path(index)).documents == 2
    assert any("a.py" in rule for rule in read_index_manifest(Path(index)).opted_out)
    assert read_manifest(corpus).opt_out["removed_later"] == 1


def test_show_prints_the_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("INKLING_HOME", str(tmp_path))
    assert main(["opt-out", "add", "repo:A/B", "owner:C"]) == 0
    capsys.readouterr()
    assert main(["opt-out", "show"]) == 0
    assert capsys.readouterr().out == "owner c\nrepo a/b\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ["add"],
        ["add", "nonsense"],
        ["add", "--file", "absent-file"],
        ["show", "--list", "absent-list"],
        ["apply", "absent-corpus"],
    ],
)
def test_bad_input_is_named(
    arguments: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("INKLING_HOME", str(tmp_path))
    assert main(["opt-out", *arguments]) == EXIT_BAD_INPUT
    error = capfd.readouterr().err
    assert error.startswith("error: ")
    assert "Traceback" not in error
