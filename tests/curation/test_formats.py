"""Formats: sentinels that data can't forge, notebooks, commits and discussions as text."""

from __future__ import annotations

import ast
import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.formats.commit import FileChange, changed_lines, commit_text, without_people
from curation.formats.commit import drop_reason as commit_drop
from curation.formats.discussion import Contribution, Discussion, discussion_text, without_bots
from curation.formats.discussion import drop_reason as discussion_drop
from curation.formats.notebook import NotANotebookError, parse_notebook, structured
from curation.formats.notebook_script import script
from curation.formats.sentinels import NAMES, Part, escape, join, mark, split, unescape

HOSTILE = st.lists(
    st.one_of(
        st.sampled_from(
            ["<", ">", "\u2063", "<|endoftext|>", "<file_sep>", "<\u2063file_sep>", "\n"]
        ),
        st.sampled_from(NAMES).map(lambda name: f"<{name}>"),
        st.text(max_size=5),
    ),
    max_size=12,
).map("".join)


# --- sentinels -------------------------------------------------------------------------------


@given(HOSTILE)
def test_escaping_loses_nothing_and_leaves_no_sentinel(text: str) -> None:
    assert unescape(escape(text)) == text
    assert "<|endoftext|>" not in escape(text)
    assert not any(mark(name) in escape(text) for name in NAMES)


@given(st.lists(st.tuples(st.sampled_from(NAMES), HOSTILE), max_size=6), HOSTILE)
def test_a_document_splits_into_the_parts_it_was_made_of(
    named: list[tuple[str, str]], opening: str
) -> None:
    parts = [Part(None, opening)] if opening else []
    parts += [Part(name, text) for name, text in named]
    assert split(join(parts)) == parts


@given(st.text())
def test_ordinary_text_is_not_changed(text: str) -> None:
    if "<" not in text:
        assert escape(text) == text


def test_only_known_sentinels_can_be_written() -> None:
    with pytest.raises(ValueError, match="made_up"):
        mark("made_up")


# --- notebooks -------------------------------------------------------------------------------


def notebook(*cells: dict[str, Any], language: str = "python") -> str:
    return json.dumps({"cells": list(cells), "metadata": {"kernelspec": {"language": language}}})


def code(source: str, *outputs: dict[str, Any]) -> dict[str, Any]:
    return {"cell_type": "code", "source": source.splitlines(keepends=True), "outputs": outputs}


def text(source: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "source": source}


NOTEBOOK = notebook(
    text("# Title"),
    text("More words."),
    code("x = 1\n%time x"),
    code("print(x)", {"output_type": "stream", "text": ["1\n"]}),
    code("x", {"output_type": "execute_result", "data": {"text/plain": ["1"], "image/png": "…"}}),
    code("%%bash\nls"),
    text("<jupyter_code> forged"),
)


def test_a_notebook_becomes_its_cells_between_sentinels() -> None:
    assert split(structured(parse_notebook(NOTEBOOK))) == [
        Part("jupyter_start", ""),
        Part("jupyter_text", "# Title\n\nMore words."),
        Part("jupyter_code", "x = 1\n%time x"),
        Part("empty_output", ""),
        Part("jupyter_code", "print(x)"),
        Part("jupyter_output", "1"),
        Part("jupyter_code", "x"),
        Part("jupyter_output", "1"),
        Part("jupyter_code", "%%bash\nls"),
        Part("empty_output", ""),
        Part("jupyter_text", "<jupyter_code> forged"),
    ]


def test_a_notebook_becomes_a_script_that_parses() -> None:
    made, _ = script(parse_notebook(NOTEBOOK))
    ast.parse(made)
    for line in ("# # Title", "x = 1", "# %time x", "print(x)", "# ls"):
        assert line in made.splitlines()


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("files = !ls -l\nx = 1", "files = None  # !ls -l\nx = 1"),
        ("t = %time f()", "t = None  # %time f()"),
        ("print?", "# print?"),
        ("np.where??\nx = 1", "# np.where??\nx = 1"),
        ("?print", "# ?print"),
        ("for f in g:\n    !ls {f}", "for f in g:\n    pass  # !ls {f}"),
        ("!pip install \\\n  numpy\nx = 1", "# !pip install \\\n#   numpy\nx = 1"),
        ('s = """\n%d\n!x\n"""', 's = """\n%d\n!x\n"""'),
        ("x = a if b != c else d", "x = a if b != c else d"),
        ("await f()", "await f()"),
    ],
)
def test_what_only_the_shell_of_a_notebook_understands_becomes_a_comment(
    source: str, expected: str
) -> None:
    made, _ = script(parse_notebook(notebook(code(source))))
    assert made == f"{expected}\n"
    ast.parse(made)


def test_a_scripts_lines_are_mapped_to_those_of_the_notebooks_file() -> None:
    cells = [text("# Title\nWords."), code("x = 1\n\n!ls\n"), code("y = 2")]
    raw = json.dumps(json.loads(notebook(*cells)), indent=1)
    made, numbers = script(parse_notebook(raw))
    lines = made.split("\n")
    assert len(numbers) == len(lines)
    assert numbers == sorted(numbers)
    original = raw.split("\n")
    for line, number in zip(lines, numbers, strict=True):
        assert line.removeprefix("# ").strip() in original[number - 1]
    assert {json.loads(original[numbers[lines.index("y = 2")] - 1])} == {"y = 2"}


@given(st.lists(st.text(st.sampled_from("a#!%?\n\r\\\"' \f\u2028"), max_size=12), max_size=4))
def test_every_line_of_a_script_has_a_number(sources: list[str]) -> None:
    raw = notebook(*[code(source) for source in sources], *[text(source) for source in sources])
    made, numbers = script(parse_notebook(raw))
    assert len(numbers) == len(made.split("\n"))
    assert set(numbers) <= {1}


def test_of_an_error_the_message_is_kept_and_no_path_of_its_author() -> None:
    error = {
        "output_type": "error",
        "ename": "ValueError",
        "evalue": "no such column",
        "traceback": ["\u001b[0;31mValueError\u001b[0m in /home/jo/secret.py"],
    }
    made = structured(parse_notebook(notebook(code("f()", error))))
    assert split(made)[-1] == Part("jupyter_output", "ValueError: no such column")


def test_each_output_begins_on_a_line_of_its_own() -> None:
    outputs = [
        {"output_type": "stream", "name": "stdout", "text": "50 %"},
        {"output_type": "stream", "name": "stdout", "text": "…done"},
        {"output_type": "stream", "name": "stderr", "text": ["slow\n"]},
        {"output_type": "display_data", "data": {"image/png": "…"}},
        {"output_type": "display_data", "data": {"text/plain": "<Figure>"}},
        {"output_type": "error", "ename": "ValueError", "evalue": "no"},
    ]
    made = structured(parse_notebook(notebook(code("f()", *outputs))))
    assert split(made)[-1].text == "50 %…done\nslow\n<Figure>\nValueError: no"


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("/home/jane/x", "/home/user/x"),
        ("/home/jane", "/home/user"),
        ("'/home/jane'", "'/home/user'"),
        ("file:///home/jane.doe/x y", "file:///home/user/x y"),
        ("/Users/jane/x: /Users/jo/y", "/Users/user/x: /Users/user/y"),
        ("/mnt/c/Users/jane/x", "/mnt/c/Users/user/x"),
        (r"C:\Users\Jane Doe\x", r"C:\Users\user\x"),
        ("'C:\\\\Users\\\\jane\\\\x'", "'C:\\\\Users\\\\user\\\\x'"),
        ("C:/Users/jane and more", "C:/Users/user and more"),
        ("https://example.org/home/page", "https://example.org/home/page"),
        ("/home/jane isn't in a/b", "/home/user isn't in a/b"),
        ("/homes/jane /opt/x", "/homes/jane /opt/x"),
    ],
)
def test_outputs_keep_no_user_name_of_a_home_folder(path: str, kept: str) -> None:
    error = {"output_type": "error", "ename": "OSError", "evalue": f"no file {path}"}
    for output, expected in ((error, f"OSError: no file {kept}"), ({"text": path}, kept)):
        made = structured(parse_notebook(notebook(code("f()", output))))
        assert split(made)[-1].text == expected


def test_long_outputs_are_cut() -> None:
    parsed = parse_notebook(notebook(code("x", {"text": "y" * 5_000})))
    assert len(split(structured(parsed))[-1].text) == 1_000


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        ("", "isn't JSON, line 1"),
        ("{\n not json}", "isn't JSON, line 2"),
        ("[]", "no object"),
        ("{}", "no cells"),
        ('{"cells": 1}', "no cells"),
        ("[" * 100_000, "nested too deeply"),
        ('{"worksheets": [1]}', "no cells"),
    ],
)
def test_what_is_no_notebook_is_refused_with_the_reason(broken: str, why: str) -> None:
    with pytest.raises(NotANotebookError, match=why):
        parse_notebook(broken)


def test_odd_cells_do_no_harm() -> None:
    parsed = parse_notebook('{"cells": [1, {"cell_type": "code"}, {"source": ["a", 1]}]}')
    assert [cell.source for cell in parsed.cells] == ["a"]


# --- commits ---------------------------------------------------------------------------------

BEFORE = "".join(f"line {n}\n" for n in range(100))
AFTER = BEFORE.replace("line 50\n", "line fifty\nand more\n").replace("line 52\n", "")
MESSAGE = "Write out the fifty and drop a line"


def change(commit: str = "c0ffee", before: str = BEFORE, after: str = AFTER) -> FileChange:
    return FileChange(commit, MESSAGE, "a.py", before, after)


@pytest.mark.parametrize("number", range(30))
def test_a_commit_shows_the_same_context_before_and_after(number: int) -> None:
    before, message, after = split(commit_text(change(f"commit {number}")))
    assert (before.sentinel, message, after.sentinel) == (
        "commit_before",
        Part("commit_msg", MESSAGE),
        "commit_after",
    )
    assert before.text in BEFORE
    assert after.text in AFTER
    assert "line 50\n" in before.text
    assert "line fifty\nand more\n" in after.text
    start, end = BEFORE.index(before.text), AFTER.index(after.text)
    assert start == end  # nothing but the change differs, so the start is the same
    assert BEFORE[start + len(before.text) :] == AFTER[end + len(after.text) :]


def test_a_change_among_thousands_of_like_lines_takes_no_minutes() -> None:
    """Lines that occur often made difflib quadratic and worse: minutes for one file."""
    before = "\n\n".join(f"x{number} = {number % 7}" for number in range(4_000))
    indented = before.replace("x", "    x")
    table = "\n".join(f"row {number % 7}," for number in range(4_000))
    other = "\n".join(f"row {number % 5}," for number in range(4_000))
    start = time.process_time()
    assert changed_lines(change(before=before, after=indented)) >= 4_000
    assert changed_lines(change(before=table, after=other)) > 0
    assert time.process_time() - start < 5


def test_what_a_change_leaves_at_both_ends_of_a_file_is_not_counted() -> None:
    lines = [f"line {number % 3}\n" for number in range(900)]
    changed = [*lines[:400], "new\n", "new\n", *lines[401:]]
    one = change(before="".join(lines), after="".join(changed))
    assert changed_lines(one) == 2
    doubled = change(before="a\na\n", after="a\na\na\n")
    assert changed_lines(doubled) == 1


def test_some_commits_show_the_whole_file_and_each_commit_always_the_same() -> None:
    texts = [commit_text(change(f"commit {n}")) for n in range(100)]
    whole = sum(split(made)[0].text == BEFORE for made in texts)
    assert 5 <= whole <= 40
    assert texts == [commit_text(change(f"commit {n}")) for n in range(100)]


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("", "empty_message"),
        ("Merge branch 'x' into y", "empty_message"),
        ("Bump lodash from 1 to 2", "empty_message"),
        ("update", "empty_message"),
        ("v1.2.3", "empty_message"),
        ("Update the cache when a file is renamed on disk", None),
        ("Fix the off-by-one error in the ring buffer", None),
    ],
)
def test_messages_without_content_go(message: str, expected: str | None) -> None:
    changed = "".join(f"new {n}\n" for n in range(10)) + BEFORE
    found = commit_drop(FileChange("c", message, "a.py", BEFORE, changed))
    assert (found and found[0]) == expected


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("Fix it.\n\nSigned-off-by: Jo Doe <jo@firm.org>\n", "Fix it."),
        ("Fix it.\n\nCo-authored-by: Jo Doe\n\tand others\nCloses: #12", "Fix it.\n\nCloses: #12"),
        ("Fix it.\n\nREVIEWED-BY: jo\r\nReported-and-tested-by: Bo <b@c.de>", "Fix it."),
        ("Fix it.\n\nCc: stable@kernel.org\nFixes: 1a2b3c", "Fix it.\n\nFixes: 1a2b3c"),
        ("Author: Jo Doe\n\nFix it.", "Fix it."),
        ("Take the patch of Jo Doe <jo@firm.org> as it is", "Take the patch of somebody as it is"),
        ("Ask jo.doe+x@firm.co.uk first", "Ask somebody first"),
        (
            "Change from: a to: b\n\nBased on left@right.T",
            "Change from: a to: b\n\nBased on left@right.T",
        ),
        ("Clone git@github.com:a/b by ssh", "Clone git@github.com:a/b by ssh"),
        ("Sort by: name, then by-size: yes", "Sort by: name, then by-size: yes"),
        ("Signed-off-by: Jo <jo@firm.org>", ""),
    ],
)
def test_no_line_of_a_message_names_people(message: str, expected: str) -> None:
    assert without_people(message) == expected


def test_tiny_huge_and_empty_changes_mostly_go() -> None:
    tiny = [
        commit_drop(FileChange(f"c{n}", MESSAGE, "a.py", "a\n", "b\n")) is None for n in range(200)
    ]
    assert 5 <= sum(tiny) <= 40
    same = commit_drop(FileChange("c", MESSAGE, "a.py", "a", "a"))
    assert same == ("no_change", "before and after are the same")
    large = commit_drop(FileChange("c", MESSAGE, "a.py", "a" * 100_001, "a"))
    assert large == ("large_file", "100001 characters, at most 100000 pass")
    bounds = "at least 3 and at most 199 pass, and 10% of other changes"
    odd = {commit_drop(FileChange(f"c{n}", MESSAGE, "a.py", "a\n", "b\n")) for n in range(50)}
    assert ("odd_size", f"1 changed lines; {bounds}") in odd
    assert changed_lines(change()) == 3


# --- discussions -----------------------------------------------------------------------------

LONG = "It fails when the path has a space in it. " * 6


def issue(*contributions: tuple[str, str, str], state: str = "opened") -> Discussion:
    made = tuple(Contribution(*c) for c in contributions)
    return Discussion("a/b", 7, False, "It fails", made, state)


def test_people_are_numbered_in_the_order_they_speak() -> None:
    made = discussion_text(
        issue(
            ("ann", "text", f"{LONG} @bob?"),
            ("bob", "comment", "No, @Ann. <issue_closed>"),
            state="closed",
        )
    )
    start, comment, closed = split(made)
    assert start.text.startswith("Title: It fails\nusername_0: It fails when")
    assert start.text.endswith("@username_1?")
    assert comment == Part("issue_comment", "username_1: No, @username_0. <issue_closed>")
    assert closed == Part("issue_closed", "")


@pytest.mark.parametrize("user", ["dependabot[bot]", "my-bot", "bot_x", "codecov-io"])
def test_bots_are_left_out_but_people_with_bot_in_their_name_are_not(user: str) -> None:
    talk = issue((user, "text", LONG), ("abbott", "comment", LONG))
    assert [c.user for c in without_bots(talk).contributions] == ["abbott"]


def test_short_talk_and_long_monologues_go() -> None:
    short = discussion_drop(issue(("a", "text", "short")))
    assert short == ("short_talk", "5 characters that people wrote; at least 200 pass")
    assert discussion_drop(issue(("a", "text", LONG))) is None
    busy = discussion_drop(issue(*[("a", "comment", LONG)] * 11))
    long = discussion_drop(issue(("a", "text", "x" * 7_001)))
    for found, reason, bound in ((busy, "busy_monologue", "10"), (long, "long_monologue", "7000")):
        assert found is not None
        assert found[0] == reason
        assert f"at most {bound} pass" in found[1]
    assert discussion_drop(issue(("a", "text", "x" * 7_001), ("b", "comment", "y"))) is None


def test_of_a_long_comment_the_end_stays() -> None:
    lines = "\n".join(f"line {n}" for n in range(81))
    made = discussion_text(issue(("a", "text", lines)))
    assert "line 60\n" not in made
    assert "line 61\n" in made
    assert made.endswith("line 80")


def test_a_pull_request_ends_with_its_fate() -> None:
    pull = Discussion("a/b", 1, True, "T", (Contribution("x", "review", LONG),), "merged")
    names = [part.sentinel for part in split(discussion_text(pull))]
    assert names == ["pr", "pr_review", "pr_status", "pr_is_merged"]
