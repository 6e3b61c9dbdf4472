# ruff: noqa: RUF001 - words of other languages have letters that look like those of English
"""Keys, tokens and passwords: by the prefix of their issuer, by their form, or by the name they are assigned to.

Prefixes are those the issuers publish so that leaked keys can be found. What is assigned to a name ("password = ...")
must look made up: letters and digits, no word and no code.
"""

import re
import string
from collections.abc import Iterator, Mapping

TOKEN = re.compile(r"(?<![\w.])[A-Za-z0-9][\w.-]{14,}", re.ASCII)
PREFIXES: Mapping[str, int] = {
    **dict.fromkeys(
        ("sk-", "sess-", "csk-", "sk-lf-", "pk-lf-"), 20
    ),  # OpenAI, Anthropic, OpenRouter, DeepSeek, Cerebras
    **dict.fromkeys(
        ("hf_", "api_org_", "r8_", "esecret_", "tvly-", "fc-", "pa-", "jina_", "fw_"), 20
    ),  # models, search
    **dict.fromkeys(("gsk_", "xai-", "pplx-", "nvapi-", "tgp_v1_", "lsv2_pt_", "lsv2_sk_", "wandb_v1_", "co-"), 30),
    **dict.fromkeys(("sk_live_", "sk_test_", "rk_live_", "rk_test_", "pk_live_", "pk_test_"), 16),  # Stripe
    **dict.fromkeys(("whsec_", "sk_"), 24),  # Stripe's hooks, ElevenLabs
    **dict.fromkeys(("AIza", "GOCSPX-", "ya29.", "1//0"), 20),  # Google
    **dict.fromkeys(("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"), 30),  # GitHub
    **dict.fromkeys(("glpat-", "gldt-", "glrt-", "glcbt-", "glptt-", "gloas-"), 16),  # GitLab
    **dict.fromkeys(("xoxb-", "xoxp-", "xoxa-", "xoxs-", "xoxr-", "xoxe-", "xoxe.xoxp-", "xapp-"), 20),  # Slack
    **dict.fromkeys(("npm_", "pypi-", "rubygems_", "dckr_pat_", "dckr_oat_", "crates_", "cio"), 20),  # registries
    **dict.fromkeys(("SG.", "key-", "xkeysib-", "re_", "pubkey-"), 30),  # SendGrid, Mailgun, Brevo, Resend
    **dict.fromkeys(("dop_v1_", "doo_v1_", "dor_v1_"), 40),  # DigitalOcean
    **dict.fromkeys(("shpat_", "shpss_", "shpca_", "shppa_"), 24),  # Shopify
    **dict.fromkeys(("sq0atp-", "sq0csp-", "EAAA", "EAAC"), 20),  # Square, Facebook
    **dict.fromkeys(("dapi", "hvs.", "glsa_", "sbp_", "lin_api_", "ntn_", "secret_", "figd_", "NRAK-"), 24),
    **dict.fromkeys(("PMAK-", "ATATT3", "ATCTT3", "AGE-SECRET-KEY-1", "pscale_tkn_", "pscale_pw_"), 30),
    **dict.fromkeys(("nfp_", "rnd_", "fo1_", "fm2_", "sntrys_", "sntryu_", "phx_", "HRKU-", "CFPAT-", "sl."), 30),
    **dict.fromkeys(("LTAI", "AKID", "ALTAK"), 14),  # Alibaba, Tencent, Baidu
}
STARTS = tuple(sorted(PREFIXES, key=len, reverse=True))
CHANGES = re.compile(r"[a-z](?=[A-Z])|[A-Z](?=[a-z])")
CHANGED = 6
"""Changes between small letters and capitals in a key without digits: words that are written together have fewer."""
LONG = re.compile(r"[A-Za-z0-9]{12}")
"""Somewhere in a key; words with hyphens between are none."""
FIXED = re.compile(
    r"(?:AKIA|ASIA|ABIA|ACCA|AROA|AIDA)[A-Z0-9]{16}"  # AWS
    r"|(?:SK|AC)[0-9a-f]{32}"  # Twilio
    r"|[0-9a-f]{32}-us\d{1,2}"  # Mailchimp
    r"|[MNO][A-Za-z\d_-]{23,27}\.[\w-]{6,7}\.[\w-]{27,40}"  # Discord
    r"|pat[A-Za-z0-9]{14}\.[0-9a-f]{64}"  # Airtable
    r"|pat-[a-z]{2}\d-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"  # HubSpot
    r"|EZ[AT]K[0-9a-f]{54}|[0-9A-F]{32}-[0-9A-F]{32}",
    re.ASCII,
)
"""Keys of fixed length."""
PAIRED = re.compile(r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{40}(?![A-Za-z0-9+/=])", re.ASCII)
"""The secret beside a key of AWS, which has no prefix."""
CLIENT = re.compile(r"(?<![\w~.-])[\w.~-]{3}[78]Q~[\w.~-]{31,34}(?![\w~-])", re.ASCII)
"""Azure."""
HOOK = re.compile(
    r"hooks\.slack\.com/services/(T\w{6,12}/B\w{6,12}/\w{16,32})"
    r"|discord(?:app)?\.com/api/webhooks/(\d{15,20}/[\w-]{40,80})",
    re.ASCII,
)
"""Addresses at which whoever knows them may write."""
COMMAND = re.compile(
    r"\bcurl\b[^\n]{0,40}? (?:-u|--user)[ =]['\"]?[\w.@+-]{1,64}:([^\s'\"]{6,128})"
    r"|\bmysql(?:dump)?\b[^\n]{0,40}? -p([^\s'\"]{6,128})"
)
"""Passwords among the options of programs."""
JWT = re.compile(r"eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}")
BOT = re.compile(r"(?<![\w-])\d{8,10}:[A-Za-z][\w-]{31,38}(?![\w-])", re.ASCII)
"""Telegram."""
BEGIN = re.compile(r"-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----")
END = re.compile(r"-----END (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----")
REST = re.compile(r"(?:[A-Za-z0-9+/=]|\\n|[\n ](?=[A-Za-z0-9+/=]{16}))*+")
"""Of a private key whose end is not there."""
BEARER = re.compile(r"\b(?:bearer|basic) {1,2}([A-Za-z0-9+/_.~-]{16,}+={0,2})", re.IGNORECASE)
CREDENTIALS = re.compile(r"://[^\s:/@\[\]<>'\"]{0,64}:([^\s/@\[\]<>{}$'\"]{3,128})@")
"""The password in the address of a server."""
NAMED = re.compile(
    r"(?:pass(?:wor[dt]|wd|phrase)?|mdp|passwort|kennwort|pwd|mot de passe|contraseña|clave|secret|token|credential"
    r"|senha|palavra-passe|wachtwoord|parola|şifre(?:m|niz|miz)?|sifre(?:m|niz)?|(?:kata )?sandi(?:nya|ku)?"
    r"|passcode|passkey"
    r"|api[ _-]?key|api[ _-]?schlüssel|clé (?:api|d'api)|chiave(?: api)?|chave(?: api| de api| da api)?"
    r"|sleutel|anahtar[ıi]?|kunci(?: api)?|access[ _-]?key|account[ _-]?key|private[ _-]?key"
    r"|shared[ _-]?key|signing[ _-]?key|encryption[ _-]?key|auth[ _-]?key)"
    r"(?:[ _-]?(?:id|key|value)|(?:[_-][a-z]{1,12}){1,2})?"
    r"[\"'`]?(?:(?: [a-z-]{2,12})? {0,2}(?:[:=]|=>|:=) {0,2}|(?<=nya) |(?<=sandiku) |(?<=şifrem) "
    r"|(?: [a-zà-ÿ'-]{1,12}){0,3} (?:is|was|ist|war|lautet|est|était|es|era|è|é"
    r"|adalah|yaitu|saya|hai):? )"
    r"[\"'`]?([^\s\"'`<>(){}\[\],;]{8,256})(?![\w(\[])"
)
FOREIGN = re.compile(
    r"(?:密码|密碼|口令|密钥|密鑰|令牌|金鑰|秘钥|パスワード|暗証|キー|トークン|비밀번호|비번|암호|토큰|키"
    r"|पासवर्ड|टोकन|कुंजी|كلمة (?:ال)?(?:مرور|سر)"
    r"|كلمه (?:ال)?(?:مرور|سر)|الرقم السري|مفتاح|رمز|(?:key"
    r"|token|secret)(?=[^\x00-\x7f]))[^!-~\n]{0,12}+(?:[:=][^!-~\n]{0,4}+)?"
    r"[\"'`]?([!#-&*+\--~]{6,256})"
)
"""What is assigned to a name in another script, up to the first character of that script."""
KEYED = re.compile(
    r"(?:key|token|login|secret|schlüssel|sleutel|chave|clave|chiave|clé|kunci|anahtar[ıi]?|密钥|密鑰|キー"
    r"|トークン|키|토큰)"
    r"[^\w\n]{0,3}(?:(?:is|ist|est|es|é|è|saya|:) )?[\"'`]?([a-z0-9_-]{28,128}+)(?![\w.-])"
)
"""A long value after the name, with nothing that assigns it."""
NAMES = (
    *(
        "pass",
        "mdp",
        "kennwort",
        "pwd",
        "contraseña",
        "clave",
        "secret",
        "token",
        "credential",
        "key",
        "api",
        "senha",
        "chave",
    ),
    *("wachtwoord", "parola", "şifre", "sifre", "sandi", "chiave", "sleutel", "anahtar", "kunci"),
)
"""Parts of the names in NAMED, each of which holds one: looking for plain words first is much faster."""
VALUE = re.compile(r"[!-~]{8,}(?=[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3])")
SMALL = {ord(letter): letter.lower() for letter in string.ascii_uppercase}
PHRASE = re.compile(r"pass|mdp|mot de|kennwort|contra|senha|wachtwoord|parola|[sş]ifre|(?:kata )?sandi")
CHOSEN = re.compile(r"[A-Z][^\W\d_]{3,}\d{2,6}")
"""A password as people choose them; where a program names a value so, it has no capital or fewer digits."""
REFERENCE = re.compile(
    r"(?:\$|%|process\.|os\.|env\.|self\.|config\.|settings\.|https?:|/|\.)|example|.*(?:your[_-]|changeme"
    r"|xxxx|\*\*)",
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
    yield from (match.span() for match in BOT.finditer(text) if _is_random(match[0]))
    if "AKIA" in text or "ASIA" in text:
        yield from (match.span() for match in PAIRED.finditer(text) if _is_random(match[0]))
    if "Q~" in text:
        yield from (match.span() for match in CLIENT.finditer(text))
    for pattern in (HOOK, COMMAND):
        yield from (match.span(match.lastindex or 0) for match in pattern.finditer(text))
    for match in BEARER.finditer(text):
        if _is_random(match[1]):
            yield match.span(1)
    if "://" in text:
        yield from (match.span(1) for match in CREDENTIALS.finditer(text))
    small = text.translate(SMALL)
    for match in NAMED.finditer(small) if any(name in small for name in NAMES) else ():
        value = _before_signs(text[match.start(1) : match.end(1)]).rstrip(".:")
        if _is_secret(value) or (PHRASE.match(match[0]) and CHOSEN.fullmatch(value)):
            yield match.start(1), match.start(1) + len(value)
    for match in KEYED.finditer(small):
        value = text[match.start(1) : match.end(1)]
        if _is_random(value) and LONG.search(value):
            yield match.span(1)
    for match in () if text.isascii() else FOREIGN.finditer(text):
        value = match[1].rstrip(".:?,;)")
        if _is_secret(value):
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
        drawn = _is_random(body) or len(CHANGES.findall(body)) >= CHANGED
        return len(body) >= PREFIXES[start] and drawn and LONG.search(body) is not None
    return FIXED.fullmatch(token) is not None or JWT.fullmatch(token) is not None


def _before_signs(value: str) -> str:
    """A value of ASCII alone where a script follows that sets no space before its words."""
    plain = VALUE.match(value)
    return value if plain is None else plain[0]


def _is_secret(value: str) -> bool:
    """Whether what is assigned to a name is no word, no code and no place where the value is kept."""
    return _is_random(value) and not REFERENCE.match(value) and not CALL.fullmatch(value)


def _is_random(body: str) -> bool:
    """Whether letters and digits are mixed as chance mixes them, and not one character over and over."""
    return (
        any(character.isdigit() for character in body)
        and any(character.isalpha() for character in body)
        and len(set(body)) > 5
    )
