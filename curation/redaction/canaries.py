"""Made-up secrets of many kinds, and places in code and configuration where people leave them."""

from __future__ import annotations

import base64
import json
import random
import re
import shlex
import string
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

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
    "discord": lambda r: f"{r.randrange(10**17, 10**18)}/{_run(r, _ALNUM + '_-', 68)}",
    "encoded_login": lambda r: base64.b64encode(f"svc:{_run(r, _ALNUM, 13)}".encode()).decode(),
    "email": lambda r: f"{_run(r, string.ascii_lowercase + '12', 9)}@{_run(r, _LOWER, 8)}.com",
    "ip": lambda r: f"{r.choice([23, 52])}.{r.randrange(256)}.{r.randrange(256)}.{r.randrange(99)}",
}  # fmt: skip


@dataclass(frozen=True)
class Canary:
    """A secret planted in a line of a form of text; `language` is that of `inkling.languages`."""

    kind: str
    form: str
    language: str | None
    secret: str
    line: str


@dataclass(frozen=True)
class _Form:
    """How a kind of file holds values.

    Attributes:
        written: a value as the file spells it.
        password, key: places that name what they hold.
        place: one that says nothing of it.
        comment: a line of prose, with the value as it is; "" where there are none.
    """

    language: str | None
    written: Callable[[str], str]
    password: tuple[str, ...]
    key: tuple[str, ...]
    place: tuple[str, ...]
    comment: str


def _quoted_in_yaml(value: str) -> str:
    plain = re.fullmatch(r"[A-Za-z0-9/+][\w/+.@:-]*", value) and not value.isdigit()
    return value if plain else f"'{value}'"


def _as_it_is(value: str) -> str:
    return value


FORMS = {
    "python": _Form(
        "python", json.dumps,
        ("password = {}", "DB_PASSWORD = {}", "login('me', password={})",
         "get(u, auth=('me', {}))", "db = MySQLdb.connect('db', 'me', {})",
         "secret = os.environ.get('APP_PASSWORD') or {}", "PASS_PHRASE: SecretStr = SecretStr({})",
         "p.add_argument('--password', default={})",
         "pw = os.getenv('PW', {})", "db.set_password({})"),
        ("API_KEY = {}", "client = connect(access_key={})", 'config = {{"secret_key": {}}}',
         "auth_token = {}", "headers['Authorization'] = {}"),
        ("x = call({}, 3)", "send({{'value': {}}})"), "# my key: {}",
    ),
    "yaml": _Form(
        "yaml", _quoted_in_yaml,
        ("password: {}", "      POSTGRES_PASSWORD: {}  # the database's",
         "db: {{user: me, pwd: {}}}"),
        ("aws_secret_access_key: {}", "api_token: {}", "client_secret: {}"),
        ("value: {}", "  - {}"), "# my key: {}",
    ),
    "compose": _Form(
        "yaml", _as_it_is, ("      - POSTGRES_PASSWORD={}",), ("      - API_TOKEN={}",),
        ("      - VALUE={}",), "# my key: {}",
    ),
    "env": _Form(
        None, shlex.quote, ("DB_PASSWORD={}", "export MAIL_PASS={}"),
        ("API_KEY={}", "APP_SECRET={}"), ("VALUE={}",), "# my key: {}",
    ),
    "shell": _Form(
        "shell", shlex.quote,
        ("PGPASSWORD={} psql -h db", "curl -u me:{} https://x.org/", "mysql -u root -p{} main",
         "login --password {}", "redis-server --requirepass {}", "smbclient -U bob%{} //host/x",
         "kubectl create secret generic mail --from-literal=smtp-password={}",
         "wget -q --http-user=me --http-password={} https://x.org/a", "htpasswd -bc users me {}",
         "openssl rsa -in a -passin pass:{} -out b", "keytool -list -storepass {} -v",
         "printf '%s' {} | helm registry login -u me --password-stdin x.org",
         "DB_PASSWORD=${{DB_PASSWORD:-{}}}"),
        ("export API_TOKEN={}", "deploy --token {} now", "SECRET_KEY={} ./run --all",
         "aws configure set aws_secret_access_key {}", "AUTH_TOKEN=${{AUTH_TOKEN:={}}}"),
        ("send {} 3",), "# my key: {}",
    ),
    "docker": _Form(
        "dockerfile", shlex.quote, ("ENV DB_PASSWORD={}", "ENV DB_PASSWORD {}", "ARG PASSWORD={}"),
        ("ENV API_TOKEN={}", "ENV A=1 API_KEY={} B=2"), ("ENV VALUE={}", "RUN send {}"),
        "# my key: {}",
    ),
    "json": _Form(
        "json", json.dumps, ('{{"password": {}}}', '{{"db": {{"pwd": {}, "n": 1}}}}'),
        ('{{"api_key": {}}}', '{{"client_secret": {}}}', '{{"authToken": {}}}'),
        ('{{"value": {}}}', "[1, {}]"), "",
    ),
    "js": _Form(
        "javascript", json.dumps,
        ("const password = {};", "db({{user: 'me', password: {}}});",
         "process.env.DB_PASSWORD = {};", "const password = process.env.PASSWORD ?? {};"),
        ("const apiKey = {};", "init({{clientSecret: {}, n: 1}});", "let authToken = {};"),
        ("send({});", "const x = [1, {}];"), "// my key: {}",
    ),
    "typescript": _Form(
        "typescript", json.dumps,
        ("const password: string = {};", "user.setPassword({});", "login('me', {});"),
        ("const apiKey: string = {};", "client.setToken({});"), ("send({});",), "// my key: {}",
    ),
    "rust": _Form(
        "rust", json.dumps,
        ("let password: &str = {};", "const DB_PASSWORD: &'static str = {};",
         "let passphrase = String::from({});"),
        ("let api_key: &str = {};", "c.set_token({});"), ("send({});",), "// my key: {}",
    ),
    "kotlin": _Form(
        "kotlin", json.dumps, ("val password: String = {}", "ds.setPassword({})",
         "    storePassword({})"),
        ("val apiKey: String = {}",), ("send({})",), "// my key: {}",
    ),
    "c": _Form(
        "c", json.dumps,
        ("#define WIFI_PASSWORD {}", 'mysql_real_connect(&db, host, "me", {}, "shop", 0, 0, 0);'),
        ("#define API_KEY {}", "static const char api_token[48] = {};"), ("send({});",),
        "// my key: {}",
    ),
    "xml": _Form(
        None, quoteattr, ('<add key="DbPassword" value={}/>',), ('<add key="ApiKey" value={}/>',),
        ("<send value={}/>",), "<!-- my key: {} -->",
    ),
    "ini": _Form(
        None, _as_it_is, ("password = {}", "db.password={}", "smtp_pass: {}"),
        ("secret_key = {}", "api.token={}", "aws_secret_access_key = {}"), ("value = {}",),
        "; my key: {}",
    ),
    "kubernetes": _Form(
        "yaml", _quoted_in_yaml,
        ("- name: MAIL_PASSWORD\n  value: {}",
         "env:\n  - name: smtp.password # old\n    value: {}"),
        ("- name: SIGNING_KEY\n  value: {}", "- name: WEBHOOK_SECRET\n  value: {}"),
        ("- name: OTHER\n  value: {}",), "# my key: {}",
    ),
    "terraform": _Form(
        None, json.dumps,
        ('variable "root_password" {{\n  type = string\n  default = {}\n}}',
         'set {{\n  name = "auth.password"\n  value = {}\n}}'),
        ('variable "service_token" {{\n  default = {}\n}}',), ("other = {}",), "# my key: {}",
    ),
    "ruby": _Form(
        "ruby", json.dumps,
        ("request.basic_auth 'svc', {}", "use_basic_auth('svc', {})", "opts = {{ password: {} }}"),
        ("config.api_token = {}", "ENV['API_TOKEN'] ||= {}"), ("send({})",), "# my key: {}",
    ),
    "java": _Form(
        "java", json.dumps,
        ('return DriverManager.getConnection(URL, "svc", {});',
         'new UsernamePasswordCredentials("svc", {});', 'properties.put("mail.password", {});'),
        ("String apiToken = {};",), ("send({});",), "// my key: {}",
    ),
    "spring": _Form(
        None, _as_it_is, ("app.pool=${{POOL_PASSWORD:{}}}",), ("app.hook=${{app.hook.token:{}}}",),
        ("app.other={}",), "# my key: {}",
    ),
    "php": _Form(
        "php", json.dumps,
        ('<?php $db = new mysqli($host, "svc", {}, "shop");',
         '<?php $db = new PDO($dsn, "svc", {});',
         '<?php ftp_login($ftp, "svc", {});'),
        ("<?php define('LOGGED_IN_KEY', {});", "<?php $config['api_key'] = {};"),
        ("<?php send({});",), "// my key: {}",
    ),
    "go": _Form(
        "go", json.dumps,
        ('a := smtp.PlainAuth("", "svc", {}, host)', 'request.SetBasicAuth("svc", {})'),
        ('os.Setenv("API_TOKEN", {})', "var apiToken string = {}"), ("send({})",), "// my key: {}",
    ),
    "csharp": _Form(
        "c#", json.dumps,
        ('client.Credentials = new NetworkCredential("svc", {});',
         "class A {{ public string Password {{ get; set; }} = {}; }}"),
        ("class A {{ public string ApiToken {{ get; init; }} = {}; }}",), ("Send({});",),
        "// my key: {}",
    ),
    "lua": _Form(
        "lua", lambda value: f"[[{value}]]", ("local password = {}", "M.db = {{ password = {} }}"),
        ("token = {}", 'conf["api_key"] = {}'), ("send({})",), "-- my key: {}",
    ),
    "gradle": _Form(
        None, json.dumps, ("    storePassword {}", "    keyPassword {}"), ("apiToken = {}",),
        ("send({})",), "// my key: {}",
    ),
    "powershell": _Form(
        None, json.dumps, ("$p = ConvertTo-SecureString {} -AsPlainText -Force",
                           'net user svc {} /add', '$c = New-Object PSCredential("svc", {})'),
        ("$env:API_TOKEN = {}",), ("Send-It {}",), "# my key: {}",
    ),
    "markdown": _Form(
        "markdown", _as_it_is,
        ("Log in as `svc` with password `{}`.", "| user | password |\n|---|---|\n| svc | `{}` |",
         "| Login | Default password |\n| :-- | :-- |\n| svc | {} |"),
        ("export API_TOKEN={}",), ("Send {} to it.",), "My key: {}",
    ),
    "readme": _Form(
        "markdown", _as_it_is,
        ("Its admin password: {}", "**Admin password:** `{}`", "| Password | {} |"),
        ("API key: {}", "- **Access token:** {}", "For the demo your api key is `{}`.",
         "| API key | `{}` |", "| n | Access key |\n|---|---|\n| 1 | {} |",
         "See https://x.org/v1?key={}&n=2 for it", "<https://x.org/?access_token={}>"),
        ("Send {} to it.",), "My key: {}",
    ),
    "comment": _Form(
        "javascript", _as_it_is, ("// The admin password: {}",),
        ("// API key: {}", "let a = 1; // the access token is {}",
         "/* x\n * Client secret: {}\n */"),
        ("// send {}",), "// my key: {}",
    ),
    "below": _Form(
        "python", json.dumps,
        ("PASSWORD = (\n    {}\n)", "password = \\\n    {}", "PASSWORDS = [\n    {},\n]",
         "a = {{\n    'password':\n        {},\n}}"),
        ("API_KEY = (\n    {}\n)", "tokens = ['x', {}]",
         "x = call(\n    secret=(  # of x\n    {}))"),
        ("x = (\n    {}\n)",), "# my key: {}",
    ),
    "below_in_yaml": _Form(
        "yaml", _quoted_in_yaml,
        ("password:\n  {}", "passwords:\n  - x\n  - {}"),
        ("api_key:\n    {}", "tokens:\n  - {}\n  - x", "api_keys: [{}, x]"),
        ("- {}",), "# my key: {}",
    ),
    "folded": _Form(
        "yaml", _as_it_is, ("password: >-\n  {}", "db:\n  password: |\n    {}\n  n: 1"),
        ("api_key: >\n  {}",), ("x: |\n  {}",), "# my key: {}",
    ),
    "signing": _Form(
        "javascript", json.dumps,
        ("jwt.sign(payload, {}, {{ expiresIn: 60 }});",
         "const h = crypto.createHmac('sha256', {});"),
        ("const t = jwt.sign({{ id: 1, n: f(2) }}, {});", "app.use(cookieParser({}));"),
        ("send({});",), "// my key: {}",
    ),
    "signing_in_python": _Form(
        "python", json.dumps,
        ("token = jwt.encode({{'sub': 1, 'n': 2}}, {}, algorithm='HS256')",),
        ("h = hmac.new(b{}, message, 'sha256')", "f = Fernet({})"), ("send({})",), "# my key: {}",
    ),
}  # fmt: skip
_NAMED = frozenset({"assigned_hex", "assigned_base64"})
_IN_ADDRESSES = frozenset({"url_password", "discord", "encoded_login"})
"""What is no secret by itself, but behind a part that tells it."""


def plant(seed: int, each: int, forms: tuple[str, ...] = tuple(FORMS)) -> Iterator[Canary]:
    """`each` secrets of every kind, each in a line of every form."""
    rng = random.Random(seed)
    for kind, make in KINDS.items():
        for number in range(each):
            secret = make(rng)
            for name in forms:
                form = FORMS[name]
                line = _line(form, kind, secret, number)
                yield Canary(kind, name, form.language, secret, line)


def _line(form: _Form, kind: str, secret: str, number: int) -> str:
    shaped = kind not in _NAMED and kind != "password"
    if shaped and form.comment and number % 4 == 3 and kind not in _IN_ADDRESSES:
        return form.comment.format(secret)
    places = form.place if shaped else form.password if kind == "password" else form.key
    if kind == "url_password":
        user, place = ("", "redis") if number % 2 else ("svc", "postgres")
        secret = f"{place}://{user}:{secret}@db.internal/main"
    elif kind == "discord":
        secret = f"https://discord.com/api/webhooks/{secret}"
    elif kind == "encoded_login":
        secret = f"Basic {secret}"
    elif kind == "ip":
        secret = f"http://{secret}:8080/"
    if kind == "encoded_login" and form.language == "json":
        return f'{{"auths": {{"registry.x.org": {{"auth": {form.written(secret[6:])}}}}}}}'
    return places[number % len(places)].format(form.written(secret))
