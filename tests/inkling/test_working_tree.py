"""The working tree as others may read it: nothing ignored, nothing secret, only source text."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from inkling.working_tree import MAX_FILE_BYTES, is_ignored, read_source, read_working_tree

if TYPE_CHECKING:
    from pathlib import Path

KEPT = {"a.py": "a = 1\n", "deep/b.js": "let b;\n"}
LEFT_OUT: dict[str, bytes] = {
    ".env": b"TOKEN=1\n",
    "ignored.py": b"i = 1\n",
    "build/made.py": b"m = 1\n",
    "binary.py": b"\0",
    "latin.py": b"# caf\xe9\n",
    "key.py": b"-----BEGIN RSA PRIVATE KEY-----\n",
    "huge.py": b"#" * (MAX_FILE_BYTES + 1),
    "photo.jpg": b"text\n",
}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name, content in {**{k: v.encode() for k, v in KEPT.items()}, **LEFT_OUT}.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    (tmp_path / ".gitignore").write_text("ignored.py\nbuild/\n")
    return tmp_path


def test_a_plain_folder_honours_its_gitignore(tree: Path) -> None:
    assert dict(read_working_tree(tree)) == KEPT


def test_a_checkout_has_its_tracked_and_its_new_files(tree: Path) -> None:
    subprocess.run(["git", "init", "--quiet", str(tree)], check=True)
    subprocess.run(["git", "-C", str(tree), "add", "a.py"], check=True)
    assert dict(read_working_tree(tree)) == KEPT


def test_without_git_folders_of_tools_are_passed_by(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tree / "nothing"))
    (tree / "node_modules").mkdir()
    (tree / "node_modules" / "c.py").write_text("c = 1\n")
    assert set(KEPT) <= set(dict(read_working_tree(tree)))
    assert "node_modules/c.py" not in dict(read_working_tree(tree))


def test_links_are_not_followed(tree: Path) -> None:
    (tree / "link.py").symlink_to(tree / "a.py")
    (tree / "loop").symlink_to(tree)
    assert dict(read_working_tree(tree)) == KEPT


def test_single_paths_can_be_asked_about(tree: Path) -> None:
    subprocess.run(["git", "init", "--quiet", str(tree)], check=True)
    assert is_ignored(tree / "build" / "made.py")
    assert not is_ignored(tree / "a.py")
    assert not is_ignored(tree / "nowhere" / "new.py")


def test_a_missing_file_is_no_source(tmp_path: Path) -> None:
    assert read_source(tmp_path / "gone.py") is None
