"""The prompt layout: text comes through unchanged, and no text can forge a sentinel."""

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from inkling.errors import InklingError
from inkling.layout import (
    REQUIRED_FOR_FIM,
    FimContext,
    Sentinel,
    Snippet,
    anchor_offset,
    document_segments,
    encode_segments,
    fim_example_segments,
    prompt_segments,
    split_at_cursor,
)
from pretrain.tokenizer import as_pretrained, train_tokenizer
from pretrain.tokenizer import sentinel_ids as ids_of_sentinels

Encode = Callable[[str], list[int]]

SENTINEL_TEXTS = [sentinel.value for sentinel in Sentinel]
code = st.text(
    st.one_of(st.characters(codec="utf-8"), st.sampled_from("\n\r\t ab0_()🐍é")), max_size=80
)
forgeries = st.lists(
    st.one_of(st.sampled_from(SENTINEL_TEXTS), st.text(st.characters(codec="utf-8"), max_size=8)),
    max_size=12,
).map("".join)


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    """Byte-level BPE with the sentinels as special tokens, trained on text that is full of them."""
    return train_tokenizer(
        ["def add(left, right):\n    return left + right\n" * 3, *SENTINEL_TEXTS * 50], 400
    )


@pytest.fixture(scope="module")
def sentinel_ids(tokenizer: Tokenizer) -> dict[Sentinel, int]:
    return ids_of_sentinels(tokenizer)


@pytest.fixture(scope="module")
def encoders(tokenizer: Tokenizer) -> dict[str, Encode]:
    """Text to ids, as training (tokenizers) and as evaluation (transformers) do it."""
    fast: Any = as_pretrained(tokenizer)
    return {
        "tokenizers": lambda text: list(tokenizer.encode(text, add_special_tokens=False).ids),
        "transformers": lambda text: list(fast(text, add_special_tokens=False)["input_ids"]),
    }


@pytest.fixture(scope="module", params=["tokenizers", "transformers"])
def encode(request: pytest.FixtureRequest, encoders: dict[str, Encode]) -> Encode:
    return encoders[request.param]


@st.composite
def texts_and_cursors(draw: st.DrawFn) -> tuple[str, int]:
    text = draw(code)
    return text, draw(st.integers(0, len(text)))


class TestSplitting:
    @given(texts_and_cursors())
    def test_the_three_parts_are_the_text(self, where: tuple[str, int]) -> None:
        text, cursor = where
        context = split_at_cursor(text, cursor)
        assert context.prefix + context.typed + context.suffix == text
        assert len(context.prefix) + len(context.typed) == cursor

    @given(texts_and_cursors())
    def test_what_was_typed_is_the_cursors_line_so_far(self, where: tuple[str, int]) -> None:
        context = split_at_cursor(*where)
        assert "\n" not in context.typed
        assert context.prefix == "" or context.prefix.endswith("\n")

    @given(texts_and_cursors(), st.integers(0, 5))
    def test_an_anchor_stands_at_a_line_start_at_or_above_the_cursor(
        self, where: tuple[str, int], lines_above: int
    ) -> None:
        text, cursor = where
        anchor = anchor_offset(text, cursor, lines_above)
        assert 0 <= anchor <= cursor
        assert anchor == 0 or text[anchor - 1] == "\n"
        lines_between = text.count("\n", anchor, cursor)
        assert lines_between == min(lines_above, text.count("\n", 0, cursor))

    def test_a_carriage_return_belongs_to_the_line_before(self) -> None:
        context = split_at_cursor("a = 1\r\nb", 8)
        assert (context.prefix, context.typed) == ("a = 1\r\n", "b")


class TestOrder:
    context = FimContext(
        "import os\n",
        "def f(",
        "):\n    pass\n",
        "src/f.py",
        "ada/engine",
        (Snippet("src/g.py", "G = 1\n"), Snippet("src/h.py", "H = 2\n")),
    )

    def test_a_prompt(self) -> None:
        assert prompt_segments(self.context) == [
            Sentinel.REPO,
            "ada/engine",
            Sentinel.FILE,
            "src/g.py\nG = 1\n",
            Sentinel.FILE,
            "src/h.py\nH = 2\n",
            Sentinel.FILE,
            "src/f.py\n",
            Sentinel.PREFIX,
            "import os\n",
            Sentinel.SUFFIX,
            "):\n    pass\n",
            Sentinel.MIDDLE,
            "def f(",
        ]

    def test_a_training_example_is_the_prompt_then_the_middle_and_the_end(self) -> None:
        prompt = prompt_segments(self.context)
        assert fim_example_segments(self.context, "x, y") == [
            *prompt[:-1],
            "def f(x, y",
            Sentinel.END,
        ]

    def test_a_document_without_a_hole(self) -> None:
        assert document_segments("x = 1\n", "x.py", "ada/engine") == [
            Sentinel.REPO,
            "ada/engine",
            Sentinel.FILE,
            "x.py\n",
            "x = 1\n",
            Sentinel.END,
        ]

    def test_text_without_a_name_has_no_header(self) -> None:
        assert document_segments("x = 1\n") == ["x = 1\n", Sentinel.END]
        assert prompt_segments(FimContext("p", "t", "s"))[0] is Sentinel.PREFIX


class TestEncoding:
    def test_the_tokenizer_has_every_sentinel(self, sentinel_ids: dict[Sentinel, int]) -> None:
        assert set(sentinel_ids) == set(Sentinel)
        assert len(set(sentinel_ids.values())) == len(Sentinel)

    @given(text=forgeries)
    @example(text="".join(SENTINEL_TEXTS))
    @example(text="<fim_<fim_prefix>prefix>")
    def test_no_text_makes_a_sentinel(
        self, encode: Encode, sentinel_ids: dict[Sentinel, int], text: str
    ) -> None:
        assert not set(encode(text)) & set(sentinel_ids.values())

    @given(text=forgeries)
    def test_text_comes_back_byte_for_byte(
        self, encode: Encode, tokenizer: Tokenizer, text: str
    ) -> None:
        assert tokenizer.decode(encode(text), skip_special_tokens=False) == text

    @given(text=st.one_of(code, forgeries))
    def test_tokenizers_and_transformers_agree(
        self, encoders: dict[str, Encode], text: str
    ) -> None:
        assert encoders["tokenizers"](text) == encoders["transformers"](text)

    @given(parts=st.tuples(forgeries, forgeries, forgeries, forgeries, forgeries))
    def test_a_prompt_has_exactly_its_own_sentinels(
        self,
        encode: Encode,
        sentinel_ids: dict[Sentinel, int],
        parts: tuple[str, str, str, str, str],
    ) -> None:
        prefix, typed, suffix, path, repo = parts
        context = FimContext(prefix, typed, suffix, path, repo, (Snippet(path, suffix),))
        ids = encode_segments(prompt_segments(context), encode, sentinel_ids)
        names = {token_id: sentinel for sentinel, token_id in sentinel_ids.items()}
        assert [names[token_id] for token_id in ids if token_id in names] == [
            Sentinel.REPO,
            Sentinel.FILE,
            Sentinel.FILE,
            Sentinel.PREFIX,
            Sentinel.SUFFIX,
            Sentinel.MIDDLE,
        ]

    @given(where=texts_and_cursors(), middle=code)
    def test_a_prompt_begins_as_its_training_example_does(
        self,
        encode: Encode,
        sentinel_ids: dict[Sentinel, int],
        where: tuple[str, int],
        middle: str,
    ) -> None:
        """All the way to `<fim_middle>`; past it the tokens of the typed part may merge anew."""
        context = split_at_cursor(*where, path="a.py", repo="r")
        prompt = encode_segments(prompt_segments(context), encode, sentinel_ids)
        trained = encode_segments(fim_example_segments(context, middle), encode, sentinel_ids)
        shared = prompt.index(sentinel_ids[Sentinel.MIDDLE]) + 1
        assert prompt[:shared] == trained[:shared]
        assert prompt[shared:] == encode(context.typed)
        assert trained[shared:] == [*encode(context.typed + middle), sentinel_ids[Sentinel.END]]

    @given(where=texts_and_cursors(), more=st.text("abc\n", min_size=1))
    def test_typing_changes_nothing_before_the_middle(
        self, encode: Encode, sentinel_ids: dict[Sentinel, int], where: tuple[str, int], more: str
    ) -> None:
        """While the anchor stays, everything up to `<fim_middle>` may stay in the KV cache."""
        before = split_at_cursor(*where, path="a.py")
        after = FimContext(before.prefix, before.typed + more, before.suffix, before.path)
        first, second = (
            encode_segments(prompt_segments(context), encode, sentinel_ids)
            for context in (before, after)
        )
        shared = first.index(sentinel_ids[Sentinel.MIDDLE]) + 1
        assert first[:shared] == second[:shared]


class TestModelsWithFewerSentinels:
    context = FimContext("p", "t", "s", "a.py", "ada/engine", (Snippet("b.py", "B"),))

    @staticmethod
    def spell(text: str) -> list[int]:
        return [ord(character) for character in text]

    def ids_with(self, *sentinels: Sentinel) -> list[int]:
        known = {sentinel: -1 - list(Sentinel).index(sentinel) for sentinel in sentinels}
        return encode_segments(prompt_segments(self.context), self.spell, known)

    def test_without_repository_and_file_the_header_is_left_out(self) -> None:
        ids = self.ids_with(*REQUIRED_FOR_FIM)
        assert [token_id for token_id in ids if token_id > 0] == self.spell("pst")
        assert len(ids) == 6

    def test_without_the_repository_only_the_files_are_named(self) -> None:
        ids = self.ids_with(*REQUIRED_FOR_FIM, Sentinel.FILE)
        text = "".join(chr(token_id) for token_id in ids if token_id > 0)
        assert text == "b.py\nBa.py\npst"

    @pytest.mark.parametrize(
        "known",
        [
            rest
            for size in range(len(REQUIRED_FOR_FIM))
            for rest in itertools.combinations(REQUIRED_FOR_FIM, size)
        ],
        ids=lambda known: "+".join(sentinel.name for sentinel in known) or "none",
    )
    def test_a_model_that_can_not_fill_in_says_so(self, known: tuple[Sentinel, ...]) -> None:
        with pytest.raises(InklingError, match="can't fill in the middle"):
            self.ids_with(*known, Sentinel.FILE, Sentinel.REPO, Sentinel.END)
