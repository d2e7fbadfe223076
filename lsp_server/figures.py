"""The figures of an answer, as `inkling/status` and `inkling explain --json` name them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lsp_server.engine.records import Completion


def figures(completion: Completion) -> dict[str, Any]:
    """Plain JSON; `docs/protocol.md` describes it."""
    return {
        "promptTokens": completion.prompt_tokens,
        "reusedTokens": completion.reused_tokens,
        "newTokens": len(completion.tokens),
        "prefillMs": round(completion.prefill_ms, 1),
        "decodeMs": round(completion.decode_ms, 1),
        "finishReason": completion.finish_reason.value,
        "fromMemory": completion.from_memory,
        "prepared": completion.prepared,
        "evaluations": completion.evaluations,
        "draftedTokens": completion.drafted,
        "acceptedTokens": completion.accepted,
    }
