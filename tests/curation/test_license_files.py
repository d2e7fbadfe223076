"""Licence files and manifests: which files they hold for, and that unknown spreads as unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from curation.sources.folder import list_folder
from curation.sources.license_files import is_license_file, manifest_license
from inkling.license_text import UNRECOGNIZED
from inkling.licenses import LicenseClass, classify
from tests.curation.trees import MIT_TEXT, write_tree

if TYPE_CHECKING:
    from pathlib import Path

GPL = "GNU GENERAL PUBLIC LICENSE\n  Version 3, 29 June 2007\n"


def licenses(root: Path) -> dict[str, tuple[str | None, str | None]]:
    return {file.path: (file.license, file.license_source) for file in list_folder(root)}


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("LICENSE", MIT_TEXT, "MIT"),
        ("LICENSE.txt", "    Apache License\n  Version 2.0, January 2004\n", "Apache-2.0"),
        ("COPYING", GPL, "GPL-3.0-only"),
        ("LICENCE", "BSD-3-Clause\n", "BSD-3-Clause"),
        ("LICENSE", "All rights reserved.\n", UNRECOGNIZED),
        ("LICENSE", "", None),
        ("README", MIT_TEXT, None),
    ],
)
def test_the_licence_file_is_recognised_or_left_unknown(
    tmp_path: Path, name: str, text: str, expected: str | None
) -> None:
    root = write_tree(tmp_path / "root", {name: text, "a.py": "1"})
    assert licenses(root)["a.py"] == (expected, "file" if expected else None)


def test_a_licence_file_holds_for_all_below_it_and_nothing_beside_it(tmp_path: Path) -> None:
    tree = {"lib/LICENSE": MIT_TEXT, "lib/deep/a.py": "1", "b.py": "1", "library/c.py": "1"}
    found = licenses(write_tree(tmp_path / "root", tree))
    assert found["lib/deep/a.py"] == ("MIT", "file")
    assert found["b.py"] == found["library/c.py"] == (None, None)


def test_all_licence_files_above_a_file_hold_together(tmp_path: Path) -> None:
    tree = {
        "LICENSE": MIT_TEXT,
        "a.py": "1",
        "vendor/COPYING": GPL,
        "vendor/b.py": "1",
        "odd/LICENSE": "Ask us first, please.",
        "odd/c.py": "1",
        "same/LICENSE": MIT_TEXT,
        "same/d.py": "1",
    }
    found = {path: expression for path, (expression, _) in licenses(
        write_tree(tmp_path / "root", tree)).items()}  # fmt: skip
    assert found["a.py"] == found["same/d.py"] == "MIT"
    assert found["vendor/b.py"] == "MIT AND GPL-3.0-only"
    assert classify(found["vendor/b.py"]) is LicenseClass.COPYLEFT
    assert classify(found["odd/c.py"]) is LicenseClass.NONE


@pytest.mark.parametrize(
    "beside", ["LICENSE.enterprise", "LICENSE-EE.txt", "EULA.md", "COMMERCIAL-LICENSE.txt"]
)
def test_an_unknown_licence_file_spoils_its_folder_whatever_lies_beside_it(
    tmp_path: Path, beside: str
) -> None:
    tree = {"LICENSE": MIT_TEXT, beside: "The Acme licence. All rights reserved.", "a.py": "1"}
    found = licenses(write_tree(tmp_path / "root", tree))["a.py"][0]
    assert found == f"{UNRECOGNIZED} AND MIT"


@pytest.mark.parametrize("beside", ["NOTICE", "AUTHORS", "THIRD-PARTY-LICENSES.txt"])
def test_notices_and_lists_beside_a_licence_change_nothing(tmp_path: Path, beside: str) -> None:
    tree = {"LICENSE": MIT_TEXT, beside: "Thanks to Acme. All rights reserved.", "a.py": "1"}
    assert licenses(write_tree(tmp_path / "root", tree))["a.py"] == ("MIT", "file")


def test_a_licence_file_too_large_to_be_read_is_unknown(tmp_path: Path) -> None:
    root = write_tree(tmp_path / "root", {"LICENSE": MIT_TEXT + " " * 1_000_000, "a.py": "1"})
    assert licenses(root)["a.py"] == (UNRECOGNIZED, "file")


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ("License\n=======\n\n.. literalinclude:: ../LICENSE\n   :language: text\n", "MIT"),
        ("# License\n\n```{include} ../LICENSE\n```\n", "MIT"),
        ('# License\n\n--8<-- "LICENSE"\n', "MIT"),
        (".. include:: ../LICENSE\n\nBut ask us first.\n", f"MIT AND {UNRECOGNIZED}"),
        (".. include:: ../legal/terms.txt\n", f"MIT AND {UNRECOGNIZED}"),
        (".. include:: license.rst\n", f"MIT AND {UNRECOGNIZED}"),
        (".. include:: code/LICENSE\n", f"MIT AND {UNRECOGNIZED}"),
    ],
)
def test_a_page_that_only_shows_the_licence_above_it_adds_nothing(
    tmp_path: Path, page: str, expected: str
) -> None:
    tree = {"LICENSE": MIT_TEXT, "docs/conf.py": "1", "docs/code/LICENSE": GPL}
    for name in ("docs/license.rst", "docs/license.md"):
        root = write_tree(tmp_path / name[-3:], {**tree, name: page})
        assert licenses(root)["docs/conf.py"] == (expected, "file")


def test_a_manifest_counts_where_its_folder_has_no_licence_file(tmp_path: Path) -> None:
    tree = {
        "pyproject.toml": '[project]\nlicense = "MIT"\n',
        "a.py": "1",
        "web/package.json": '{"license": "ISC"}',
        "web/b.js": "1",
        "both/package.json": '{"license": "MIT"}',
        "both/LICENSE": GPL,
        "both/c.js": "1",
    }
    found = licenses(write_tree(tmp_path / "root", tree))
    assert found["a.py"] == ("MIT", "manifest")
    assert found["web/b.js"] == ("MIT AND ISC", "manifest")
    assert found["both/c.js"] == ("MIT AND GPL-3.0-only", "manifest+file")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("LICENSE", True),
        ("license.md", True),
        ("src/COPYING.LESSER", True),
        ("LICENSE-APACHE", True),
        ("LICENSE.MIT", True),
        ("LICENSE-MPL-2.0", True),
        ("UNLICENSE", True),
        ("MIT-LICENSE.txt", True),
        ("license.py", False),
        ("licenses.go", False),
        ("license_header.txt", False),
        ("LICENSES/GPL-3.0.txt", False),
        ("LICENSES/LICENSE", False),
        ("LICENSE.enterprise", True),
        ("LICENSE (Enterprise).txt", True),
        ("ENTERPRISE-LICENSE.txt", True),
        ("EULA.txt", True),
        ("NON-COMMERCIAL-LICENSE", True),
        ("ADDITIONAL_TERMS.txt", True),
        ("COPYING3", True),
        ("LICENSE2", True),
        ("license.svg", False),
        ("NOTICE", False),
        ("AUTHORS", False),
        ("LICENSE_THIRD_PARTY.txt", False),
        ("README.md", False),
    ],
)
def test_licence_files_are_known_by_name(path: str, expected: bool) -> None:
    assert is_license_file(path) is expected


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("pyproject.toml", '[project]\nlicense = {text = "MIT License"}', "MIT"),
        ("pyproject.toml", '[project]\nlicense = {file = "LICENSE"}', None),
        ("pyproject.toml", '[tool.poetry]\nlicense = "Apache-2.0"', "Apache-2.0"),
        ("pyproject.toml", '[project]\nname = "a"', None),
        ("Cargo.toml", '[package]\nlicense = "MIT OR Apache-2.0"', "MIT OR Apache-2.0"),
        ("package.json", '{"license": "UNLICENSED"}', UNRECOGNIZED),
        ("package.json", '{"license": {"type": "MIT"}}', "MIT"),
        ("composer.json", '{"license": ["MIT", "GPL-3.0-only"]}', "MIT OR GPL-3.0-only"),
        ("package.json", "{not json", None),
        ("package.json", "[" * 100_000, None),
        ("package.json", "[1]", None),
        ("pyproject.toml", "= broken", None),
        ("pyproject.toml", 'project = "odd"', None),
    ],
)
def test_what_manifests_declare(name: str, text: str, expected: str | None) -> None:
    assert manifest_license(name, text) == expected
