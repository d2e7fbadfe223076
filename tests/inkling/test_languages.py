"""The language of a file, from its name, its first line, or what an editor calls it."""

from pathlib import PurePath, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkling.languages import LANGUAGES, detect_language, from_lsp_id


def name_of(path: str | PurePath, first_line: str = "") -> str | None:
    found = detect_language(path, first_line)
    return found.name if found else None


@pytest.mark.parametrize(
    ("path", "language"),
    [
        ("a.py", "python"),
        ("stubs/a.pyi", "python"),
        ("A.PY", "python"),
        ("deep/er/module.test.ts", "typescript"),
        ("view.tsx", "typescript"),
        ("x.c", "c"),
        ("x.h", "c"),
        ("x.hpp", "c++"),
        ("X.CS", "c#"),
        ("plot.R", "r"),
        ("plot.r", "r"),
        ("Makefile", "makefile"),
        ("sub/Dockerfile", "dockerfile"),
        ("SConstruct", "python"),
        ("Rakefile", "ruby"),
        ("CMakeLists.txt", "cmake"),
        ("notes.txt", None),
        ("python", None),
        ("archive.py.gz", None),
        (".py", None),
        ("", None),
    ],
)
def test_by_name(path: str, language: str | None) -> None:
    assert name_of(path) == language


@pytest.mark.parametrize(
    ("first_line", "language"),
    [
        ("#!/usr/bin/python", "python"),
        ("#!/usr/bin/python3\n", "python"),
        ("#!/usr/bin/python3.11 -u", "python"),
        ("#! /usr/bin/env python3\r\n", "python"),
        ("#!/usr/bin/env -S python3 -u", "python"),
        ("#!/usr/local/bin/node", "javascript"),
        ("#!/bin/sh -e", "shell"),
        ("#!/usr/bin/env bash", "shell"),
        ("#!/usr/bin/env pythonista", None),
        ("#!/usr/bin/env", None),
        ("#!python", None),
        ("# /usr/bin/python", None),
        (" #!/usr/bin/python", None),
        ("", None),
    ],
)
def test_by_the_interpreter_of_the_first_line(first_line: str, language: str | None) -> None:
    assert name_of("bin/tool", first_line) == language


def test_the_name_goes_before_the_first_line() -> None:
    assert name_of("build.rb", "#!/usr/bin/env python3") == "ruby"


def test_paths_of_either_platform() -> None:
    assert name_of(PureWindowsPath("C:\\src\\a.py")) == "python"


@given(st.text(), st.text())
def test_any_name_and_line_have_an_answer(path: str, first_line: str) -> None:
    found = detect_language(path, first_line)
    assert found is None or found in LANGUAGES


@pytest.mark.parametrize(
    ("language_id", "language"),
    [
        ("python", "python"),
        ("typescriptreact", "typescript"),
        ("javascriptreact", "javascript"),
        ("cpp", "c++"),
        ("csharp", "c#"),
        ("shellscript", "shell"),
        ("Python", "python"),
    ],
)
def test_by_the_editors_name(language_id: str, language: str) -> None:
    found = from_lsp_id(language_id)
    assert found is not None
    assert found.name == language


def test_an_editors_name_that_is_not_in_the_table() -> None:
    assert from_lsp_id("plaintext") is None


@pytest.mark.parametrize("column", ["extensions", "interpreters", "file_names"])
def test_no_two_languages_claim_the_same(column: str) -> None:
    claims = [claim for language in LANGUAGES for claim in getattr(language, column)]
    assert len(claims) == len(set(claims))


def test_the_name_of_a_language_is_not_another_ones_lsp_id() -> None:
    claims = [i for language in LANGUAGES for i in (language.name, *language.lsp_ids)]
    assert len(claims) == len(set(claims))
