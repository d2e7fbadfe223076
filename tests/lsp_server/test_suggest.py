"""When the model is asked, and what of its answer is shown."""

from __future__ import annotations

import pytest

from lsp_server.documents import Document
from lsp_server.engine.records import Completion, CompletionRequest, FinishReason
from lsp_server.rules.reasons import Silence
from lsp_server.suggest import WINDOW_STEP, Policy, language_of, plan, presentable
from lsp_server.workspace import NOWHERE, Place

PRIVATE_KEY = "-----BEGIN RSA PRIVATE " + "KEY-----\n"


def serves_python(language: str | None) -> bool:
    return language == "python"


def planned(
    text: str | None,
    offset: int = 0,
    uri: str = "file:///repo/a.py",
    language: str = "python",
    policy: Policy | None = None,
) -> CompletionRequest | Silence:
    document = Document(uri, text, language)
    return plan(document, offset, Place("repo", "a.py"), policy or Policy(), serves_python)


def request(text: str, offset: int) -> CompletionRequest:
    found = planned(text, offset)
    assert isinstance(found, CompletionRequest)
    return found


def test_the_context_is_the_text_around_the_cursor() -> None:
    context = request("a = 1\nb = \nc\n", 10).context
    assert (context.prefix, context.typed, context.suffix) == ("a = 1\n", "b = ", "\nc\n")
    assert (context.repo, context.path) == ("repo", "a.py")


def test_far_text_is_left_out_unseen() -> None:
    text = "x" * 500_000 + "\n" + "y" * 500_000
    context = request(text, 500_001).context
    left = len(context.prefix) - 1
    assert context.prefix == "x" * left + "\n"
    assert 200_000 - 1 <= left < 200_000 + WINDOW_STEP
    assert len(context.suffix) == 200_000
    assert request(text, 500_011).context.prefix == context.prefix


@pytest.mark.parametrize(
    ("text", "offset", "lines"),
    [("a\n", 1, 8), ("a  \n", 1, 8), ("f()\n", 2, 1), ("a\r\n", 1, 8), ("", 0, 8), ("ab", 1, 1)],
)
def test_one_line_where_text_follows_on_the_line(text: str, offset: int, lines: int) -> None:
    assert request(text, offset).max_lines == lines


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (planned("x", uri="file:///repo/.env"), "secrets"),
        (planned("x", uri="file:///home/u/.ssh/config"), "secrets"),
        (planned("x", uri="file:///repo/a.rs", language="rust"), "not trained on rust"),
        (planned("x", uri="file:///repo/a.xyz", language=""), "not trained on this kind of file"),
        (planned("x", policy=Policy(languages=frozenset({"go"}))), "switched off"),
        (planned(None), "too large"),
        (planned("a\0b"), "binary"),
        (planned("k = '''" + PRIVATE_KEY), "private key"),
    ],
)
def test_silence_has_a_reason(found: CompletionRequest | Silence, reason: str) -> None:
    assert isinstance(found, Silence)
    assert reason in found.reason


def test_the_editor_knows_the_language_better_than_the_name() -> None:
    assert language_of(Document("file:///repo/a.txt", "", "python")) == "python"
    assert language_of(Document("file:///repo/a.py", "", "")) == "python"
    assert language_of(Document("file:///repo/run", "#!/usr/bin/env python3\n")) == "python"
    assert language_of(Document("untitled:1", "", "python")) == "python"
    assert language_of(Document("untitled:1", "", "plaintext")) is None


def test_a_document_without_a_file_is_completed_too() -> None:
    document = Document("untitled:1", "x = ", "python")
    found = plan(document, 4, NOWHERE, Policy(), serves_python)
    assert isinstance(found, CompletionRequest)
    assert found.context.path is None


def shown(text: str, reason: FinishReason = FinishReason.END, line_break: str = "\n") -> str | None:
    document = Document("untitled:1", line_break, "plaintext")
    return presentable(Completion(text, (), (), reason, 0, 0, 0, 0), document, 0).text or None


@pytest.mark.parametrize(
    ("text", "reason", "result"),
    [
        ("x", FinishReason.END, "x"),
        ("x\n", FinishReason.END, "x"),
        ("\n    y\n", FinishReason.END, "\n    y"),
        ("", FinishReason.END, None),
        (" \n\n", FinishReason.END, None),
        ("a\nb\nhalf", FinishReason.LENGTH, "a\nb"),
        ("half", FinishReason.LENGTH, "half"),
        ("\nhalf", FinishReason.LENGTH, "\nhalf"),
        ("a\nb", FinishReason.LINES, "a\nb"),
    ],
)
def test_what_is_shown(text: str, reason: FinishReason, result: str | None) -> None:
    assert shown(text, reason) == result


def test_line_breaks_are_the_documents() -> None:
    assert shown("a\nb\r\nc\rd", line_break="\r\n") == "a\r\nb\r\nc\r\nd"
    assert shown("a\r\nb") == "a\nb"
