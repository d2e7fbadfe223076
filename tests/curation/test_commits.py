"""The source "commits": what each commit changed, from real repositories."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING

import pytest

from curation.cli import main
from curation.corpus import read_documents, read_dropped
from curation.formats.sentinels import split
from curation.sources.commits import list_commits
from curation.sources.spool import Spool
from inkling.errors import EXIT_BAD_INPUT, InklingError
from tests.curation.trees import MIT_TEXT, content, git, git_checkout, module_text, write_tree

if TYPE_CHECKING:
    from pathlib import Path


pytestmark = pytest.mark.usefixtures("apart")


def test_a_commit_yields_each_changed_file_without_its_author(tmp_path: Path) -> None:
    root = git_checkout(
        tmp_path / "root",
        {"LICENSE": MIT_TEXT, "a.py": module_text(1), "größe.py": module_text(2), "b.bin": b"\xff"},
    )
    for name in ("a.py", "größe.py"):
        text = (root / name).read_text("utf-8")
        (root / name).write_text("".join(f"new_{n} = {n}\n" for n in range(9)) + text, "utf-8")
    (root / "b.bin").write_bytes(b"\xfe")
    (root / "added.py").write_text(module_text(3))
    message = "Add nine constants to both of the modules\n\nAnd :100644 text that looks like git's."
    git(root, "add", "--all")
    trailer = "\n\nSigned-off-by: Nobody <nobody@example.org>"
    git(root, "commit", "--quiet", "--message", message + trailer, date="2024-06-01T00:00:00+0000")
    files = list(list_commits(root, Spool(tmp_path / "spool")))
    assert {file.path for file in files} == {"a.py", "größe.py"}
    for file in files:
        assert (file.license, file.format) == ("MIT", "commit")
        assert file.committed_at == 1_717_200_000
        assert file.revision == git(root, "rev-parse", "HEAD")
        before, told, after = split(content(file))
        assert told.text == message
        assert "new_0 = 0" in after.text
        assert "new_0 = 0" not in before.text
        assert "Nobody" not in content(file)
        assert "example.org" not in content(file)


def test_a_commit_has_the_licence_of_its_own_time(tmp_path: Path) -> None:
    """Also in a file that is gone by now, and in a folder with a licence of its own."""
    gpl = "GNU GENERAL PUBLIC LICENSE\nVersion 3, 29 June 2007\n"
    names = ("src/a.py", "src/gone.py", "src/vendor/b.py")
    root = git_checkout(tmp_path / "root", {name: module_text(name) for name in names})

    def change(month: str, files: dict[str, str]) -> None:
        for name in names:
            text = "".join(f"x{n} = '{month}'\n" for n in range(9)) + (root / name).read_text()
            (root / name).write_text(text)
        write_tree(root, files)
        git(root, "add", "--all")
        message = f"Put nine more constants into each of the modules in {month}"
        git(root, "commit", "--quiet", "--message", message, date=f"{month}-01T00:00:00+0000")

    change("2024-02", {})
    change("2024-03", {"LICENSE": MIT_TEXT})
    change("2024-04", {"LICENSE": gpl, "src/vendor/LICENSE.txt": MIT_TEXT})
    (root / "src/gone.py").unlink()
    git(root, "commit", "--quiet", "--all", "--message", "Remove a module")

    def licenses(folder: Path) -> dict[str, list[str | None]]:
        found: dict[str, list[str | None]] = {}
        for file in list_commits(folder, Spool(tmp_path / "spool")):
            found.setdefault(file.path, []).append(file.license)
        return found

    assert licenses(root) == {
        "src/a.py": ["GPL-3.0-only", "MIT", None],
        "src/gone.py": ["GPL-3.0-only", "MIT", None],
        "src/vendor/b.py": ["GPL-3.0-only AND MIT", "MIT", None],
    }
    assert licenses(root / "src") == licenses(root)
    assert licenses(root / "src/vendor") == {"src/vendor/b.py": licenses(root)["src/vendor/b.py"]}


def with_history(root: Path) -> Path:
    """A checkout with a licence and a commit that is worth a document."""
    git_checkout(root, {"LICENSE": MIT_TEXT, "src/a.py": module_text(1)})
    text = "".join(f"new_{n} = {n}\n" for n in range(9)) + module_text(1)
    (root / "src/a.py").write_text(text)
    git(root, "commit", "--quiet", "--all", "--message", "Add nine constants to the only module")
    return root


def test_a_bare_repository_is_read_like_a_checkout(tmp_path: Path) -> None:
    """Also by its `.git`, and as the command reads it."""
    root = with_history(tmp_path / "project")
    git(tmp_path, "clone", "--quiet", "--bare", str(root), str(tmp_path / "copy" / "project.git"))
    (expected,) = list_commits(root, Spool(tmp_path / "spool"))
    assert (expected.repo, expected.path, expected.license) == ("project", "src/a.py", "MIT")
    for place in (tmp_path / "copy" / "project.git", root / ".git"):
        assert list(list_commits(place, Spool(tmp_path / "spool"))) == [expected]
    out = tmp_path / "corpus"
    command = ["run", "--commits", str(tmp_path / "copy" / "project.git"), "--workers", "1"]
    assert main([*command, "--out", str(out)]) == 0
    assert [document.path for document in read_documents(out)] == ["src/a.py"]


DYING_GIT = """#!{shell}
case "$*" in *cat-file*{mode}*) {dying};; esac
exec {git} "$@"
"""


@pytest.mark.skipif(sys.platform == "win32", reason="the git that dies is a shell script")
@pytest.mark.parametrize("dying", ["exit 1", "read line; exit 1", "kill -9 $$"])
@pytest.mark.parametrize("mode", ["--batch", "--batch-check"])
def test_a_git_that_dies_is_an_error_and_no_success(
    tmp_path: Path,
    mode: str,
    dying: str,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    root = with_history(tmp_path / "project")
    real, shell = shutil.which("git"), shutil.which("sh")
    fake = write_tree(
        tmp_path / "bin",
        {"git": DYING_GIT.format(shell=shell, git=real, mode=mode, dying=dying)},
    )
    (fake / "git").chmod(0o700)
    monkeypatch.setenv("PATH", f"{fake}{os.pathsep}{os.environ['PATH']}")
    out = tmp_path / "corpus"
    assert main(["run", "--commits", str(root), "--out", str(out)]) == EXIT_BAD_INPUT
    assert "git stopped in the middle" in capfd.readouterr().err
    assert not out.exists()


def test_a_folder_that_is_no_checkout_is_named(tmp_path: Path) -> None:
    for root in (write_tree(tmp_path / "plain", {"a.py": "1"}), tmp_path / "absent"):
        with pytest.raises(InklingError, match=root.name):
            list(list_commits(root, Spool(tmp_path / "spool")))


def test_a_repository_without_history_has_a_row_and_ends_nothing(tmp_path: Path) -> None:
    empty = write_tree(tmp_path / "empty", {"a.py": "1"})
    git(empty, "init", "--quiet")
    git_checkout(tmp_path / "single", {"a.py": module_text(1), "LICENSE": MIT_TEXT})
    full = git_checkout(tmp_path / "full", {"a.py": module_text(2), "LICENSE": MIT_TEXT})
    (full / "a.py").write_text(module_text(2) + "".join(f"new_{n} = {n}\n" for n in range(9)))
    git(full, "commit", "--quiet", "--all", "--message", "Add nine constants to the only module")
    git(tmp_path, "clone", "--quiet", "--depth=1", full.as_uri(), str(tmp_path / "shallow"))
    out = tmp_path / "corpus"
    roots = [str(tmp_path / name) for name in ("empty", "single", "shallow", "full")]
    place = ["--out", str(out), "--work", str(tmp_path / "work"), "--workers", "1"]
    assert main(["run", "--commits", *roots, *place]) == 0
    assert [(document.repo, document.path) for document in read_documents(out)] == [
        ("full", "a.py")
    ]
    dropped = {row.repo: (row.reason, row.detail) for row in read_dropped(out)}
    assert dropped.keys() == {"empty", "single", "shallow"}
    assert {reason for reason, _ in dropped.values()} == {"no_history"}
    assert "no commits" in dropped["empty"][1]
    assert "shallow" in dropped["shallow"][1]


def test_a_checkout_that_git_cannot_read_is_refused_in_gits_words(tmp_path: Path) -> None:
    root = git_checkout(tmp_path / "root", {"a.py": "1"})
    shutil.rmtree(root / ".git" / "objects")
    with pytest.raises(InklingError, match="not a git repository"):
        list(list_commits(root, Spool(tmp_path / "spool")))
    (root / ".git" / "objects").mkdir()
    with pytest.raises(InklingError, match="bad object"):
        list(list_commits(root, Spool(tmp_path / "spool")))


def test_the_history_of_another_users_checkout_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = git_checkout(tmp_path / "root", {"a.py": module_text(1)})
    write_tree(root, {"a.py": module_text(1) + "".join(f"new_{n} = {n}\n" for n in range(9))})
    git(root, "commit", "--quiet", "--all", "--message", "Add nine constants to the module")
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    files = list(list_commits(root, Spool(tmp_path / "spool")))
    assert [(file.path, file.flaw) for file in files] == [("a.py", None)]
