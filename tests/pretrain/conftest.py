"""Fixtures of the pretraining tests; without the `train` extra they are skipped."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

for package in ("datasketch", "pyarrow", "tokenizers", "torch", "transformers"):
    pytest.importorskip(package)

from inkling.layout import Sentinel
from pretrain.examples import ExampleMaker, ExampleOptions
from pretrain.tokenizer import sentinel_ids, train_tokenizer
from tests.pretrain.documents import module_text

if TYPE_CHECKING:
    from tokenizers import Tokenizer


@pytest.fixture(scope="session")
def tokenizer() -> Tokenizer:
    """A small tokenizer trained on a little code."""
    rng = random.Random(1)
    names = ("".join(rng.choices("abcdefghij", k=7)) for _ in range(400))
    texts = [module_text(number) for number in range(60)]
    return train_tokenizer([*texts, " ".join(names)], 600)


@pytest.fixture(scope="session")
def maker(tokenizer: Tokenizer) -> ExampleMaker:
    """Makes examples of at most 256 tokens."""
    return ExampleMaker(tokenizer, sentinel_ids(tokenizer), ExampleOptions(window=256))


@pytest.fixture(scope="session")
def ids(tokenizer: Tokenizer) -> dict[Sentinel, int]:
    return sentinel_ids(tokenizer)
