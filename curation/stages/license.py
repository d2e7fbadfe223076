"""Stage "license": only what the policy allows; unknown is never taken for permissive.

What a file says of itself goes before what the package or the licence files above it say: first an
SPDX header, then the sentences of a licence notice.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from curation.stages.stage import Drop, Explanation, Stage
from inkling.license_text import licenses_in_notice
from inkling.licenses import LicenseClass, classify

if TYPE_CHECKING:
    from datatrove.data import Document

Policy = Literal["permissive", "copyleft", "any"]
"""Permissive licences only; those and copyleft; or every file, licensed or not."""
CLASS_KEY = "license_class"
_HEADER_CHARACTERS = 2_000
_SPDX_HEADER = re.compile(r"SPDX-License-Identifier:\s*([A-Za-z0-9.+() -]+?)\s*(?:\*/|-->|$)", re.M)


def spdx_header(text: str) -> str | None:
    """The SPDX expression that the head of a file declares, if any."""
    match = _SPDX_HEADER.search(text, 0, _HEADER_CHARACTERS)
    return match[1].strip() if match else None


class LicenseFilter(Stage):
    """Notes a file's licence and drops what the policy excludes. Own code is always allowed."""

    name = "license"
    version = "2"

    def __init__(self, policy: Policy = "permissive") -> None:
        super().__init__()
        self.policy = policy

    def judge(self, document: Document) -> Drop | None:
        metadata = document.metadata
        header = spdx_header(document.text)
        notice = licenses_in_notice(document.text[:_HEADER_CHARACTERS]) if header is None else ()
        if header is not None:
            metadata["license"], metadata["license_source"] = header, "spdx_header"
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
                return Drop("no_license", metadata["license"] or "")

    def explain(self, document: Document) -> list[Explanation]:
        drop = self.judge(document)
        metadata = document.metadata
        found = metadata["license"] or "no licence"
        value = f"{found}, found in: {metadata['license_source'] or 'nothing'}"
        rule = drop.reason if drop else metadata[CLASS_KEY]
        allowed = "own code" if metadata.get("own") else f"policy: {self.policy}"
        return [Explanation(self.name, rule, value, allowed, drop is None)]
