"""`inkling/status`: which model serves, how it is doing, and why nothing was suggested."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from inkling import __version__

if TYPE_CHECKING:
    from lsp_server.server import InklingServer

METHOD = "inkling/status"


def status(server: InklingServer, _params: Any) -> dict[str, Any]:
    """The state as plain JSON; `docs/protocol.md` describes it."""
    return {
        "version": __version__,
        **_model_state(server),
        "memory": _memory(server),
        "last": _last(server),
    }


def _model_state(server: InklingServer) -> dict[str, Any]:
    if server.worker is None or not server.worker.ready.done():
        return {"state": "loading", "model": None, "message": None}
    if error := server.worker.ready.exception():
        return {"state": "failed", "model": None, "message": str(error)}
    engine = server.worker.ready.result()
    bundle = engine.model.bundle
    model = {
        "name": bundle.name,
        "path": str(bundle.model_path),
        "contextTokens": engine.session.context_size,
        "languages": bundle.manifest.languages if bundle.manifest else [],
    }
    return {"state": "ready", "model": model, "message": None}


def _memory(server: InklingServer) -> dict[str, Any] | None:
    if server.remembering is None or not server.remembering.is_read:
        return None
    memory = server.remembering.memory
    return {
        "files": memory.files,
        "tokens": memory.tokens,
        "reading": server.remembering.is_reading,
    }


def _last(server: InklingServer) -> dict[str, Any]:
    completion = server.last.completion
    if completion is None:
        return {
            "silence": server.last.reason,
            "typedAlong": server.last.typed_along,
            "figures": None,
        }
    figures = {
        "promptTokens": completion.prompt_tokens,
        "reusedTokens": completion.reused_tokens,
        "newTokens": len(completion.tokens),
        "prefillMs": round(completion.prefill_ms, 1),
        "decodeMs": round(completion.decode_ms, 1),
        "finishReason": completion.finish_reason.value,
        "fromMemory": completion.from_memory,
        "evaluations": completion.evaluations,
        "draftedTokens": completion.drafted,
        "acceptedTokens": completion.accepted,
    }
    return {"silence": None, "typedAlong": False, "figures": figures}
