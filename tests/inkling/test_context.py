"""The window around the cursor: it fits, it is cut at lines, and the nearest text stays."""

from hypothesis import assume, example, given
from hypothesis import strategies as st

from inkling.context import HeldWindow, WindowBudget, fit_window, hold_window, snap_step
from inkling.layout import FimContext, split_at_cursor

lines = st.lists(st.text("abc é🐍", max_size=40), max_size=60).map("\n".join)
budgets = st.integers(8, 400)
ratios = st.floats(1, 8)


@st.composite
def contexts(draw: st.DrawFn) -> FimContext:
    text = draw(lines)
    return split_at_cursor(text, draw(st.integers(0, len(text))))


def length(context: FimContext) -> int:
    return len(context.prefix) + len(context.typed) + len(context.suffix)


def tokens(ratio: float, header: int = 0, *, of: FimContext) -> int:
    """Stands for a tokenizer that makes one token of `ratio` characters."""
    return header + round(length(of) / ratio)


@given(contexts(), budgets, ratios, st.integers(0, 4))
def test_the_window_fits_whatever_the_tokenizer_makes_of_it(
    context: FimContext, budget: int, ratio: float, header: int
) -> None:
    # Below 16 characters there is nothing left to cut.
    assume(budget >= header + 16 / ratio + 1)
    window = fit_window(context, WindowBudget(budget), lambda cut: tokens(ratio, header, of=cut))
    assert tokens(ratio, header, of=window) <= budget


@given(contexts(), budgets, ratios)
@example(split_at_cursor("x" * 5000, 2500), 8, 1.0)
def test_the_window_is_the_text_around_the_cursor(
    context: FimContext, budget: int, ratio: float
) -> None:
    window = fit_window(context, WindowBudget(budget), lambda cut: tokens(ratio, of=cut))
    assert context.prefix.endswith(window.prefix)
    assert context.typed.endswith(window.typed)
    assert context.suffix.startswith(window.suffix)


@given(contexts(), budgets, ratios)
def test_a_prefix_that_is_cut_begins_with_the_break_before_a_whole_line(
    context: FimContext, budget: int, ratio: float
) -> None:
    window = fit_window(context, WindowBudget(budget), lambda cut: tokens(ratio, of=cut))
    assert window.prefix in ("", context.prefix) or window.prefix.startswith("\n")


@given(contexts(), budgets, ratios)
def test_the_line_at_the_cursor_stays_unless_it_alone_fills_half_the_budget(
    context: FimContext, budget: int, ratio: float
) -> None:
    assume(len(context.typed) / min(ratio, 3.5) <= 0.4 * budget)
    window = fit_window(context, WindowBudget(budget), lambda cut: tokens(ratio, of=cut))
    assert window.typed == context.typed


@given(contexts(), st.floats(1, 6))
def test_a_file_that_fits_is_taken_whole(context: FimContext, ratio: float) -> None:
    """Even where a token has more characters than the budget guesses."""
    budget = WindowBudget(tokens(ratio, of=context) + 1, characters_per_token=3.5)
    window = fit_window(context, budget, lambda cut: tokens(ratio, of=cut))
    assert window == context


def test_what_the_suffix_leaves_the_prefix_gets() -> None:
    text = "".join(f"line {number:03}\n" for number in range(100))
    at_the_end = fit_window(
        split_at_cursor(text, len(text)), WindowBudget(90), lambda cut: tokens(1, of=cut)
    )
    assert at_the_end.prefix == text[-82:]
    at_the_start = fit_window(
        split_at_cursor(text, 0), WindowBudget(90), lambda cut: tokens(1, of=cut)
    )
    assert text.startswith(at_the_start.suffix)
    assert len(at_the_start.suffix) == 81


def test_in_the_middle_most_of_the_window_lies_before_the_cursor() -> None:
    text = "".join(f"line {number:03}\n" for number in range(1000))
    window = fit_window(
        split_at_cursor(text, 4500), WindowBudget(900), lambda cut: tokens(1, of=cut)
    )
    assert len(window.prefix) > 2 * len(window.suffix) > 0


def test_a_line_far_longer_than_the_budget_is_cut_at_its_far_end() -> None:
    minified = "a" * 100_000
    window = fit_window(
        split_at_cursor(minified, 60_000), WindowBudget(100), lambda cut: tokens(2, of=cut)
    )
    assert window.prefix == ""
    assert 0 < len(window.typed) <= 200
    assert 0 < len(window.suffix) <= 200


def test_names_and_snippets_are_kept() -> None:
    context = split_at_cursor("x = 1\n" * 100, 300, path="a.py", repo="r")
    window = fit_window(context, WindowBudget(20), lambda cut: tokens(3, of=cut))
    assert (window.path, window.repo) == ("a.py", "r")


NUMBERED = "".join(f"line {number:03}\n" for number in range(200))


def test_a_window_begins_at_a_multiple_of_its_step() -> None:
    begins = set()
    for line in range(150, 182):
        context = split_at_cursor(NUMBERED, 9 * line)
        window = fit_window(context, WindowBudget(600), lambda cut: tokens(1, of=cut))
        begins.add(int(window.prefix[6:9]))
    assert all(begin % 4 == 0 for begin in begins)
    assert len(begins) <= 32 // 4 + 1


@given(st.integers(0, 100_000))
def test_a_step_is_a_small_part_of_the_window(lines: int) -> None:
    assert 1 <= snap_step(lines) <= max(1, lines // 8)
    assert snap_step(lines) in (1, 2, 4, 8, 16, 32)


def held_at(text: str, cursor: int, budget: int) -> HeldWindow:
    context = split_at_cursor(text, cursor)
    window = fit_window(context, WindowBudget(budget), lambda cut: tokens(1, of=cut))
    return hold_window(context, window)


@given(st.integers(0, len(NUMBERED)), st.integers(100, 2_000), st.text("ab c\n(", max_size=60))
def test_a_held_window_shows_what_is_typed_after_it(cursor: int, budget: int, typed: str) -> None:
    held = held_at(NUMBERED, cursor, budget)
    text = NUMBERED[:cursor] + typed + NUMBERED[cursor:]
    followed = held.follow(split_at_cursor(text, cursor + len(typed)))
    assert followed is not None
    assert (followed.prefix, followed.suffix) == (held.window.prefix, held.window.suffix)
    assert (NUMBERED[:cursor] + typed).endswith(followed.prefix + followed.typed)
    assert followed.typed.endswith(typed)


@given(st.integers(0, len(NUMBERED) - 40), st.integers(9, 40), st.integers(200, 2_000))
def test_a_held_window_is_given_up_where_its_own_text_changes(
    cursor: int, back: int, budget: int
) -> None:
    held = held_at(NUMBERED, cursor, budget)
    assume(back <= len(held.window.prefix))
    start = cursor - cursor % 9
    above = NUMBERED[: start - back] + "?" + NUMBERED[start - back : cursor]
    assert held.follow(split_at_cursor(above + NUMBERED[cursor:], len(above))) is None
    below = NUMBERED[:cursor] + "?" + NUMBERED[cursor:]
    assert held.follow(split_at_cursor(below, cursor)) is None


def test_brackets_that_the_editor_closes_leave_the_window_in_place() -> None:
    held = held_at(NUMBERED, 900, 600)
    typed = NUMBERED[:900] + 'call(["'
    followed = held.follow(split_at_cursor(typed + '"])' + NUMBERED[900:], len(typed)))
    assert followed is not None
    assert followed.typed == 'call(["'
    assert followed.suffix == held.window.suffix
