"""Questions from commits: at places that were typed, with memory that knows no later text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from evaluation.commits.history import newest_commits, spare_work_tree
from evaluation.commits.holes import holes_of_commit
from evaluation.commits.rounds import commit_rounds, file_rounds
from evaluation.replay.history import Commit, Insertion
from tests.evaluation.corpus_fixture import document, module_text
from tests.finetune.conftest import FIRST, LATER, repo  # noqa: F401  # a fixture

if TYPE_CHECKING:
    from pathlib import Path

    from evaluation.commits.arms import Question

INSERTION = Insertion(
    "pkg/m.py",
    "import os\n",
    "def total(items):\n    # a comment\n\n    return sum(items)",
    "\nprint(total)\n",
)


def test_a_hole_shows_what_was_there_when_its_line_was_typed() -> None:
    holes = holes_of_commit(Commit("r", "p", (INSERTION,)), "repo", most=8)
    assert len(holes) == 2  # neither the comment nor the blank line
    typed = INSERTION.typed.split("\n")
    for hole in holes:
        line = hole.typed + hole.middle
        above = typed[: typed.index(line)]
        assert hole.prefix == INSERTION.before + "".join(f"{text}\n" for text in above)
        assert hole.suffix == INSERTION.after
        assert (hole.package, hole.path, hole.document_id) == ("repo", "pkg/m.py", "r")


def test_holes_are_drawn_anew_only_with_another_seed() -> None:
    commit = Commit("r", "p", (Insertion("m.py", "", module_text("tree"), "\n"),))
    assert holes_of_commit(commit, "repo", 5) == holes_of_commit(commit, "repo", 5)
    assert holes_of_commit(commit, "repo", 5) != holes_of_commit(commit, "repo", 5, seed=1)
    assert len(holes_of_commit(commit, "repo", 5)) == 5


class Remembered:
    """A memory that only notes what it is told."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        self.loads = 0

    def load(self, files: object) -> None:
        self.texts = dict(files)  # type: ignore[call-overload]
        self.loads += 1

    def update(self, path: str, text: str | None) -> None:
        self.texts.pop(path, None)
        if text is not None:
            self.texts[path] = text


def test_memory_knows_the_parent_of_each_commit_and_no_more(repo: Path) -> None:  # noqa: F811
    commits = list(newest_commits(repo, ("python",), limit=3))[::-1]
    memory = Remembered()
    with spare_work_tree(repo) as tree:
        for part, name in zip(commit_rounds(tree, commits, 4), LATER[-3:], strict=True):
            part.remember(memory)  # type: ignore[arg-type]
            known = {path.removesuffix(".py") for path in memory.texts}
            assert known == {*FIRST, *LATER[: LATER.index(name)]}
            assert all(hole.path == f"{name}.py" for hole in part.holes)
            assert all(part.files(hole) == memory.texts for hole in part.holes)
    assert memory.loads == 1


def test_whole_files_are_asked_with_what_was_learned_in_memory() -> None:
    learned = [document(module_text("oak"), path="oak.py")]
    held = [document(module_text(name), path=f"{name}.py") for name in ("pine", "fir")]
    memory = Remembered()
    rounds = list(file_rounds(learned, held, most=6))
    for part in rounds:
        part.remember(memory)  # type: ignore[arg-type]
        assert set(memory.texts) == {"oak.py"}
        assert len(part.holes) == 3
        assert all(part.files(hole) == memory.texts for hole in part.holes)
    assert len({part.cluster for part in rounds}) == 2
    assert memory.loads == 1


def test_all_arms_are_asked_and_only_memory_knows_the_unknown(
    tiny_bundle: Path,
) -> None:
    pytest.importorskip("llama_cpp")
    from evaluation.commits import arms
    from evaluation.commits.arms import Round, compare
    from evaluation.holes import Hole

    line = "    return remarkable_totals(zwq, vjk)"
    known = f"def before(zwq, vjk):\n{line}\n"
    hole = Hole("r", "b.py", "def after(zwq, vjk):\n", line[:-8], "\n", line[-8:], "d", "")
    part = Round("one", (hole,), lambda memory: memory.load([("a.py", known)]), lambda _: {})
    found: list[Question] = list(compare({"x": tiny_bundle, "y": tiny_bundle}, [part]))
    assert len(found) == 1
    answers = found[0].answers
    assert set(answers) == {"x", "y", "x + memory", "y + memory"}
    assert answers["x"] == answers["y"]
    assert answers["x + memory"] == answers["y + memory"] == hole.middle
    assert arms.exact(found[0], "x + memory") == 1
    assert arms.keys_saved(found[0], "x + memory") == len(hole.middle) - 1


@pytest.mark.parametrize("room", [0, 96])
def test_a_model_with_room_for_other_files_is_asked_with_them(
    tiny_bundle: Path, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    pytest.importorskip("llama_cpp")
    from evaluation.commits import arms
    from evaluation.commits.arms import Round, compare
    from evaluation.holes import Hole

    monkeypatch.setattr(arms, "snippet_budget", lambda _served: room)
    tree = {"pkg/totals.py": "def remarkable_totals(zwq, vjk):\n    return zwq + vjk\n"}
    prefix = "from pkg.totals import remarkable_totals\n\n"
    hole = Hole("r", "pkg/b.py", prefix, "sum = remarkable_totals(", "\n", "1, 2)", "d", "")
    part = Round("one", (hole,), lambda memory: memory.load([]), lambda _: tree)
    (question,) = compare({"x": tiny_bundle}, [part])
    assert [snippet.path for snippet in question.hole.snippets] == ["pkg/totals.py"] * (room > 0)
    assert question.hole.middle == hole.middle
