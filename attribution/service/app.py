"""The routes: check a text, look for a repository, ask for removal, and the page that does these.

Nothing here comes from another host, and the page shows every name and text as text, never as
markup. Checks are synchronous functions, which the framework runs in threads.
"""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, HTTPException, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, JSONResponse
from pydantic import BaseModel, Field
from starlette.middleware.trustedhost import TrustedHostMiddleware

from attribution.findings import Scope
from attribution.handle import IndexHandle
from attribution.likely_language import likely_language
from attribution.matter import Tier
from attribution.query import check
from attribution.report import as_json
from attribution.repositories import list_repositories
from attribution.service.guard import Guard, RateLimit
from inkling import __version__
from inkling.errors import InklingError
from inkling.languages import BY_NAME, detect_language
from inkling.optout import add_entries, parse_entry

PAGE = Path(__file__).parent / "page"
LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")
_SOURCES = 100
_MOST_SOURCES = 100_000
_LONGEST_SECONDS = 30
"""A check ends then with what it has found, and says so: nobody may wait any more."""
_MAX_ROWS = 200


class Question(BaseModel):
    """A text to check; its language is named, or that of its file's name, or of what the index
    knows of it."""

    text: str
    language: str | None = Field(default=None, max_length=40)
    path: str | None = Field(default=None, max_length=1000)
    tier: Tier = Tier.WEAK
    corpus: str | None = Field(default=None, max_length=100)
    """Manifest hash of the corpus that the model was trained on, if it isn't the service's own."""
    sources: int = Field(default=_SOURCES, ge=1, le=_MOST_SOURCES)
    """Holders of a finding that are named; all are counted."""


class Removal(BaseModel):
    """An entry of the opt-out list, such as `repo owner/name`."""

    rule: str = Field(max_length=1000)


def create_app(
    folder: Path,
    opt_out: Path,
    *,
    key: str | None = None,
    limit: RateLimit | None = None,
    hosts: tuple[str, ...] = LOOPBACK_NAMES,
    corpus: str | None = None,
) -> FastAPI:
    """The service over the index in `folder`.

    Args:
        opt_out: file that requests for removal are appended to.
        hosts: names under which it answers, so that no web page can reach it under its own.
        corpus: manifest hash of the corpus that the model was trained on, unless a question names
            another; answers say if the index belongs to another one.

    Raises:
        InklingError: there is no index.
    """
    handle = IndexHandle(folder)
    # The interactive documentation would load scripts from another host.
    app = FastAPI(title="Inkling attribution", version=__version__, docs_url=None, redoc_url=None)
    app.add_exception_handler(RequestValidationError, _senseless)
    app.add_middleware(Guard, key=key, limit=limit)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(hosts))
    app.include_router(answers(handle, corpus))
    app.include_router(requests(opt_out))
    app.include_router(files())
    return app


def answers(handle: IndexHandle, corpus: str | None = None) -> APIRouter:
    """What an index says, to users of a model that was trained on `corpus`."""
    router = APIRouter(prefix="/v1")

    @router.post("/attribution")
    def attribution(question: Question) -> dict[str, Any]:
        index = handle.current()
        text = question.text.encode(errors="surrogatepass")
        language = _language(question) or likely_language(index, text)
        limit = time.monotonic() + _LONGEST_SECONDS
        scope = Scope(
            corpus=corpus if question.corpus is None else question.corpus,
            quietest=question.tier,
            max_sources=question.sources,
            stop=lambda: time.monotonic() > limit,
        )
        return {"language": language, **as_json(check(index, text, language, scope))}

    @router.get("/repositories")
    def repositories(query: Annotated[str, Query(max_length=200)] = "") -> dict[str, Any]:
        index = handle.current()
        rows = [row for row in list_repositories(index) if row.is_called(query)]
        return {
            "total": len(rows),
            "repositories": [vars(row) for row in rows[:_MAX_ROWS]],
            "unchecked": list(index.damaged),
        }

    @router.get("/status")
    def status() -> dict[str, Any]:
        index = handle.current()
        return {
            "version": __version__,
            "generation": index.manifest.generation,
            "corpora": index.manifest.corpora,
            "documents": index.manifest.documents,
            "languages": sorted(index.languages),
            "damaged": list(index.damaged),
        }

    return router


def requests(opt_out: Path) -> APIRouter:
    """Requests for removal, which go onto the list in `opt_out`."""
    router = APIRouter(prefix="/v1")
    writing = threading.Lock()

    @router.post("/removals", status_code=202)
    def removals(removal: Removal) -> dict[str, str]:
        try:
            rule = parse_entry(removal.rule)
            with writing:
                add_entries([rule], opt_out)
        except InklingError as error:
            raise HTTPException(422, str(error)) from error
        return {"rule": str(rule), "status": "requested"}

    return router


def files() -> APIRouter:
    """The page: these three files and no other, so no path can lead elsewhere."""
    router = APIRouter(include_in_schema=False)

    @router.get("/")
    def page() -> FileResponse:
        return FileResponse(PAGE / "index.html")

    @router.get("/page.js")
    def script() -> FileResponse:
        return FileResponse(PAGE / "page.js")

    @router.get("/page.css")
    def style() -> FileResponse:
        return FileResponse(PAGE / "page.css")

    return router


def _senseless(_request: Request, error: Exception) -> JSONResponse:
    """What is wrong with a question, without its words: they may be long, or no Unicode text."""
    assert isinstance(error, RequestValidationError)
    flaws = (
        f"{'.'.join(str(part) for part in flaw['loc'])}: {flaw['msg']}." for flaw in error.errors()
    )
    return JSONResponse({"detail": f"The question makes no sense: {' '.join(flaws)}"}, 422)


def _language(question: Question) -> str | None:
    if question.language is not None:
        if question.language not in BY_NAME:
            raise HTTPException(422, f"Choose a language from: {', '.join(BY_NAME)}.")
        return question.language
    found = detect_language(question.path or "", question.text[:200].partition("\n")[0])
    return found.name if found else None
