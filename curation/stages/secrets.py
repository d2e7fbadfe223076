"""Stage "secrets": redacts keys, passwords, e-mail and IP addresses, and names if asked to.

Files that are secrets as a whole went before (stage "readable"). What redaction would make
unparseable is dropped instead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from curation.pii.classifier import classifier_hash, load_classifier
from curation.redaction.redact import Redacted, redact
from curation.stages.stage import Drop, Explanation, Stage

if TYPE_CHECKING:
    from pathlib import Path

    from datatrove.data import Document

REDACTIONS_KEY = "redactions"
_RULES = "8"


class SecretsFilter(Stage):
    """Replaces secrets and personal data; notes how many of each kind.

    Args:
        pii: folder of a token classifier for names and what no pattern finds; None: patterns only.

    Raises:
        InklingError: the folder holds no classifier.
    """

    name = "secrets"
    reads = ("language",)

    def __init__(self, pii: Path | None = None) -> None:
        super().__init__()
        self.pii = pii
        self.version = _RULES  # with a classifier, results hold for its content only
        if pii is not None:
            self.version += f" {classifier_hash(pii)[:12]}"

    def redacted(self, document: Document) -> Redacted:
        """The document's text without secrets and personal data, and where they stood."""
        # Sessions can't be sent to other processes, so each loads its own, once.
        classifier = None if self.pii is None else load_classifier(self.pii)
        return redact(document.text, document.metadata.get("language"), classifier)

    def judge(self, document: Document) -> Drop | None:
        redacted = self.redacted(document)
        if redacted.broken:
            return Drop("unparseable_redaction", f"{redacted.counts}")
        if redacted.spans:
            document.text = redacted.text
            document.metadata[REDACTIONS_KEY] = redacted.counts
        return None

    def explain(self, document: Document) -> list[Explanation]:
        """Where something is replaced and by which rule; the value itself is never shown."""
        rows = [
            Explanation(
                self.name,
                span.rule,
                f"{span.kind} is replaced",
                "",
                True,
                (span.start, span.end),
            )
            for span in self.redacted(document).spans
        ]
        return rows + super().explain(document)
