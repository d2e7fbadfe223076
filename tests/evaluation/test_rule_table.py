"""The labelled sample of the curation rules: well-formed, and the rules agree with it."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from evaluation.rule_table import Judged, Label, find_file, judge, read_labels, rule_table, score

if TYPE_CHECKING:
    from pathlib import Path

FEWEST_FILES = 30
EACH = 5
"""The whole sample takes a quarter of a minute: `python -m evaluation rules`."""


def test_every_label_is_complete_and_each_file_stands_once() -> None:
    labels = read_labels()
    assert len(labels) >= 50
    assert {label.verdict for label in labels} == {"keep", "drop"}
    assert all(len(label.sha256) == 64 and label.reason and label.version for label in labels)
    assert len({(label.package, label.path) for label in labels}) == len(labels)


def test_what_the_rules_drop_is_nearly_always_labelled_so() -> None:
    judged = judge(read_labels()[::EACH])
    if len(judged) < FEWEST_FILES:
        pytest.skip(f"only {len(judged)} of the labelled files are installed here")
    dropped = [file for file in judged if file.broken]
    assert len(dropped) >= FEWEST_FILES // 3
    assert sum(file.label.verdict == "drop" for file in dropped) / len(dropped) >= 0.9


def label(package: str, path: str, content: bytes, verdict: str = "drop") -> Label:
    return Label(package, "1.0", path, sha256(content).hexdigest(), verdict, "why")


def test_a_file_is_found_by_its_content_in_packages_of_python_and_of_npm(tmp_path: Path) -> None:
    for path in ("own/a.py", "node_modules/@own/b/c.js"):
        (tmp_path / path).parent.mkdir(parents=True)
        (tmp_path / path).write_bytes(b"x")
    assert find_file(label("own", "own/a.py", b"x"), [tmp_path]) == tmp_path / "own/a.py"
    assert find_file(label("npm:@own/b", "c.js", b"x"), [tmp_path]) is not None
    assert find_file(label("own", "own/a.py", b"y"), [tmp_path]) is None
    assert find_file(label("deb:own", "own/a.py", b"x"), [tmp_path]) is None


def test_a_rule_is_scored_by_all_files_that_break_it_whichever_rule_comes_first() -> None:
    bad, good = label("a", "a", b"a"), label("b", "b", b"b", "keep")
    judged = [Judged(bad, ("x: one", "x: two")), Judged(good, ("x: two",)), Judged(good, ())]
    two, one = score(judged)
    assert (two.rule, two.broken, two.first, two.rightly) == ("x: two", 2, 1, 1)
    assert (one.rule, one.broken, one.first, one.precision) == ("x: one", 1, 1, 1.0)
    precisions = list(rule_table([two, one], "files").columns[-1].cells)
    assert precisions == ["(0.50)", "(1.00)"]  # too few to say
