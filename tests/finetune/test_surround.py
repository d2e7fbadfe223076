"""Training prompts hold the parts of other files that the server would put there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("datatrove")

from finetune.surround import Surround
from inkling.layout import Sentinel, split_at_cursor
from inkling.snippets import choose_snippets
from lsp_server.documents import Document
from lsp_server.neighbourhood import on_disk
from lsp_server.workspace import Place
from pretrain.examples import cut_anywhere
from tests.pretrain.documents import document

if TYPE_CHECKING:
    from pathlib import Path

    from finetune.base import Base

FILES = {
    "shop/prices.py": (
        "def price_with_discount(article, percent):\n"
        '    """The price in cents."""\n'
        "    return round(article.cents * (100 - percent) / 100)\n"
    ),
    "shop/stock.py": "def left_in_stock(article):\n    return article.bought - article.sold\n",
    "shop/till.py": (
        "from shop.prices import price_with_discount\n"
        "from shop.stock import left_in_stock\n\n\n"
        "def sell(article, percent):\n"
        "    if not left_in_stock(article):\n"
        "        return 0\n"
        "    article.sold += 1\n"
        "    return price_with_discount(article, percent)\n"
    ),
}
DOCUMENTS = [document(text, path=path, repo="shop") for path, text in FILES.items()]
TILL = DOCUMENTS[-1]
ROOM = 200


def words(text: str) -> int:
    return len(text.split())


def test_they_are_those_that_the_server_chooses(tmp_path: Path) -> None:
    for path, text in FILES.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    context = split_at_cursor(TILL.text, TILL.text.rindex("price_with"), path=TILL.path)
    opened = Document((tmp_path / TILL.path).as_uri(), TILL.text, "python")
    neighbours = on_disk(opened, Place("shop", TILL.path, tmp_path, is_whole=True))
    served = choose_snippets(context, neighbours, ROOM, words)
    assert served
    assert Surround(DOCUMENTS, ROOM, words)(context, TILL) == served


def test_another_repository_is_no_neighbour() -> None:
    elsewhere = [replace(each, repo="elsewhere") for each in DOCUMENTS[:-1]]
    context = split_at_cursor(TILL.text, TILL.text.rindex("price_with"), path=TILL.path)
    assert Surround([*elsewhere, TILL], ROOM, words)(context, TILL) == ()


@pytest.mark.parametrize(
    ("context_size", "window", "has_parts"),
    [(4096, 4096, True), (4096, 1024, True), (1024, 1024, False)],
)
def test_examples_have_parts_where_the_server_has_room_for_some(
    base: Base, context_size: int, window: int, has_parts: bool
) -> None:
    wide = replace(base, manifest=replace(base.manifest, context_size=context_size))
    maker = wide.served_example_maker(window, cut_anywhere, DOCUMENTS)
    file = base.sentinel_ids[Sentinel.FILE]
    examples = [ids for epoch in range(12) for ids in maker.examples(TILL, epoch)]
    assert all(len(ids) <= window for ids in examples)
    assert any(ids.count(file) > 1 for ids in examples) == has_parts
