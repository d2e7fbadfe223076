"""`inkling complete FILE:LINE:COLUMN`: one suggestion on the command line, without the memory."""

from __future__ import annotations

import json
import sys
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import tyro

from inkling.errors import InklingError, run_command
from inkling.secrets import is_secret_path
from inkling.settings import load_settings
from inkling.snippets import choose_snippets
from lsp_server import logs
from lsp_server.documents import Document
from lsp_server.neighbourhood import on_disk, snippet_budget
from lsp_server.positions import PositionEncoding, line_end, line_starts, offset_at
from lsp_server.provenance.gate import describe
from lsp_server.provenance.once import judge_once
from lsp_server.rules.reasons import Silence, explain
from lsp_server.suggest import MAX_LINES, Policy, parse, plan, presentable
from lsp_server.surroundings import with_snippets
from lsp_server.workspace import locate

if TYPE_CHECKING:
    from inkling.bundle import Bundle
    from inkling.settings import Settings
    from lsp_server.backend import Backend
    from lsp_server.engine.records import Completion, CompletionRequest
    from lsp_server.workspace import Place

_MAX_BYTES = 256 * 1024 * 1024


@dataclass(frozen=True)
class Complete:
    """Print a completion for a place in a file; print nothing where there is none.

    The reason for printing nothing goes to standard error; the exit status is 0 then, and 2 where
    the request itself is wrong.
    """

    place: Annotated[str, tyro.conf.Positional, tyro.conf.arg(metavar="FILE:LINE:COLUMN")]
    """Where the cursor stands. Lines and columns count from 1; columns count characters, so
    column 1 is before the first character of the line."""

    model: str | None = None
    """Bundle folder or GGUF file (default: what the settings say, else the starter model)."""

    max_new_tokens: int | None = None
    """Longest completion in tokens (default: what the settings say)."""

    max_lines: int = MAX_LINES
    """Longest completion in lines. Where text follows the cursor on its line, it is one."""

    json: Annotated[bool, tyro.conf.FlagCreatePairsOff] = False
    """Print an object with the text, the tokens' log-probabilities and the timings."""

    show: Annotated[bool, tyro.conf.FlagCreatePairsOff] = False
    """Print the lines around the cursor too, with the completion set off in them."""

    log_level: logs.Level = "error"
    """Least severity to log on standard error."""

    def run(self) -> int:
        if self.max_lines < 1 or (self.max_new_tokens is not None and self.max_new_tokens < 1):
            raise InklingError(
                "A completion has at least one line and one token.",
                "Give --max-lines and --max-new-tokens 1 or more.",
            )
        settings, document, offset = prepare(self.place, self.model, self.log_level)
        policy = Policy(self.max_new_tokens or settings.max_new_tokens, self.max_lines)
        answer = ask(settings, document, offset, policy)
        if isinstance(answer, Silence):
            print(f"no completion: {answer.reason}", file=sys.stderr)
            if self.json:
                print(json.dumps({"text": "", "silence": answer.reason, "code": answer.code}))
            return 0
        text, completion = answer
        if self.json:
            print(json.dumps({**asdict(completion), "text": text}, ensure_ascii=False))
        elif self.show:
            self._show(document, offset, text, completion)
        else:
            # Written as bytes: the text's own line breaks, whatever the platform's are.
            sys.stdout.buffer.write(text.encode() + b"\n")
            sys.stdout.flush()
        return 0

    def _show(self, document: Document, offset: int, text: str, completion: Completion) -> None:
        from rich.console import Console

        from lsp_server.preview import preview

        console = Console(highlight=False)
        console.print(f"{self.place}\n", style="dim", soft_wrap=True)
        console.print(preview(document.text or "", offset, text), soft_wrap=True)
        console.print(
            f"\n{len(completion.tokens)} tokens after {completion.prompt_tokens} in "
            f"{completion.prefill_ms + completion.decode_ms:.0f} ms",
            style="dim",
        )


def prepare(place: str, model: str | None, log_level: logs.Level) -> tuple[Settings, Document, int]:
    """Settings with `model` in them, and document and offset of `FILE:LINE:COLUMN`.

    Raises:
        InklingError: a malformed place, or a file that can't be used.
    """
    logs.configure(log_level)
    settings = load_settings()
    if model is not None:  # it goes before a server that the settings name, too
        settings = replace(settings, model=model, server=None)
    path, line, column = parse_place(place)
    document = read_document(path)
    return settings, document, offset_of(document, line, column)


def parse_place(place: str) -> tuple[Path, int, int]:
    """`FILE:LINE:COLUMN` in parts.

    Raises:
        InklingError: malformed, or a number below 1.
    """
    name, line, column = (["", "", *place.rsplit(":", 2)])[-3:]
    numbers = [int(text) if text.isascii() and text.isdigit() else 0 for text in (line, column)]
    if not name or min(numbers) < 1:
        raise InklingError(
            f"'{place}' is not of the form FILE:LINE:COLUMN.",
            "Lines and columns are numbers from 1 on, as in 'src/main.py:12:5'.",
        )
    return Path(name), numbers[0], numbers[1]


def read_document(path: Path) -> Document:
    """The file as a document.

    Raises:
        InklingError: missing, unreadable, a folder, binary, not UTF-8, or one that holds secrets.
    """
    path = path.expanduser().resolve()
    if is_secret_path(path):
        raise InklingError(
            f"The file {path} holds secrets by its name, so it is not read.",
            "Rename it if that is wrong.",
        )
    if not path.is_file():
        what = "is not a regular file" if path.exists() else "does not exist"
        raise InklingError(f"The file {path} {what}.", "Name a source file.")
    if path.stat().st_size > _MAX_BYTES:
        raise InklingError(f"The file {path} is larger than 256 MB.", "Name a source file.")
    try:
        data = path.read_bytes()
        if b"\0" in data:
            raise InklingError(f"The file {path} is binary.", "Name a source file.")
        text = data.decode()
    except OSError as error:
        raise InklingError(
            f"The file {path} can't be read: {error.strerror}.", "Check its permissions."
        ) from error
    except UnicodeDecodeError as error:
        raise InklingError(
            f"The file {path} is not UTF-8 text (byte {error.start}).", "Convert it to UTF-8."
        ) from error
    return Document(path.as_uri(), text)


def offset_of(document: Document, line: int, column: int) -> int:
    """Offset in characters of a 1-based line and column.

    Raises:
        InklingError: past the end of the file or of the line.
    """
    text = document.text or ""
    starts = line_starts(text)
    if line > len(starts):
        raise InklingError(
            f"Line {line} is past the end of the file, which has {len(starts)}.",
            "Name a line of the file.",
        )
    length = line_end(text, starts, line - 1) - starts[line - 1]
    if column > length + 1:
        raise InklingError(
            f"Column {column} is past the end of line {line}, which has {length} characters.",
            f"Columns of this line go from 1 to {length + 1}.",
        )
    return offset_at(text, starts, line - 1, column - 1, PositionEncoding.UTF32)


def ask(
    settings: Settings, document: Document, offset: int, policy: Policy
) -> tuple[str, Completion] | Silence:
    """The text to insert and the engine's record of it, or why there is none."""
    from lsp_server.loading import open_backend

    bundle = bundle_here(settings)
    place = locate(document.path)
    request = plan(document, offset, place, policy, bundle.serves if bundle else serves_any)
    if isinstance(request, Silence):
        return request
    with closing(open_backend(settings)) as engine:
        completion = engine.complete(with_other_files(request, document, place, engine))
    polished = presentable(completion, document, offset, policy, parse(document, offset))
    if polished.code is not None:
        return Silence(polished.code, explain(polished.code))
    verdict = judge_once(settings, bundle, document, offset, polished.text)
    if verdict.reason is not None:
        return Silence(verdict.reason, describe(verdict.report))
    if verdict.badge is not None:
        print(f"source: {verdict.badge}", file=sys.stderr)
    return polished.text, completion


def bundle_here(settings: Settings) -> Bundle | None:
    """The model on this machine's disk that answers; None if a server elsewhere does.

    Raises:
        InklingError: there is no such model.
    """
    from inkling.bundle import open_bundle

    return open_bundle(settings.model) if settings.server is None else None


def serves_any(_language: str | None) -> bool:
    """What a model elsewhere was trained on isn't known here."""
    return True


def with_other_files(
    request: CompletionRequest, document: Document, place: Place, engine: Backend
) -> CompletionRequest:
    """The request with parts of the files around the document, as they are on disk."""
    budget = snippet_budget(engine.served)
    neighbours = on_disk(document, place) if budget else []
    snippets = choose_snippets(request.context, neighbours, budget, engine.count_tokens)
    return with_snippets(request, snippets)


def main(arguments: list[str] | None = None) -> int:
    """Run `inkling complete` with `arguments` (default: the process's); returns the exit status."""
    command = tyro.cli(Complete, prog="inkling complete", args=arguments)
    return run_command(command.run)
