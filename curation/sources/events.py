"""Source "discussions": issues and pull requests from GH Archive-style files of events.

JSON lines, gzip allowed: one event a line with `type`, `repo.name` and `payload`. The events of one
issue are brought together over all files that are named. A line that is no JSON is refused, and so
is an event of an issue or a pull request that lacks what it needs. Of a pull request the base
branch, the threads of its review with their pieces of diff, and the files' diffs (`files` with
`filename` and `patch`, where an archive was enriched with them) are kept, and the licence that
GitHub gives for the repository, where the text holds code of it.
"""

from __future__ import annotations

import gzip
import json
import zlib
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from curation.formats.discussion import (
    FORMAT,
    Contribution,
    Discussion,
    FileDiff,
    Place,
    discussion_text,
    drop_reason,
    shows_code,
    without_bots,
)
from curation.sources.moments import seconds_of
from inkling.errors import InklingError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from curation.sources.source_file import SourceFile
    from curation.sources.spool import Spool

_TYPES = frozenset(
    {
        "IssuesEvent",
        "IssueCommentEvent",
        "PullRequestEvent",
        "PullRequestReviewEvent",
        "PullRequestReviewCommentEvent",
    }
)

_SUFFIXES = (".json", ".json.gz", ".jsonl", ".jsonl.gz")


@dataclass
class _Thread:
    """What is known of one issue or pull request while events come in."""

    is_pull: bool
    title: str = ""
    state: str = "opened"
    base: str | None = None
    files: tuple[FileDiff, ...] = ()
    license: str | None = None
    created: str = ""
    seen: dict[str, tuple[str, Contribution]] = field(default_factory=dict)
    threads: dict[str, int] = field(default_factory=dict)


def list_discussions(places: Iterable[Path], spool: Spool) -> Iterator[SourceFile]:
    """A document for every issue or pull request, or why it isn't worth one.

    They come by repository and number. What is damaged among several files is listed as refused.

    Args:
        places: files of events, or folders of such.

    Raises:
        InklingError: the only file can't be read, or a folder holds none.
    """
    files = [file for place in places for file in _files(place)]
    damaged: list[SourceFile] = []

    def refuse(file: Path, line: int, detail: str) -> None:
        damaged.append(spool.refuse(file.name, f"line {line}", "no_event", detail))

    events = (
        event for file in files for event in _events(file, partial(refuse, file), len(files) > 1)
    )
    for discussion in gather(events):
        people = without_bots(discussion)
        path = f"{'pull' if people.is_pull else 'issues'}/{people.number}"
        refused = drop_reason(people)
        if refused is None:
            text = discussion_text(people)
            # What people write isn't under their repository's licence; its code is.
            license = people.license if shows_code(text) else None
            yield spool.add(
                text,
                people.repo,
                path,
                license=license,
                license_source="event",
                committed_at=people.created_at,
                format=FORMAT,
            )
        else:
            yield spool.refuse(people.repo, path, *refused)
    yield from damaged


def _files(place: Path) -> list[Path]:
    """The files of events at a place: itself, or of a folder all below it that are JSON by name."""
    place = place.expanduser()
    if not place.is_dir():
        return [place]
    found = sorted(file for file in place.rglob("*") if file.name.endswith(_SUFFIXES))
    if not found:
        raise InklingError(
            f"The folder {place} holds no file of events.",
            f"Name a folder with files that end in {', '.join(_SUFFIXES)}.",
        )
    return found


@dataclass(frozen=True)
class _Event:
    """What an event of ours needs: repository, number, issue or pull request, and the payload."""

    repo: str
    number: int
    subject: dict[str, Any]
    payload: dict[str, Any]

    @property
    def is_pull(self) -> bool:
        return "pull_request" in self.payload or "pull_request" in self.subject


def gather(events: Iterable[dict[str, Any]]) -> list[Discussion]:
    """Bring the events of each issue together; contributions in order of their time.

    What isn't an event of an issue or a pull request is passed by, also where it lacks something.
    """
    threads: dict[tuple[str, int], _Thread] = {}
    for raw in events:
        event = _event(raw)
        if not isinstance(event, _Event):
            continue
        payload, subject = event.payload, event.subject
        thread = threads.setdefault((event.repo, event.number), _Thread(event.is_pull))
        thread.title = str(subject.get("title") or thread.title)
        if isinstance(subject.get("created_at"), str):
            thread.created = subject["created_at"]
        if payload.get("action") == "closed":
            thread.state = "merged" if subject.get("merged") else "closed"
        elif payload.get("action") == "reopened":
            thread.state = "opened"
        if event.is_pull:
            _add_changes(thread, subject, payload)
        _add(thread, "text", "text", subject)
        if isinstance(payload.get("comment"), dict):
            _add(thread, f"comment {payload['comment'].get('id')}", "comment", payload["comment"])
        if isinstance(payload.get("review"), dict):
            _add(thread, f"review {payload['review'].get('id')}", "review", payload["review"])
    return [
        Discussion(
            repo,
            number,
            thread.is_pull,
            thread.title,
            tuple(c for _, c in sorted(thread.seen.values(), key=lambda item: item[0])),
            thread.state,
            thread.base,
            thread.files,
            thread.license,
            seconds_of(thread.created),
        )
        for (repo, number), thread in sorted(threads.items())
    ]


def _event(value: dict[str, Any]) -> _Event | str | None:
    """The event in a line; of one that is of our types but lacks what it needs, what that is.

    None if it is of another type.
    """
    kind = value.get("type")
    if not isinstance(kind, str) or kind not in _TYPES:
        return None
    payload, repo = value.get("payload"), value.get("repo")
    if not isinstance(payload, dict):
        return f"{kind} without a payload"
    if not isinstance(repo, dict) or not isinstance(repo.get("name"), str):
        return f"{kind} without the name of its repository"
    subject = payload.get("issue") or payload.get("pull_request")
    if not isinstance(subject, dict):
        return f"{kind} without an issue or a pull request"
    number = subject.get("number")
    if not isinstance(number, int) or isinstance(number, bool):
        return f"{kind} without a number"
    return _Event(repo["name"], number, subject, payload)


def _add(thread: _Thread, key: str, kind: str, item: dict[str, Any]) -> None:
    user = item.get("user")
    body = item.get("body")
    if isinstance(user, dict) and isinstance(body, str):
        moment = str(item.get("created_at") or item.get("submitted_at") or "")
        verdict = item.get("state") if kind == "review" else None
        thread.seen[key] = (
            moment,
            Contribution(
                str(user.get("login")),
                kind,
                body,
                _place(thread, item),
                str(verdict).lower() if verdict else None,
            ),
        )


def _place(thread: _Thread, item: dict[str, Any]) -> Place | None:
    """Where a review comment stands; its thread is numbered by the comment that began it."""
    path, hunk = item.get("path"), item.get("diff_hunk")
    if not isinstance(path, str) or not isinstance(hunk, str):
        return None
    answered = item.get("in_reply_to_id")
    first = answered if answered is not None else item.get("id")
    number = thread.threads.setdefault(str(first), len(thread.threads))
    return Place(path, hunk, number, answered is not None)


def _add_changes(thread: _Thread, subject: dict[str, Any], payload: dict[str, Any]) -> None:
    base = subject.get("base")
    if isinstance(base, dict):
        if isinstance(base.get("ref"), str):
            thread.base = base["ref"]
        thread.license = _license(base.get("repo")) or thread.license
    files = subject.get("files") or payload.get("files")
    if isinstance(files, list):
        thread.files = tuple(
            FileDiff(row["filename"], row["patch"])
            for row in files
            if isinstance(row, dict)
            and isinstance(row.get("filename"), str)
            and isinstance(row.get("patch"), str)
        )


def _license(repo: Any) -> str | None:
    """The SPDX id that GitHub gives for a repository; None if it gives none."""
    found = repo.get("license") if isinstance(repo, dict) else None
    name = found.get("spdx_id") if isinstance(found, dict) else None
    return name if isinstance(name, str) and name != "NOASSERTION" else None


def _events(
    file: Path, refuse: Callable[[int, str], None], go_on: bool
) -> Iterator[dict[str, Any]]:
    """The events of a file.

    Args:
        refuse: is told the number of each line that is no event, and why.
        go_on: whether a damaged file is refused as well, from where it is damaged.
    """
    opener = gzip.open if file.name.endswith(".gz") else open
    number = 0
    try:
        with opener(file, "rb") as handle:
            for number, line in enumerate(handle, start=1):
                if not line.strip():
                    continue
                try:
                    value = json.loads(line)
                except (ValueError, RecursionError) as error:
                    refuse(number, f"no JSON: {error}")
                    continue
                if not isinstance(value, dict):
                    refuse(number, "no JSON object")
                    continue
                event = _event(value)
                if isinstance(event, str):
                    refuse(number, event)
                elif event is not None:
                    yield value
    except (OSError, EOFError, zlib.error) as error:
        if go_on:
            refuse(number + 1, f"the file is damaged from here: {error}")
            return
        raise InklingError(
            f"The file of events {file} can't be read: {error}.",
            "Name JSON-lines files as GH Archive has them.",
        ) from error
