"""Holes asked as the server asks: with parts of the repository's other files before them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from inkling.neighbours import related_paths
from inkling.snippets import Neighbour, choose_snippets

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from evaluation.holes import Hole


def with_neighbours(
    hole: Hole, tree: Mapping[str, str], budget: int, count_tokens: Callable[[str], int]
) -> Hole:
    """The hole with at most `budget` tokens of other files; `tree` holds the repository's texts."""
    paths = related_paths(hole.path, hole.prefix, tree)
    neighbours = [Neighbour(path, tree[path]) for path in paths]
    return replace(hole, snippets=choose_snippets(hole.context, neighbours, budget, count_tokens))
