"""Where a syntax node ends: middles that are whole expressions, statements or blocks (AST-FIM).

The piece is parsed as it is, cut edges and all; tree-sitter recovers from those.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from curation.quality.syntax import grammar_parser

if TYPE_CHECKING:
    import random

    from tree_sitter import Node


def node_end(
    text: str, cursor: int, language: str, most_characters: int, rng: random.Random
) -> int | None:
    """The end of a syntax node around the cursor, drawn among those that are not too far.

    Args:
        cursor: offset in characters.
        language: a name of `inkling.languages`.

    Returns:
        An offset in characters behind the cursor; None without a grammar or such a node.
    """
    parser = grammar_parser(language)
    if parser is None:
        return None
    before = len(text[:cursor].encode())
    encoded = text.encode()
    node: Node | None = parser.parse(encoded).root_node.descendant_for_byte_range(
        before, min(before + 1, len(encoded))
    )
    ends: set[int] = set()
    while node is not None and node.parent is not None:  # the root is the whole piece
        if before < node.end_byte <= before + 4 * most_characters:
            ends.add(node.end_byte)
        node = node.parent
    near = sorted(cursor + len(encoded[before:end].decode(errors="ignore")) for end in ends)
    near = [end for end in near if end - cursor <= most_characters]
    return rng.choice(near) if near else None
