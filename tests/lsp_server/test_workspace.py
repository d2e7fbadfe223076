"""What a file is called in the prompt."""

from __future__ import annotations

from pathlib import Path

from lsp_server.workspace import NOWHERE, Place, locate


def test_git_decides(tmp_path: Path) -> None:
    file = tmp_path / "project" / "src" / "a.py"
    (tmp_path / "project" / ".git").mkdir(parents=True)
    assert locate(file, [tmp_path]) == Place("project", "src/a.py")


def test_a_work_tree_has_a_git_file(tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / ".git").write_text("gitdir: elsewhere\n")
    assert locate(tmp_path / "tree" / "a.py") == Place("tree", "a.py")


def test_else_the_innermost_folder_of_the_editor() -> None:
    folders = [Path("/nowhere"), Path("/nowhere/inner"), Path("/other")]
    assert locate(Path("/nowhere/inner/x/a.py"), folders) == Place("inner", "x/a.py")


def test_else_the_files_own_folder() -> None:
    assert locate(Path("/nowhere/x/a.py")) == Place("x", "a.py")


def test_no_file_no_place() -> None:
    assert locate(None, [Path("/nowhere")]) == NOWHERE
