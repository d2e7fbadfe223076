"""Stage "license": only what the policy allows; unknown is never taken for permissive.

What the comments at a file's head say of it goes before what the package or the licence files
above it say: first SPDX headers, then the sentences of a licence notice. Issues, and pull requests
without code, are what people wrote under the terms of the place, not under a repository's licence,
so no policy asks for one; they are read only if they are named, as in StarCoder2. A pull request
that shows code needs the licence of its repository.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from curation.formats.discussion import FORMAT as DISCUSSION
from curation.formats.discussion import shows_code
from curation.stages.file_head import prose_of_head
from curation.stages.language import FORMAT_KEY
from curation.stages.stage import Drop, Explanation, Stage
from inkling.license_text import RESTRICTED, UNRECOGNIZED, licenses_in_notice
from inkling.licenses import LicenseClass, classify

if TYPE_CHECKING:
    from datatrove.data import Document

Policy = Literal["permissive", "copyleft", "any"]
"""Permissive licences only; those and copyleft; or every file, licensed or not."""
CLASS_KEY = "license_class"
_PULL = "it shows code, and the events name no licence: --license-policy any keeps it"
_SPDX_TAG = re.compile(r"SPDX-Licen[cs]e-Identifier\s*:[ \t]*([^\r\n]*)", re.IGNORECASE)
_EXPRESSION = re.compile(
    r"([A-Za-z0-9.+() :-]*[A-Za-z0-9.+)])\s*"
    r"(?:\*+/.*|--\]?\]?%?>.*|[-#*]\}.*|\*\).*|(?:\"{1,3}|'{1,3}|`+)\W*|\\[nr]?|[*|#]+|(?:#|//)\s.*)?"
)


def spdx_header(text: str, language: str | None = None) -> str | None:
    """The SPDX expression that the comments at the head of a file declare, if any.

    Several headers all hold. What follows a tag and is no expression is an unrecognised licence.
    """
    found = dict.fromkeys(
        _expression(match[1]) for match in _SPDX_TAG.finditer(prose_of_head(text, language))
    )
    if len(found) > 1:
        found = dict.fromkeys(f"({one})" if " " in one else one for one in found)
    return " AND ".join(found) or None


def _expression(tail: str) -> str:
    match = _EXPRESSION.fullmatch(tail.strip())
    return match[1].strip() if match else UNRECOGNIZED


def license_span(text: str, language: str | None = None) -> tuple[int, int] | None:
    """Where the head of a file says its licence: the header, or the lines that end a notice."""
    head = prose_of_head(text, language)
    match = _SPDX_TAG.search(head)
    if match is not None:
        return match.span()
    said = licenses_in_notice(head)
    if not said:
        return None
    ends = [end for end in range(len(head) + 1) if end == len(head) or head[end] == "\n"]
    last = next(end for end in ends if licenses_in_notice(head[:end]) == said)
    first = next(s for s in reversed([0, *[e + 1 for e in ends if e < last]])
                 if licenses_in_notice(head[s:last]) == said)  # fmt: skip
    return first, last


def _is_conversation(document: Document) -> bool:
    return document.metadata.get(FORMAT_KEY) == DISCUSSION and not shows_code(document.text)


class LicenseFilter(Stage):
    """Notes a file's licence and drops what the policy excludes. Own code is always allowed."""

    name = "license"
    version = "5"

    def __init__(self, policy: Policy = "permissive") -> None:
        super().__init__()
        self.policy = policy

    def judge(self, document: Document) -> Drop | None:
        metadata = document.metadata
        if _is_conversation(document):
            metadata[CLASS_KEY] = LicenseClass.NONE.value
            return None
        language = metadata.get("language")
        header = spdx_header(document.text, language)
        notice = licenses_in_notice(prose_of_head(document.text, language))
        if header is not None:
            withheld = f"({header}) AND {RESTRICTED}" if RESTRICTED in notice else header
            metadata["license"], metadata["license_source"] = withheld, "spdx_header"
        elif notice:
            metadata["license"], metadata["license_source"] = " AND ".join(notice), "notice"
        metadata[CLASS_KEY] = classify(metadata["license"]).value
        if self.policy == "any" or metadata.get("own"):
            return None
        match LicenseClass(metadata[CLASS_KEY]):
            case LicenseClass.PERMISSIVE:
                return None
            case LicenseClass.COPYLEFT:
                return None if self.policy == "copyleft" else Drop("copyleft", metadata["license"])
            case _:
                is_pull = metadata.get(FORMAT_KEY) == DISCUSSION
                return Drop("no_license", metadata["license"] or (_PULL if is_pull else ""))

    def explain(self, document: Document) -> list[Explanation]:
        drop = self.judge(document)
        metadata = document.metadata
        found = metadata["license"] or "no licence"
        value = f"{found}, found in: {metadata['license_source'] or 'nothing'}"
        rule = drop.reason if drop else metadata[CLASS_KEY]
        allowed = "own code" if metadata.get("own") else f"policy: {self.policy}"
        if _is_conversation(document):
            allowed = "conversation, without code of the repository"
        language = metadata.get("language")
        span = None if _is_conversation(document) else license_span(document.text, language)
        return [Explanation(self.name, rule, value, allowed, drop is None, span)]
