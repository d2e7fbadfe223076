"""Between a suggestion and its display: the check of its sources, and what follows from it."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from inkling.working_tree import read_source
from lsp_server.provenance.checker import Asked
from lsp_server.provenance.gate import describe
from lsp_server.provenance.once import corpus_of, find_index, workspace_files
from lsp_server.provenance.policy import Action
from lsp_server.suggest import language_of

if TYPE_CHECKING:
    from pathlib import Path

    from attribution.findings import Own
    from lsp_server.methods.asking import Suggestion
    from lsp_server.provenance.checker import Judgement
    from lsp_server.server import InklingServer, Outcome

logger = logging.getLogger(__name__)


def open_sources(server: InklingServer) -> None:
    """Open the index that belongs to the loaded model, in the background."""
    bundle = server.served.bundle if server.served is not None else None
    named = server.options.attribution_index
    if named is None:
        named = server.settings.attribution_index
    folder = find_index(named, bundle)
    opened = server.sources.open(folder, corpus_of(bundle))
    if opened is None:
        logger.info("suggestions are not checked: there is no index of the training data")
        return
    opened.add_done_callback(lambda _: logger.info("sources: %s", _said(server)))


def _said(server: InklingServer) -> str:
    return server.sources.failure or f"the index {server.sources.folder} is open"


async def read_own_code(server: InklingServer) -> None:
    """Learn the workspace's files, which are no accusation."""
    files = workspace_files(server.folders, server.hides)
    await asyncio.to_thread(server.own_code.load, files)


async def read_again(server: InklingServer, path: Path) -> None:
    """A file of the workspace was written, made or removed."""
    text = None if server.hides(path) else await asyncio.to_thread(read_source, path)
    server.own_code.update(str(path), text)


def own_of(server: InklingServer) -> Own:
    """Whether the workspace's files or the open documents hold a text."""
    opened = [document.text or "" for document in server.documents.all()]

    def own(text: str) -> bool:
        return any(text in each.replace("\r\n", "\n").replace("\r", "\n") for each in opened) or (
            server.own_code.holds(text)
        )

    return own


async def judged(
    server: InklingServer, outcome: Outcome, suggestion: Suggestion
) -> tuple[Outcome, Suggestion | None]:
    """The suggestion with what the check says of it; None instead of one that is blocked."""
    document = suggestion.document
    before = (document.text or "")[: suggestion.offset]
    judgement = await server.sources.judge(
        Asked(document.uri, before, suggestion.text, language_of(document)),
        server.source_policy,
        own_of(server),
        server.options.attribution_budget_ms,
    )
    outcome = replace(outcome, judgement=judgement)
    if judgement.verdict.action is Action.BLOCK:
        return blocked(outcome, judgement), None
    return outcome, replace(suggestion, judgement=judgement)


def blocked(outcome: Outcome, judgement: Judgement) -> Outcome:
    """The outcome of a suggestion that the policy blocks; names its source, not its text."""
    verdict = judgement.verdict
    return replace(outcome, code=verdict.reason, reason=f"blocked: {describe(verdict.report)}")
