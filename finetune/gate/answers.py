"""The answers of a proof on disk, so that one that was interrupted goes on with what is left."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from evaluation.commits.arms import Question
from inkling.atomic import write_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from evaluation.commits.arms import Round


class AnswerLog:
    """One line a hole: the round's cluster, which of its holes, and what each arm answered.

    Args:
        path: the file; the answers of another proof in it are dropped.
        proof: names the proof: what is asked, and of which models.
    """

    def __init__(self, path: Path, proof: str) -> None:
        self._path = path
        self._header = json.dumps({"proof": proof})

    def complete(
        self, rounds: Iterable[Round], ask: Callable[[Iterable[Round]], Iterable[Question]]
    ) -> Iterator[Question]:
        """Every hole of the rounds with its answers; `ask` is given the rounds that lack some."""
        known = self._read()
        left: list[Round] = []
        for part in rounds:
            answers = known.get(part.cluster, {})
            if len(answers) < len(part.holes):
                left.append(part)
                continue
            for number, hole in enumerate(part.holes):
                yield Question(hole, part.cluster, answers[number])
        if left:
            yield from self._ask(left, ask)

    def _ask(
        self, rounds: list[Round], ask: Callable[[Iterable[Round]], Iterable[Question]]
    ) -> Iterator[Question]:
        told: Counter[str] = Counter()
        with self._path.open("a", encoding="utf-8") as lines:
            for question in ask(rounds):
                place = [question.cluster, told[question.cluster]]
                told[question.cluster] += 1
                lines.write(json.dumps([*place, question.answers]) + "\n")
                lines.flush()
                yield question

    def _read(self) -> dict[str, dict[int, dict[str, str]]]:
        """Cluster → number of the hole → answers; the file holds those alone afterwards."""
        found: dict[str, dict[int, dict[str, str]]] = defaultdict(dict)
        header, *lines = self._lines() or [""]
        kept = [self._header]
        for line in lines if header == self._header else ():
            try:
                cluster, number, answers = json.loads(line)
            except ValueError:  # cut short when it was interrupted
                break
            found[cluster][number] = answers
            kept.append(line)
        write_text(self._path, "".join(f"{line}\n" for line in kept))
        return found

    def _lines(self) -> list[str]:
        try:
            return self._path.read_text(encoding="utf-8").split("\n")
        except (OSError, UnicodeDecodeError):
            return []
