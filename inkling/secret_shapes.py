"""Keys and tokens that are known by their own shape, as services give them out.

One table for prompts and for curation, which asks detect-secrets as well.
"""

from __future__ import annotations

import re

_APART = r"(?<![A-Za-z0-9])"
"""In the midst of a long run of characters the same letters are data."""
_SHAPES = {
    "aws": r"(?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{16}(?![A-Za-z0-9])",
    "azure_signature": r"(?<=[?&]sig=)[A-Za-z0-9%+/]{40,}={0,2}",
    "digitalocean": r"do[opr]_v1_[a-f0-9]{64}",
    "discord_webhook": (
        r"(?:(?<=discord\.com/api/webhooks/)|(?<=discordapp\.com/api/webhooks/))"
        r"[0-9]{17,20}/[A-Za-z0-9_-]{60,}"
    ),
    "docker_hub": r"dckr_(?:pat|oat)_[0-9A-Za-z_-]{20,}",
    "github": r"gh[pousr]_[A-Za-z0-9]{30,}",
    "github_fine_grained": r"github_pat_[0-9A-Za-z_]{22,}",
    "gitlab": r"gl(?:pat|dt|rt|cbt|ptt|soat)-[A-Za-z0-9_-]{20,}",
    "google_api": r"AIza[0-9A-Za-z_-]{30,}",
    "hugging_face": r"hf_[A-Za-z0-9]{30,}",
    "jwt": r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?",
    "mailchimp": r"[0-9a-f]{32}-us[0-9]{1,2}(?![0-9])",
    "mailgun": r"key-[0-9a-z]{32}(?![A-Za-z0-9])",
    "npm": r"npm_[A-Za-z0-9]{36}",
    "openai": r"sk-(?:proj-|ant-|svcacct-)?[A-Za-z0-9_-]{32,}",
    "pem_base64": r"LS0tLS1CRUdJTi(?!BDRVJU|BQVUJM)[0-9A-Za-z+/]{40,}={0,2}",
    "pypi": r"pypi-[A-Za-z0-9_-]{40,}",
    "sendgrid": r"SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}",
    "sentry": r"(?<=://)[0-9a-f]{32}(?=(?::[0-9a-f]{32})?@)",
    "shopify": r"shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}",
    "slack": r"xox[abeoprs]-[A-Za-z0-9-]{10,}",
    "slack_app": r"xapp-[A-Za-z0-9-]{20,}",
    "slack_webhook": r"(?<=hooks\.slack\.com/services/)[A-Z0-9]{8,}/[A-Z0-9]{8,}/[A-Za-z0-9]{20,}",
    "stripe": r"[rs]k_(?:live|test)_[A-Za-z0-9]{20,}",
    "telegram": r"[0-9]{8,10}:[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])",
    "twilio": r"(?:AC|SK)[0-9a-f]{32}(?![A-Za-z0-9])",
}
SHAPES = tuple((name, re.compile(_APART + shape)) for name, shape in _SHAPES.items())
ANY_SHAPE = re.compile(f"{_APART}(?:{'|'.join(_SHAPES.values())})")
LONG_RUN = re.compile(r"[A-Za-z0-9_+/-]{16}")
"""What every shape has; far cheaper to look for."""
KEY_BODY = re.compile(
    r"(?i:(?:private|rsa|ssh|host|tls|ssl|signing)[_-]?key)['\"]?[ \t]{0,4}[:=][ \t]{0,4}"
    r"[|>'\"(`]{0,3}[-+]?[ \t]*\\?\r?\n"
    r"(?P<body>(?:[ \t]*['\"]?[A-Za-z0-9+/]{40,76}['\"]?[,+\\]?[ \t]*\r?\n)+"
    r"[ \t]*['\"]?[A-Za-z0-9+/=]{0,76})"
)
"""The lines of a private key below its name, without the header that tells one elsewhere."""
