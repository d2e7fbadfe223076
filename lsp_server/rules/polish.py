"""From what the model wrote to what is shown: the rules, one after the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lsp_server.rules.brackets import bracket_balance
from lsp_server.rules.confidence import low_confidence
from lsp_server.rules.endings import too_short, trailing_space, unfinished_line
from lsp_server.rules.indentation import indentation
from lsp_server.rules.overlap import duplicate_lines, suffix_overlap
from lsp_server.rules.reasons import Reason
from lsp_server.rules.repetition import repetition
from lsp_server.rules.syntax import syntax_error

if TYPE_CHECKING:
    from collections.abc import Callable

    from lsp_server.rules.scene import Scene


@dataclass(frozen=True)
class Rule:
    """A judge of answers: `apply(text, scene)` returns `text` or a shorter one; "" is silence."""

    code: Reason
    apply: Callable[[str, Scene], str]


# Cheap ones and those that know the reason best come first. The brackets are judged before the
# syntax, for languages that have no grammar.
RULES = (
    Rule(Reason.REPETITION, repetition),
    Rule(Reason.LOW_CONFIDENCE, low_confidence),
    Rule(Reason.UNFINISHED_LINE, unfinished_line),
    Rule(Reason.DUPLICATE_LINES, duplicate_lines),
    Rule(Reason.SUFFIX_OVERLAP, suffix_overlap),
    Rule(Reason.BRACKET_BALANCE, bracket_balance),
    Rule(Reason.INDENTATION, indentation),
    Rule(Reason.SYNTAX_ERROR, syntax_error),
    Rule(Reason.TRAILING_SPACE, trailing_space),
    Rule(Reason.TOO_SHORT, too_short),
)


@dataclass(frozen=True)
class Step:
    """One rule that shortened the answer, and by how many characters."""

    code: Reason
    removed: int


@dataclass(frozen=True)
class Polished:
    """What is left to show ("" for nothing), and which rules took something off, in order."""

    text: str
    steps: tuple[Step, ...]

    @property
    def code(self) -> Reason | None:
        """Why nothing is left; None if something is."""
        if self.text:
            return None
        telling = [step.code for step in self.steps if step.code is not Reason.TRAILING_SPACE]
        return telling[-1] if telling else Reason.NOTHING_TO_ADD


def polish(text: str, scene: Scene, rules: tuple[Rule, ...] = RULES) -> Polished:
    """Run `rules` over an answer. White space alone is not a suggestion.

    Args:
        text: with `\\n` as line break.
    """
    steps: list[Step] = []
    for rule in rules:
        if not text.strip():
            break
        shorter = rule.apply(text, scene)
        if shorter != text:
            steps.append(Step(rule.code, len(text) - len(shorter)))
            text = shorter
    return Polished(text if text.strip() else "", tuple(steps))
