"""`why`: what it says of a file is what the stages did."""

from __future__ import annotations

import json
import os
import re
from dataclasses import fields
from pathlib import Path

import pytest

from curation.cli import main
from curation.corpus import read_documents, read_dropped, read_manifest
from curation.explain import find_source, judge_file
from curation.look_cli import Inspect, Why
from curation.options import CurationOptions
from curation.quality.cards import default_cards
from curation.rule_flags import RuleFlags
from curation.run_cli import Run
from curation.sources.folder import list_folder
from inkling.errors import EXIT_BAD_INPUT, InklingError
from tests.curation.sample_project import COPIED, TREE
from tests.curation.trees import MIT_TEXT, git_checkout, module_text, write_tree

pytestmark = pytest.mark.usefixtures("wide_terminal")


def test_why_agrees_with_the_run_about_every_file(project: Path, corpus: Path) -> None:
    stages = CurationOptions(languages=()).judging_stages()
    dropped = {row.path: row for row in read_dropped(corpus)}
    for file in list_folder(project):
        verdict = judge_file(file, stages).dropped_by
        row = dropped.get(file.path)
        if row is not None and row.stage.endswith("dedup"):
            row = None  # not a matter of the file alone
        expected = (row.stage, row.reason) if row else None
        assert (verdict and (verdict.stage, verdict.rule)) == expected


def test_why_names_rule_value_threshold_and_line(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["why", str(project / "wide.py")]) == 0
    printed = capsys.readouterr().out
    row = next(line for line in printed.splitlines() if "long_line " in line)
    assert re.search(r"long_line_share 0\.\d+ .* at most 0\.4 .* 2\d:1 .* x = 'yyyy.* drops", row)
    assert "It is dropped by quality: long_line." in printed
    for other in ("readable", "python, by its name", "MIT, found in: file", "too_short"):
        assert other in printed  # rules that passed are shown as well


def test_why_tells_what_a_corpus_did(
    project: Path, corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, expected in {
        "vendor/copied.py": "Dropped by exact_dedup: exact_duplicate (same text as",
        "good.py": "Kept, in the split train.",
    }.items():
        assert main(["why", str(project / name), "--corpus", str(corpus)]) == 0
        assert expected in capsys.readouterr().out


def test_why_shows_that_something_is_redacted_but_not_what(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["why", str(project / "author.py")]) == 0
    printed = capsys.readouterr().out
    assert "EMAIL is replaced" in printed
    assert "real-company" not in printed


def test_why_agrees_with_a_run_over_a_folder_of_a_checkout(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = git_checkout(
        tmp_path / "project",
        {
            "LICENSE": MIT_TEXT,
            "src/a.py": module_text(1),
            "src/odd/LICENSE": "Ask us first, please.",
            "src/odd/b.py": module_text(2),
        },
    )
    out = tmp_path / "corpus"
    assert main(["run", str(root / "src"), str(root), "--out", str(out), "--workers", "1"]) == 0
    assert [(d.repo, d.path, d.license) for d in read_documents(out)] == [
        ("project", "src/a.py", "MIT")
    ]
    assert [s["name"] for s in read_manifest(out).sources] == ["project/src", "project"]
    capsys.readouterr()
    assert main(["why", str(root / "src/a.py"), "--corpus", str(out)]) == 0
    printed = capsys.readouterr().out
    assert "The rules for single files keep it." in printed
    assert "MIT, found in: file LICENSE " in printed
    assert "Asked as" not in printed
    assert "Kept, in the split train." in printed
    assert main(["why", str(root / "src/odd/b.py"), "--corpus", str(out)]) == 0
    assert "Dropped by license: no_license" in capsys.readouterr().out


def test_why_names_the_licence_file_and_the_folder_it_took_for_the_project(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = {
        "docs/license.md": MIT_TEXT,
        "docs/code/package.json": '{"license": "ISC"}',
        "docs/code/a.py": module_text(1),
    }
    root = write_tree(tmp_path / "project", files)
    path = str(root / "docs/code/a.py")
    assert main(["why", path, "--root", str(root)]) == 0
    printed = capsys.readouterr().out
    assert "found in: file+manifest docs/license.md and docs/code/package.json " in printed
    assert "Asked as" not in printed
    assert main(["why", path]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert "found in: manifest package.json " in printed
    assert f"Asked as for a run over {root / 'docs/code'}; --root" in printed


def test_folders_of_one_name_stay_two_repositories(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folders = [
        write_tree(tmp_path / owner / "x", {"LICENSE": MIT_TEXT, "m.py": module_text(owner)})
        for owner in ("a", "b")
    ]
    write_tree(tmp_path, {"list.txt": "path b/x:m.py\n"})
    out = tmp_path / "corpus"
    command = ["run", *map(str, folders), "--out", str(out), "--workers", "1"]
    assert main(command) == 0
    assert {document.repo for document in read_documents(out)} == {"a/x", "b/x"}
    assert main(["repositories", str(out), "--out", str(tmp_path / "r.jsonl")]) == 0
    rows = map(json.loads, (tmp_path / "r.jsonl").read_text(encoding="utf-8").splitlines())
    assert {row["repo_name"] for row in rows} == {"a/x", "b/x"}
    assert [source["name"] for source in read_manifest(out).sources] == ["a/x", "b/x"]
    capsys.readouterr()
    for folder in folders:
        assert main(["why", str(folder / "m.py"), "--corpus", str(out)]) == 0
        assert "Kept, in the split train." in capsys.readouterr().out
    assert main([*command, "--opt-out", str(tmp_path / "list.txt")]) == 0
    assert {document.repo for document in read_documents(out)} == {"a/x"}


FLAGS = [
    "--languages", "all", "--drop-vendored", "--without-cards", "long_line", "--notebooks",
    "script", "--license-policy", "any", "--clean",
]  # fmt: skip


def test_why_with_the_flags_of_a_run_agrees_with_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """All of the rules' flags: none is the run's alone."""
    cell = {"cell_type": "code", "source": module_text("cell"), "outputs": []}
    project = write_tree(
        tmp_path / "project",
        {
            "LICENSE": "All rights reserved. Nobody may do anything.",
            "wide.py": TREE["wide.py"],
            "vendor/copied.py": COPIED,
            "n.ipynb": json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4}),
            "header.py": "# Copyright Nobody\n# Licensed under nothing\n" + module_text("header"),
            "generated.py": TREE["generated.py"],
        },
    )
    places = ["--out", str(tmp_path / "corpus"), "--work", str(tmp_path / "work")]
    assert main(["run", str(project), *places, *FLAGS, "--workers", "1"]) == 0
    dropped = {row.path: f"{row.stage}: {row.reason}" for row in read_dropped(tmp_path / "corpus")}
    assert dropped.keys() == {"LICENSE", "vendor/copied.py", "generated.py", "wide.py"}
    assert dropped["wide.py"] != "quality: long_line"
    for file in list_folder(project):
        capsys.readouterr()
        assert main(["why", file.location, *FLAGS]) == 0
        printed = capsys.readouterr().out
        if file.path in dropped:
            assert f"It is dropped by {dropped[file.path]}." in printed
        else:
            assert "The rules for single files keep it; whether it is a duplicate, --c" in printed


def test_the_rules_have_the_same_flags_and_defaults_in_all_three_commands() -> None:
    shared = {field.name: field.default for field in fields(RuleFlags)}
    for command in (Run, Why, Inspect):
        own = {field.name: field.default for field in fields(command) if field.name in shared}
        assert {**own, "languages": ("python",)} == shared


def test_names_of_languages_are_folded(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("Python", "ALL"):
        assert main(["why", str(project / "good.py"), "--languages", name]) == 0
        assert "The rules for single files keep it" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--most-bits", "3"], "Add --perplexity"),
        (["--slurm-partition", "long"], "Add --executor slurm"),
        (["--executor", "ray", "--slurm-partition", "long"], "Add --executor slurm"),
        (["--ray-address", "127.0.0.1:1"], "Add --executor ray"),
    ],
)
def test_flags_without_what_they_are_for_are_refused(
    flags: list[str], said: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", str(project), *flags]) == EXIT_BAD_INPUT
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "where", "matched"),
    [
        ("# autogenerated\n" + module_text(1), "1:3", "autogenerated"),
        ("# SPDX-License-Identifier: MIT\n" + module_text(1), "1:3",
         "SPDX-License-Identifier: MIT"),
        ("# vim: ft=python\n" + module_text(1), "1:2", "vim: ft=python"),
        (module_text(1) + "x = 1\n" * 30 + "def f(:\n", "52:1", "def f(:"),
        (module_text(1) + "# -----BEGIN RSA PRIVATE KEY-----\n", "22:3",
         "-----BEGIN RSA PRIVATE KEY-----"),
    ],
)  # fmt: skip
def test_why_shows_the_matched_text_and_its_place(
    text: str, where: str, matched: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_tree(tmp_path, {"a.py": text})
    assert main(["why", str(tmp_path / "a.py"), "--own-code"]) == 0
    rows = [line for line in capsys.readouterr().out.splitlines() if matched in line]
    assert any(where in row for row in rows), rows


def test_no_row_shows_a_secret(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    secret = "AKIA" + "Q3EGRIUYXL5JTWVA"
    write_tree(tmp_path, {"a.py": f"key = '{secret}' # {'z ' * 600}\n" + module_text(1)})
    assert main(["why", str(tmp_path / "a.py"), "--own-code", "--no-redact"]) == 0
    printed = capsys.readouterr().out
    assert "key = '****" in printed
    assert secret not in printed


def test_rule_names_are_whole_in_a_pipe(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    assert main(["why", str(project / "good.py")]) == 0
    words = capsys.readouterr().out.split()
    for card in default_cards():
        if "python" in (card.languages or ("python",)) and card.bounds_for("python"):
            assert card.name in words


def test_links_and_pipes_are_called_what_they_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = write_tree(tmp_path / "root", {"a.py": module_text(1)})
    (root / "broken.py").symlink_to(root / "absent.py")
    (root / "good.py").symlink_to(root / "a.py")
    os.mkfifo(root / "pipe.py")
    for name, said in (
        ("broken.py", "a symbolic link, which leads nowhere"),
        ("good.py", "a symbolic link, which isn't followed"),
        ("pipe.py", "a folder, a pipe or a device"),
    ):
        assert main(["why", str(root / name)]) == 0
        printed = capsys.readouterr().out
        assert said in printed
        assert "It is dropped by readable: " in printed
    git_checkout(root, {})  # git doesn't list pipes at all
    with pytest.raises(InklingError, match=r"is a pipe"):
        find_source(root / "pipe.py")
    with pytest.raises(InklingError, match=r"is a folder"):
        find_source(root)


def test_an_installed_file_is_explained_with_its_package() -> None:
    import pathspec

    file = find_source(Path(pathspec.__file__))
    assert (file.repo, file.path) == ("pathspec", "pathspec/__init__.py")


def test_files_that_are_not_there_or_ignored_are_named(tmp_path: Path) -> None:
    root = write_tree(tmp_path / "root", {".gitignore": "*.log\n", "a.log": "1"})
    for path, cause in ((root / "absent.py", "no file"), (root / "a.log", "ignored")):
        with pytest.raises(InklingError, match=cause):
            find_source(path)


def test_inspect_takes_the_flags_of_a_run(tmp_path: Path) -> None:
    cell = {"cell_type": "code", "source": module_text("cell"), "outputs": []}
    notebook = json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4})
    write_tree(tmp_path / "p", {"n.ipynb": notebook, "a.py": module_text(1)})
    write_tree(tmp_path, {"list.txt": "path p:a.py\n"})
    out = tmp_path / "page.html"
    flags = ["--notebooks", "structured", "--license-policy", "any"]
    flags += ["--opt-out", str(tmp_path / "list.txt"), "--out", str(out)]
    assert main(["inspect", str(tmp_path / "p"), *flags]) == 0
    page = out.read_text(encoding="utf-8")
    assert "opt_out: path" in page
    assert "The text isn&#x27;t shown" in page
    assert module_text(1).splitlines()[0] not in page
    assert "jupyter_start" in page
    assert "1 of 1 samples are kept" in page


def test_why_shows_what_every_rule_looked_at_when_all_pass(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["why", str(project / "good.py")]) == 0
    printed = capsys.readouterr().out
    size = f"{(project / 'good.py').stat().st_size:,} bytes"
    assert re.search(rf"readable +│ too_large +│ {size} +│ at most 10,000,000 bytes ", printed)
    assert re.search(r"readable +│ not_utf8 +│ UTF-8 ", printed)
    assert re.search(r"readable +│ private_key +│ no header of one +│ none ", printed)
    assert re.search(r"opt_out +│ no entry +│ project:good.py, .* not among 0 entries ", printed)


def test_why_shows_the_words_that_a_benchmark_has_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    task = "def add_up_all(numbers, start):\n    return sum(numbers, start) + len(numbers) - first"
    (tmp_path / "bench.jsonl").write_text(json.dumps({"task_id": "Sums/1", "prompt": task}))
    copy = f"{module_text('before')}\n\n{task}\n"
    root = write_tree(tmp_path / "p", {"LICENSE": MIT_TEXT, "copy.py": copy})
    benchmark = str(tmp_path / "bench.jsonl")
    assert main(["why", str(root / "copy.py"), "--benchmarks", benchmark]) == 0
    printed = capsys.readouterr().out
    row = next(line for line in printed.splitlines() if "decontamination" in line)
    assert "Sums/1 (10 words), lines" in row
    assert "def add_up_all(numbers, start): return sum(numbers, start)" in row
