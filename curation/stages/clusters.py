"""Clusters from links: connected components by union-find over the documents that have a link."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable

Node = TypeVar("Node", bound=Hashable)


def clusters(links: Iterable[tuple[Node, Node]]) -> list[list[Node]]:
    """The connected components of two nodes and more; order inside and outside means nothing."""
    parent: dict[Node, Node] = {}

    def root(node: Node) -> Node:
        parent.setdefault(node, node)
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for left, right in links:
        first, second = root(left), root(right)
        if first != second:
            parent[second] = first
    groups: dict[Node, list[Node]] = {}
    for node in parent:
        groups.setdefault(root(node), []).append(node)
    return list(groups.values())
