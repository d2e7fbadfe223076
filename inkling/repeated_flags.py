"""A list flag may be given more than once: `--datasets A --datasets B` means `--datasets A B`.

Parsers of the argparse kind let the last one win, so that what was given first would be lost
without a word.
"""

from __future__ import annotations

import dataclasses
import sys
from typing import Any, get_args, get_origin, get_type_hints


def join_repeated(arguments: list[str] | None, command: Any) -> list[str]:
    """`arguments` (default: the process's) with each list flag once, and all its values in order.

    Args:
        command: the dataclass that the arguments are parsed into, or a union of such.
    """
    given = sys.argv[1:] if arguments is None else arguments
    flags = list_flags(command)
    pieces: list[list[str]] = [[]]
    place: dict[str, list[str]] = {}
    for word in given:
        if not word.startswith("-"):
            pieces[-1].append(word)
            continue
        name, is_pair, value = word.partition("=")
        known = place.get(_normalized(name))
        if known is None:
            pieces.append([word])
            if _normalized(name) in flags:
                pieces[-1] = [name, value] if is_pair else [name]
                place[_normalized(name)] = pieces[-1]
        else:
            # A new piece takes its values, and is put in the first one's at the end.
            pieces.append([_SAME, name, *([value] if is_pair else [])])
    for piece in pieces:
        if piece[:1] == [_SAME]:
            place[_normalized(piece[1])] += piece[2:]
    return [word for piece in pieces if piece[:1] != [_SAME] for word in piece]


_SAME = "\0"  # no argument of a process holds it


def list_flags(command: Any) -> set[str]:
    """The flags, such as `--datasets`, of a dataclass (or of several) that take many values."""
    if isinstance(command, type) and dataclasses.is_dataclass(command):
        found: set[str] = set()
        for name, kind in get_type_hints(command, include_extras=True).items():
            found |= {_normalized(f"--{name}")} if _is_list(kind) else list_flags(kind)
        return found
    return set().union(*(list_flags(kind) for kind in get_args(command)))


def _is_list(kind: Any) -> bool:
    if get_origin(kind) is tuple:
        return Ellipsis in get_args(kind)
    return get_origin(kind) is not None and any(map(_is_list, get_args(kind)))


def _normalized(flag: str) -> str:
    return flag.replace("_", "-")
