"""Good open models with fill-in-the-middle: a table, and what of it this machine can run.

Sizes are those of the files, rounded; the exact ones come with a download.
"""

from __future__ import annotations

from dataclasses import dataclass

_MB = 1_000_000
_CONTEXT_TOKENS = 4096
_RUNTIME_BYTES = 150 * _MB
_SUGGESTION_TOKENS = 12
_PATIENCE_SECONDS = 0.6
_MEMORY_SHARE = 0.5


@dataclass(frozen=True)
class Entry:
    """One model of the list.

    Attributes:
        name: by which the user names it.
        repository: on the hub, and `file` in it.
        parameters: in billions.
        bytes: size of the file.
        cache_bytes: keys and values of one token, in f16.
        licence: SPDX identifier, or the name of a licence that has none.
        note: one line for the user.
        context_tokens: longest context worth using.
    """

    name: str
    repository: str
    file: str
    parameters: float
    bytes: int
    cache_bytes: int
    licence: str
    note: str
    context_tokens: int = _CONTEXT_TOKENS

    @property
    def memory_bytes(self) -> int:
        """What it takes to run: weights, a full context, the runtime."""
        return self.bytes + self.cache_bytes * self.context_tokens + _RUNTIME_BYTES


CATALOG = (
    Entry("qwen2.5-coder-0.5b", "ggml-org/Qwen2.5-Coder-0.5B-Q8_0-GGUF",
          "qwen2.5-coder-0.5b-q8_0.gguf", 0.5, 531 * _MB, 12_288, "Apache-2.0",
          "the smallest that helps; for old machines"),
    Entry("qwen2.5-coder-1.5b", "ggml-org/Qwen2.5-Coder-1.5B-Q8_0-GGUF",
          "qwen2.5-coder-1.5b-q8_0.gguf", 1.5, 1_646 * _MB, 28_672, "Apache-2.0",
          "a good choice for most laptops"),
    Entry("deepseek-coder-1.3b", "TheBloke/deepseek-coder-1.3b-base-GGUF",
          "deepseek-coder-1.3b-base.Q8_0.gguf", 1.3, 1_430 * _MB, 196_608,
          "DeepSeek licence (use restrictions)", "an older alternative"),
    Entry("starcoder2-3b", "second-state/StarCoder2-3B-GGUF", "starcoder2-3b-Q4_K_M.gguf",
          3.0, 1_850 * _MB, 30_720, "BigCode OpenRAIL-M v1 (use restrictions)",
          "trained on permissively licensed code, with an opt-out"),
    Entry("granite-3b-code", "ibm-granite/granite-3b-code-base-2k-GGUF",
          "granite-3b-code-base.Q4_K_M.gguf", 3.5, 2_100 * _MB, 327_680, "Apache-2.0",
          "116 languages, permissively licensed code", 2048),
    Entry("qwen2.5-coder-3b", "ggml-org/Qwen2.5-Coder-3B-Q8_0-GGUF",
          "qwen2.5-coder-3b-q8_0.gguf", 3.1, 3_285 * _MB, 36_864,
          "Qwen Research (not for commercial use)", "for a GPU or a fast desktop"),
    Entry("qwen2.5-coder-7b", "ggml-org/Qwen2.5-Coder-7B-Q8_0-GGUF",
          "qwen2.5-coder-7b-q8_0.gguf", 7.6, 8_098 * _MB, 57_344, "Apache-2.0",
          "the best of the list; for a GPU"),
)  # fmt: skip


def find(name: str) -> Entry | None:
    """The entry of this name."""
    return next((entry for entry in CATALOG if entry.name == name), None)


def seconds_for_a_suggestion(entry: Entry, bytes_per_second: float) -> float:
    """Seconds to decode a short suggestion where the weights are read at this rate.

    Decoding one token reads all weights once, so memory bandwidth decides.
    """
    return _SUGGESTION_TOKENS * entry.bytes / bytes_per_second


def recommended(bytes_per_second: float, memory_bytes: int | None) -> Entry | None:
    """The largest entry with a free licence that this machine runs at typing speed.

    Args:
        memory_bytes: of the machine; None if unknown.
    """
    room = None if memory_bytes is None else memory_bytes * _MEMORY_SHARE
    fitting = [
        entry
        for entry in CATALOG
        if "(" not in entry.licence
        and seconds_for_a_suggestion(entry, bytes_per_second) <= _PATIENCE_SECONDS
        and (room is None or entry.memory_bytes <= room)
    ]
    return max(fitting, key=lambda entry: entry.parameters, default=None)
