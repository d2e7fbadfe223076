"""GGUF files of metadata only, written by hand."""

from __future__ import annotations

import struct
from typing import Any


def gguf_bytes(entries: dict[str, Any], version: int = 3) -> bytes:
    """A GGUF file without tensors: texts, whole numbers and lists of texts."""
    body = b"".join(_text(key) + _value(value) for key, value in entries.items())
    return b"GGUF" + struct.pack("<IQQ", version, 0, len(entries)) + body


def _text(text: str) -> bytes:
    data = text.encode()
    return struct.pack("<Q", len(data)) + data


def _value(value: Any) -> bytes:
    if isinstance(value, str):
        return struct.pack("<I", 8) + _text(value)
    if isinstance(value, list):
        return struct.pack("<IIQ", 9, 8, len(value)) + b"".join(map(_text, value))
    return struct.pack("<II", 4, value)


def qwen_like(padding: int = 0) -> bytes:
    """What a small model with named sentinels looks like, and `padding` bytes after it."""
    entries = {
        "general.architecture": "qwen2",
        "qwen2.context_length": 32768,
        "tokenizer.ggml.fim_pre_token_id": 3,
        "tokenizer.ggml.fim_suf_token_id": 4,
        "tokenizer.ggml.fim_mid_token_id": 5,
    }
    return gguf_bytes(entries) + b"\0" * padding
