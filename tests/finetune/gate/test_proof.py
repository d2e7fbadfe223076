"""The gate: only an interval above zero, with memory on both sides, lets a model in."""

from __future__ import annotations

import json

import pytest

pytest.importorskip("rapidfuzz")
from evaluation.commits.arms import Question
from evaluation.holes import Hole
from finetune.gate.proof import ARMS, BASE_MEMORY, TUNED, TUNED_MEMORY, Proof, judge
from finetune.report import verdict


def question(number: int, right: set[str]) -> Question:
    """A hole of commit `number // 4`, which the arms in `right` fill exactly."""
    hole = Hole("pkg", "m.py", "", "x = ", "\n", "compute(1)", "r", "start")
    answers = {arm: "compute(1)" if arm in right else "other()" for arm in ARMS}
    return Question(hole, f"commit {number // 4}", answers)


def test_what_is_better_with_memory_wins() -> None:
    proof = judge([question(n, {TUNED, TUNED_MEMORY}) for n in range(40)], "commits")
    assert proof.wins
    assert proof.clusters == 10
    found = proof.measures["exact match"]
    assert found.arms[TUNED_MEMORY] == 1
    assert found.remembering.difference == 1
    assert proof.measures["keys saved"].arms[TUNED_MEMORY] == pytest.approx(9 / 10)
    assert "is better" in verdict(proof)


def test_what_memory_knows_already_does_not_win() -> None:
    proof = judge([question(n, {TUNED, TUNED_MEMORY, BASE_MEMORY}) for n in range(40)], "commits")
    assert proof.measures["exact match"].alone.low > 0
    assert not proof.wins


def test_luck_does_not_win() -> None:
    """Better in the holes of one commit of ten, as good in all others."""
    questions = [question(n, {TUNED_MEMORY} if n < 4 else set()) for n in range(40)]
    proof = judge(questions, "commits")
    assert proof.measures["exact match"].remembering.difference > 0
    assert not proof.wins
    assert "is not proven better" in verdict(proof)


def test_one_commit_proves_nothing() -> None:
    proof = judge([question(n, {TUNED_MEMORY}) for n in range(4)], "commits")
    assert not proof.wins
    assert "too little" in verdict(proof)
    again = Proof.from_json(json.loads(json.dumps(proof.to_json(), allow_nan=False)))
    assert verdict(again) == verdict(proof)
    assert again.to_json() == proof.to_json()


def test_examples_are_where_they_differ() -> None:
    questions = [question(n, {TUNED_MEMORY} if n % 2 else set(ARMS)) for n in range(40)]
    examples = judge(questions, "commits").examples
    assert 0 < len(examples) <= 12
    assert all(example.base != example.tuned for example in examples)
