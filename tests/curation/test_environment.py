"""Source "installed environment": real `dist-info` folders in a temporary site-packages."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from curation.sources.environment import (
    STANDARD_LIBRARY,
    list_environment,
    list_standard_library,
    normalized_name,
)
from curation.sources.lock import PackageLock, lock_environment, read_lock
from inkling.errors import InklingError
from inkling.license_text import UNRECOGNIZED
from tests.curation.trees import MIT_TEXT, install

if TYPE_CHECKING:
    from pathlib import Path

    from curation.sources.source_file import SourceFile


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty site-packages that is all of this interpreter's path."""
    folder = tmp_path / "site-packages"
    folder.mkdir()
    monkeypatch.setattr(sys, "path", [str(folder)])
    return folder


def only_file(lock: PackageLock | None = None) -> SourceFile:
    (file,) = list_environment(lock)
    return file


def test_a_file_carries_package_version_and_place(site: Path) -> None:
    install(site, "Some_Package", "1.2", {"some/module.py": "x = 1\n"}, ["License-Expression: MIT"])
    file = only_file()
    assert (file.repo, file.path, file.revision) == ("some-package", "some/module.py", "1.2")
    assert (file.license, file.license_source) == ("MIT", "metadata")
    assert file.location == str(site / "some/module.py")
    assert file.bytes == len("x = 1\n")
    assert file.committed_at is None


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        (["Home-page: https://github.com/owner/name"], "github.com/owner/name"),
        (["Project-URL: Source Code, https://gitlab.com/group/sub/name.git"],
         "gitlab.com/group/sub/name"),
        (["Home-page: https://github.com/other/site",
          "Project-URL: Repository, https://github.com/owner/name/tree/main"],
         "github.com/owner/name"),
        (["Project-URL: Homepage, https://name.example.org/a/b",
          "Project-URL: Funding, https://github.com/sponsors/owner"], None),
        ([], None),
    ],
)  # fmt: skip
def test_a_package_comes_from_the_repository_that_it_links_to(
    site: Path, metadata: list[str], expected: str | None
) -> None:
    """So that who opts out as an owner is left out of installed packages too."""
    install(site, "p", "1", {"p/a.py": "1\n"}, metadata)
    assert only_file().origin == expected


GPL = "GNU GENERAL PUBLIC LICENSE\nVersion 3, 29 June 2007\n"


def test_licence_files_inside_a_package_hold_for_their_folders(site: Path) -> None:
    files = {"p/a.py": "1\n", "p/_vendor/q/LICENSE": GPL, "p/_vendor/q/b.py": "1\n"}
    install(site, "p", "1", files, ["License-Expression: MIT"])
    found = {file.path: (file.license, file.license_source) for file in list_environment()}
    assert found == {
        "p/a.py": ("MIT", "metadata"),
        "p/_vendor/q/b.py": ("MIT AND GPL-3.0-only", "metadata+file"),
    }


@pytest.mark.parametrize(
    ("metadata", "text", "expected"),
    [
        ([], MIT_TEXT, ("MIT", "file")),
        ([], "All rights reserved.\n", (UNRECOGNIZED, "file")),
        (["License-Expression: Apache-2.0"], GPL, ("Apache-2.0", "metadata")),
    ],
)
def test_the_installed_licence_file_counts_where_nothing_is_declared(
    site: Path, metadata: list[str], text: str, expected: tuple[str, str]
) -> None:
    install(site, "p", "1", {"p/a.py": "1\n", "p-1.dist-info/licenses/LICENSE": text}, metadata)
    file = only_file()
    assert (file.license, file.license_source) == expected


def test_only_python_files_and_stubs_are_listed(site: Path) -> None:
    names = ["p/a.py", "p/b.pyi", "p/c.so", "p/data.json", "p/__pycache__/a.py"]
    install(site, "p", "1", dict.fromkeys(names, "1\n"))
    assert [file.path for file in list_environment()] == ["p/a.py", "p/b.pyi"]


def test_a_recorded_file_that_was_removed_is_left_out(site: Path) -> None:
    install(site, "p", "1", {"p/a.py": "1\n", "p/gone.py": "1\n"})
    (site / "p/gone.py").unlink()
    assert only_file().path == "p/a.py"


def test_packages_come_by_name_and_inkling_itself_does_not(site: Path) -> None:
    for name in ("zeta", "inkling", "alpha"):
        install(site, name, "1", {f"{name}.py": "1\n"})
    assert [file.repo for file in list_environment()] == ["alpha", "zeta"]


def test_of_two_copies_on_the_path_the_first_counts_as_it_does_for_import(
    site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(site, "p", "2", {"p.py": "new\n"})
    shadowed = tmp_path / "shadowed"
    install(shadowed, "p", "1", {"p.py": "old\n"})
    monkeypatch.setattr(sys, "path", [str(site), str(shadowed)])
    assert only_file().revision == "2"


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        (["License-Expression: MIT OR GPL-3.0-only"], ("MIT OR GPL-3.0-only", "metadata")),
        (["Classifier: License :: OSI Approved :: MIT License"], ("MIT", "classifier")),
        (["License: BSD 3-Clause"], ("BSD-3-Clause", "metadata")),
        ([], (None, None)),
        (["License: see the file"], (None, None)),
        # The expression goes before classifiers, these before free text.
        (
            ["License: MIT", "Classifier: License :: OSI Approved :: Apache Software License"],
            ("Apache-2.0", "classifier"),
        ),
        (
            ["License-Expression: ISC", "Classifier: License :: OSI Approved :: MIT License"],
            ("ISC", "metadata"),
        ),
        # Several classifiers hold together: none of them can be chosen alone.
        (
            [
                "Classifier: License :: OSI Approved :: MIT License",
                "Classifier: License :: OSI Approved :: Mozilla Public License 2.0 (MPL 2.0)",
            ],
            ("MIT AND MPL-2.0", "classifier"),
        ),
        (
            [
                "Classifier: License :: OSI Approved",
                "Classifier: License :: OSI Approved :: ISC License (ISCL)",
            ],
            ("ISC", "classifier"),
        ),
        (["Classifier: License :: Other/Proprietary License"], (None, None)),
    ],
)
def test_the_licence_is_what_the_package_declares(
    site: Path, metadata: list[str], expected: tuple[str | None, str | None]
) -> None:
    install(site, "p", "1", {"p.py": "1\n"}, metadata)
    file = only_file()
    assert (file.license, file.license_source) == expected


@pytest.mark.parametrize(
    ("name", "normal"),
    [("Foo", "foo"), ("foo_bar.baz", "foo-bar-baz"), ("foo-_.bar", "foo-bar")],
)
def test_names_compare_as_pep_503_says(name: str, normal: str) -> None:
    assert normalized_name(name) == normal


def test_a_lock_limits_the_packages(site: Path) -> None:
    install(site, "wanted", "1.0+local", {"wanted.py": "1\n"})
    install(site, "other", "1.0", {"other.py": "1\n"})
    assert only_file(PackageLock({"wanted": "1.0"})).repo == "wanted"


@pytest.mark.parametrize("locked", [{"absent": "1.0"}, {"p": "2.0"}])
def test_an_environment_that_differs_from_its_lock_is_refused(
    site: Path, locked: dict[str, str]
) -> None:
    install(site, "p", "1.0", {"p.py": "1\n"})
    name, version = next(iter(locked.items()))
    with pytest.raises(InklingError, match="lock") as caught:
        list(list_environment(PackageLock(locked)))
    assert name in caught.value.cause
    assert f"pip install '{name}=={version}'" in caught.value.remedy


def test_a_lock_file_round_trips_without_local_versions(site: Path, tmp_path: Path) -> None:
    install(site, "B_b", "2.0+cpu", {"b.py": "1\n"})
    install(site, "a", "1.0", {"a.py": "1\n"})
    install(site, "pip", "9", {"pip.py": "1\n"})
    lock = lock_environment()
    path = tmp_path / "made.lock"
    path.write_text("# a comment\n\n" + lock.to_text())
    assert read_lock(path) == lock == PackageLock({"a": "1.0", "b-b": "2.0"})
    assert lock.to_text() == "a==1.0\nb-b==2.0\n"


@pytest.mark.parametrize("line", ["a>=1", "a", "a==1; python_version<'3.12'", "-r other.txt"])
def test_a_line_that_locks_nothing_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "bad.lock"
    path.write_text(f"good==1\n{line}\n")
    with pytest.raises(InklingError, match="Line 2"):
        read_lock(path)


def test_a_missing_lock_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InklingError, match=r"absent\.lock"):
        read_lock(tmp_path / "absent.lock")


def test_the_standard_library_is_one_package_without_what_is_installed_in_it() -> None:
    files = list(list_standard_library())
    paths = {file.path for file in files}
    assert {"ast.py", "json/decoder.py"} <= paths
    assert not any("site-packages" in path or "__pycache__" in path for path in paths)
    assert {(file.repo, file.license) for file in files} == {(STANDARD_LIBRARY, "PSF-2.0")}
    assert {file.revision for file in files} == {".".join(map(str, sys.version_info[:3]))}
