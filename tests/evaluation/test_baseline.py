"""The baseline as a system: what it was shown it repeats, healed at the cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from evaluation.baseline import NgramSystem
from evaluation.holes import Hole, HoleSampling, holes_of_document
from evaluation.ngram import NgramModel
from evaluation.ngram_build import load_or_build
from inkling.errors import InklingError
from tests.evaluation.corpus_fixture import document, module_text, write_corpus

if TYPE_CHECKING:
    from pathlib import Path

    from lsp_server.engine.vocabulary import Vocabulary

TEXT = module_text("inventory", functions=3)
LINE = "    return inventory_1(total, second)\n"


@pytest.fixture
def system(tmp_path: Path, vocabulary: Vocabulary) -> NgramSystem:
    """The baseline after reading `TEXT` and some other module."""
    corpus = write_corpus(
        tmp_path / "corpus",
        [
            document(TEXT, "seen", "seen/a.py", "train"),
            document(module_text("other"), "seen", "seen/b.py", "train"),
        ],
    )
    arrays, _ = load_or_build(corpus, vocabulary, tmp_path / "cache")
    return NgramSystem(NgramModel(arrays, vocabulary.size, 16), vocabulary, 64)


def hole_at(column: int) -> Hole:
    start = TEXT.index(LINE)
    end = start + len(LINE) - 1
    return Hole(
        package="seen",
        path="seen/a.py",
        prefix=TEXT[:start],
        typed=LINE[:column],
        suffix=TEXT[end:],
        middle=LINE[column:-1],
        document_id="0" * 64,
        kind="inside",
    )


def can_be_healed(hole: Hole, vocabulary: Vocabulary) -> bool:
    """Whether the file's own tokens are the typed ones up to one that covers the rest of them."""
    typed = vocabulary.encode(hole.prefix + hole.typed)
    own = vocabulary.encode(hole.prefix + hole.typed + hole.middle)
    return any(
        typed[:-depth] == own[: len(typed) - depth]
        and vocabulary.piece(own[len(typed) - depth]).startswith(vocabulary.join(typed[-depth:]))
        for depth in (1, 2, 3)
    )


def test_a_line_it_was_trained_on_is_completed_from_inside_its_tokens_too(
    system: NgramSystem, vocabulary: Vocabulary
) -> None:
    # Before the first letter of the name, both modules go on the same way.
    holes = [hole_at(column) for column in range(LINE.index("inv") + 1, len(LINE) - 1)]
    healable = [hole for hole in holes if can_be_healed(hole, vocabulary)]
    assert [system.complete(hole) for hole in healable] == [hole.middle for hole in healable]
    assert len(healable) > len(vocabulary.encode(LINE))


def test_seen_text_costs_fewer_bits_than_new_text(system: NgramSystem) -> None:
    seen = sum(
        system.bits(hole)
        for hole in holes_of_document(document(TEXT), HoleSampling(holes_per_file=20))
    )
    assert seen < 4 * len(TEXT)
    hole = hole_at(11)
    strange = Hole(**hole.to_json() | {"middle": "zebra(xylophone, quartz)"})
    assert system.bits(hole) / len(hole.middle) < 0.5
    assert system.bits(strange) / len(strange.middle) > 2


def test_a_file_that_is_far_longer_than_any_context_is_scored_like_its_end(
    system: NgramSystem,
) -> None:
    hole = hole_at(11)
    long = Hole(**hole.to_json() | {"prefix": "unrelated = 1\n" * 5000 + hole.prefix})
    assert system.bits(long) == pytest.approx(system.bits(hole))
    assert system.complete(long) == system.complete(hole)


def test_arrays_are_made_once_and_anew_for_another_limit(
    tmp_path: Path, vocabulary: Vocabulary
) -> None:
    corpus = write_corpus(
        tmp_path / "corpus", [document(TEXT, "seen", f"{n}.py", "train") for n in range(3)]
    )
    cache = tmp_path / "cache"
    _, facts = load_or_build(corpus, vocabulary, cache)
    assert facts.documents == 3
    assert facts.tokens == 3 * (1 + len(vocabulary.encode(TEXT)))
    assert facts.bytes == 3 * len(TEXT.encode())
    # The second call finds the first one's arrays: the time it reports is the first one's.
    assert load_or_build(corpus, vocabulary, cache)[1] == facts
    arrays, limited = load_or_build(corpus, vocabulary, cache, max_tokens=100)
    assert limited.tokens == len(arrays.followers) == 100
    assert len(list(cache.iterdir())) == 2


def test_damaged_arrays_say_which_folder_to_remove(tmp_path: Path, vocabulary: Vocabulary) -> None:
    corpus = write_corpus(tmp_path / "corpus", [document(TEXT, split="train")])
    cache = tmp_path / "cache"
    load_or_build(corpus, vocabulary, cache)
    next(cache.rglob("suffixes.npy")).write_bytes(b"nothing")
    with pytest.raises(InklingError, match="are damaged"):
        load_or_build(corpus, vocabulary, cache)


def test_a_corpus_without_training_documents_says_so(
    tmp_path: Path, vocabulary: Vocabulary
) -> None:
    corpus = write_corpus(tmp_path / "corpus", [document(TEXT)])
    with pytest.raises(InklingError, match="no training documents"):
        load_or_build(corpus, vocabulary, tmp_path / "cache")
    assert not (tmp_path / "cache").exists()
