"""`initializationOptions` of any shape are read without complaint to the user."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.options import ClientOptions, read_client_options

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def test_known_keys_are_read() -> None:
    value = {"model": "m.gguf", "adapter": "a", "maxNewTokens": 12, "maxLines": 3}
    options, complaints = read_client_options({**value, "languages": ["python", "go"]})
    assert options == ClientOptions("m.gguf", "a", 12, 3, frozenset({"python", "go"}))
    assert not complaints


@pytest.mark.parametrize(
    "value",
    [
        {"model": 3}, {"adapter": 3}, {"maxNewTokens": 0}, {"maxNewTokens": True},
        {"maxLines": "8"},
        {"languages": ["klingon"]}, {"languages": "python"}, {"modle": "x"}, ["model"], "model",
    ],
)  # fmt: skip
def test_wrong_values_are_named_and_ignored(value: Any) -> None:
    options, complaints = read_client_options(value)
    assert options == ClientOptions()
    assert len(complaints) == 1


KEYS = [
    "model", "adapter", "maxNewTokens", "maxLines", "languages", "minProbability", "source",
    "exclude", "leastConfidence", "statistics", "keepText", "snippetTokens", "statusNotifications",
    "attributionIndex", "attributionPolicy", "attributionBudgetMs", "without",
]  # fmt: skip


@pytest.mark.parametrize("key", KEYS)
def test_every_key_is_known_and_refuses_nonsense(key: str) -> None:
    options, complaints = read_client_options({key: {"no": "sense"}})
    assert options == ClientOptions()
    assert complaints == [f"the value of '{key}' is not valid"]


@given(st.dictionaries(st.sampled_from(KEYS), json_values) | json_values)
def test_nothing_raises(value: Any) -> None:
    read_client_options(value)
