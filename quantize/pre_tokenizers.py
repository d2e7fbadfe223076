"""How a tokenizer splits text before BPE, and the name that llama.cpp has for the same rule.

llama.cpp splits by a named rule, not by what `tokenizer.json` says. A tokenizer with any other
rule would load and then silently see other tokens than the model was trained on.
"""

from __future__ import annotations

from typing import Any

Steps = tuple[tuple[str, ...], ...]

_DIGITS = ("digit",)
_GPT2 = ("bytes", "split like GPT-2")
_BYTES = ("bytes",)
_QWEN2 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
_DEEPSEEK_CODER = ("[\r\n]", r"\s?\p{L}+", r"\s?\p{P}+", "[一-龥ࠀ-一가-퟿]+")

RULES: dict[str, Steps] = {
    "starcoder": (_DIGITS, _GPT2),
    "qwen2": (("split", _QWEN2), _BYTES),
    "deepseek-coder": (*(("split", regex) for regex in _DEEPSEEK_CODER), _DIGITS, _BYTES),
}
"""llama.cpp's name → steps. `starcoder` is our own rule, and Granite-Code's."""


def rule_name(pre_tokenizer: dict[str, Any] | None) -> str | None:
    """llama.cpp's name of a pre-tokenizer of `tokenizer.json`; None if it has none.

    Raises:
        KeyError, TypeError: the description is damaged.
    """
    steps = _steps(pre_tokenizer)
    return next((name for name, known in RULES.items() if known == steps), None)


def _steps(rule: dict[str, Any] | None) -> Steps:
    if rule is None:
        return ()
    if rule["type"] == "Sequence":
        return tuple(step for part in rule["pretokenizers"] for step in _steps(part))
    return (_step(rule),)


def _step(rule: dict[str, Any]) -> tuple[str, ...]:
    kind = rule["type"]
    if kind == "Digits" and rule["individual_digits"] is True:
        return _DIGITS
    if kind == "ByteLevel" and rule["add_prefix_space"] is False:
        return _GPT2 if rule.get("use_regex", True) is True else _BYTES
    if kind == "Split" and rule["behavior"] == "Isolated" and not rule.get("invert"):
        return ("split", rule["pattern"].get("Regex", ""))
    return ("unknown",)
