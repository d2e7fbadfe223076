"""The stages one by one: what each keeps, and the reason code for what it refuses."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Literal

import pytest
from datatrove.data import Document

from curation.shards import read_source_file
from curation.sources.source_file import SourceFile
from curation.stages.language import LanguageFilter
from curation.stages.license import LicenseFilter, spdx_header
from curation.stages.notebook import NotebookStage
from curation.stages.quality import QualityFilter
from curation.stages.readable import MAX_BYTES, Readable, decode
from curation.stages.signature import SIGNATURE_KEY, Signature
from curation.stages.stage import DROP_KEY, Drop, Stage
from inkling.license_text import UNRECOGNIZED
from tests.curation.trees import module_text

if TYPE_CHECKING:
    from pathlib import Path


def source_file(path: Path, repo: str = "repo") -> dict[str, Any]:
    """A row of a listing."""
    size = path.stat().st_size if path.exists() else 0
    return asdict(SourceFile(str(path), repo, path.name, "1", "MIT", "metadata", size, 0))


def document(text: str, path: str = "module.py", license: str | None = "MIT") -> Document:
    metadata = {"path": path, "license": license, "license_source": "metadata", "language": None}
    return Document(text=text, id="id", metadata=metadata)


def verdict(stage: Stage, judged: Document) -> str | None:
    """The reason for which a stage drops a document, after running it as the pipeline does."""
    (same,) = stage.run(iter([judged]))
    assert same is judged
    if DROP_KEY not in judged.metadata:
        return None
    name, reason, _ = judged.metadata[DROP_KEY]
    assert name == stage.name
    return str(reason)


# --- the contract of a stage -----------------------------------------------------------------


def test_a_stage_loses_no_document_and_passes_dropped_ones_by() -> None:
    class DropsAll(Stage):
        name = "drops_all"

        def judge(self, document: Document) -> Drop | None:
            return Drop("because", document.text)

    dropped_before = document("first")
    dropped_before.metadata[DROP_KEY] = ("earlier", "reason", "")
    kept_before = document("second")
    result = list(DropsAll().run(iter([dropped_before, kept_before])))
    assert result == [dropped_before, kept_before]
    assert dropped_before.metadata[DROP_KEY] == ("earlier", "reason", "")
    assert kept_before.metadata[DROP_KEY] == ("drops_all", "because", "second")


@pytest.mark.parametrize(
    "stage", [Readable(), LanguageFilter(), LicenseFilter(), QualityFilter(), Signature()]
)
def test_every_stage_keeps_an_ordinary_module(stage: Stage) -> None:
    assert verdict(stage, document(module_text(0))) is None


# --- reading ---------------------------------------------------------------------------------


def read(tmp_path: Path, content: bytes, name: str = "module.py") -> tuple[Document, str | None]:
    path = tmp_path / name
    path.write_bytes(content)
    judged = read_source_file(source_file(path), frozenset())
    return judged, verdict(Readable(), judged)


def test_text_is_read_unchanged_and_its_id_is_the_hash_of_the_bytes(tmp_path: Path) -> None:
    content = "größe = 1\r\n\tx = '日本'\n\x0c".encode()
    judged, reason = read(tmp_path, content)
    assert reason is None
    assert judged.text.encode() == content
    assert judged.id == hashlib.sha256(content).hexdigest()


def test_a_byte_order_mark_goes_but_the_id_stays_that_of_the_file(tmp_path: Path) -> None:
    content = b"\xef\xbb\xbfx = 1\n"
    judged, reason = read(tmp_path, content)
    assert (reason, judged.text) == (None, "x = 1\n")
    assert judged.id == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"x = 1\0\n", "binary"),
        (b"# caf\xe9\n", "not_utf8"),
        ("x = 1\n".encode("utf-16"), "binary"),
        (b"", "empty"),
        (b" \n\t\r\n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
    ],
)
def test_what_is_no_text_is_dropped(tmp_path: Path, content: bytes, reason: str) -> None:
    judged, found = read(tmp_path, content)
    assert found == reason
    if reason != "empty":
        assert judged.text == ""


def test_the_byte_that_is_no_utf8_is_named() -> None:
    assert decode(b"abc\xff") == Drop("not_utf8", "byte 3: invalid start byte")


def test_a_file_above_ten_megabytes_is_not_even_read(tmp_path: Path) -> None:
    path = tmp_path / "large.py"
    with path.open("wb") as handle:
        handle.truncate(MAX_BYTES + 1)  # sparse: takes no room, and would be binary if read
    judged = read_source_file(source_file(path), frozenset())
    assert verdict(Readable(), judged) == "too_large"


def test_a_file_that_is_gone_or_became_a_folder_is_dropped_not_raised(tmp_path: Path) -> None:
    (tmp_path / "folder.py").mkdir()
    for name in ("gone.py", "folder.py"):
        judged = read_source_file(source_file(tmp_path / name), frozenset())
        assert verdict(Readable(), judged) == "unreadable"


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        (".env", "TOKEN=1\n", "secret_file"),
        ("id_rsa", "text\n", "secret_file"),
        (".env.example", "TOKEN=\n", None),
        ("key.py", 'KEY = """-----BEGIN RSA PRIVATE KEY-----\nMII\n"""\n', "private_key"),
        ("key.py", "-----BEGIN CERTIFICATE-----\n", None),
    ],
)
def test_secrets_stay_out(tmp_path: Path, name: str, text: str, reason: str | None) -> None:
    assert read(tmp_path, text.encode(), name)[1] == reason


def test_a_held_out_repository_marks_its_documents(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text("1")
    sides = [
        read_source_file(source_file(path, repo), frozenset({"out"})).metadata["split"]
        for repo in ("out", "in")
    ]
    assert sides == ["heldout", "train"]


# --- language --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "text", "languages", "reason"),
    [
        ("a.py", "", ("python",), None),
        ("tool", "#!/usr/bin/env python3\n", ("python",), None),
        ("a.ts", "", ("python",), "other_language"),
        ("a.ts", "", ("python", "typescript"), None),
        ("a.ts", "", (), None),
        ("a.unheard", "", (), "unknown_language"),
        ("LICENSE", "MIT License\n", ("python",), "unknown_language"),
        ("a.ipynb", '{"cells": []}', ("python",), "notebook"),
    ],
)
def test_only_the_languages_asked_for_stay(
    path: str, text: str, languages: tuple[str, ...], reason: str | None
) -> None:
    assert verdict(LanguageFilter(languages), document(text, path)) == reason


def test_a_notebook_that_no_stage_has_read_says_what_would() -> None:
    (row,) = LanguageFilter().explain(document("{}", "a.ipynb"))
    assert (row.rule, row.value) == ("notebook", "notebook; --notebooks reads them")


@pytest.mark.parametrize(
    ("kernel", "languages", "reason"),
    [
        ("R", ("python",), "other_language"),
        ("R", ("python", "r"), None),
        ("R", (), None),
        ("python", ("python",), None),
        ("ipython", ("python",), None),
        ("python", ("r",), "other_language"),
    ],
)
@pytest.mark.parametrize("form", ["structured", "script"])
def test_a_notebook_has_the_language_of_its_kernel(
    form: Literal["structured", "script"],
    kernel: str,
    languages: tuple[str, ...],
    reason: str | None,
) -> None:
    cell = {"cell_type": "code", "source": "x = 1", "outputs": []}
    raw = json.dumps({"cells": [cell], "metadata": {"kernelspec": {"language": kernel}}})
    judged = document(raw, "a.ipynb")
    found = verdict(NotebookStage(form, languages), judged)
    assert (found or verdict(LanguageFilter(languages), judged)) == reason


def test_the_language_is_noted() -> None:
    judged = document("", "a.go")
    assert verdict(LanguageFilter(()), judged) is None
    assert judged.metadata["language"] == "go"


# --- licence ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("declared", "header", "reason"),
    [
        ("MIT", None, None),
        ("MIT OR GPL-3.0-only", None, None),
        ("MIT AND GPL-3.0-only", None, "copyleft"),
        ("GPL-3.0-only", None, "copyleft"),
        (None, None, "no_license"),
        ("LicenseRef-Ours", None, "no_license"),
        # The header goes first, either way.
        ("GPL-3.0-only", "Apache-2.0", None),
        (None, "MIT", None),
        ("MIT", "LGPL-2.1-or-later", "copyleft"),
        ("MIT", "LicenseRef-Secret", "no_license"),
        ("MIT", "nonsense (", "no_license"),
    ],
)
def test_only_a_known_permissive_licence_stays(
    declared: str | None, header: str | None, reason: str | None
) -> None:
    text = f"# SPDX-License-Identifier: {header}\n" if header else "x = 1\n"
    assert verdict(LicenseFilter(), document(text, license=declared)) == reason


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        ("# SPDX-License-Identifier: MIT\n", "MIT"),
        ("#SPDX-License-Identifier:MIT \r\nx", "MIT"),
        ("/* SPDX-License-Identifier: MIT OR Apache-2.0 */\n", "MIT OR Apache-2.0"),
        ("<!-- SPDX-License-Identifier: (MIT AND ISC) -->", "(MIT AND ISC)"),
        ("x = 1\n" * 400 + "# SPDX-License-Identifier: MIT\n", None),
        ("no header\n", None),
        ('"""SPDX-License-Identifier: GPL-3.0-only"""', "GPL-3.0-only"),
        ("# SPDX-License-Identifier: GPL-3.0-only # noqa", "GPL-3.0-only"),
        ("# spdx-license-identifier: MIT", "MIT"),
        ("x = 1  # SPDX-License-Identifier: ISC", "ISC"),
        # Several hold together.
        (
            "# SPDX-License-Identifier: MIT OR ISC\n# SPDX-License-Identifier: GPL-3.0-only\n",
            "(MIT OR ISC) AND GPL-3.0-only",
        ),
        # A tag that can't be understood grants nothing.
        ("# SPDX-License-Identifier: GPL-3.0-or-later, see COPYING", UNRECOGNIZED),
        ("# SPDX-License-Identifier: GPL-2.0/MIT", UNRECOGNIZED),
        ("# SPDX-License-Identifier:", UNRECOGNIZED),
        # What a program says in its strings isn't said of it.
        ('TAG = "SPDX-License-Identifier: MIT"\n', None),
        ('TAG = """\nSPDX-License-Identifier: MIT\n"""\n', None),
        ('TAGS = [\n    "# SPDX-License-Identifier: MIT",\n]\n', None),
    ],
)
def test_the_header_is_read_from_the_head_of_the_file(text: str, expression: str | None) -> None:
    assert spdx_header(text) == expression


def test_the_header_becomes_the_documents_licence() -> None:
    judged = document("# SPDX-License-Identifier: 0BSD\n")
    assert verdict(LicenseFilter(), judged) is None
    assert judged.metadata["license"] == "0BSD"
    assert judged.metadata["license_source"] == "spdx_header"


def test_words_beside_the_header_that_withhold_rights_count() -> None:
    judged = document("# SPDX-License-Identifier: MIT\n# Not for commercial use.\n")
    assert verdict(LicenseFilter(), judged) == "no_license"


@pytest.mark.parametrize("declared", [None, "GPL-3.0-only", "LicenseRef-Ours"])
def test_ones_own_code_may_have_any_licence_or_none(declared: str | None) -> None:
    judged = document("x = 1\n", license=declared)
    assert verdict(LicenseFilter("any"), judged) is None
    assert judged.metadata["license"] == declared


def test_own_files_pass_beside_others_that_must_be_permissive() -> None:
    own = document("x = 1\n", license=None)
    own.metadata["own"] = True
    assert verdict(LicenseFilter("permissive"), own) is None
    assert verdict(LicenseFilter("permissive"), document("x = 1\n", license=None)) == "no_license"


@pytest.mark.parametrize(
    ("declared", "reason"),
    [("GPL-3.0-only", None), ("MIT", None), (None, "no_license"), ("LicenseRef-X", "no_license")],
)
def test_copyleft_stays_where_the_policy_says_so(declared: str | None, reason: str | None) -> None:
    judged = document("x = 1\n", license=declared)
    assert verdict(LicenseFilter("copyleft"), judged) == reason


GPL_NOTICE = """# This program is free software: you can redistribute it and/or modify it
# under the terms of the GNU General Public License as published by
# the Free Software Foundation, either version 3 of the License, or
# (at your option) any later version.
"""


@pytest.mark.parametrize(
    ("head", "expression"),
    [
        (GPL_NOTICE, "GPL-3.0-or-later"),
        ('# Licensed under the Apache License, Version 2.0 (the "License")\n', "Apache-2.0"),
        ("# Released under the Commons Clause License\n", "LicenseRef-Restricted"),
        ("# Plays well with the GNU General Public License\n", "LicenseRef-Unrecognized"),
        ("# What GNU wrote\n", "MIT"),
        ('"""Redistribute it under the GPL v3."""\n', "GPL-3.0-only"),
        ('NOTE = "redistribute it under the GPL v3"\n', "MIT"),
        ("use strict;\n\n=head1 LICENSE\n\nThis is under the GPL v2.\n\n=cut\n", "GPL-2.0-only"),
        ('__license__ = "GPLv3"\n', "GPL-3.0-only"),
    ],
)
def test_a_notice_at_the_head_of_a_file_goes_before_its_package(head: str, expression: str) -> None:
    judged = document(head + module_text(1))
    verdict(LicenseFilter(), judged)
    assert judged.metadata["license"] == expression


def test_a_document_of_ones_own_still_notes_its_header() -> None:
    judged = document("# SPDX-License-Identifier: GPL-3.0-only\n", license=None)
    assert verdict(LicenseFilter("any"), judged) is None
    assert judged.metadata["license"] == "GPL-3.0-only"


# --- signature -------------------------------------------------------------------------------


def test_the_signature_stage_drops_nothing_and_adds_250_numbers() -> None:
    judged = document("")
    assert verdict(Signature(), judged) is None
    assert len(judged.metadata[SIGNATURE_KEY]) == 4 * 250
