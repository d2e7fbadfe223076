"""The prompt layout and FIM: the only code that turns (repository, path, text) into a prompt.

Trainer, evaluator, quantization report and server all call this module, so the model is asked
exactly what it was trained on:

    <repo_name>R<file_sep>path\\n<fim_prefix>P<fim_suffix>S<fim_middle>L

`P` ends at an *anchor*, the start of a line at or above the cursor's; `S` is what follows the
cursor; `L` is everything from the anchor to the cursor and stands *after* `<fim_middle>`, so the
KV cache of all before it survives typing (the idea of llama.vim and of EFIM, arXiv 2505.21889).
The model continues `L` and ends with `<|endoftext|>`.

A prompt is a list of segments. Text segments are always encoded with special tokens off and
joined with sentinel ids here, so no text can forge a sentinel. This module knows no tokenizer:
callers pass an `encode` function.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from inkling.errors import InklingError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

LAYOUT_VERSION = 1


class Sentinel(Enum):
    """The special tokens of the layout; the value is the token's text in our own tokenizer."""

    END = "<|endoftext|>"
    PREFIX = "<fim_prefix>"
    MIDDLE = "<fim_middle>"
    SUFFIX = "<fim_suffix>"
    PAD = "<fim_pad>"
    REPO = "<repo_name>"
    FILE = "<file_sep>"


Segment = Sentinel | str
"""A sentinel, or text that is encoded with special tokens off."""

REQUIRED_FOR_FIM = (Sentinel.PREFIX, Sentinel.SUFFIX, Sentinel.MIDDLE)


@dataclass(frozen=True)
class Snippet:
    """Text from another file of the repository that stands before the current file."""

    path: str
    text: str


@dataclass(frozen=True)
class FimContext:
    """Where a completion is asked for. `prefix + typed + suffix` is the visible text, unchanged."""

    prefix: str
    typed: str
    suffix: str
    path: str | None = None
    repo: str | None = None
    snippets: tuple[Snippet, ...] = ()


def anchor_offset(text: str, cursor: int, lines_above: int = 0) -> int:
    """Offset of the start of the line `lines_above` lines above the one that holds `cursor`.

    Only `\\n` ends a line here: what matters is that training and serving agree.
    """
    offset = text.rfind("\n", 0, cursor) + 1
    for _ in range(lines_above):
        if offset == 0:
            break
        offset = text.rfind("\n", 0, offset - 1) + 1
    return offset


def split_at_cursor(
    text: str, cursor: int, *, path: str | None = None, repo: str | None = None
) -> FimContext:
    """The context at `cursor` (an offset in characters), anchored at the start of its line."""
    anchor = anchor_offset(text, cursor)
    return FimContext(text[:anchor], text[anchor:cursor], text[cursor:], path, repo)


def _header(repo: str | None, path: str | None, snippets: Iterable[Snippet] = ()) -> list[Segment]:
    segments: list[Segment] = []
    if repo is not None:
        segments += [Sentinel.REPO, repo]
    for snippet in snippets:
        segments += [Sentinel.FILE, f"{snippet.path}\n{snippet.text}"]
    if path is not None:
        segments += [Sentinel.FILE, f"{path}\n"]
    return segments


def prompt_segments(context: FimContext) -> list[Segment]:
    """The prompt that asks for what stands between `context.typed` and `context.suffix`."""
    return [
        *_header(context.repo, context.path, context.snippets),
        Sentinel.PREFIX,
        context.prefix,
        Sentinel.SUFFIX,
        context.suffix,
        Sentinel.MIDDLE,
        context.typed,
    ]


def fim_example_segments(context: FimContext, middle: str) -> list[Segment]:
    """A training example: the prompt, the rest of the middle, and the end.

    What was typed and what is still to come are one text segment, as in the file: the model
    learns to go on from any point in it, and the server heals the token that the cursor splits.
    """
    *before, typed = prompt_segments(context)
    assert isinstance(typed, str)
    return [*before, typed + middle, Sentinel.END]


def document_segments(text: str, path: str | None = None, repo: str | None = None) -> list[Segment]:
    """A training example without a hole: the document from left to right."""
    return [*_header(repo, path), text, Sentinel.END]


def encode_segments(
    segments: Iterable[Segment],
    encode: Callable[[str], Sequence[int]],
    sentinel_ids: Mapping[Sentinel, int],
) -> list[int]:
    """Token ids of a prompt.

    Args:
        encode: text to ids with special tokens *off* and none added.
        sentinel_ids: what the model has. Without `REPO` or `FILE` the header is left out.

    Raises:
        InklingError: if the model lacks one of the three FIM sentinels that the prompt needs.
    """
    ids: list[int] = []
    skipping = False
    for segment in segments:
        if isinstance(segment, Sentinel):
            skipping = segment not in sentinel_ids
            if not skipping:
                ids.append(sentinel_ids[segment])
            elif segment in REQUIRED_FOR_FIM:
                raise InklingError(
                    f"The model has no {segment.value} token, so it can't fill in the middle.",
                    "Choose a model that was trained with fill-in-the-middle.",
                )
        elif segment and not skipping:
            ids.extend(encode(segment))
    return ids
