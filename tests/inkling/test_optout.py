"""The opt-out list: what an entry matches, and that a list with an error never shrinks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from inkling.errors import InklingError
from inkling.optout import OptOut, OptOutList, add_entries, parse_entry, parse_list, read_list

if TYPE_CHECKING:
    from pathlib import Path

DIGEST = "ab" * 32


@pytest.mark.parametrize(
    ("entry", "repo", "path", "hashes", "expected"),
    [
        ("owner someone", "Someone/project", "a.py", (), True),
        ("owner someone", "someoneelse/project", "a.py", (), False),
        ("owner requests", "requests", "a.py", (), False),
        ("repo Someone/Project", "someone/project", "a.py", (), True),
        ("repo requests", "requests", "a.py", (), True),
        ("repo someone/project", "someone/project2", "a.py", (), False),
        ("path a/b:src/x.py", "a/b", "src/x.py", (), True),
        ("path a/b:src/x.py", "a/b", "src/X.py", (), False),
        ("path a/b:src/x.py", "a/b", "src/x.pyi", (), False),
        ("path a/b:src/", "a/b", "src/deep/x.py", (), True),
        ("path a/b:src/", "a/b", "src2/x.py", (), False),
        ("path a/b:src", "a/b", "src/deep/x.py", (), True),
        ("path a/b:src", "a/b", "src2/x.py", (), False),
        ("repo https://github.com/Some/Project.git", "some/project", "a.py", (), True),
        ("repo git@gitlab.com:Group/Sub/Project.git", "group/sub/project", "a.py", (), True),
        ("repo github.com/some/project", "some/project", "a.py", (), True),
        (f"sha256 {DIGEST.upper()}", "any", "x.py", ("00", DIGEST), True),
        (f"sha256 {DIGEST}", "any", "x.py", ("00",), False),
    ],
)
def test_what_an_entry_matches(
    entry: str, repo: str, path: str, hashes: tuple[str, ...], expected: bool
) -> None:
    parsed = parse_entry(entry)
    assert OptOutList((parsed,)).match(repo, path, *hashes) == (parsed if expected else None)


@pytest.mark.parametrize(
    ("entry", "origin", "path", "expected"),
    [
        ("owner Someone", "github.com/someone/Project", "a.py", True),
        ("owner group", "gitlab.com/group/sub/project", "a.py", True),
        ("owner project", "github.com/someone/project", "a.py", False),
        ("repo someone/project", "github.com/Someone/Project", "a.py", True),
        ("repo git.example.org/a/b", "git.example.org/a/b", "a.py", True),
        ("repo sub/project", "gitlab.com/group/sub/project", "a.py", False),
        ("repo folder", "github.com/someone/project", "a.py", True),
        ("path someone/project:src/x.py", "github.com/someone/project", "src/x.py", True),
        ("path someone/project:src/x.py", "github.com/someone/project:src", "x.py", True),
        ("path someone/project:src/x.py", "github.com/someone/project:lib", "src/x.py", False),
        ("path folder:x.py", "github.com/someone/project:src", "x.py", True),
        ("owner someone", None, "a.py", False),
    ],
)
def test_a_checkout_goes_by_its_origin_and_by_its_folder(
    entry: str, origin: str | None, path: str, expected: bool
) -> None:
    parsed = parse_entry(entry)
    found = OptOutList((parsed,)).match("folder", path, origin=origin)
    assert found == (parsed if expected else None)


def test_all_entries_that_a_document_falls_under_are_told() -> None:
    entries = parse_list("owner a\npath a/b:src\nrepo a/c")
    assert [str(e) for e in entries.matches("a/b", "src/x.py")] == ["owner a", "path a/b:src"]


def test_an_entry_keeps_no_token_of_an_address() -> None:
    assert str(parse_entry("repo:https://me:secret@host.org/a/b.git")) == "repo a/b"


def test_the_command_lines_form_and_the_files_are_the_same_entry() -> None:
    assert parse_entry("owner:x") == parse_entry(" owner   x ") == OptOut("owner", "x")
    assert parse_entry("path:a/b:c d.py") == parse_entry("path a/b:c d.py")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "owner",
        "owner:",
        "person x",
        "sha256 12",
        "path a/b",
        "path :x",
        "path a/b:tests/*.py",
        "path a/b:x?.py",
        "owner a/b",
        "repo https://github.com/a",
        "path https://github.com/a/b:c.py",
        "repo a\nowner b",
        "owner a\x85owner b",
        "path a/b:c #d",
    ],
)
def test_what_is_no_entry_is_an_error(text: str) -> None:
    with pytest.raises(InklingError):
        parse_entry(text)


def test_a_text_of_several_lines_is_a_list_and_survives_being_written() -> None:
    parsed = parse_list("# why\n\npath a/b:C#/x y.cs  # by mail\nowner X\n#\nowner x\n")
    assert [str(e) for e in parsed.entries] == ["owner x", "path a/b:C#/x y.cs"]
    assert parse_list(parsed.to_text()) == parsed
    assert parse_list("") == OptOutList()
    with pytest.raises(InklingError, match="Line 2 of the rules"):
        parse_list("owner x\npath a/b c", "the rules")


def test_adding_keeps_comments_and_adds_each_entry_once(tmp_path: Path) -> None:
    path = tmp_path / "opt-out.txt"
    path.write_text("# asked for on Monday\nowner x  # by mail\n\nrepo a/b")
    new = add_entries([OptOut("owner", "x"), OptOut("repo", "c/d")], path)
    assert new == [OptOut("repo", "c/d")]
    assert path.read_text().startswith("# asked for on Monday\nowner x  # by mail\n\nrepo a/b\n")
    assert [str(e) for e in read_list(path).entries] == ["owner x", "repo a/b", "repo c/d"]
    assert add_entries(new, path) == []


def test_the_lists_identity_ignores_order_and_comments(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("owner x\nowner y\n")
    (tmp_path / "b").write_text("# why\nowner y\nowner x\nowner x\n")
    assert read_list(tmp_path / "a").sha256 == read_list(tmp_path / "b").sha256
    assert read_list(tmp_path / "a").sha256 != OptOutList().sha256


def test_only_the_default_list_may_be_absent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INKLING_HOME", str(tmp_path))
    assert read_list() == OptOutList()
    with pytest.raises(InklingError, match="no opt-out list"):
        read_list(tmp_path / "named.txt")


def test_a_list_with_an_error_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "list"
    path.write_text("owner x\nowner\n")
    with pytest.raises(InklingError, match="Line 2"):
        read_list(path)
    with pytest.raises(InklingError, match="Line 2"):
        add_entries([OptOut("owner", "y")], path)
    assert path.read_text() == "owner x\nowner\n"
    path.write_bytes(b"owner caf\xe9\n")
    with pytest.raises(InklingError, match="can't be read"):
        read_list(path)
