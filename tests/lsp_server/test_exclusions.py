"""Globs as VS Code's `files.exclude` has them: what they hide, and what of any shape they are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.exclusions import Exclusion, is_hidden, read_exclusions

ROOT = Path("/work")


def hides(pattern: str, name: str) -> bool:
    return is_hidden(ROOT / name, (Exclusion(pattern),), [ROOT])


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("**/*.js", "a.js"),
        ("**/*.js", "deep/er/a.js"),
        ("out", "out/a/b.py"),
        ("out/", "out/b.py"),
        ("**/generated", "src/generated/deep/a.py"),
        ("**/generated/**", "src/generated/a.py"),
        ("src/*.py", "src/a.py"),
        ("src/**/old.py", "src/old.py"),
        ("src/**/old.py", "src/a/b/old.py"),
        ("**/*.{js,map}", "a.map"),
        ("**/{a,b?}/x.py", "b7/x.py"),
        ("test[0-9].py", "test3.py"),
        ("test[!0-9].py", "testx.py"),
        ("a+(b).py", "a+(b).py"),
    ],
)
def test_a_pattern_hides_files_and_all_in_a_folder(pattern: str, name: str) -> None:
    assert hides(pattern, name)


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("*.js", "deep/a.js"),  # without `**` from the beginning of the path
        ("out", "src/out/a.py"),
        ("out", "outer/a.py"),
        ("src/*.py", "src/deep/a.py"),
        ("**/*.{js,map}", "a.jsx"),
        ("test[!0-9].py", "test3.py"),
        ("**/a?c", "a/c"),
        ("a.py", "axpy"),
    ],
)
def test_and_nothing_else(pattern: str, name: str) -> None:
    assert not hides(pattern, name)


def test_a_pattern_of_one_folder_holds_in_that_folder_only() -> None:
    folders = [ROOT / "one", ROOT / "two"]
    only_one = (Exclusion("*.py", folders[0]),)
    assert is_hidden(ROOT / "one" / "a.py", only_one, folders)
    assert not is_hidden(ROOT / "two" / "a.py", only_one, folders)
    assert not is_hidden(Path("/elsewhere/a.py"), (Exclusion("**"),), folders)


def test_a_condition_hides_only_files_with_that_sibling(tmp_path: Path) -> None:
    derived = (Exclusion("**/*.js", None, "$(basename).ts"),)
    (tmp_path / "a.ts").touch()
    assert is_hidden(tmp_path / "a.js", derived, [tmp_path])
    assert not is_hidden(tmp_path / "b.js", derived, [tmp_path])


def test_patterns_come_as_the_protocol_writes_globs() -> None:
    value = ["a", {"pattern": "b", "baseUri": "file:///work"}, {"pattern": "c", "when": "d"}]
    read = read_exclusions(value)
    assert read == (Exclusion("a"), Exclusion("b", ROOT), Exclusion("c", None, "d"))


@pytest.mark.parametrize("value", [None, "a", [3], [""], [{}], [{"pattern": 3}], [{"glob": "a"}]])
def test_another_shape_is_refused(value: Any) -> None:
    assert read_exclusions(value) is None


@given(st.text(max_size=30), st.text(st.characters(exclude_characters="/\0"), min_size=1))
def test_any_text_is_a_pattern_or_refused_and_never_an_error(pattern: str, name: str) -> None:
    for exclusion in read_exclusions([pattern]) or ():
        is_hidden(ROOT / name, (exclusion,), [ROOT])


@given(st.text(st.characters(exclude_characters="/\\\0*?[]{},!^"), min_size=1, max_size=9))
def test_a_plain_name_hides_the_file_of_that_name(name: str) -> None:
    assert name in (".", "..") or hides(name, name)
