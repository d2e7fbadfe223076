"""Stage "secrets": redacts keys, passwords, e-mail and IP addresses in what is kept.

Files that are secrets as a whole went before (stage "readable"). What redaction would make
unparseable is dropped instead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from curation.redaction.redact import redact
from curation.stages.stage import Drop, Explanation, Stage

if TYPE_CHECKING:
    from datatrove.data import Document

REDACTIONS_KEY = "redactions"


class SecretsFilter(Stage):
    """Replaces secrets and personal data; notes how many of each kind."""

    name = "secrets"

    def judge(self, document: Document) -> Drop | None:
        redacted = redact(document.text, document.metadata.get("language"))
        if redacted.broken:
            return Drop("unparseable_redaction", f"{redacted.counts}")
        if redacted.spans:
            document.text = redacted.text
            document.metadata[REDACTIONS_KEY] = redacted.counts
        return None

    def explain(self, document: Document) -> list[Explanation]:
        """Where something is replaced and by which rule; the value itself is never shown."""
        text = document.text
        rows = [
            Explanation(
                self.name,
                span.rule,
                f"{span.kind} is replaced",
                "",
                True,
                text.count("\n", 0, span.start) + 1,
            )
            for span in redact(text, document.metadata.get("language")).spans
        ]
        return rows + super().explain(document)
