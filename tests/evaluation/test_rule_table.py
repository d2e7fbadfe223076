"""The labelled sample of the curation rules: well-formed, and the rules agree with it."""

from __future__ import annotations

import pytest

from evaluation.rule_table import judge, read_labels, score

FEWEST_FILES = 30


def test_every_label_is_complete_and_each_file_stands_once() -> None:
    labels = read_labels()
    assert len(labels) >= 50
    assert {label.verdict for label in labels} == {"keep", "drop"}
    assert all(len(label.sha256) == 64 and label.reason for label in labels)
    assert len({(label.package, label.path) for label in labels}) == len(labels)


def test_what_the_rules_drop_is_nearly_always_labelled_so() -> None:
    judged = judge(read_labels())
    if len(judged) < FEWEST_FILES:
        pytest.skip(f"only {len(judged)} of the labelled files are installed here")
    scores = score(judged)
    dropped = sum(row.dropped for row in scores)
    assert dropped >= FEWEST_FILES // 3
    assert sum(row.rightly for row in scores) / dropped >= 0.9
