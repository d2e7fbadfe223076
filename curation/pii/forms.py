"""Templates made of parts: a key, a way to write it down, and a class of value.

A list of lines is learnt by heart; many ways of writing the same thing are not. Held-out templates
are lines of their own (`templates.HELDOUT`), and what comes out like one of them is drawn again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from curation.pii.templates import HELDOUT, TRAIN, VALIDATION

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

_MINED_SHARE, _LISTED_SHARE, _BLOCK_SHARE = 0.25, 0.25, 0.12
_NOT_TRAINED = frozenset((*HELDOUT, *VALIDATION))
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
    "COMPANY": ("author", "vendor", "company", "owner", "copyright", "organization", "maintainer"),
    "CODE": ("password", "token", "key", "secret", "name", "user", "host", "mode", "api_key",
    "auth"),
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
        "{e} ({v})", "({e} / {v})", "{v} [{e}]", "<{e}> {v}", "{v}, {e}", "{v} - {e}", "{v}: {e}",
        "originally by {v}", "Originally written by {v}.", "based on the <WORD> of {v}",
        "as {v} describes in <WORD>", "{v} pointed out that the <WORD> <WORD> a <WORD>",
        "This <WORD> was contributed by {v} and {v}.", "with help from {v}", "courtesy of {v}",
        "{y}-<NUM>-<NUM>  {v}  <{e}>", "Copyright (C) {y}-{y} {v} <{e}>", "Copyright {y}, {v}",
        "{v} ({u})", "Initial version: {v}", "Last modified by: {v}", "Reviewed-by: {v}",
        "Signed-off-by: {v} <{e}>", "Author(s): {v}, {v}", "Created by {v} on <NUM>/<NUM>/{y}",
        "Algorithm by {v} ({y})", "see {v}'s <WORD> <WORD>", "{v}'s <WORD>", "due to {v}",
        "{v} and {v}, \"<TITLE> <WORD>\", <TITLE> <NUM>, {y}", "Ported to <TITLE> by {v}",
        ".. codeauthor:: {v} <{e}>", ".. sectionauthor:: {v} <{e}>", ":Author: {v}",
        ":Copyright: {y} {v}", "@author: {v}, {e}", "{v} wrote:", "On <NUM> {y}, {v} wrote:",
        "From: {v} <{e}>", "To: \"{v}\" <{e}>", "From: {e} ({v})", "Dear {v},", "Hello {v}!",
        "{v} is <NUM> years <WORD>", "(found by {v})", "bug reported by {v}, {y}",
        "Copyright (c) {y} {v}. All Rights Reserved.", "Copyright: (c) {y}, {v} <{e}>",
        "Copyright (C) {y} by {v} and contributors", "Copyright (C) {y} {v}, <COMPANY>",
        "{v} at <COMPANY> <WORD> this <WORD>", "{v}, <COMPANY>", "<COMPANY>, {v}, {y}",
        "{v}, {v}, {v}, and {v}", "{v}; {v}; {v}", "{v}, and many others",
        "For <WORD>, see {v} ({y}).",
        "<WORD> <WORD> with {v}, <WORD> the <WORD>", "{v} suggests <WORD> <WORD>", "(after {v})",
        "The <WORD> is named after {v}, who <WORD> it in {y}.", "<TITLE> <WORD> (C) {v} {y}",
    ),
    "EMAIL": ("contact {v}", "mail {v}", "<{v}>", "({v})", "send <WORD> to {v}", "{v}", "at {v}"),
    "IP_ADDRESS": ("runs on {v}", "see http://{v}/<WORD>", "{v}", "from {v} to {v}", "{v}:<NUM>"),
    "USERNAME": ("TODO({v}): <WORD>", "FIXME({v})", "NOTE({v}): <WORD> <WORD>", "cc @{v}",
                 "/home/{v}/<WORD>", "XXX({v}) <WORD>", "ssh {v}@<WORD>", "ask @{v} about <WORD>"),
    "PASSWORD": ("the password is {v}", "login with {u} / {v}",
    "https://{u}:{v}@<WORD>.com/<WORD>"),
    "KEY": ("token {v}", "Bearer {v}", "Authorization: token {v}", "https://<WORD>.com/?key={v}"),
    "HEX": ("since {v}", "as of commit {v}", "sha256:{v}"),
    "TITLE": ("the <TITLE> {v}", "{v} <TITLE>", "by the <TITLE> Team", "(c) {y} <TITLE> Inc",
              "by {v}", "Copyright {y} {v} <TITLE> Corporation", "from <TITLE> {v} import",
              "<TITLE> {v} and <TITLE> {v}", "{v}: <WORD>", "see {v} <TITLE>"),
    "WORD": ("by {v}", "by {v} <WORD>", "thanks to the <WORD> {v}", "author is {v}", "{v} {v}"),
    "CITY": ("in {v}", "{v}, {v}", "made in {v}"),
    "COMPANY": ("Copyright (c) {y} {v}", "(C) {v}", "by {v}", "Copyright {y}-{y}, {v}", "{v}",
                "developed by {v}", "This <WORD> is part of {v} <TITLE>", "written at {v}"),
}  # fmt: skip
_BLOCKS = (
    "Authors: {v}\n         {v}\n         {v}", "# Authors: {v} <{e}>\n#          {v} <{e}>",
    "__author__ = '{v}'\n__email__ = '{e}'\n__license__ = '<TITLE>'",
    "Authors\n-------\n- {v}\n- {v}",
    '.. [1] {v}, {v}, "<TITLE> <WORD> <WORD>",\n   <TITLE> <WORD>, {y}.',
    "Copyright (C) {y} {v}\n\nThis <WORD> is <WORD> <WORD>",
    "Copyright {y} {v}\nCopyright {y} <COMPANY>",
    'maintainers = [\n    {{"name": "{v}", "email": "{e}"}},\n    {{"name": "{v}"}},\n]',
    "From: {v} <{e}>\nTo: {v} <{e}>\nSubject: <TITLE> <WORD>", "authors:\n  - {v}\n  - {v}",
    "Contributors:\n    {v} - <WORD> <WORD>\n    {v} - <WORD>", "[user]\nname = {v}\nemail = {e}",
    "[db]\nhost = <IP_ADDRESS>\nuser = {u}\npassword = <PASSWORD>", "user: {u}\npass: <PASSWORD>",
    "AWS_ACCESS_KEY_ID=<KEY>\nAWS_SECRET_ACCESS_KEY=<KEY>", "# {v}\n# {e}\n# {y}",
    '{{\n    "user": "{u}",\n    "password": "<PASSWORD>",\n    "token": "<KEY>"\n}}',
    'Person(\n    name="{v}",\n    email="{e}",\n    city="<CITY>",\n)',
    "# <TITLE> <TITLE>\n# by {v}",
    "machine <WORD>.com\nlogin {u}\npassword <PASSWORD>",
    '@author {v}\n@date {y}\n@version <VERSION>',
    "* {v} (<WORD> <WORD>)\n* {v} (<WORD>)\n* <COMPANY> (<WORD>)", '"""\n{v}\n<COMPANY>\n{e}\n"""',
)  # fmt: skip
_COMMENTS = ("# ", "#", "## ", "# - ", "#   ", "// ", " * ", "", "    ", ":", ".. ", '"""', "-- ")


def draw_template(rng: random.Random, mined: Sequence[str] = ()) -> str:
    """A template to train on: mined from real code, from the list, or put together."""
    while True:
        template = _draw(rng, mined)
        if template not in _NOT_TRAINED:
            return template


def _draw(rng: random.Random, mined: Sequence[str]) -> str:
    chance = rng.random()
    if mined and chance < _MINED_SHARE:
        return rng.choice(mined)
    if chance < _MINED_SHARE + _LISTED_SHARE:
        return rng.choice(TRAIN)
    kind = rng.choice(("NAME", "NAME", "NAME", *_KEYS))
    key = ""
    if chance < _MINED_SHARE + _LISTED_SHARE + _BLOCK_SHARE:
        kind, form = "NAME", rng.choice(_BLOCKS)
    elif kind in _PROSE and rng.random() < (0.8 if kind == "NAME" else 0.3):
        form = rng.choice(_COMMENTS) + rng.choice(_PROSE[kind])
    else:
        form, key = rng.choice(_ASSIGNED), rng.choice(_KEYS[kind])
    made = form.format(k=key, K=key.upper(), v=f"<{kind}>", y="<YEAR>", e="<EMAIL>", u="<USERNAME>")
    return made.replace('"', "'") if rng.random() < 0.4 else made
