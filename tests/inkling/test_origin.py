"""Which repository an address names, and which one a checkout comes from."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkling.origin import inner_origin, origin_of, place_in_origin, repository_of
from tests.curation.trees import git, git_checkout

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://github.com/Owner/Name.git", "github.com/Owner/Name"),
        ("https://GitHub.com/owner/name/", "github.com/owner/name"),
        ("https://www.github.com/owner/name/tree/main/src", "github.com/owner/name"),
        ("http://user:password@host.org:8080/owner/name.GIT", "host.org/owner/name"),
        ("https://ghp_token@github.com/owner/name?x=1#y", "github.com/owner/name"),
        ("git@github.com:owner/name.git", "github.com/owner/name"),
        ("github-work:owner/name", "github-work/owner/name"),
        ("ssh://git@bitbucket.org/owner/name.git", "bitbucket.org/owner/name"),
        ("ssh://git@host.org:7999/project/name.git", "host.org/project/name"),
        ("https://host.org/scm/project/name.git", "host.org/project/name"),
        ("git@gitlab.com:group/sub/name.git", "gitlab.com/group/sub/name"),
        ("https://gitlab.com/group/sub/name/-/blob/main/x", "gitlab.com/group/sub/name"),
        ("git+ssh://git@codeberg.org/owner/name", "codeberg.org/owner/name"),
        ("git://host.org/owner/name.git", "host.org/owner/name"),
        ("https://github.com/owner", None),
        ("https://github.com/owner/.git", None),
        ("https://[::1/owner/name", None),
        ("/home/me/owner/name", None),
        ("../name", None),
        ("C:/owner/name", None),
        ("file:///home/me/name", None),
        ("https://host.org/a/../b", None),
        ("owner/name", None),
        ("", None),
    ],
)
def test_an_address_names_host_owner_and_name(address: str, expected: str | None) -> None:
    assert repository_of(address) == expected


@given(st.text(max_size=60))
def test_no_text_breaks_the_reading(text: str) -> None:
    found = repository_of(text)
    assert found is None or found.count("/") >= 1


@given(st.from_regex(r"[a-z0-9]{20}", fullmatch=True), st.sampled_from(["https", "ssh"]))
def test_no_credential_is_kept(token: str, scheme: str) -> None:
    for user in (token, f"user:{token}", f"{token}:x-oauth-basic"):
        assert repository_of(f"{scheme}://{user}@host.org/a/b.git") == "host.org/a/b"


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    return git_checkout(tmp_path / "folder", {"src/a.py": "a = 1\n"})


def test_a_checkout_has_its_origins_name(checkout: Path) -> None:
    assert origin_of(checkout) is None
    git(checkout, "remote", "add", "origin", "https://user:token@github.com/Owner/Name.git")
    assert origin_of(checkout) == "github.com/Owner/Name"
    assert origin_of(checkout / "src") == "github.com/Owner/Name:src"


def test_a_clone_on_this_machine_comes_from_where_its_origin_does(checkout: Path) -> None:
    git(checkout, "remote", "add", "origin", "git@host.org:a/b.git")
    clone = checkout.with_name("clone")
    git(checkout, "clone", "--quiet", str(checkout), str(clone))
    assert origin_of(clone) == "host.org/a/b"
    git(checkout, "remote", "set-url", "origin", str(checkout))  # a circle ends
    assert origin_of(clone) is None


def test_a_folder_without_git_has_no_origin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert origin_of(tmp_path) is None


def test_a_place_is_told_from_the_root_of_the_repository() -> None:
    assert place_in_origin("host.org/a/b", "src/x.py") == ("host.org/a/b", "src/x.py")
    assert place_in_origin("host.org/a/b:src", "x.py") == ("host.org/a/b", "src/x.py")
    inner = inner_origin("host.org/a/b", "deep/theirs")
    assert place_in_origin(inner, "deep/theirs/src/x.py") == ("host.org/a/b", "src/x.py")
