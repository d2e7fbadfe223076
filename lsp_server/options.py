"""What the editor may set: `initializationOptions` and `workspace/didChangeConfiguration`.

Wrong or unknown keys are logged, not fatal.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from inkling.languages import BY_NAME
from lsp_server.engine.records import Source
from lsp_server.exclusions import Exclusion, read_exclusions
from lsp_server.features import Feature
from lsp_server.provenance.policy import SourcePolicy, read_policy
from lsp_server.suggest import MAX_LINES, MIN_PROBABILITY

if TYPE_CHECKING:
    from collections.abc import Callable

BUDGET_MS = 10.0
"""How long a suggestion waits for the check of its sources."""
_MAX_BUDGET_MS = 60_000
_MOST = 1024
"""Of tokens or lines."""


@dataclass(frozen=True)
class ClientOptions:
    """The editor's settings; names on the wire are in camel case.

    Attributes:
        model: bundle folder or GGUF file.
        adapter: LoRA adapter to run the model with, a GGUF file or a folder that holds one.
        max_new_tokens: longest suggestion, in tokens.
        max_lines: longest suggestion, in lines.
        languages: names of `inkling.languages` to suggest in; None: all that the model knows.
        min_probability: a suggestion ends where it would become less probable than this.
        source: who answers: the model, the memory of the workspace, or both.
        exclude: files of the workspace of which nothing is read for other files.
        least_confidence: geometric mean of the tokens' probabilities below which nothing is shown.
        statistics: whether to count, on this machine, what is shown and taken.
        keep_text: whether to write down, on this machine, the text of suggestions and what was
            written instead, for preference tuning.
        snippet_tokens: room in a prompt for parts of other files; None: by the model's context.
        status_notifications: whether to tell the client when the status changes.
        attribution_index: folder of the index of the training data; "" for none; None: the bundle's
            own, else the default one.
        attribution_policy: what becomes of suggestions that have a source; None: what the settings
            say.
        attribution_budget_ms: how long a suggestion waits for that check.
        without: what to do without, in order to measure it.
    """

    model: str | None = None
    adapter: str | None = None
    max_new_tokens: int | None = None
    max_lines: int = MAX_LINES
    languages: frozenset[str] | None = None
    min_probability: float = MIN_PROBABILITY
    source: Source = Source.BOTH
    exclude: tuple[Exclusion, ...] = ()
    least_confidence: float = 0.0
    statistics: bool = True
    keep_text: bool = False
    status_notifications: bool = False
    snippet_tokens: int | None = None
    attribution_index: str | None = None
    attribution_policy: SourcePolicy | None = None
    attribution_budget_ms: float = BUDGET_MS
    without: frozenset[Feature] = frozenset()


def read_client_options(value: Any) -> tuple[ClientOptions, list[str]]:
    """The options in `value` (decoded JSON of any shape), and what was wrong with it."""
    complaints: list[str] = []
    if value is None:
        return ClientOptions(), complaints
    if not isinstance(value, dict):
        return ClientOptions(), ["initializationOptions is not an object"]
    found: dict[str, Any] = {}
    for key, item in value.items():
        if key not in _OPTIONS:
            complaints.append(f"the key '{key}' is unknown")
            continue
        name, read = _OPTIONS[key]
        try:
            found[name] = read(item)
        except ValueError:
            complaints.append(f"the value of '{key}' is not valid")
    return ClientOptions(**found), complaints


# Each reads a value of decoded JSON; ValueError if it makes no sense.


def _text(item: Any) -> str | None:
    if item is not None and not isinstance(item, str):
        raise ValueError
    return item


def _path(item: Any) -> str | None:
    return _text(item) or None


def _switch(item: Any) -> bool:
    if not isinstance(item, bool):
        raise ValueError
    return item


def _count(item: Any) -> int:
    if not isinstance(item, int) or isinstance(item, bool) or not 1 <= item <= _MOST:
        raise ValueError
    return item


def _room(item: Any) -> int | None:
    if item is None or (item == 0 and isinstance(item, int) and not isinstance(item, bool)):
        return item
    return _count(item)


def _share(item: Any) -> float:
    if not _is_number(item) or not 0 <= item <= 1:
        raise ValueError
    return float(item)


def _budget(item: Any) -> float:
    if not _is_number(item) or not 0 < item <= _MAX_BUDGET_MS:
        raise ValueError
    return float(item)


def _languages(item: Any) -> frozenset[str] | None:
    if item is None:
        return None
    if not isinstance(item, list) or not all(isinstance(name, str) for name in item):
        raise ValueError
    if not BY_NAME.keys() >= set(item):
        raise ValueError
    return frozenset(item)


def _features(item: Any) -> frozenset[Feature]:
    if not isinstance(item, list):
        raise ValueError
    return frozenset(map(Feature, item))


def _exclusions(item: Any) -> tuple[Exclusion, ...]:
    if (found := read_exclusions(item)) is None:
        raise ValueError
    return found


def _policy(item: Any) -> SourcePolicy | None:
    if (found := read_policy(item)) is None:
        raise ValueError
    return None if item is None else found


def _is_number(item: Any) -> bool:
    return isinstance(item, int | float) and not isinstance(item, bool)


_OPTIONS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "model": ("model", _path),
    "adapter": ("adapter", _path),
    "maxNewTokens": ("max_new_tokens", _count),
    "maxLines": ("max_lines", _count),
    "languages": ("languages", _languages),
    "minProbability": ("min_probability", _share),
    "source": ("source", Source),
    "exclude": ("exclude", _exclusions),
    "leastConfidence": ("least_confidence", _share),
    "statistics": ("statistics", _switch),
    "keepText": ("keep_text", _switch),
    "snippetTokens": ("snippet_tokens", _room),
    "statusNotifications": ("status_notifications", _switch),
    "attributionIndex": ("attribution_index", _text),
    "attributionPolicy": ("attribution_policy", _policy),
    "attributionBudgetMs": ("attribution_budget_ms", _budget),
    "without": ("without", _features),
}
"""The field of each key, and how its value is read."""
