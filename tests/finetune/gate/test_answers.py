"""An interrupted proof goes on with the rounds that aren't answered yet, and comes to the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

pytest.importorskip("rapidfuzz")
from evaluation.commits.arms import Question, Round
from evaluation.holes import Hole
from finetune.gate.answers import AnswerLog
from finetune.gate.proof import ARMS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path


def part(name: str, holes: int = 3) -> Round:
    asked = tuple(
        Hole("pkg", "m.py", "", f"x{n} = ", "\n", f"{name}({n})", name, "start")
        for n in range(holes)
    )
    return Round(name, asked, lambda memory: None, lambda hole: {})


ROUNDS = [part("first"), part("second"), part("third", 1)]


class Models:
    """Answers every hole, and remembers what it was asked; a power cut comes after `limit`."""

    def __init__(self, limit: int = 100) -> None:
        self.asked: list[str] = []
        self._limit = limit

    def __call__(self, rounds: Iterable[Round]) -> Iterator[Question]:
        for part in rounds:
            for hole in part.holes:
                if len(self.asked) == self._limit:
                    raise KeyboardInterrupt
                self.asked.append(hole.middle)
                answers = dict.fromkeys(ARMS, f"\u2028{hole.middle}\n")
                yield Question(hole, part.cluster, answers)


def test_rounds_that_were_answered_are_not_asked_again(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    whole = list(AnswerLog(path, "one").complete(ROUNDS, Models()))
    path.unlink()
    with pytest.raises(KeyboardInterrupt):
        list(AnswerLog(path, "one").complete(ROUNDS, Models(limit=5)))
    with path.open("a") as lines:
        lines.write('["second", 2, {"ba')  # as a full disk or a kill leaves it
    models = Models()
    assert list(AnswerLog(path, "one").complete(ROUNDS, models)) == whole
    assert models.asked == ["second(0)", "second(1)", "second(2)", "third(0)"]
    again = Models()
    assert list(AnswerLog(path, "one").complete(ROUNDS, again)) == whole
    assert again.asked == []


def test_the_answers_of_another_model_do_not_count(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    list(AnswerLog(path, "one").complete(ROUNDS, Models()))
    models = Models()
    list(AnswerLog(path, "another").complete(ROUNDS, models))
    assert len(models.asked) == 7


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"no json\n"])
def test_a_file_that_is_none_is_begun_anew(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "answers.jsonl"
    path.write_bytes(content)
    models = Models()
    assert len(list(AnswerLog(path, "one").complete(ROUNDS, models))) == 7
    assert len(models.asked) == 7
