"""Made-up secrets of many kinds, and places in code where people leave them."""

from __future__ import annotations

import random
import string
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_ALNUM = string.ascii_letters + string.digits
_HEX = "0123456789abcdef"
_LOWER = string.ascii_lowercase + string.digits
_UPPER = string.ascii_uppercase + string.digits


def _run(rng: random.Random, alphabet: str, length: int) -> str:
    """Random characters, at least one digit and one letter among them."""
    while True:
        value = "".join(rng.choices(alphabet, k=length))
        if any(map(str.isdigit, value)) and any(map(str.isalpha, value)):
            return value


KINDS: dict[str, Callable[[random.Random], str]] = {
    "aws_access_key": lambda r: "AKIA" + _run(r, _UPPER, 16),
    "github": lambda r: "ghp_" + _run(r, _ALNUM, 36),
    "github_fine_grained": lambda r: f"github_pat_{_run(r, _ALNUM, 22)}_{_run(r, _ALNUM, 59)}",
    "gitlab": lambda r: "glpat-" + _run(r, _ALNUM, 20),
    "slack": lambda r: f"xoxb-{r.randrange(10**11, 10**12)}-{_run(r, _LOWER, 24)}",
    "stripe": lambda r: "sk_live_" + _run(r, _ALNUM, 24),
    "sendgrid": lambda r: f"SG.{_run(r, _ALNUM, 22)}.{_run(r, _ALNUM, 43)}",
    "twilio": lambda r: "SK" + _run(r, _HEX, 32),
    "mailchimp": lambda r: _run(r, _HEX, 32) + "-us12",
    "google": lambda r: "AIza" + _run(r, _ALNUM, 35),
    "openai": lambda r: "sk-proj-" + _run(r, _ALNUM, 48),
    "hugging_face": lambda r: "hf_" + _run(r, _ALNUM, 34),
    "npm": lambda r: "npm_" + _run(r, _ALNUM, 36),
    "telegram": lambda r: f"{r.randrange(10**9, 10**10)}:{_run(r, _ALNUM, 35)}",
    "jwt": lambda r: f"eyJ{_run(r, _ALNUM, 30)}.eyJ{_run(r, _ALNUM, 40)}.{_run(r, _ALNUM, 43)}",
    "assigned_hex": lambda r: _run(r, _HEX, 40),
    "assigned_base64": lambda r: _run(r, _ALNUM + "+/", 44),
    "password": lambda r: _run(r, _ALNUM + "!@#%^&*", 14),
    "url_password": lambda r: _run(r, _ALNUM, 16),
    "email": lambda r: f"{_run(r, string.ascii_lowercase + '12', 9)}@{_run(r, _LOWER, 8)}.com",
    "ip": lambda r: f"{r.choice([23, 52])}.{r.randrange(256)}.{r.randrange(256)}.{r.randrange(99)}",
}  # fmt: skip
_PLACES = {
    "assigned_hex": (
        'API_KEY = "{}"',
        "client = connect(access_key='{}')",
        'config = {{"secret_key": "{}"}}',
    ),
    "assigned_base64": ('auth_token = "{}"', "headers['Authorization'] = '{}'"),
    "password": ('password = "{}"', 'DB_PASSWORD = "{}"', "login('me', password='{}')"),
    "url_password": (
        'URL = "postgres://svc:{}@db.internal/main"',
        "# https://bot:{}@git.internal/x",
    ),
    "email": ("# Written by Jo <{}>", '__author_email__ = "{}"', '"""Ask {} about this."""'),
    "ip": ('HOST = "{}"', "# deploys to {}", 'connect("http://{}:8080/")'),
}
_ANY_PLACE = ('TOKEN = "{}"', "# my key: {}", "send({{'value': '{}'}})", 'x = call("{}", 3)')


def plant(seed: int, each: int) -> Iterator[tuple[str, str, str]]:
    """(kind, secret, line of Python that holds it), `each` of every kind."""
    rng = random.Random(seed)
    for kind, make in KINDS.items():
        places = _PLACES.get(kind, _ANY_PLACE)
        for number in range(each):
            secret = make(rng)
            yield kind, secret, places[number % len(places)].format(secret)
