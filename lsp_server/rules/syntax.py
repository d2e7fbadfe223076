"""Never worse syntax: a suggestion is cut to the longest part that adds no error to the document.

The document is parsed once and then incrementally: from key to key, and for every part that is
tried, tree-sitter reads again only what has changed. An unfinished part is not an error: it counts
as sound if *some* short ending (its open brackets closed, an operand, a colon …) makes it so, and
what the user has typed is measured by the same rule, so nobody is blamed for what stood there.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from inkling.grammars import parsers
from lsp_server.rules.brackets import CLOSER_OF, scan

if TYPE_CHECKING:
    from tree_sitter import Node, Parser, Tree

    from lsp_server.rules.scene import Scene

_BEFORE_CHARACTERS = 30_000
_AFTER_CHARACTERS = 10_000
_STEP = 10_000  # so that the parsed part starts at the same place for many keys
_MOST_SECONDS = 0.03  # of this thread's CPU time
_WORD = re.compile(r"\w+|[^\w\s]")
_TEXT = re.compile("string|comment|heredoc")
_OPERANDS = ("", " x")
# What may end a statement, besides the closers of its brackets.
_ENDINGS = {
    "python": ("", ":", " else x", "():", " = x", " in x:", " in x", " import x"),
    "ruby": ("", "\nend", " x\nend"),
    "shell": ("", "\nfi", "\ndone", "\nesac", "; then x\nfi", "; do x\ndone", " in x) x;; esac"),
}
_BRACE_ENDINGS = ("", ";", " {}", ": x", " = x;", " => x", "() {}", " while (x);")


@dataclass(frozen=True)
class Syntax:
    """The parsed surroundings of a cursor, immutable.

    Attributes:
        data: UTF-8 text that was parsed.
        cursor: offset of the cursor in it, in bytes.
        tree: of `data`.
    """

    language: str
    parser: Parser
    data: bytes
    cursor: int
    tree: Tree

    @classmethod
    def of(
        cls, language: str | None, before: str, after: str, previous: Syntax | None = None
    ) -> Syntax | None:
        """Parse the text around the cursor; None if the language has no grammar.

        Args:
            previous: of the same document a moment ago; then only the difference is parsed.
        """
        choices = parsers(language)
        if not choices or language is None:
            return None
        head = _near_end(before).encode("utf-8", "replace")
        data = head + after[:_AFTER_CHARACTERS].encode("utf-8", "replace")
        if previous is not None and previous.language == language:
            tree = previous.parser.parse(data, _edited(previous.tree, previous.data, data))
            return cls(language, previous.parser, data, len(head), tree)
        trees = [(parser, parser.parse(data)) for parser in choices[:1]]
        if len(choices) > 1 and trees[0][1].root_node.has_error:
            trees += [(parser, parser.parse(data)) for parser in choices[1:]]
        parser, tree = min(trees, key=lambda pair: count_errors(pair[1].root_node))
        return cls(language, parser, data, len(head), tree)

    @property
    def in_text(self) -> bool:
        """Whether the cursor is inside a string or a comment, where no code is wanted."""
        at = max(0, self.cursor - 1)
        node = self.tree.root_node.named_descendant_for_byte_range(at, self.cursor)
        while node is not None:
            if node.end_byte > self.cursor and _TEXT.search(node.type):
                return True
            node = node.parent
        return False

    def errors_with(self, inserted: str) -> int:
        """Errors in the document if `inserted` stood at the cursor."""
        return self._errors(self.cursor, inserted.encode("utf-8", "replace"))

    def errors_without_line(self) -> int:
        """Errors in the document if nothing stood before the cursor in its line."""
        return self._errors(self.data.rfind(b"\n", 0, self.cursor) + 1, b"")

    def _errors(self, start: int, text: bytes) -> int:
        """Errors if `text` stood in place of what is between `start` and the cursor."""
        data = self.data[:start] + text + self.data[self.cursor :]
        tree = self.tree.copy()
        _edit(tree, data, self.data, start, self.cursor, start + len(text))
        return count_errors(self.parser.parse(data, tree).root_node)


def syntax_error(text: str, scene: Scene) -> str:
    """The longest part of `text` that adds no error to the document; `text` without a grammar.

    The search is bounded, since tree-sitter takes long over text that is far from any language.
    What it could not judge in time it leaves as it is.
    """
    if scene.syntax is None or not scene.syntax.errors_with(text):
        return text
    probe = _Probe(scene, scene.syntax)
    lines = text.split("\n")
    try:
        if probe.is_sound(text):
            return text
        for count in range(len(lines) - 1, -1, -1):
            start = "\n".join(lines[:count])
            if count and not probe.is_sound(start):
                continue
            begun = start + "\n" if count else ""
            for end in reversed(_word_ends(lines[count])):
                longer = begun + lines[count][:end]
                if longer.strip() and probe.is_sound(longer, whole=True):
                    return longer
            return start
    except TimeoutError:
        return probe.best if probe.judged else text
    return ""


class _Probe:
    """Asks one document about several texts, within a budget of time.

    Attributes:
        judged: whether some text was found unsound.
        best: the longest text that was found sound.
    """

    def __init__(self, scene: Scene, syntax: Syntax) -> None:
        self.judged = False
        self.best = ""
        self._line = scene.line_before
        self._syntax = syntax
        self._ends = time.thread_time() + _MOST_SECONDS
        self._allowed: float | None = None

    def is_sound(self, text: str, *, whole: bool = False) -> bool:
        """Whether `text`, or `text` with a short ending, has no more errors than were there.

        Args:
            whole: only closers may be missing at its end, as behind a line that was cut.

        Raises:
            TimeoutError: the budget is used up.
        """
        if self._allowed is None:  # no ending makes it better than no line at all
            unavoidable = self._syntax.errors_without_line()
            self._allowed = self._fewest_errors("", unavoidable, whole=False)
        sound = self._fewest_errors(text, self._allowed, whole=whole) <= self._allowed
        if sound:
            self.best = max(self.best, text, key=len)
        else:
            self.judged = True
        return sound

    def _fewest_errors(self, text: str, enough: float, *, whole: bool) -> float:
        fewest: float = float("inf")
        closings = _closings(self._line, text, self._syntax.language)
        language = self._syntax.language
        more = [";"] if language not in _ENDINGS else []
        if not whole:
            more = _continuations(text, closings, language)
        for ending in (*closings, *more):
            if time.thread_time() > self._ends:
                raise TimeoutError
            fewest = min(fewest, self._syntax.errors_with(text + ending))
            if fewest <= enough:
                break
        return fewest


def _closings(line: str, text: str, language: str) -> list[str]:
    """What may close the brackets and quotes that are open after `text`, the likeliest first."""
    own = scan(text, language)
    whole = scan(line + text, language)
    if whole.quote and not own.quote:
        own = whole
    return list(dict.fromkeys(["", own.missing, whole.missing, _closers_only(whole.opened)]))


def _continuations(text: str, closings: list[str], language: str) -> list[str]:
    """Short texts that may go on where `text` breaks off."""
    statements = _ENDINGS.get(language, _BRACE_ENDINGS)
    found = [
        operand + closing + statement
        for closing in (*closings[1:], "")  # what leaves a bracket open is seldom sound
        for operand in _OPERANDS
        for statement in statements
        if operand or statement
    ]
    if language == "python" and text.lstrip().startswith("@"):
        found = [closing + "\ndef x(): pass" for closing in closings] + found
    return found


def _closers_only(opened: str) -> str:
    return "".join(CLOSER_OF[bracket] for bracket in reversed(opened))


def _word_ends(line: str) -> list[int]:
    return [match.end() for match in _WORD.finditer(line)]


def count_errors(node: Node) -> int:
    """Error and missing nodes under `node`."""
    count = 0
    pending = [node]
    while pending:
        current = pending.pop()
        count += current.is_error or current.is_missing
        if current.has_error:
            pending += current.children
    return count


def _near_end(before: str) -> str:
    """The end of `before`, from the start of a line that stays the same while one types."""
    if len(before) <= _BEFORE_CHARACTERS:
        return before
    start = (len(before) - _BEFORE_CHARACTERS) // _STEP * _STEP
    return before[before.find("\n", start) + 1 :]


def _edited(tree: Tree, old: bytes, new: bytes) -> Tree:
    """`tree` told that its text became `new`."""
    start = _common_prefix(old, new)
    end = _common_suffix(old[start:], new[start:])
    copy = tree.copy()
    _edit(copy, new, old, start, len(old) - end, len(new) - end)
    return copy


def _edit(tree: Tree, new: bytes, old: bytes, start: int, old_end: int, new_end: int) -> None:
    tree.edit(
        start_byte=start,
        old_end_byte=old_end,
        new_end_byte=new_end,
        start_point=_point(old, start),
        old_end_point=_point(old, old_end),
        new_end_point=_point(new, new_end),
    )


def _point(data: bytes, offset: int) -> tuple[int, int]:
    return data.count(b"\n", 0, offset), offset - (data.rfind(b"\n", 0, offset) + 1)


def _common_prefix(left: bytes, right: bytes) -> int:
    """Length of the longest common prefix, by halving: comparing slices is a matter of C."""
    low, high = 0, min(len(left), len(right))
    while low < high:
        middle = (low + high + 1) // 2
        if left[low:middle] == right[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _common_suffix(left: bytes, right: bytes) -> int:
    low, high = 0, min(len(left), len(right))
    while low < high:
        middle = (low + high + 1) // 2
        if (
            left[len(left) - middle : len(left) - low]
            == right[len(right) - middle : len(right) - low]
        ):
            low = middle
        else:
            high = middle - 1
    return low
