"""What a source file defines: name and outline of its functions, classes, types and constants.

Read off the tree-sitter tree, in any language that has a grammar. An outline is what another file
needs to know: a function's header, a class with the headers of its members, no bodies. It does not
resolve anything; that two definitions share a name is for the caller to judge.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from inkling.grammars import parsers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

MAX_CHARACTERS = 400_000
_MOST_LINES = 24
_LONGEST_LINE = 160
_CONTAINERS = frozenset({
    "class_definition", "class_declaration", "abstract_class_declaration", "class_specifier",
    "struct_specifier", "union_specifier", "enum_specifier", "struct_declaration",
    "interface_declaration", "enum_declaration", "record_declaration", "trait_declaration",
    "struct_item", "enum_item", "trait_item", "impl_item", "mod_item", "class", "module",
    "namespace_definition", "namespace_declaration", "type_spec",
})  # fmt: skip
_DEFINING = _CONTAINERS | {
    "function_definition", "function_declaration", "generator_function_declaration",
    "method_definition", "method_declaration", "constructor_declaration", "method", "function_item",
    "singleton_method", "function_signature_item", "type_alias_declaration", "type_definition",
    "type_item", "const_item", "static_item", "macro_definition", "const_spec", "var_spec",
    "variable_declarator", "property_declaration", "delegate_declaration", "const_element",
    "assignment", "type_alias_statement",
}  # fmt: skip
# What may stand between the file or a class and a definition.
_WRAPPERS = frozenset({
    "decorated_definition", "export_statement", "class_body", "block", "declaration_list",
    "field_declaration_list", "type_declaration", "lexical_declaration", "const_declaration",
    "var_declaration", "var_spec_list", "variable_declaration", "expression_statement",
    "if_statement", "else_clause", "try_statement", "preproc_ifdef", "preproc_if",
    "linkage_specification", "body_statement", "enum_body", "interface_body",
    "template_declaration",
})  # fmt: skip
_DECORATORS = frozenset({"decorated_definition", "export_statement", "template_declaration"})


@dataclass(frozen=True)
class Definition:
    """`outline` of what `name` stands for, and the lines (from 0) that it takes in its file."""

    name: str
    outline: str
    first_line: int
    last_line: int


@lru_cache(256)
def definitions(text: str, language: str | None) -> tuple[Definition, ...]:
    """What a file defines outside of functions, in order; empty without a grammar.

    Members of classes are listed too, after their class.
    """
    choices = parsers(language)
    if not choices or len(text) > MAX_CHARACTERS:
        return ()
    data = text.encode("utf-8", "replace")
    trees = [parser.parse(data) for parser in choices]
    root = min(trees, key=lambda tree: tree.root_node.has_error).root_node
    return tuple(_definitions_under(root, data, ()))


def _definitions_under(node: Node, data: bytes, owners: tuple[str, ...]) -> Iterator[Definition]:
    """Definitions below a node. `owners` are the headers of the classes that it lies in."""
    for child in node.named_children:
        if child.type in _DEFINING:
            outer = node if node.type in _DECORATORS else child
            body = _body(child) if child.type in _CONTAINERS else None
            if name := _name(child, data):
                outline = "\n".join([*owners, _outline(outer, child, data)])
                yield Definition(name, outline, outer.start_point.row, outer.end_point.row)
            if body is not None:
                header = _indentation(outer, data) + _header(outer, body, data)
                yield from _definitions_under(body, data, (*owners, header))
        elif child.type in _WRAPPERS:
            yield from _definitions_under(child, data, owners)


def _name(node: Node, data: bytes) -> str:
    """The defined name; "" if it is no plain one."""
    named = None
    for field in ("name", "left", "declarator", "type"):
        named = node.child_by_field_name(field)
        if named is not None:
            break
    while named is not None and (inner := named.child_by_field_name("declarator")) is not None:
        named = inner  # of C: pointers, parameters, arrays around the name
    if named is None or "\n" in (text := _text(data, named.start_byte, named.end_byte)):
        return ""
    return text if text.replace("$", "_").isidentifier() else ""


def _body(node: Node) -> Node | None:
    body = node.child_by_field_name("body")
    if body is None and node.type == "type_spec":  # of Go: the body is that of the type
        inner = node.child_by_field_name("type")
        if inner is None or inner.type not in ("struct_type", "interface_type"):
            return None
        return inner.named_children[0] if inner.type == "struct_type" else inner
    return body


def _outline(outer: Node, node: Node, data: bytes) -> str:
    """The header of a definition, and what its members are called."""
    body = _body(node)
    lines = [_indentation(outer, data) + _header(outer, body, data)]
    if node.type not in _CONTAINERS or body is None:
        return lines[0]
    for child in body.named_children:
        inner = child
        while inner.type in _DECORATORS and inner.named_children:
            inner = inner.named_children[-1]
        if inner.type in _DEFINING and inner.type != "assignment":
            lines.append(_indentation(child, data) + _header(child, _body(inner), data))
        elif child.start_point.row == child.end_point.row and child.type != "comment":
            lines.append(_indentation(child, data) + _text(data, child.start_byte, child.end_byte))
        if len(lines) == _MOST_LINES:
            break
    return "\n".join(line for line in lines if line.strip())


def _header(node: Node, body: Node | None, data: bytes) -> str:
    """The text of a node up to its body; of one without a body its first line."""
    if body is None:
        text = _text(data, node.start_byte, node.end_byte).partition("\n")[0]
    else:
        text = _text(data, node.start_byte, body.start_byte)
    lines = [line[:_LONGEST_LINE] for line in text.rstrip().split("\n")]
    return "\n".join(lines[:_MOST_LINES])


def _indentation(node: Node, data: bytes) -> str:
    """The white space at the start of the line that a node begins in."""
    start = node.start_byte - node.start_point.column
    line = data[start : node.start_byte]
    return line[: len(line) - len(line.lstrip())].decode()


def _text(data: bytes, start: int, end: int) -> str:
    return data[start:end].decode("utf-8", "replace")
