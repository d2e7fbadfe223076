"""What is held out: the newest files, always some, never all."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from finetune.split import FEWEST, split_documents
from tests.evaluation.corpus_fixture import document

times = st.none() | st.integers(0, 5)


def documents_of(moments: list[int | None]) -> list:  # type: ignore[type-arg]
    return [
        replace(document(f"x = {n}\n", path=f"{n}.py"), committed_at=moment)
        for n, moment in enumerate(moments)
    ]


@given(st.lists(times, min_size=FEWEST, max_size=20), st.floats(0.01, 0.99), st.randoms())
def test_the_newest_share_is_held_out(moments, share, random) -> None:  # type: ignore[no-untyped-def]
    documents = documents_of(moments)
    split = split_documents(documents, share)
    assert sorted(d.path for d in split.train + split.heldout) == sorted(d.path for d in documents)
    assert split.train
    assert len(split.heldout) >= 2, "one file alone would prove nothing"
    assert abs(len(split.heldout) - share * len(documents)) <= 2

    def age(item) -> float:  # type: ignore[no-untyped-def]
        return float("inf") if item.committed_at is None else item.committed_at

    assert max(map(age, split.train)) <= min(map(age, split.heldout))
    assert split.by_time == (len(set(moments)) > 1)
    random.shuffle(documents)
    assert split_documents(documents, share) == split


def test_files_that_were_never_committed_are_the_newest() -> None:
    split = split_documents(documents_of([5, None, 3, 4, 1]), 0.2)
    assert [d.committed_at for d in split.heldout] == [5, None]
    assert split.by_time


def test_without_history_the_paths_decide() -> None:
    split = split_documents(documents_of([None] * 10), 0.2)
    assert not split.by_time
    assert len(split.heldout) == 2
    changed = [replace(d, text="y = 1\n") for d in documents_of([None] * 10)]
    again = split_documents(changed, 0.2)
    assert [d.path for d in again.heldout] == [d.path for d in split.heldout]
