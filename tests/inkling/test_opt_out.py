"""The opt-out list: what each rule covers, and lines that are none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from inkling.errors import InklingError
from inkling.opt_out import OptOut, Rule, parse_opt_out, read_opt_out

if TYPE_CHECKING:
    from pathlib import Path

HASH = "ab" * 32


@pytest.mark.parametrize(
    ("rule", "repo", "path", "covered"),
    [
        ("owner Alice", "alice/a", "x.py", True),
        ("owner alice", "alice2/a", "x.py", False),
        ("owner numpy", "numpy", "x.py", False),
        ("repo Alice/A", "alice/a", "x.py", True),
        ("repo alice/a", "alice/ab", "x.py", False),
        ("repo numpy", "NumPy", "x.py", True),
        ("path alice/a src/x.py", "alice/a", "src/x.py", True),
        ("path alice/a src", "alice/a", "src/x.py", True),
        ("path alice/a src/", "alice/a", "src/deep/x.py", True),
        ("path alice/a src", "alice/a", "src2/x.py", False),
        ("path alice/a src", "bob/a", "src/x.py", False),
        ("path alice/a my file.py", "alice/a", "my file.py", True),
        (f"sha256 {HASH.upper()}", "any", "x.py", True),
        (f"sha256 {'cd' * 32}", "any", "x.py", False),
    ],
)
def test_what_a_rule_covers(rule: str, repo: str, path: str, covered: bool) -> None:
    assert parse_opt_out(rule).covers(repo, path, [HASH]) is covered


@pytest.mark.parametrize(
    "line", ["alice", "owner", "owner a b", "path a", "sha256 xyz", "sha256 " + "a" * 63, "user x"]
)
def test_a_line_that_is_no_rule_is_named(line: str) -> None:
    with pytest.raises(InklingError, match=line.split()[0]):
        parse_opt_out(f"# a list\n\n{line}\n")


def test_comments_and_empty_lines_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "list"
    path.write_text("\ufeff# those who asked\n\nowner alice  # by mail\n")
    assert read_opt_out(path) == OptOut((Rule("owner", "alice"),))
    with pytest.raises(InklingError, match="can't be read"):
        read_opt_out(tmp_path / "none")


def test_rules_survive_being_written() -> None:
    rules = parse_opt_out(f"path a/b c d.py\nowner x\nsha256 {HASH}")
    again = parse_opt_out("\n".join(rules.lines))
    assert set(again.rules) == set(rules.rules)
    assert again.key == rules.key
    assert again.key != parse_opt_out("owner x").key
