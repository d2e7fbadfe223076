"""A repository as one text: imports come first, names on half of them, every byte comes back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.formats.imports import imported_files, imports_first
from curation.formats.repository import (
    REPOSITORY,
    Item,
    has_metadata,
    read_repository,
    repository_rows,
    repository_text,
)

TEXT = st.lists(
    st.sampled_from(
        [
            "<file_sep>",
            "<repo_name>",
            "<",
            "\u2063",
            "\n",
            "\r\n",
            "import a\n",
            "from . import b\n",
            "é",
        ]
    ),
    max_size=8,
).map("".join)
PATH = st.sampled_from(["a.py", "b.py", "c/__init__.py", "c/d.py", "<file_sep>.py", "é.py"])


@given(st.dictionaries(PATH, TEXT, max_size=6), st.booleans())
def test_every_byte_comes_back(files: dict[str, str], metadata: bool) -> None:
    name, found = read_repository(repository_text("owner/<repo_name>", files, metadata))
    assert [text for _, text in found] == [files[path] for path in imports_first(files)]
    if metadata:
        assert name == "owner/<repo_name>"
        assert dict(found) == files


def test_half_of_the_repositories_carry_their_names() -> None:
    names = [f"owner/{n}" for n in range(2_000)]
    share = sum(map(has_metadata, names)) / len(names)
    assert 0.45 < share < 0.55
    assert repository_text("owner/1", {"a.py": "x"}).startswith("<repo_name>") == has_metadata(
        "owner/1"
    )


def test_a_path_with_a_line_end_is_refused() -> None:
    with pytest.raises(ValueError, match="line end"):
        repository_text("r", {"a\nb.py": ""})


ITEM = st.builds(
    Item,
    repo=st.sampled_from(["a/x", "a/<repo_name>", "b"]),
    path=st.sampled_from(["a.py", "b.py", "b\n.py", "b\ufffd.py"]),
    language=st.sampled_from(["python", "rust", "commit", "notebook", "discussion"]),
    id=st.sampled_from("0123"),
    text=TEXT,
    origin=st.sampled_from([None, "host/a/x", "host/b/x"]),
)


@given(st.lists(ITEM, max_size=12))
def test_no_document_is_lost_and_each_kind_keeps_its_form(items: list[Item]) -> None:
    """Folders of one name, commits beside files: all bytes come out, and come back."""
    found = []
    for row in repository_rows(items):
        texts = [row["content"]]
        if row["kind"] == REPOSITORY:
            _, files = read_repository(row["content"])
            texts = [text for _, text in files]
        assert len(texts) == len(row["ids"]) == row["files"]
        kinds = [row["kind"]] * len(texts)
        found += zip([row["repo_name"]] * len(texts), kinds, row["ids"], texts, strict=True)
    expected = [
        (i.repo, REPOSITORY if i.language in ("python", "rust") else i.language, i.id, i.text)
        for i in items
    ]
    assert sorted(found) == sorted(expected)


def test_checkouts_of_one_name_are_told_by_their_origins() -> None:
    items = [
        Item("x", f"{n}.py", "python", f"{origin}{n}", "", f"host/{origin}/x")
        for n in range(2)
        for origin in "ab"
    ]
    assert [row["ids"] for row in repository_rows(items)] == [["a0", "a1"], ["b0", "b1"]]


PYTHON = {
    "app.py": "from package import core, missing\nimport package.util as u, os\n",
    "package/__init__.py": "",
    "package/core.py": "from .util import f\nfrom . import deep\n",
    "package/util.py": "import json\n",
    "package/deep/__init__.py": "from ..util import f\nfrom ...outside import x\n",
    "src/other.py": "",
    "user.py": "import other\n",
}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("app.py", {"package/__init__.py", "package/core.py", "package/util.py"}),
        ("package/core.py", {"package/util.py", "package/__init__.py", "package/deep/__init__.py"}),
        ("package/deep/__init__.py", {"package/util.py"}),
        ("package/util.py", set()),
        ("user.py", {"src/other.py"}),
    ],
)
def test_python_imports_lead_to_files(path: str, expected: set[str]) -> None:
    assert imported_files(path, PYTHON[path], PYTHON) == expected


@pytest.mark.parametrize(
    ("path", "text", "known", "expected"),
    [
        ("a/x.ts", "import { y } from './y'", {"a/y.ts", "y.ts"}, {"a/y.ts"}),
        ("a/x.ts", "import '../z.js'", {"z.ts"}, {"z.ts"}),
        ("x.js", "const y = require('./lib');", {"lib/index.js"}, {"lib/index.js"}),
        ("x.js", "import react from 'react'", {"react.js"}, set()),
        ("src/x.c", '#include "y.h"\n#include <z.h>\n', {"src/y.h", "z.h"}, {"src/y.h"}),
        ("x.c", '#include "sub/y.h"\n', {"include/sub/y.h"}, {"include/sub/y.h"}),
        ("x.md", "import a", {"a.py"}, set()),
        ("x.py", "import x\n", {"x.py"}, set()),
    ],
)  # fmt: skip
def test_other_languages_imports(path: str, text: str, known: set[str], expected: set[str]) -> None:
    assert imported_files(path, text, known) == expected


def test_imports_come_before_importers() -> None:
    order = imports_first(PYTHON)
    for path, text in PYTHON.items():
        for imported in imported_files(path, text, PYTHON) - {"package/__init__.py"}:
            assert order.index(imported) < order.index(path)


@given(
    st.dictionaries(
        st.sampled_from("abcdefgh"), st.sets(st.sampled_from("abcdefgh"), max_size=4), min_size=1
    )
)
def test_circles_end_and_every_file_comes_once(edges: dict[str, set[str]]) -> None:
    files = {
        f"{name}.py": "".join(f"import {other}\n" for other in sorted(imported))
        for name, imported in edges.items()
    }
    order = imports_first(files)
    assert sorted(order) == sorted(files)
    assert order == imports_first(dict(reversed(files.items())))
