"""`inkling/status`: which model serves, how it is doing, and why nothing was suggested.

A request of the client, and a notification to clients that want one whenever the state changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from inkling import __version__
from inkling.errors import InklingError
from lsp_server.figures import figures
from lsp_server.provenance.gate import verdict_json
from lsp_server.rules.reasons import explain

if TYPE_CHECKING:
    from lsp_server.provenance.checker import Judgement
    from lsp_server.server import InklingServer

METHOD = "inkling/status"


def status(server: InklingServer, _params: Any) -> dict[str, Any]:
    """The state as plain JSON; `docs/protocol.md` describes it."""
    return {
        "version": __version__,
        "enabled": server.enabled,
        "running": server.running is not None and not server.running.ticket.future.done(),
        **_model_state(server),
        "memory": _memory(server),
        "attribution": _attribution(server),
        "last": last_outcome(server),
    }


def _model_state(server: InklingServer) -> dict[str, Any]:
    if server.worker is None or not server.worker.ready.done():
        return {"state": "loading", "model": None, "message": None}
    if error := server.worker.ready.exception():
        cause = error.cause if isinstance(error, InklingError) else str(error)
        return {"state": "failed", "model": None, "message": str(error), "cause": cause}
    served = server.worker.ready.result().served
    model = {
        "name": served.name,
        "path": served.path,
        "contextTokens": served.context_tokens,
        "languages": list(served.languages),
        "adapter": str(served.adapter) if served.adapter is not None else None,
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


def _attribution(server: InklingServer) -> dict[str, Any]:
    """The index that suggestions are checked against."""
    sources = server.sources
    index = sources.index()
    opening = "opening" if sources.is_opening else "failed" if sources.failure else "none"
    return {
        "state": "ready" if index is not None else opening,
        "index": str(sources.folder) if sources.folder is not None else None,
        "message": sources.failure,
        "documents": index.manifest.documents if index is not None else 0,
        "damaged": list(index.damaged) if index is not None else [],
    }


def last_outcome(server: InklingServer) -> dict[str, Any]:
    """What became of the last request: the reason for silence, the rules, the figures."""
    last = server.last
    return {
        "silence": last.reason,
        "code": last.code.value if last.code is not None else None,
        "typedAlong": last.typed_along,
        "joined": last.joined,
        "rules": [
            {"code": step.code.value, "reason": explain(step.code), "removed": step.removed}
            for step in last.steps
        ],
        "figures": figures(last.completion) if last.completion is not None else None,
        "attribution": _judgement(last.judgement) if last.judgement is not None else None,
    }


def _judgement(judgement: Judgement) -> dict[str, Any]:
    return {**verdict_json(judgement.verdict), "ms": round(judgement.ms, 1)}


def notify(server: InklingServer) -> None:
    """Send the status to a client that asked for it, unless it has not changed but in figures."""
    if not server.options.status_notifications:
        return
    now = status(server, None)
    seen = {key: value for key, value in now.items() if key != "last"}
    seen["silence"] = (now["last"]["code"], now["last"]["silence"])
    seen["badge"] = (now["last"]["attribution"] or {}).get("badge")
    if seen != server.notified:
        server.notified = seen
        server.protocol.notify(METHOD, now)
