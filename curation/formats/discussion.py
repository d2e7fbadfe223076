"""Issues and pull requests as text, and which are worth it; people are numbered, not named.

As StarCoder2: bots' contributions go; a discussion needs some length, and two people or brevity
(`curation.quality.limits`); of a comment beyond 80 lines the last 20 stay; `username_0` is whoever
spoke first. Who is only mentioned (`@name`, but not in code, where `@` means other things) is
numbered after those. A pull request also shows the branch it is for, the files' diffs where the
events have them, and each thread of review comments at its piece of diff, with the answers below
it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from curation.formats.sentinels import Part, join, mark
from curation.quality.limits import limit

FORMAT = "discussion"
_MAX_LINES, _LAST_LINES = 80, 20
_MAX_TITLE = 500
_MAX_DIFF, _MAX_HUNK = 20_000, 2_000
_CODE = re.compile(r"```.*?(?:```|\Z)|~~~.*?(?:~~~|\Z)|`[^`\n]*`", re.DOTALL)
_MENTION = re.compile(r"(?<![\w@./+-])@([a-z\d](?:-?[a-z\d]){0,38})(?![\w/@]|\.\w)", re.IGNORECASE)
"""A name as GitHub has them; `@scope/package`, `@module.name` and addresses are none."""
_BOT = re.compile(r"\[bot\]$|(?:^|[-_])bot(?:$|[-_])|^(?:dependabot|renovate|codecov|travis)", re.I)


@dataclass(frozen=True)
class Place:
    """Where a review comment stands: a file, the diff up to the line, and the thread's number."""

    path: str
    hunk: str
    thread: int
    is_answer: bool = False


@dataclass(frozen=True)
class Contribution:
    """What one person wrote: `kind` is `text`, `comment` or `review`.

    Attributes:
        place: of a comment on a piece of diff.
        verdict: of a review: `approved`, `changes_requested` …
    """

    user: str
    kind: str
    text: str
    place: Place | None = None
    verdict: str | None = None


@dataclass(frozen=True)
class FileDiff:
    """What a pull request changes in one file, as a unified diff."""

    path: str
    diff: str


@dataclass(frozen=True)
class Discussion:
    """An issue or a pull request. `state` is the last one seen: `opened`, `closed` or `merged`.

    Attributes:
        base: the branch that a pull request is for.
        files: what it changes, where the events say so.
        license: of the repository, where the events name it.
        created_at: when it was opened, in seconds since 1970, where the events say so.
    """

    repo: str
    number: int
    is_pull: bool
    title: str
    contributions: tuple[Contribution, ...]
    state: str
    base: str | None = None
    files: tuple[FileDiff, ...] = ()
    license: str | None = None
    created_at: int | None = None


def shows_code(text: str) -> bool:
    """Whether a discussion's text holds code of the repository: diffs, or pieces of them."""
    return mark("pr_diff") in text or mark("pr_diff_hunk") in text


def without_bots(discussion: Discussion) -> Discussion:
    """The same discussion among people."""
    people = tuple(
        c for c in discussion.contributions if not _BOT.search(c.user) and c.text.strip()
    )
    return replace(discussion, contributions=people)


def drop_reason(discussion: Discussion) -> tuple[str, str] | None:
    """Why a discussion (bots left out) is no document: the reason, the value and what passes."""
    size = sum(len(c.text) for c in discussion.contributions)
    measured = [("short_talk", size)]
    if len({c.user for c in discussion.contributions}) < 2:
        measured += [("long_monologue", size), ("busy_monologue", len(discussion.contributions))]
    for name, value in measured:
        row = limit(name)
        if not row.bounds.hold(value):
            return name, f"{value} {row.measure}; {row.bounds} pass"
    return None


def discussion_text(discussion: Discussion) -> str:
    """`<issue_start>Title: …` or `<pr>Title: …` with the contributions in their order."""
    numbers: dict[str, int] = {}
    for contribution in discussion.contributions:
        numbers.setdefault(contribution.user.lower(), len(numbers))
    opening = f"Title: {_renamed(discussion.title, numbers)[:_MAX_TITLE]}\n"
    said: list[Part] = []
    for contribution in _by_thread(discussion.contributions):
        said_here = _cut(_renamed(contribution.text, numbers))
        text = f"username_{numbers[contribution.user.lower()]}: {said_here}"
        if contribution.kind == "text":
            opening += text
        elif discussion.is_pull:
            said += _pull_parts(contribution, text)
        else:
            said.append(Part("issue_comment", text))
    if not discussion.is_pull:
        closed = [Part("issue_closed", "")] if discussion.state == "closed" else []
        return join([Part("issue_start", opening), *said, *closed])
    parts = [Part("pr", opening)]
    if discussion.base is not None:
        parts.append(Part("pr_base", discussion.base))
    for file in discussion.files:
        parts += [Part("pr_file", file.path), Part("pr_diff", file.diff[:_MAX_DIFF])]
    merged = Part("pr_is_merged", str(discussion.state == "merged"))
    return join([*parts, *said, Part("pr_status", discussion.state), merged])


def _by_thread(contributions: tuple[Contribution, ...]) -> list[Contribution]:
    """In their order, but the answers of a thread right after what they answer."""
    threads: dict[int, list[Contribution]] = {}
    for contribution in contributions:
        if contribution.place is not None:
            threads.setdefault(contribution.place.thread, []).append(contribution)
    ordered: list[Contribution] = []
    for contribution in contributions:
        if contribution.place is None:
            ordered.append(contribution)
        else:
            ordered += threads.pop(contribution.place.thread, [])
    return ordered


def _pull_parts(contribution: Contribution, text: str) -> list[Part]:
    place = contribution.place
    if place is not None and place.is_answer:
        return [Part("pr_in_reply_to_comment_id", str(place.thread)), Part("pr_comment", text)]
    if place is not None:
        return [
            Part("pr_file", place.path),
            Part("pr_diff_hunk", place.hunk[-_MAX_HUNK:]),
            Part("pr_review_comment", text),
        ]
    if contribution.kind == "review":
        verdict = contribution.verdict
        state = [Part("pr_review_state", verdict)] if verdict is not None else []
        return [Part("pr_review", text), *state]
    return [Part("pr_comment", text)]


def _cut(text: str) -> str:
    """A contribution cut to size."""
    lines = text.replace("\r\n", "\n").splitlines()
    if len(lines) > _MAX_LINES:
        lines = ["…", *lines[-_LAST_LINES:]]
    return "\n".join(lines)


def _renamed(text: str, numbers: dict[str, int]) -> str:
    """A text with the people in it numbered; who isn't in `numbers` (by lower case) is added."""

    def number(match: re.Match[str]) -> str:
        name = match[1]
        if _BOT.search(name):
            return match[0]
        return f"@username_{numbers.setdefault(name.lower(), len(numbers))}"

    parts: list[str] = []
    end = 0
    for code in _CODE.finditer(text):
        parts += [_MENTION.sub(number, text[end : code.start()]), code[0]]
        end = code.end()
    renamed = "".join([*parts, _MENTION.sub(number, text[end:])])
    for user in sorted(numbers, key=len, reverse=True):  # in code as well
        renamed = re.sub(
            rf"@{re.escape(user)}\b", f"@username_{numbers[user]}", renamed, flags=re.I
        )
    return renamed
