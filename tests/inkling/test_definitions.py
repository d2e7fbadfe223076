"""What files of several languages define, as other files need to know it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkling.definitions import definitions
from inkling.languages import LANGUAGES

PYTHON = '''\
LIMIT: int = 3


@dataclass(frozen=True)
class Account(Base):
    """Doc."""

    owner: str

    @property
    def full(self) -> str:
        inner = 1
        return self.owner

    async def pay(
        self, amount: int
    ) -> None:
        pass


def add(left, right):
    def hidden(): ...
    return left + right
'''


def outlines(text: str, language: str) -> dict[str, str]:
    return {found.name: found.outline for found in definitions(text, language)}


def test_python() -> None:
    found = outlines(PYTHON, "python")
    assert list(found) == ["LIMIT", "Account", "owner", "full", "pay", "add"]
    assert found["LIMIT"] == "LIMIT: int = 3"
    assert found["add"] == "def add(left, right):"
    assert "inner" not in found["Account"]
    for member in ("owner: str", "def full(self) -> str:", "async def pay("):
        assert member in found["Account"]
    # A member is told with the class that it belongs to.
    assert found["full"].startswith("@dataclass(frozen=True)\nclass Account(Base):\n")
    assert found["full"].endswith("    @property\n    def full(self) -> str:")


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("typescript", "export class Q<T> extends P {\n  run(a: number): void {}\n}",
         {"Q": "export class Q<T> extends P\n  run(a: number): void",
          "run": "export class Q<T> extends P\n  run(a: number): void"}),
        ("javascript", "const make = 3;\nfunction go(x) { return 1 }",
         {"make": "make = 3", "go": "function go(x)"}),
        ("go", "package a\nfunc (s *S) Go(x int) error { return nil }",
         {"Go": "func (s *S) Go(x int) error"}),
        ("c", "static int *find(int a) { return 0; }\nstruct p { int a; };",
         {"find": "static int *find(int a)", "p": "struct p\nint a;"}),
        ("rust", "impl S {\n    pub fn go(&self) -> i32 { 1 }\n}",
         {"S": "impl S\n    pub fn go(&self) -> i32",
          "go": "impl S\n    pub fn go(&self) -> i32"}),
        ("java", "class A {\n  int get() { return 1; }\n}",
         {"A": "class A\n  int get()", "get": "class A\n  int get()"}),
        ("ruby", "class A\n  def go(a)\n    1\n  end\nend",
         {"A": "class A\n  def go(a)", "go": "class A\n  def go(a)"}),
    ],
)  # fmt: skip
def test_other_languages(language: str, text: str, expected: dict[str, str]) -> None:
    assert outlines(text, language) == expected


def test_without_a_grammar_there_are_none() -> None:
    assert definitions("def f(): pass", "haskell") == ()
    assert definitions("def f(): pass", None) == ()


@given(st.text(), st.sampled_from([row.name for row in LANGUAGES if row.grammar]))
def test_any_text_is_read(text: str, language: str) -> None:
    for found in definitions(text, language):
        assert found.name.replace("$", "_").isidentifier()
        assert found.first_line <= found.last_line
