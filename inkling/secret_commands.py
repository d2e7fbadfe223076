"""Patterns of the passwords that stand in commands: by option, or by their place in the line."""

from __future__ import annotations

import re

from inkling.secret_names import NAME

_VALUE = r"(?P<quote>['\"]?)(?P<value>[^\s'\"]+)"
_WITHIN = r"\b[^|;\n]{0,300}?\s"
_TO_STDIN = (
    r"(?:(?:\S+[ \t]+){1,8}?--(?:password-)?stdin\b|(?:sudo|su)[ \t]+(?:-\w+[ \t]+){0,3}-\w*S\b)"
)

OPTION = re.compile(
    r"(?<!\S)--?(?:\w+-){0,3}"
    r"(?:password|passwd|passphrase|token|secret|(?:api|access|auth)-?key)[ \t]+"
    r"(?P<quote>['\"]?)(?P<value>[^\s'\"]+)(?P=quote)(?=[\s'\"`;)]|$)"
)
COMMANDS = (
    (
        ("curl",),
        re.compile(
            r"\bcurl\b[^|;\n]{0,500}?\s(?:-\w{0,6}[uU]|--user|--proxy-user)[ =]?\\?"
            r"(?P<quote>['\"]?)[^\s:'\"@/]{1,80}:['\"]?(?P<value>[^\s'\"\\]+)"
        ),
    ),
    (
        ("mysql", "mariadb"),
        re.compile(
            rf"\b(?:mysql|mysqladmin|mysqldump|mysqlimport|mariadb|mariadb-dump){_WITHIN}-p"
            r"(?P<quote>['\"]?)(?P<value>[^\s'\"=-][^\s'\"]*)"
        ),
    ),
    (("redis-cli",), re.compile(rf"\bredis-cli{_WITHIN}-a\s+{_VALUE}")),
    (
        ("chpasswd",),
        re.compile(r"\b\w{1,80}:(?P<value>[^\s'\":]+)['\"]?\s*\|\s*(?:sudo\s+)?chpasswd\b"),
    ),
    (("sshpass",), re.compile(rf"\bsshpass\s+-p\s*{_VALUE}")),
    (("requirepass", "masterauth"), re.compile(rf"\b(?:requirepass|masterauth)\s+{_VALUE}")),
    (
        ("configure",),
        re.compile(rf"\bconfigure\s+set\s+\S{{0,60}}(?:key|token|secret|password)\s+{_VALUE}"),
    ),
    (
        ("smb", "rpcclient"),
        re.compile(
            rf"\b(?:smbclient|smbget|rpcclient){_WITHIN}(?:-U|--user)[ =]?"
            r"(?P<quote>['\"]?)[^\s%'\"]{1,80}%['\"]?(?P<value>[^\s'\"]+)"
        ),
    ),
    (
        ("login",),
        re.compile(rf"\b(?:docker|podman|helm registry|az|oc)\s+login{_WITHIN}-p\s+{_VALUE}"),
    ),
    (("--from-literal",), re.compile(rf"--from-literal[= ]['\"]?[\w.-]{{0,60}}?{NAME}={_VALUE}")),
    (
        ("wget", "aria2c", "lftp"),
        re.compile(rf"\b(?:wget|aria2c|lftp){_WITHIN}--(?:\w+-)?password={_VALUE}"),
    ),
    (
        ("htpasswd",),
        re.compile(
            r"\bhtpasswd\s+(?:-\w+\s+){0,4}?-\w*b\w*\s+(?:-\w+\s+){0,3}"
            rf"(?:[^\s|;&-][^\s|;&]*\s+){{1,2}}(?![|;&>]){_VALUE}['\"]?\s*(?:$|[|;&>)`#])"
        ),
    ),
    (("pass:",), re.compile(rf"(?<!\S)-pass(?:in|out)?\s+['\"]?pass:{_VALUE}")),
    (("keytool",), re.compile(rf"\bkeytool{_WITHIN}-(?:src|dest)?(?:store|key)pass\s+{_VALUE}")),
    (
        ("stdin", "sudo"),
        re.compile(
            r"\b(?:echo|printf)[ \t]+(?:-\w+[ \t]+|['\"]%s(?:\\n)?['\"][ \t]+)?(?P<quote>['\"]?)"
            rf"(?P<value>[^\s'\"|]+)(?P=quote)[ \t]*\|[ \t]*{_TO_STDIN}"
        ),
    ),
    (
        ("ConvertTo-SecureString",),
        re.compile(
            r"\bConvertTo-SecureString\s+(?:-String\s+)?(?P<quote>['\"])(?P<value>[^\s'\"]+)"
        ),
    ),
    (("user",), re.compile(rf"\bnet\s+user\s+\S{{1,60}}\s+{_VALUE}['\"]?\s+/add\b")),
)
"""Each with words of which a line must hold one. In these places stand nothing but passwords, so
letters alone will do for one."""
