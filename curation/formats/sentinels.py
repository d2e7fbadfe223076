"""Sentinels inside documents: marks between a document's parts that no part can spell.

A part that spells a sentinel gets an invisible separator (U+2063) after its `<`; one that spells
an escaped sentinel gets one more. So every text has just one escaped form, `unescape` gives it back
unchanged, and where a document is split at sentinels only real ones are found. Names follow
StarCoder2.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

NAMES = (
    "repo_name", "file_sep", "commit_before", "commit_msg", "commit_after", "jupyter_start",
    "jupyter_text", "jupyter_code", "jupyter_output", "jupyter_script", "empty_output",
    "issue_start", "issue_comment", "issue_closed", "pr", "pr_status", "pr_is_merged", "pr_base",
    "pr_file", "pr_base_code", "pr_diff", "pr_diff_hunk", "pr_comment", "pr_event_id", "pr_review",
    "pr_review_state", "pr_review_comment", "pr_in_reply_to_review_id", "pr_in_reply_to_comment_id",
    "pr_diff_hunk_comment_line", "fim_prefix", "fim_middle", "fim_suffix", "fim_pad",
)  # fmt: skip
_SEPARATOR = "\u2063"
_ALTERNATIVES = "|".join(sorted(map(re.escape, (*NAMES, "|endoftext|")), key=len, reverse=True))
_FORGED = re.compile(rf"<(?={_SEPARATOR}*(?:{_ALTERNATIVES})>)")
_ESCAPED = re.compile(rf"<{_SEPARATOR}(?={_SEPARATOR}*(?:{_ALTERNATIVES})>)")
_SENTINEL = re.compile(rf"<({_ALTERNATIVES})>")


@dataclass(frozen=True)
class Part:
    """A sentinel (None before the first) and the text up to the next one, unescaped."""

    sentinel: str | None
    text: str


def escape(text: str) -> str:
    """`text` so that it spells no sentinel."""
    return _FORGED.sub(f"<{_SEPARATOR}", text)


def unescape(text: str) -> str:
    """What `escape` was given."""
    return _ESCAPED.sub("<", text)


def mark(name: str) -> str:
    """A sentinel as it stands in a document.

    Raises:
        ValueError: no sentinel has that name.
    """
    if name not in NAMES:
        raise ValueError(name)
    return f"<{name}>"


def join(parts: list[Part]) -> str:
    """A document of parts; `split` gives them back."""
    return "".join(
        (mark(part.sentinel) if part.sentinel else "") + escape(part.text) for part in parts
    )


def split(document: str) -> list[Part]:
    """The parts of a document; text before the first sentinel, if there is any, is one."""
    pieces = _SENTINEL.split(document)
    parts = [Part(None, unescape(pieces[0]))] if pieces[0] else []
    for name, text in zip(pieces[1::2], pieces[2::2], strict=True):
        parts.append(Part(name, unescape(text)))
    return parts
