"""Stage "license": only what the policy allows; unknown is never taken for permissive.

An SPDX header in the file goes before what the package or the licence file declares.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from curation.stages.stage import Drop, Stage
from inkling.licenses import LicenseClass, classify

if TYPE_CHECKING:
    from datatrove.data import Document

Policy = Literal["permissive", "any"]
_HEADER_CHARACTERS = 2_000
_SPDX_HEADER = re.compile(r"SPDX-License-Identifier:\s*([A-Za-z0-9.+() -]+?)\s*(?:\*/|-->|$)", re.M)


def spdx_header(text: str) -> str | None:
    """The SPDX expression that the head of a file declares, if any."""
    match = _SPDX_HEADER.search(text, 0, _HEADER_CHARACTERS)
    return match[1].strip() if match else None


class LicenseFilter(Stage):
    """Drops files whose licence is copyleft or unknown.

    Args:
        policy: `permissive`, or `any` for one's own code, where every file is allowed.
    """

    name = "license"

    def __init__(self, policy: Policy = "permissive") -> None:
        super().__init__()
        self.policy = policy

    def judge(self, document: Document) -> Drop | None:
        header = spdx_header(document.text)
        if header is not None:
            document.metadata["license"] = header
            document.metadata["license_source"] = "spdx_header"
        expression = document.metadata["license"]
        if self.policy == "any":
            return None
        match classify(expression):
            case LicenseClass.PERMISSIVE:
                return None
            case LicenseClass.COPYLEFT:
                return Drop("copyleft", expression)
            case _:
                return Drop("no_license", expression or "")
