"""Fixtures of the pretraining tests; without the `train` extra there is nothing to test."""

from __future__ import annotations

import random
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tokenizers import Tokenizer

    from inkling.layout import Sentinel
    from pretrain.examples import ExampleMaker

if not all(map(find_spec, ("pyarrow", "tokenizers", "torch", "transformers"))):
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture(scope="session")
def tokenizer() -> Tokenizer:
    """A small tokenizer trained on a little code."""
    from pretrain.tokenizer import train_tokenizer
    from tests.pretrain.documents import module_text

    rng = random.Random(1)
    names = ("".join(rng.choices("abcdefghij", k=7)) for _ in range(400))
    texts = [module_text(number) for number in range(60)]
    return train_tokenizer([*texts, " ".join(names)], 600)


@pytest.fixture(scope="session")
def ids(tokenizer: Tokenizer) -> dict[Sentinel, int]:
    from pretrain.tokenizer import sentinel_ids

    return sentinel_ids(tokenizer)


@pytest.fixture(scope="session")
def maker(tokenizer: Tokenizer, ids: dict[Sentinel, int]) -> ExampleMaker:
    """Makes examples of at most 256 tokens."""
    from pretrain.examples import ExampleMaker, ExampleOptions

    return ExampleMaker(tokenizer, ids, ExampleOptions(window=256))
