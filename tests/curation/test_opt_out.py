"""Opt-out from end to end: the list keeps files out, and takes them out of a corpus that exists."""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING

import pyarrow.parquet as parquet
import pytest

from curation.cli import main
from curation.corpus import read_documents, read_dropped, read_manifest
from curation.sources.commits import list_commits
from curation.sources.spool import Spool
from curation.work_folder import WorkFolder
from inkling.errors import EXIT_BAD_INPUT
from inkling.optout import default_list, read_list
from tests.curation.trees import git, git_checkout, module_text, write_tree

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

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


def everything_below(folder: Path) -> Iterator[tuple[Path, bytes]]:
    """Each file with its bytes, of a Parquet file those of its columns unpacked."""
    for path in files_below(folder):
        yield path, path.read_bytes()
        if path.suffix == ".parquet":
            yield path, str(parquet.read_table(path).to_pylist()).encode()


def holders(folder: Path, needle: str) -> set[str]:
    """First folder below `folder` of each file that holds a text."""
    return {
        path.relative_to(folder).parts[0]
        for path, content in everything_below(folder)
        if needle.encode() in content
    }


def test_after_a_removal_no_byte_of_the_text_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nor in corpus, work folder and index, nor in what runs left that were killed."""
    pytest.importorskip("pydivsufsort")
    from attribution.cli import main as attribution
    from attribution.index import read_index_manifest

    monkeypatch.setenv("INKLING_HOME", str(tmp_path / "home"))
    texts = {name: f"# by jo@{name}-company.org\n" + module_text(name) for name in ("go", "stay")}
    rows = [{"content": t, "repo": f"{n}/x", "path": "a.py", "license": "MIT"}
            for n, t in texts.items()]  # fmt: skip
    write_tree(tmp_path / "data", {"a.jsonl": "".join(json.dumps(row) + "\n" for row in rows)})
    made = tmp_path / "made"
    corpus, work, index = made / "corpus", made / "work", made / "index"
    places = ["--out", str(corpus), "--work", str(work), "--workers", "1"]
    assert main(["run", "--datasets", str(tmp_path / "data"), *places]) == 0
    assert attribution(["build", str(corpus), "--out", str(index)]) == 0
    left = WorkFolder.of(work, corpus).run("killed") / "filtered"
    write_tree(left, {"00000": texts["go"]})
    write_tree(WorkFolder.of(work, corpus).spool, {"ab/cd": texts["go"]})
    write_tree(made / f".corpus.{2**31 - 2}.tmp", {"documents/00000.parquet.tmp": texts["go"]})
    needle, other = (texts[name].splitlines()[4].removeprefix("def ") for name in texts)
    assert holders(made, needle) == {"corpus", "work", "index", f".corpus.{2**31 - 2}.tmp"}
    assert main(["opt-out", "add", "owner:go"]) == 0
    capsys.readouterr()
    flags = ["--work", str(work), "--index", str(index)]
    assert main(["opt-out", "apply", str(corpus), *flags]) == 0
    printed = capsys.readouterr().out
    assert "Removed 1 documents" in printed
    assert holders(made, needle) == set()
    assert holders(made, other) == {"corpus", "work", "index"}
    assert read_index_manifest(index).documents == 1
    assert any("owner go" in rule for rule in read_index_manifest(index).opted_out)
    assert main(["run", "--datasets", str(tmp_path / "data"), *places]) == 0
    assert holders(made, needle) == set()


def test_without_an_index_the_command_for_it_is_printed(
    corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["opt-out", "add", "path:project:a.py"]) == 0
    assert main(["opt-out", "apply", str(corpus)]) == 0
    expected = f"python -m attribution forget --compact --list {default_list()}"
    assert expected in capsys.readouterr().out
    absent = ["--index", str(tmp_path / "absent")]
    assert main(["opt-out", "apply", str(corpus), *absent]) == EXIT_BAD_INPUT


def test_a_permitted_copy_of_what_was_removed_comes_back_with_the_next_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("INKLING_HOME", str(tmp_path / "home"))
    copied = module_text("copied", functions=40)
    nearly = copied.replace("return", "return 1 +", 1)
    write_tree(tmp_path / "project", {**TREE, "one.py": copied, "two.py": copied, "z.py": nearly})
    corpus = tmp_path / "corpus"
    assert curate(tmp_path, corpus) == 0
    (best,) = {"one.py", "two.py", "z.py"} & paths(corpus)
    assert main(["opt-out", "add", f"path:project:{best}"]) == 0
    capsys.readouterr()
    assert main(["opt-out", "apply", str(corpus), "--work", str(tmp_path / "work")]) == 0
    printed = capsys.readouterr().out
    assert re.search(r"\d permitted files had been dropped as copies of what is gone now", printed)
    assert paths(corpus) == set(TREE)
    assert curate(tmp_path, corpus) == 0
    (twin,) = paths(corpus) - set(TREE)
    assert twin != best
    assert f"project/{twin}" in printed


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


def test_entries_that_nothing_falls_under_are_listed(
    corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    entries = ["path:project:sub", "path:project:sub/c.py", "path:project:none.py", "owner:me"]
    assert main(["opt-out", "add", *entries]) == 0
    capsys.readouterr()
    assert curate(tmp_path, tmp_path / "second") == 0
    for command in ([], ["opt-out", "apply", str(corpus)], ["opt-out", "apply", str(corpus)]):
        if command:
            assert main([*command, "--work", str(tmp_path / "work")]) == 0
        said = " ".join(capsys.readouterr().out.split())
        assert "nothing fell under: owner me, path project:none.py. Whose a plain" in said
    assert paths(corpus) == {"a.py", "b.py"}


def test_if_nothing_is_left_the_run_says_how_to_empty_the_corpus_of_before(
    corpus: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["opt-out", "add", "repo:project"]) == 0
    assert curate(tmp_path, corpus) == EXIT_BAD_INPUT
    assert f"opt-out apply {corpus}" in "".join(capfd.readouterr().err.split("\n"))
    assert paths(corpus) == set(TREE)
    assert main(["opt-out", "apply", str(corpus), "--work", str(tmp_path / "work")]) == 0
    assert paths(corpus) == set()
