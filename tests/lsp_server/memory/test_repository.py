"""The memory of a working tree: what it finds, forgets, and leaves out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.memory import repository
from lsp_server.memory.repository import MIN_MATCH, Place, RepositoryMemory
from tests.lsp_server.memory.letters import Words

LEDGER = "def open_ledger(path):\n    return Ledger(path, mode)\n"
CALLER = "    book = open_ledger(home)\n    book.add(entry)\n    book.close()\n"


def memory_of(**files: str) -> tuple[RepositoryMemory, Words]:
    words = Words()
    memory = RepositoryMemory(words)
    memory.load((f"{name}.py", text) for name, text in files.items())
    return memory, words


def continuation(
    memory: RepositoryMemory, words: Words, before: str, follows: str = ""
) -> str | None:
    """How the memory's first occurrence goes on after what was typed."""
    recall = memory.recall(Place(words.encode(before), follows))
    if recall is None:
        return None
    return words.text(recall.rows[0]).encode()[recall.covered :].decode()


def test_a_context_goes_on_as_it_does_elsewhere() -> None:
    memory, words = memory_of(ledger=LEDGER, caller=CALLER)
    found = continuation(memory, words, "x\n    book = open_ledger(home)\n    book")
    assert found == ".add(entry)\n    book.close()\n"


def test_a_word_that_is_begun_is_finished() -> None:
    memory, words = memory_of(caller=CALLER)
    assert str(continuation(memory, words, "    book = open_ledger(ho")).startswith("me)\n")


def test_short_contexts_tell_nothing() -> None:
    memory, words = memory_of(caller=CALLER)
    assert continuation(memory, words, " zzz = open_ledger") is None
    recall = memory.recall(Place(words.encode("    book = open_ledger")))
    assert recall is not None
    assert recall.length >= MIN_MATCH


def test_the_longest_match_counts() -> None:
    memory, words = memory_of(a="a b c d e f one\n", b="x b c d e f two\n")
    assert continuation(memory, words, "a b c d e f") == " one\n"
    assert continuation(memory, words, "x b c d e f") == " two\n"


def test_what_stands_after_the_cursor_is_no_news() -> None:
    memory, words = memory_of(caller=CALLER)
    before, after = CALLER[:30], CALLER[30:]
    assert continuation(memory, words, before) is not None
    assert continuation(memory, words, before, "\n" + after.lstrip()) is None


def test_a_changed_file_says_what_it_says_now() -> None:
    memory, words = memory_of(a="a b c d e old\n", b="other\n")
    memory.update("a.py", "a b c d e new\n")
    assert continuation(memory, words, "a b c d e") == " new\n"


def test_a_removed_file_is_forgotten() -> None:
    memory, words = memory_of(a="a b c d e old\n", b="other\n")
    memory.update("a.py", None)
    assert continuation(memory, words, "a b c d e") is None
    assert memory.files == 1


def test_a_new_file_is_known_at_once() -> None:
    memory, words = memory_of(a="other\n")
    memory.update("b.py", "a b c d e new\n")
    assert continuation(memory, words, "a b c d e") == " new\n"
    assert memory.files == 2


def test_files_beyond_the_limit_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repository, "MAX_TOKENS", 10)
    memory, _ = memory_of(a="one two three\n", b="four " * 20, c="five\n")
    assert memory.files == 2


texts = st.text("ab .\n", max_size=30)


@given(
    st.dictionaries(st.sampled_from("pqrs"), texts),
    st.lists(st.tuples(st.sampled_from("pqrst"), st.none() | texts), max_size=6),
    texts,
    st.sampled_from([1, 1_000_000]),
)
def test_updates_lead_to_what_reading_everything_anew_would(
    files: dict[str, str],
    updates: list[tuple[str, str | None]],
    context: str,
    rebuild_tokens: int,
) -> None:
    words = Words()
    updated, fresh = RepositoryMemory(words), RepositoryMemory(words)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(repository, "_REBUILD_TOKENS", rebuild_tokens)
        updated.load(files.items())
        now: dict[str, str] = dict(files)
        for path, text in updates:
            updated.update(path, text)
            now.pop(path, None)
            if text is not None:
                now[path] = text
        fresh.load(now.items())
    ids = words.encode(context)
    left, right = updated.recall(Place(ids)), fresh.recall(Place(ids))
    assert (left is None) == (right is None)
    if left is not None and right is not None:
        assert (left.length, left.covered) == (right.length, right.covered)
        assert sorted(map(tuple, left.rows)) == sorted(map(tuple, right.rows))
