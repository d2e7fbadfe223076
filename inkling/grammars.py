"""Tree-sitter grammars by language, from the single-language wheels, loaded when first asked for.

A language without a grammar, or whose wheel is missing, has none; the rules then do without.
"""

from __future__ import annotations

import importlib
import logging
from functools import cache

from tree_sitter import Language, Parser

from inkling.languages import BY_NAME

logger = logging.getLogger(__name__)

# Wheels that hold several grammars: all that the language may be written in.
_FUNCTIONS = {
    "typescript": ("language_typescript", "language_tsx"),
    "php": ("language_php",),
}


@cache
def parsers(language: str | None) -> tuple[Parser, ...]:
    """Parsers of a language of `inkling.languages`, the likeliest first; empty if there is none."""
    row = BY_NAME.get(language or "")
    if row is None or row.grammar is None:
        return ()
    try:
        module = importlib.import_module(row.grammar)
        functions = _FUNCTIONS.get(row.name, ("language",))
        return tuple(Parser(Language(getattr(module, name)())) for name in functions)
    except (ImportError, AttributeError, ValueError) as error:
        logger.info("no grammar for %s: %s", row.name, type(error).__name__)
        return ()
