"""Keys, tokens and passwords: by the prefix of their issuer, by their form, or by the name they are assigned to.

Prefixes are those the issuers publish so that leaked keys can be found. What is assigned to a name ("password = ...")
must look made up: letters and digits, no word and no code.
"""

import re
import string
from collections.abc import Iterator

TOKEN = re.compile(r"(?<![\w.])[A-Za-z0-9][\w.-]{14,}", re.ASCII)
PREFIXES = {
    "sk-": 20,  # OpenAI, Anthropic, OpenRouter, DeepSeek
    "sk_live_": 16,  # Stripe
    "sk_test_": 16,
    "rk_live_": 16,
    "rk_test_": 16,
    "whsec_": 24,
    "AIza": 35,  # Google
    "GOCSPX-": 24,
    "ya29.": 20,
    "ghp_": 36,  # GitHub
    "gho_": 36,
    "ghu_": 36,
    "ghs_": 36,
    "ghr_": 36,
    "github_pat_": 40,
    "glpat-": 20,  # GitLab
    "xoxb-": 20,  # Slack
    "xoxp-": 20,
    "xoxa-": 20,
    "xapp-": 20,
    "hf_": 30,  # Hugging Face
    "npm_": 36,
    "pypi-": 40,
    "SG.": 40,  # SendGrid
    "dop_v1_": 40,  # DigitalOcean
    "shpat_": 32,  # Shopify
    "dapi": 32,  # Databricks
    "hvs.": 24,  # Vault
    "gsk_": 40,  # Groq
    "xai-": 40,
    "r8_": 30,  # Replicate
    "nvapi-": 40,
    "pplx-": 40,
    "glsa_": 32,  # Grafana
    "sbp_": 36,  # Supabase
    "lin_api_": 32,  # Linear
    "ntn_": 40,  # Notion
    "dckr_pat_": 20,  # Docker
    "NRAK-": 24,  # New Relic
    "PMAK-": 40,  # Postman
    "ATATT3": 40,  # Atlassian
    "AGE-SECRET-KEY-1": 40,
    "key-": 32,  # Mailgun
}
"""How a key begins, and how many characters follow at least."""
STARTS = tuple(PREFIXES)
LONG = re.compile(r"[A-Za-z0-9]{12}")
"""Somewhere in a key; words with hyphens between are none."""
CLOUD = re.compile(r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}|SK[0-9a-f]{32}")
"""Keys of fixed length: AWS, Twilio."""
JWT = re.compile(r"eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}")
BOT = re.compile(r"(?<![\w-])\d{8,10}:AA[\w-]{33}(?![\w-])", re.ASCII)
"""Telegram."""
BEGIN = re.compile(r"-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----")
END = re.compile(r"-----END (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----")
REST = re.compile(r"(?:[A-Za-z0-9+/=]|\\n|[\n ](?=[A-Za-z0-9+/=]{16}))*+")
"""Of a private key whose end is not there."""
BEARER = re.compile(r"\b(?:bearer|basic) {1,2}([A-Za-z0-9+/_.~-]{16,}+={0,2})", re.IGNORECASE)
CREDENTIALS = re.compile(r"://[^\s:/@\[\]<>'\"]{0,64}:([^\s/@\[\]<>{}$'\"]{3,128})@")
"""The password in the address of a server."""
NAMED = re.compile(
    r"(?:pass(?:wor[dt]|wd|phrase)?|passwort|kennwort|pwd|mot de passe|contraseña|clave|secret|token|credential"
    r"|api[ _-]?key|api[ _-]?schlüssel|clé (?:api|d'api)|chiave api|access[ _-]?key|account[ _-]?key|private[ _-]?key"
    r"|shared[ _-]?key|signing[ _-]?key|encryption[ _-]?key|auth[ _-]?key)"
    r"(?:[ _-]?(?:id|key|value)|(?:[_-][a-z]{1,12}){1,2})?"
    r"[\"'`]?(?:(?: [a-z-]{2,12})? {0,2}(?:[:=]|=>|:=) {0,2}| (?:is|was|ist|war|lautet|est|était|es|era|è):? )"
    r"[\"'`]?([^\s\"'`<>(){}\[\],;]{8,256})(?![\w(\[])"
)
NAMES = ("pass", "kennwort", "pwd", "contraseña", "clave", "secret", "token", "credential", "key", "api")
"""Parts of the names in NAMED, each of which holds one: looking for plain words first is much faster."""
SMALL = {ord(letter): letter.lower() for letter in string.ascii_uppercase}
REFERENCE = re.compile(
    r"(?:\$|%|process\.|os\.|env\.|self\.|config\.|settings\.|https?:|/|\.)|example|.*(?:your[_-]|changeme|xxxx|\*\*)",
    re.I,
)
"""Names where a value is kept, and what stands for a value."""
CALL = re.compile(r"[A-Za-z_][A-Za-z_.]*\d{0,2}")
"""A word, perhaps with a number at its end: a name of code, or plain language."""


def find(text: str) -> Iterator[tuple[int, int]]:
    """Where keys, tokens and passwords stand. Finds may overlap."""
    yield from _blocks(text)
    for match in TOKEN.finditer(text):
        token = match[0].rstrip(".-_")
        if _is_key(token):
            yield match.start(), match.start() + len(token)
    if ":AA" in text:
        yield from (match.span() for match in BOT.finditer(text))
    for match in BEARER.finditer(text):
        if _is_random(match[1]):
            yield match.span(1)
    if "://" in text:
        yield from (match.span(1) for match in CREDENTIALS.finditer(text))
    small = text.translate(SMALL)
    for match in NAMED.finditer(small) if any(name in small for name in NAMES) else ():
        value = text[match.start(1) : match.end(1)].rstrip(".:")
        if _is_random(value) and not REFERENCE.match(value) and not CALL.fullmatch(value):
            yield match.start(1), match.start(1) + len(value)


def _blocks(text: str) -> Iterator[tuple[int, int]]:
    """Private keys in their armour, up to their end, or as far as they go when it is missing."""
    reached = 0
    ends = True
    for begin in BEGIN.finditer(text):
        if begin.start() < reached:
            continue
        end = END.search(text, begin.end()) if ends else None
        ends = end is not None
        following = end or REST.match(text, begin.end())
        if following is not None:
            reached = following.end()
            yield begin.start(), reached


def _is_key(token: str) -> bool:
    if token.startswith(STARTS):
        start = next(start for start in STARTS if token.startswith(start))
        body = token[len(start) :]
        return len(body) >= PREFIXES[start] and _is_random(body) and LONG.search(body) is not None
    return CLOUD.fullmatch(token) is not None or JWT.fullmatch(token) is not None


def _is_random(body: str) -> bool:
    """Whether letters and digits are mixed as chance mixes them, and not one character over and over."""
    return (
        any(character.isdigit() for character in body)
        and any(character.isalpha() for character in body)
        and len(set(body)) > 5
    )
