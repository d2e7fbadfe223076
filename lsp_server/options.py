"""What the editor may set: `initializationOptions` and `workspace/didChangeConfiguration`.

Wrong or unknown keys are logged, not fatal.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from inkling.languages import BY_NAME
from lsp_server.engine.records import Source
from lsp_server.exclusions import Exclusion, read_exclusions
from lsp_server.features import Feature
from lsp_server.provenance.policy import SourcePolicy, read_policy
from lsp_server.suggest import MAX_LINES, MIN_PROBABILITY

_KEYS = (
    "model",
    "adapter",
    "maxNewTokens",
    "maxLines",
    "languages",
    "minProbability",
    "source",
    "exclude",
    "leastConfidence",
    "statistics",
    "keepText",
    "statusNotifications",
    "snippetTokens",
    "attributionIndex",
    "attributionPolicy",
    "attributionBudgetMs",
    "without",
)
BUDGET_MS = 10.0
"""How long a suggestion waits for the check of its sources."""
_MAX_BUDGET_MS = 60_000


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
    options = ClientOptions()
    complaints: list[str] = []
    if value is None:
        return options, complaints
    if not isinstance(value, dict):
        return options, ["initializationOptions is not an object"]
    for key, item in value.items():
        if key == "model" and (item is None or isinstance(item, str)):
            options = replace(options, model=item or None)
        elif key == "adapter" and (item is None or isinstance(item, str)):
            options = replace(options, adapter=item or None)
        elif key == "maxNewTokens" and _is_count(item):
            options = replace(options, max_new_tokens=item)
        elif key == "maxLines" and _is_count(item):
            options = replace(options, max_lines=item)
        elif key == "languages" and _is_language_list(item):
            options = replace(options, languages=None if item is None else frozenset(item))
        elif key == "minProbability" and _is_share(item):
            options = replace(options, min_probability=float(item))
        elif key == "source" and item in tuple(Source):
            options = replace(options, source=Source(item))
        elif key == "exclude" and (exclude := read_exclusions(item)) is not None:
            options = replace(options, exclude=exclude)
        elif key == "leastConfidence" and _is_share(item):
            options = replace(options, least_confidence=float(item))
        elif key == "statistics" and isinstance(item, bool):
            options = replace(options, statistics=item)
        elif key == "keepText" and isinstance(item, bool):
            options = replace(options, keep_text=item)
        elif key == "snippetTokens" and _is_room(item):
            options = replace(options, snippet_tokens=item)
        elif key == "statusNotifications" and isinstance(item, bool):
            options = replace(options, status_notifications=item)
        elif key == "attributionIndex" and (item is None or isinstance(item, str)):
            options = replace(options, attribution_index=item)
        elif key == "attributionPolicy" and (policy := read_policy(item)) is not None:
            options = replace(options, attribution_policy=None if item is None else policy)
        elif key == "attributionBudgetMs" and _is_number(item) and 0 < item <= _MAX_BUDGET_MS:
            options = replace(options, attribution_budget_ms=float(item))
        elif key == "without" and _is_feature_list(item):
            options = replace(options, without=frozenset(map(Feature, item)))
        elif key in _KEYS:
            complaints.append(f"the value of '{key}' is not valid")
        else:
            complaints.append(f"the key '{key}' is unknown")
    return options, complaints


def _is_count(item: Any) -> bool:
    return isinstance(item, int) and not isinstance(item, bool) and 1 <= item <= 1024


def _is_number(item: Any) -> bool:
    return isinstance(item, int | float) and not isinstance(item, bool)


def _is_share(item: Any) -> bool:
    return _is_number(item) and 0 <= item <= 1


def _is_feature_list(item: Any) -> bool:
    return isinstance(item, list) and all(name in tuple(Feature) for name in item)


def _is_language_list(item: Any) -> bool:
    return item is None or (
        isinstance(item, list) and all(isinstance(name, str) and name in BY_NAME for name in item)
    )


def _is_room(item: Any) -> bool:
    return (
        item is None
        or _is_count(item)
        or (isinstance(item, int) and item is not False and not item)
    )
