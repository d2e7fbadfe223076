"""Lines of code in which people leave personal data, with places for invented values.

`<NAME>` is filled with a name and labelled; `<CITY>`, `<WORD>` and other fillers get no label, so
lines that only look alike are learnt too. The lines for validation set the thresholds, and the
held-out ones say how well the classifier does in lines of another make; neither is trained on.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from curation.pii.labels import CLASSES

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

    from curation.pii.values import Values

_PLACE = re.compile(
    r"<(NAME|EMAIL|IP_ADDRESS|USERNAME|PASSWORD|KEY|CITY|YEAR|NUM|HEX|UUID|VERSION|WORD|TITLE|CODE"
    r"|COMPANY)>"
)

TRAIN = (
    "# Author: <NAME>", "# Author: <NAME> <<EMAIL>>", "# Authors: <NAME>, <NAME>",
    "# Authors: <NAME> <<EMAIL>>", "#          <NAME> <<EMAIL>>", "__author__ = '<NAME>'",
    '__author__ = "<NAME> <<EMAIL>>"', '__email__ = "<EMAIL>"', "# Copyright (c) <YEAR> <NAME>",
    "# Copyright <YEAR>-<YEAR> by <NAME>. All rights reserved.", "// Copyright (C) <YEAR>, <NAME>",
    "# Written by <NAME> in <YEAR>.", "Written by <NAME> (<EMAIL>)", ":author: <NAME>",
    "@author <NAME>", " * @author <NAME> <<EMAIL>>", "# Contributed by <NAME>.",
    "# Based on code by <NAME>", "# Thanks to <NAME> for the <WORD> <WORD>.",
    "Reported by <NAME> on the mailing list.", "# Patch from <NAME> (<YEAR>)",
    "maintainer='<NAME>'", 'maintainer_email="<EMAIL>",', 'author="<NAME>",',
    'author_email="<EMAIL>",', "<NAME>, <NAME> and <NAME>. <TITLE> <WORD> <WORD>. <YEAR>.",
    '    "name": "<NAME>",', '    "email": "<EMAIL>",', "names = ['<NAME>', '<NAME>', '<NAME>']",
    'assert person.name == "<NAME>"', 'Person("<NAME>", <NUM>)', "# - <NAME>",
    "# TODO(<USERNAME>): <WORD> the <WORD>", "# FIXME(<USERNAME>) <WORD> <WORD>",
    "# XXX <USERNAME>: <WORD> this", "# @<USERNAME> says <WORD>", "# see github.com/<USERNAME>",
    'user = "<USERNAME>"', 'USERNAME = "<USERNAME>"', "username='<USERNAME>',",
    '"user": "<USERNAME>",', 'login("<USERNAME>", "<PASSWORD>")',
    'auth = ("<USERNAME>", "<PASSWORD>")', "path = '/home/<USERNAME>/<WORD>'",
    'ROOT = "/Users/<USERNAME>/<WORD>/<WORD>"', "# ssh <USERNAME>@<IP_ADDRESS>",
    'password = "<PASSWORD>"', "PASSWORD = '<PASSWORD>'", "    password='<PASSWORD>',",
    '"password": "<PASSWORD>",', 'db_passwd = "<PASSWORD>"',
    "os.environ['DB_PASSWORD'] = '<PASSWORD>'",
    '# password: <PASSWORD>', 'client.login(password="<PASSWORD>")', "pwd = '<PASSWORD>'",
    'url = "postgres://<USERNAME>:<PASSWORD>@<IP_ADDRESS>:5432/<WORD>"',
    'connect(host="<IP_ADDRESS>", user="<USERNAME>", passwd="<PASSWORD>")',
    'HOST = "<IP_ADDRESS>"', "server = '<IP_ADDRESS>'", "# runs on <IP_ADDRESS>",
    '("<IP_ADDRESS>", <NUM>)', "ip_address('<IP_ADDRESS>')",
    'url = "http://<IP_ADDRESS>:<NUM>/<WORD>"',
    'API_KEY = "<KEY>"', "api_key='<KEY>',", '"token": "<KEY>",', 'SECRET_KEY = "<KEY>"',
    "headers = {'Authorization': 'Bearer <KEY>'}", "# token: <KEY>", 'client = Client("<KEY>")',
    'os.environ["<TITLE>_TOKEN"] = "<KEY>"', "access_token = '<KEY>'", 'secret="<KEY>"',
    "# contact <EMAIL>", 'to = ["<EMAIL>", "<EMAIL>"]', 'send_mail("<EMAIL>", subject)',
    # Lines that look alike and hold nothing.
    'sha256 = "<HEX>"', "# commit <HEX>", 'revision="<HEX>",', "md5: <HEX>", 'digest == "<HEX>"',
    'uuid = "<UUID>"', 'version = "<VERSION>"', "# version <VERSION>", '"checksum": "<HEX>",',
    'city = "<CITY>"', '"<CITY>", "<CITY>",', "timezone = 'Europe/<CITY>'",
    "# Copyright (c) <YEAR> The <TITLE> Authors", "# Copyright <YEAR> <TITLE> Inc.",
    "# Copyright (c) <YEAR> <TITLE> Corporation and contributors.", "# Author: unknown",
    'title = "<TITLE> <TITLE>"', "# <TITLE> <TITLE>", '"""<TITLE> <TITLE> <WORD> <WORD>."""',
    "# See <TITLE><TITLE> for details.", "The <TITLE> <TITLE> <WORD> the <WORD>.",
    'password = "password"', "password = os.environ['PASSWORD']", "password: str | None = None",
    'password = getpass("Password: ")', "passwd=config.password,", "token = next(tokens)",
    'key = "<WORD>_<WORD>"', '"<WORD>_<WORD>_<NUM>",', "user = 'root'", 'username="admin"',
    "user = request.user", "author = metadata.get('author')", "# TODO: <WORD> the <WORD>",
    "name = '<WORD>'", 'name="<TITLE><TITLE>"', "from <WORD> import <TITLE><TITLE>",
    "- <TITLE> <TITLE>: <WORD> <WORD>", "<TITLE>: <WORD>, <TITLE>: <WORD>",
    "# Copyright (c) <YEAR> <COMPANY>", "Copyright <YEAR>-<YEAR> <COMPANY>. All rights reserved.",
    "# Developed at <COMPANY>.", 'vendor = "<COMPANY>"', "# by the <COMPANY>",
    "author='<COMPANY>',",
    'assert token == "<CODE>"', 'password = "<CODE>"', 'key="<CODE>",', "login('<CODE>')",
    'secret_name: "<CODE>"', "--token-<WORD> <CODE>", 'host = "<CODE>"', "from <CITY> to <CITY>",
    '"""<TITLE> <TITLE>."""', "# <TITLE> of <CITY>", '("<CODE>", "<CODE>"),', 'user="<CODE>"',
)  # fmt: skip

VALIDATION = (
    "# Creator: <NAME>", "# code by <NAME> and <NAME>, <YEAR>", "# <EMAIL>, <NAME>",
    "   Credits: <NAME>, <NAME>.", 'contributors = ["<NAME>", "<NAME>"]',
    "Copyright © <YEAR> <NAME>",
    "# The <WORD> was found by <NAME>, who <WORD> the <WORD>.", "# <NAME> (<EMAIL>), <YEAR>",
    'assignee: "<NAME>"', "# ask <NAME> before you <WORD> this", "Bug report: <EMAIL>",
    'MAIL_TO: str = "<EMAIL>"', '"reporter": "<EMAIL>"', "ssh root@<IP_ADDRESS>",
    "nameserver <IP_ADDRESS>",
    'hosts = ["<IP_ADDRESS>"]', "# NOTE <USERNAME>: <WORD>", 'run_as="<USERNAME>"',
    'ftp.login("<USERNAME>", "<PASSWORD>")', "sudo_password: <PASSWORD>",
    'PASSPHRASE: Final = "<PASSWORD>"',
    'db = connect(user="<USERNAME>", password="<PASSWORD>")', "export API_TOKEN=<KEY>",
    'session.headers["X-Auth-Token"] = "<KEY>"', 'webhook_secret = "<KEY>"',
    "openai.api_key = '<KEY>'",
    'tree = "<HEX>"', 'expected_md5 = "<HEX>"', "# <COMPANY>, <CITY>", 'password_field = "<CODE>"',
    "# the <TITLE> <TITLE> <WORD>", 'tokens = ["<CODE>", "<CODE>"]', 'name = "<CITY>"',
)  # fmt: skip

HELDOUT = (
    "# Original author: <NAME>", "# (c) <NAME>, <YEAR>", "<NAME> <<EMAIL>>", "## by <NAME>",
    "#   <NAME> wrote the first version of this <WORD>", "# Maintainer: <NAME> - <EMAIL>",
    "# Many thanks go to <NAME> and <NAME>", 'customer = {"full_name": "<NAME>", "id": <NUM>}',
    "__maintainer__ = '<NAME>'", "# HACK(<USERNAME>): <WORD> it", 'owner: str = "<USERNAME>"',
    "login_name='<USERNAME>'", "cd /home/<USERNAME>/src",
    'credentials = ["<USERNAME>", "<PASSWORD>"]',
    'MYSQL_PWD="<PASSWORD>"', "user.set_password('<PASSWORD>')", "smtp.login(sender, '<PASSWORD>')",
    'redis://:<PASSWORD>@<IP_ADDRESS>:6379', "ALLOWED = {'<IP_ADDRESS>', '<IP_ADDRESS>'}",
    "ping <IP_ADDRESS>", 'socket.create_connection(("<IP_ADDRESS>", <NUM>))',
    "stripe.api_key = '<KEY>'", 'params["apikey"] = "<KEY>"', "x-api-key: <KEY>",
    'SIGNING_SECRET: Final = "<KEY>"', "mailto:<EMAIL>", 'FROM_ADDRESS = "<EMAIL>"',
    "# Questions? Write to <EMAIL>.",
    'etag = "<HEX>"', 'assert version == "<VERSION>"', "# <TITLE> <TITLE> <WORD>",
    "# (c) <YEAR> <TITLE> Foundation", 'label="<TITLE> <TITLE>"', "capital = '<CITY>'",
    "# Copyright (c) <YEAR>-<YEAR> <NAME>, <NAME>", "# <EMAIL> (<NAME>)", "Code courtesy <NAME>.",
    ".. moduleauthor:: <NAME> <<EMAIL>>", "# fix by <NAME>: <WORD> <WORD>", "(see <NAME>, <YEAR>)",
    'speaker("<NAME>", "<TITLE> <WORD>")', "X-Sender: <NAME> <<EMAIL>>",
    'owner_ip = "<IP_ADDRESS>"',
    "sshpass -p <PASSWORD> ssh <USERNAME>@<IP_ADDRESS>", 'auth_basic("<USERNAME>:<PASSWORD>")',
    "# Property of <COMPANY>, <CITY>", 'password_hint("<CODE>")', 'TOKEN_URL = "<CODE>"',
    'password = input("password")', "self.username = username", 'secret = load("<WORD>")',
)  # fmt: skip


def fill(
    template: str, values: Values, words: Sequence[str], rng: random.Random
) -> tuple[str, list[tuple[int, int, str]]]:
    """A template with values in its places, and (start, end, class) of those with a label.

    Args:
        words: ordinary words of code, for the fillers WORD, TITLE and CODE.
    """
    parts: list[str] = []
    spans = []
    position = length = 0
    for match in _PLACE.finditer(template):
        kind = match[1]
        if kind in ("WORD", "TITLE"):
            value = rng.choice(words)
            value = value.capitalize() if kind == "TITLE" else value
        elif kind == "CODE":
            value = _code(words, rng)
        else:
            value = values.draw(kind)
        before = template[position : match.start()]
        start = length + len(before)
        parts += [before, value]
        length = start + len(value)
        position = match.end()
        if kind in CLASSES:
            spans.append((start, length, kind))
    parts.append(template[position:])
    return "".join(parts), spans


def _code(words: Sequence[str], rng: random.Random) -> str:
    """What stands in quotes and only looks like a password or key."""
    one, other, third = (rng.choice(words) for _ in range(3))
    number = rng.randrange(1, 3_000)
    return rng.choice(
        (
            f"{one}_{other}", f"{one}-{other}-{number}", f"{one}.{other}.{third.capitalize()}",
            f"{one.upper()}_{other.upper()}", f"{one}/{other}", f"{one}:{other}", f"%({one})s",
            f"{one.capitalize()}{other.capitalize()}", f"{one}={number}",
            f"{one[:2]}_{other[:2].upper()}",
            f"{one[:2]}_{other[:2].upper()}.CP{number}",
            f"{one.upper()}={number}{other[:3].upper()}",
            f"https://{one}.com/{other}", f"{one}{number}", f"${{{one}_{other}}}", f"<{one}>",
            f"{one}@{other}", f"{number}px", f"{one} {other}", f"/{one}/{other}.{third[:3]}",
            f"%Y-%m-%d {one}", f"{{{one}}}", f"--{one}-{other}", f"{one}/{other}+{third}",
        )
    )  # fmt: skip
