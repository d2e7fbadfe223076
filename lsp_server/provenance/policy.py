"""What the user wants to happen to suggestions that have a source: show, badge or block.

By tier and class of the most restrictive licence. `show` tells nothing, `badge` shows the
suggestion with its source, `block` shows nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from attribution.matter import Tier
from inkling.licenses import LicenseClass

if TYPE_CHECKING:
    from collections.abc import Mapping


class Action(StrEnum):
    """What becomes of a suggestion. Ordered from free to strict."""

    SHOW = "show"
    BADGE = "badge"
    BLOCK = "block"


DEFAULT_RULES: Mapping[tuple[Tier, LicenseClass], Action] = {
    (Tier.STRONG, LicenseClass.PERMISSIVE): Action.BADGE,
    (Tier.STRONG, LicenseClass.COPYLEFT): Action.BADGE,
    (Tier.STRONG, LicenseClass.NONE): Action.BADGE,
    (Tier.WEAK, LicenseClass.PERMISSIVE): Action.SHOW,
    (Tier.WEAK, LicenseClass.COPYLEFT): Action.BADGE,
    (Tier.WEAK, LicenseClass.NONE): Action.BADGE,
}
_CLASSES = {kind.value: kind for kind in LicenseClass}
_TIERS = {tier.value: tier for tier in (Tier.STRONG, Tier.WEAK)}


@dataclass(frozen=True)
class SourcePolicy:
    """What the user wants.

    Attributes:
        rules: tier and class of the most restrictive licence → action; what isn't named is shown.
        removed: for a suggestion that repeats code which was removed from the index.
        unchecked: for one that couldn't be checked wholly. Where a policy blocks anything and
            doesn't name it, it is `badge`.
        late: for one whose check took too long; at least what `unchecked` asks for.
    """

    rules: Mapping[tuple[Tier, LicenseClass], Action] = field(default_factory=lambda: DEFAULT_RULES)
    removed: Action = Action.BLOCK
    unchecked: Action = Action.SHOW
    late: Action = Action.BADGE

    @classmethod
    def uniform(cls, action: Action) -> SourcePolicy:
        """The same for every finding; `show` tells nothing at all."""
        late = Action.SHOW if action is Action.SHOW else Action.BADGE
        return cls(dict.fromkeys(DEFAULT_RULES, action), late=late).wary()

    def wary(self) -> SourcePolicy:
        """With a badge on what wasn't checked, if the policy blocks any finding."""
        blocks = Action.BLOCK in self.rules.values()
        return replace(self, unchecked=Action.BADGE) if blocks else self


def read_policy(value: Any) -> SourcePolicy | None:
    """The policy that settings describe (decoded JSON of any shape); None if they are wrong.

    Either one action for all findings, or an object: `strong` and `weak` have an action, or one for
    each class of licence; `removed`, `unchecked` and `late` have an action; what isn't named stays
    as it is by default, or follows from the rest (`SourcePolicy.unchecked`).
    """
    if value is None:
        return SourcePolicy()
    if (action := _action(value)) is not None:
        return SourcePolicy.uniform(action)
    if not isinstance(value, dict):
        return None
    policy = SourcePolicy()
    rules = dict(DEFAULT_RULES)
    for key, item in value.items():
        tier = _TIERS.get(key)
        action = _action(item)
        if tier is not None:
            chosen = _by_class(item) if action is None else dict.fromkeys(LicenseClass, action)
            if chosen is None:
                return None
            rules |= {(tier, kind): wanted for kind, wanted in chosen.items()}
        elif action is None:
            return None
        elif key == "removed":
            policy = replace(policy, removed=action)
        elif key == "unchecked":
            policy = replace(policy, unchecked=action)
        elif key == "late":
            policy = replace(policy, late=action)
        else:
            return None
    policy = replace(policy, rules=rules)
    return policy if "unchecked" in value else policy.wary()


def _by_class(value: Any) -> dict[LicenseClass, Action] | None:
    if not isinstance(value, dict):
        return None
    chosen = {_CLASSES.get(key): _action(item) for key, item in value.items()}
    found = {kind: action for kind, action in chosen.items() if kind and action}
    return found if len(found) == len(value) else None


def _action(value: Any) -> Action | None:
    return Action(value) if isinstance(value, str) and value in tuple(Action) else None
