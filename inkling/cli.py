"""The console script `inkling`: one command a package, imported only when it is called.

Every `python -m X` has its twin `inkling X`; both end in the `main(arguments)` named below.
"""

from __future__ import annotations

import importlib
import sys
from dataclasses import dataclass

from inkling import __version__
from inkling.errors import EXIT_BAD_INPUT, InklingError, how_to_install, run_command


@dataclass(frozen=True)
class Command:
    """One row of the table.

    Attributes:
        target: `module:function`, a `main(arguments) -> status`.
        extra: what to install, should a package be missing that the module imports.
    """

    name: str
    target: str
    summary: str
    extra: str | None = None

    @property
    def package(self) -> str:
        return self.target.partition(".")[0]


COMMANDS = (
    Command("complete", "lsp_server.complete:main", "print a completion at FILE:LINE:COLUMN"),
    Command("lsp", "lsp_server.cli:main", "serve completions to an editor (LSP)"),
    Command("explain", "lsp_server.explain:main", "say why FILE:LINE:COLUMN gets what it gets"),
    Command("model", "lsp_server.models.cli:main", "list, fetch, choose and remove models"),
    Command("doctor", "lsp_server.models.doctor:main", "say what is installed and what is wrong"),
    Command("uninstall-data", "lsp_server.models.uninstall:main", "remove what Inkling has stored"),
    Command("stats", "lsp_server.stats:main", "print what was shown and taken on this machine"),
    Command("curation", "curation.cli:main", "turn source code into a training corpus", "train"),
    Command("pretrain", "pretrain.cli:main", "train a tokenizer and a base model", "train"),
    Command("quantize", "quantize.cli:main", "turn a checkpoint into a bundle to serve", "train"),
    Command("finetune", "finetune.cli:main", "adapt a model to your repository", "train"),
    Command("attribution", "attribution.cli:main", "name the source of a text", "attribution"),
    Command("evaluation", "evaluation.cli:main", "measure a model on held-out code", "evaluate"),
)
OUR_PACKAGES = {"inkling", *(command.package for command in COMMANDS)}


def usage() -> str:
    width = max(len(command.name) for command in COMMANDS)
    rows = "\n".join(f"  {command.name:<{width}}  {command.summary}" for command in COMMANDS)
    return (
        "usage: inkling COMMAND [ARGUMENTS]\n\n"
        f"{rows}\n\n'inkling COMMAND --help' describes a command; 'inkling --version' the release."
    )


def _run(command: Command, arguments: list[str]) -> int:
    module, function = command.target.split(":")
    try:
        run = getattr(importlib.import_module(module), function)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] in OUR_PACKAGES:
            raise
        raise InklingError(
            f"'inkling {command.name}' needs the Python package '{error.name}', "
            "which is not installed.",
            how_to_install(command.extra),
        ) from error
    status: int = run(arguments)
    return status


def _dispatch(arguments: list[str]) -> int:
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        print(usage())
        return 0
    if arguments[0] in ("-V", "--version"):
        print(f"inkling {__version__}")
        return 0
    named = next((command for command in COMMANDS if command.name == arguments[0]), None)
    if named is None:
        print(f"error: There is no command '{arguments[0]}'.\n\n{usage()}", file=sys.stderr)
        return EXIT_BAD_INPUT
    return _run(named, arguments[1:])


def main(arguments: list[str] | None = None) -> int:
    """Run the command that `arguments` (default: the process's) name; returns the exit status."""
    return run_command(lambda: _dispatch(sys.argv[1:] if arguments is None else arguments))
