"""What of an answer is shown: golden cases, one rule at a time and all together."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lsp_server.engine.records import FinishReason
from lsp_server.rules.polish import RULES, Step, polish
from lsp_server.rules.reasons import Reason, explain
from lsp_server.rules.scene import Scene
from lsp_server.rules.syntax import Syntax
from tests.lsp_server.answers import SOURCE


def scene(hole: str, language: str | None = "python", **more: Any) -> Scene:
    """The scene of a text in which `¦` marks the cursor."""
    before, after = hole.split("¦")
    syntax = Syntax.of(language, before, after)
    return Scene(before, after, language, syntax=syntax, **more)


def shown(hole: str, answer: str, language: str | None = "python", **more: Any) -> str:
    return polish(answer, scene(hole, language, **more)).text


@pytest.mark.parametrize(
    ("hole", "answer", "expected"),
    [
        # Auto-closed brackets and quotes.
        ("f(¦)\n", "a, b)", "a, b"),
        ("f(¦)\n", "a, b", "a, b"),
        ("f(¦)\n", "g(x)", "g(x)"),
        ("f(¦)\n", "g(x))", "g(x)"),
        ("x = {¦}\n", '"a": [1, 2]}', '"a": [1, 2]'),
        ("x = [¦]\n", "i for i in range(3)]", "i for i in range(3)"),
        ('x = "¦"\n', 'hello"', "hello"),
        ('f("¦")\n', 'a")', "a"),
        # The rest of the line.
        ("f(¦, timeout=3)\n", "url, timeout=3)", "url"),
        ("if ¦:\n    pass\n", "x > 0:", "x > 0"),
        ("pr¦nt(x)\n", "int(x)", "i"),
        ("f(¦e)\n", "value + ", "value +"),
        # The lines below.
        ("x = 1\n¦\nreturn x\n", "return x", ""),
        ("def f():\n    ¦\n    return total\n", "total = 1\n    return total", "total = 1"),
        ("def f():\n    ¦\n\n\ndef g():\n    pass\n", "pass\n\n\ndef g():", "pass"),
        # Syntax.
        ("x = ¦\n", "1 2 3", "1"),
        ("x = f(¦\n", "a b)", "a"),
        ("¦\n", "x = 1\ny = = 2\nz = 3", "x = 1\ny"),
        ("def f(¦\n", "self, a):", "self, a):"),
        ("retu¦\n", "rn x", "rn x"),
        ("¦\n", "))", ""),
        ("x = '¦\n", "abc", "abc"),
        ('def f():\n    """¦\n', "Return nothing.", "Return nothing."),
        # Unfinished is not wrong.
        ("¦\n", "for x in y:", "for x in y:"),
        ("¦\n", "x = foo(", "x = foo("),
        ("¦\n", "x = foo(a,\n        b", "x = foo(a,\n        b"),
        ("¦\n", "from a import", "from a import"),
        ("¦\n", "try:\n    x = 1", "try:\n    x = 1"),
        ("¦\n", "@decorated", "@decorated"),
        ("¦\n", "with open(p) as", "with open(p) as"),
        # The block.
        ("class A:\n    def f(self):\n        ¦\n", "return 1\n\n    def g(self):", "return 1"),
        ("if x:\n    ¦\n", "y = 1\nelse:\n    y = 2", "y = 1\nelse:\n    y = 2"),
        ("x = [\n    ¦\n", "1,\n]", "1,\n]"),
        ("def f():\n    if a:\n        b\n    ¦\n", "if c:\n\td", "if c:"),
        # White space.
        ("¦\n", "x = 1  \n\n", "x = 1"),
        ("if a:¦\n", "\n    x\n    \n    y", "\n    x\n\n    y"),
        ("¦\n", " \n ", ""),
    ],
)  # fmt: skip
def test_python(hole: str, answer: str, expected: str) -> None:
    assert shown(hole, answer) == expected


@pytest.mark.parametrize(
    ("language", "hole", "answer", "expected"),
    [
        ("javascript", "function f() {\n  ¦\n}\n", "return a b;", "return a"),
        ("javascript", "f(¦);\n", "x => {", "x => {"),
        ("typescript", "const x: ¦\n", "Map<string, number> = new Map();", None),
        ("typescript", "interface A {\n  ¦\n}\n", "name: string;", None),
        ("java", "class A {\n  ¦\n}\n", "int f() {\n    return 1;\n  }", None),
        ("java", "class A {\n  int f() {\n    ¦\n  }\n}\n", "return 1 1;", "return 1"),
        ("c", "int main(void) {\n  ¦\n}\n", "for (int i = 0; i < 3; i++) {", None),
        ("c", "int main(void) {\n  ¦\n}\n", "return 0 0;", "return 0"),
        ("c++", "int main() {\n  ¦\n}\n", "std::vector<int> v{1, 2};", None),
        ("c#", "class A {\n  ¦\n}\n", "public int F() => 1;", None),
        ("go", "package a\n\nfunc f() {\n\t¦\n}\n", "if err != nil {\n\t\treturn", None),
        ("go", "package a\n\nfunc f() {\n\t¦\n}\n", "x = = 1", "x"),
        ("rust", "fn f<'a>(x: &'a str) {\n    ¦\n}\n", "let y = match x {", None),
        ("rust", "fn f() {\n    ¦\n}\n", "x = = 1;", "x"),
        ("ruby", "def f\n  ¦\nend\n", "if x > 1", None),
        ("ruby", "def f\n  ¦\nend\n", "items.each do |item|", None),
        ("php", "<?php\nfunction f() {\n  ¦\n}\n", "return $a;", None),
        ("shell", "f() {\n  ¦\n}\n", 'if [ -z "$1" ]; then', None),
        ("shell", "¦\n", "for x in *; do", None),
    ],
)  # fmt: skip
def test_other_grammars(language: str, hole: str, answer: str, expected: str | None) -> None:
    """None means that the whole answer is shown."""
    assert scene(hole, language).syntax is not None
    assert shown(hole, answer, language) == (answer if expected is None else expected)


@pytest.mark.parametrize(
    ("hole", "answer", "expected"),
    [
        ("f(¦)\n", "a))", "a"),
        ("f(¦\n", "a)", "a)"),
        ("f(¦\n", "a))", "a)"),
        ("f([¦\n", "1)", "1"),
        ("f([¦\n)", "1])", "1]"),
        ("-- f(¦\n", "a)) b", "a)) b"),
        ('f("(¦\n', "a))", "a))"),
    ],
)
def test_brackets_in_a_language_without_grammar(hole: str, answer: str, expected: str) -> None:
    assert scene(hole, "lua").syntax is None
    assert shown(hole, answer, "lua") == expected


def test_without_a_grammar_anything_may_be_shown() -> None:
    assert shown("¦\n", "= = =", None) == "= = ="


@pytest.mark.parametrize(
    ("more", "answer", "code"),
    [
        ({"finish": FinishReason.LINES}, "a a a a a a a a a a", Reason.REPETITION),
        ({"least_confidence": 0.5, "logprobs": (-1.0, -1.0)}, "x = 1", Reason.LOW_CONFIDENCE),
        ({}, "  ", Reason.NOTHING_TO_ADD),
        ({}, "return x", Reason.DUPLICATE_LINES),
        ({}, "))", Reason.SYNTAX_ERROR),
        ({"invoked": False}, "y ", Reason.TOO_SHORT),
    ],
)
def test_silence_has_a_code_and_a_sentence(more: dict[str, Any], answer: str, code: Reason) -> None:
    polished = polish(answer, scene("x = 1\n¦\nreturn x\n", **more))
    assert (polished.text, polished.code) == ("", code)
    assert explain(code)


def test_one_character_is_shown_to_who_asks_for_it_only() -> None:
    assert polish(")", scene("f(1¦\n", invoked=True)).text == ")"
    assert polish(")", scene("f(1¦\n", invoked=False)).code is Reason.TOO_SHORT
    assert polish("):", scene("def f(a¦\n", invoked=False)).text == "):"


def test_every_cut_is_on_record() -> None:
    polished = polish("a, b)\nhalf", scene("f(¦)\n", finish=FinishReason.LENGTH))
    assert polished.text == "a, b"
    assert polished.steps == (Step(Reason.UNFINISHED_LINE, 5), Step(Reason.SUFFIX_OVERLAP, 1))
    assert polished.code is None


def test_a_broken_document_does_not_silence_the_suggestion() -> None:
    assert shown("def broken(:\n    )\n\nx = ¦\n", "compute(1)") == "compute(1)"


def test_every_reason_has_a_sentence_of_its_own() -> None:
    sentences = [explain(reason) for reason in Reason]
    assert all(sentences)
    assert len(set(sentences)) == len(sentences)


WORDS = st.sampled_from(
    ["x", "return", " ", "\n    ", "(", ")", "[", "]", ":", "=", '"', "def", ",", ".", "\n", "1"]
)


@settings(max_examples=20)
@given(st.integers(0, len(SOURCE)), st.lists(WORDS, max_size=12).map("".join))
def test_what_is_shown_is_a_part_of_the_answer(cursor: int, answer: str) -> None:
    before, after = SOURCE[:cursor], SOURCE[cursor:]
    there = Scene(before, after, "python", syntax=Syntax.of("python", before, after))
    for rule in RULES:
        if rule.code is Reason.TRAILING_SPACE:
            assert rule.apply(answer, there).split() == answer.split()
        else:
            assert answer.startswith(rule.apply(answer, there))
