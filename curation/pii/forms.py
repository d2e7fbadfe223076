"""Templates made of parts: a key, a way to write it down, and a class of value.

A list of lines is learnt by heart; many ways of writing the same thing are not. Held-out templates
are lines of their own (`templates.HELDOUT`) and use keys and forms that don't stand here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from curation.pii.templates import TRAIN

if TYPE_CHECKING:
    import random

_LISTED_SHARE = 0.4
_KEYS = {
    "NAME": ("author", "name", "maintainer", "contact", "owner", "creator", "reviewer", "editor",
             "first_author", "display_name", "committer", "person", "student", "sender"),
    "EMAIL": ("email", "mail", "author_email", "contact", "to", "from_addr", "recipient", "sender",
              "reply_to", "support", "admin_email"),
    "IP_ADDRESS": ("host", "ip", "address", "server", "server_ip", "addr", "gateway", "bind",
                   "remote", "peer", "endpoint", "proxy", "node"),
    "USERNAME": ("user", "username", "user_name", "login", "account", "assignee", "db_user",
                 "ssh_user", "handle", "nick", "github_user"),
    "PASSWORD": ("password", "passwd", "pwd", "pass", "db_password", "user_password", "passphrase",
                 "admin_pass", "smtp_password", "secret", "new_password"),
    "KEY": ("api_key", "token", "secret_key", "access_token", "auth_token", "key", "client_secret",
            "apikey", "private_key", "bearer", "access_key", "app_secret", "session_key"),
    "HEX": ("sha256", "md5", "digest", "checksum", "commit", "revision", "hash", "etag", "sha1"),
    "UUID": ("uuid", "id", "guid", "request_id", "run_id"),
    "VERSION": ("version", "release", "oid", "section", "build"),
    "CITY": ("city", "place", "location", "station", "capital"),
    "WORD": ("name", "user", "password", "key", "token", "mode", "kind", "owner", "author"),
    "TITLE": ("name", "title", "label", "author", "group", "heading", "description"),
}  # fmt: skip
_ASSIGNED = (
    '{k} = "{v}"', '{K} = "{v}"', 'self.{k} = "{v}"', '    {k}="{v}",', '"{k}": "{v}",',
    '{{"{k}": "{v}"}}', 'config["{k}"] = "{v}"', 'set_{k}("{v}")', 'call({k}="{v}")',
    'call("{v}", {k}=True)', '{k}: str = "{v}"', 'os.environ["{K}"] = "{v}"', '("{k}", "{v}"),',
    "--{k} {v}", "--{k}={v}", "{K}={v}", "{k}: {v}", "# {k}: {v}", "# {k} = {v}", "  - {k}: {v}",
    'assert x.{k} == "{v}"', 'if {k} == "{v}":', 'return "{v}"', 'print("{v}")', '"{v}",',
    '["{v}", "{v}"]', 'parser.add("--{k}", default="{v}")', '"""{v}"""', 'expected = "{v}"',
    'x = {k}("{v}")', 'data={{"{k}": "{v}", "<WORD>": <NUM>}}', 'b"{v}"', '{k}="{v}"  # <WORD>',
)  # fmt: skip
_PROSE = {
    "NAME": (
        "by {v}", "written by {v}", "Written by {v}", "created by {v}", "Author: {v}",
        "Authors: {v}, {v} and {v}", "author: {v} ({y})", "Copyright {y} {v}",
        "Copyright (c) {y}-{y} {v}", "(c) {y} by {v}", "contributed by {v}", "thanks to {v}",
        "Thanks to {v} for the <WORD> <WORD>", "adapted from <WORD> by {v}", "idea due to {v}",
        "suggested by {v}", "reported by {v}", "{v}, {y}", "{v} and {v} ({y})", "{v} <{e}>",
        "{v} ({e})", "Modified {y} by {v}", "- {v}", "{v}", "Maintained by {v} <{e}>",
        "{v} <WORD> the <WORD> in {y}", "See {v}, {v}: <TITLE> <WORD> <WORD>, {y}",
        "[1] {v}, {v}. \"<TITLE> <WORD> <WORD>\". {y}", "@author {v}", ":author: {v}",
        "Developed at the <TITLE> Institute by {v}", "Translated from <TITLE> by {v}",
    ),
    "EMAIL": ("contact {v}", "mail {v}", "<{v}>", "({v})", "send <WORD> to {v}", "{v}", "at {v}"),
    "IP_ADDRESS": ("runs on {v}", "see http://{v}/<WORD>", "{v}", "from {v} to {v}", "{v}:<NUM>"),
    "USERNAME": ("TODO({v}): <WORD>", "FIXME({v})", "NOTE({v}): <WORD> <WORD>", "cc @{v}",
                 "/home/{v}/<WORD>", "XXX({v}) <WORD>", "ssh {v}@<WORD>", "ask @{v} about <WORD>"),
    "PASSWORD": ("the password is {v}", "login with {u} / {v}", "https://{u}:{v}@<WORD>.com/<WORD>"),
    "KEY": ("token {v}", "Bearer {v}", "Authorization: token {v}", "https://<WORD>.com/?key={v}"),
    "HEX": ("since {v}", "as of commit {v}", "sha256:{v}"),
    "TITLE": ("the <TITLE> {v}", "{v} <TITLE>", "by the <TITLE> Team", "(c) {y} <TITLE> Inc",
              "by {v}", "Copyright {y} {v} <TITLE> Corporation", "from <TITLE> {v} import",
              "<TITLE> {v} and <TITLE> {v}", "{v}: <WORD>", "see {v} <TITLE>"),
    "WORD": ("by {v}", "by {v} <WORD>", "thanks to the <WORD> {v}", "author is {v}", "{v} {v}"),
    "CITY": ("in {v}", "{v}, {v}", "made in {v}"),
}  # fmt: skip
_COMMENTS = ("# ", "#", "## ", "# - ", "#   ", "// ", " * ", "", "    ", ":", ".. ", '"""', "-- ")


def draw_template(rng: random.Random) -> str:
    """A template to train on: from the list, or put together."""
    if rng.random() < _LISTED_SHARE:
        return rng.choice(TRAIN)
    kind = rng.choice(("NAME", "NAME", "NAME", *_KEYS))
    if kind in _PROSE and rng.random() < (0.8 if kind == "NAME" else 0.3):
        form, key = rng.choice(_COMMENTS) + rng.choice(_PROSE[kind]), ""
    else:
        form, key = rng.choice(_ASSIGNED), rng.choice(_KEYS[kind])
    made = form.format(k=key, K=key.upper(), v=f"<{kind}>", y="<YEAR>", e="<EMAIL>", u="<USERNAME>")
    return made.replace('"', "'") if rng.random() < 0.4 else made
