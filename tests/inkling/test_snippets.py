"""What of other files goes into a prompt, and in which order."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from inkling.layout import FimContext, prompt_segments, split_at_cursor
from inkling.snippets import Neighbour, Standing, choose_snippets

BANK = """\
class Account:
    def deposit(self, amount: int) -> int:
        self.balance += amount
        return self.balance


def open_account(owner: str) -> Account:
    return Account(owner)
"""
FEES = '''\
def monthly_fee(account, plan):
    """What a plan costs."""
    return plan.price * account.months
'''
HERE = """\
from bank import Account


def run(plan):
    account = open_account('Ada')
    account.dep"""


def count(text: str) -> int:
    return len(text.split())


def here(text: str = HERE) -> FimContext:
    return split_at_cursor(text, len(text), path="app.py")


def test_definitions_of_names_near_the_cursor_come_in() -> None:
    neighbours = [Neighbour("bank.py", BANK), Neighbour("fees.py", FEES)]
    (snippet,) = choose_snippets(here(), neighbours, 100, count)
    assert snippet.path == "bank.py"
    assert "def open_account(owner: str) -> Account:" in snippet.text
    assert "    def deposit(self, amount: int) -> int:" in snippet.text  # of what is imported
    assert "self.balance += amount" not in snippet.text


def test_without_a_definition_the_most_similar_passage_comes_in() -> None:
    notes = "".join(f"def helper_{n}(a):\n    return a\n\n" for n in range(200))
    similar = "total = plan.price * account.months  # the monthly fee of a plan, per account\n"
    text = "# the monthly fee of this plan for an account: price times months\ntotal = "
    found = choose_snippets(here(text), [Neighbour("notes.py", notes + similar)], 200, count)
    assert similar.strip() in "".join(snippet.text for snippet in found)


def test_what_the_window_shows_is_left_out() -> None:
    assert choose_snippets(here(BANK + HERE), [Neighbour("copy.py", BANK)], 100, count) == ()


def test_parts_that_seldom_change_come_first() -> None:
    neighbours = [
        Neighbour("c.py", "def open_account(x): ...\n" * 2, Standing.EDITED, (0,)),
        Neighbour("b.py", "def run_all(y): ...\n", Standing.OPEN),
        Neighbour("a.py", "def price_of(z): ...\n"),
    ]
    text = "run_all\nprice_of\nopen_account\n"
    found = choose_snippets(here(text), neighbours, 200, count)
    assert [snippet.path for snippet in found] == ["a.py", "b.py", "c.py"]


def test_recent_edits_elsewhere_come_in() -> None:
    lines = [f"x{number} = {number}" for number in range(100)]
    edited = Neighbour("edited.py", "\n".join(lines), Standing.EDITED, (50,))
    (snippet,) = choose_snippets(here("y = "), [edited], 60, count)
    assert "x50 = 50" in snippet.text
    assert "x80" not in snippet.text


def test_secrets_are_blanked() -> None:
    bank = 'def connect(password: str = "correct-horse-battery"): ...\n'
    (snippet,) = choose_snippets(here("connect("), [Neighbour("db.py", bank)], 50, count)
    assert "correct-horse" not in snippet.text
    assert "def connect(password" in snippet.text


def test_the_layout_is_that_of_training() -> None:
    context = here()
    snippets = choose_snippets(context, [Neighbour("bank.py", BANK)], 100, count)
    segments = prompt_segments(FimContext("", "", "", "app.py", None, snippets))
    assert segments[1] == f"bank.py\n{snippets[0].text}"


@given(
    st.lists(st.tuples(st.sampled_from(["a.py", "b.py", "c.go", "d.txt"]), st.text(max_size=200))),
    st.integers(0, 80),
)
def test_the_budget_holds(files: list[tuple[str, str]], budget: int) -> None:
    neighbours = [Neighbour(path, BANK + text) for path, text in files]
    found = choose_snippets(here(), neighbours, budget, len)
    assert sum(len(snippet.path) + 1 + len(snippet.text) for snippet in found) <= budget
