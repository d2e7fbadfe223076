"""The command line of `evaluation`: one subcommand a measurement, imported only when it is called.

A measurement is a frozen dataclass whose fields are the flags and whose `run()` returns the exit
status.
"""

from __future__ import annotations

import importlib
import sys

import tyro

from inkling.errors import EXIT_BAD_INPUT, run_command
from inkling.repeated_flags import join_repeated

COMMANDS = {
    "fim": ("evaluation.fim:FimBench", "held-out lines: a served model beside an n-gram baseline"),
    "typing": (
        "evaluation.replay.command:TypingReplay",
        "lines of later commits typed again: keys saved, suggestions taken, latency",
    ),
    "attribution": (
        "evaluation.attribution_bench:AttributionBench",
        "how well and fast a text's source is found, beside peers",
    ),
    "tuning": (
        "evaluation.tuning_bench:TuningBench",
        "how fast and in what memory fine-tuning trains, beside trl",
    ),
    "attribution-scale": (
        "evaluation.attribution_scale:AttributionScale",
        "a large index of a multiplied corpus, and many completions checked against it",
    ),
    "rules": ("evaluation.rule_table:RuleTable", "what curation's rules drop of a labelled sample"),
    "redaction": (
        "evaluation.redaction_bench:RedactionBench",
        "planted secrets that survive, and false alarms in clean code",
    ),
    "curation": (
        "evaluation.curation_bench:CurationBench",
        "MB/s a core of the pipeline, near-dedup beside peers, the same corpus after kill -9",
    ),
    "belief": (
        "evaluation.belief:Belief",
        "how far the repository memory is believed beside a model, fitted anew",
    ),
    "latency": ("evaluation.latency:LatencyBench", "how fast a served model answers here"),
}


def usage() -> str:
    rows = "\n".join(f"  {name:<19}{summary}" for name, (_, summary) in COMMANDS.items())
    return (
        "usage: python -m evaluation COMMAND [FLAGS]\n\n"
        f"{rows}\n\n'python -m evaluation COMMAND --help' describes a command and its flags."
    )


def main(arguments: list[str] | None = None) -> int:
    """Run the measurement that `arguments` (default: the process's) name; returns the status."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        print(usage())
        return 0
    name, *flags = arguments
    if name not in COMMANDS:
        print(f"error: There is no command '{name}'.\n\n{usage()}", file=sys.stderr)
        return EXIT_BAD_INPUT
    return run_command(lambda: _run(name, flags))


def _run(name: str, flags: list[str]) -> int:
    module, measurement = COMMANDS[name][0].split(":")
    kind = getattr(importlib.import_module(module), measurement)
    given = join_repeated(flags, kind)
    status: int = tyro.cli(kind, prog=f"python -m evaluation {name}", args=given).run()
    return status
