"""Mail addresses: as they are sent to, in every script, and hidden from robots ("jo [at] example dot com").

Anchored at the sign in the middle: what stands left of it is read backwards, what stands right of it forwards, both
with a limit, so that no text takes long.
"""

import re
from collections.abc import Iterator

from arena.exports.personal.plain import WORD

AT = (
    r"at|ät|arobase|arroba|chiocciola|apenstaartje|kuyruklu ?a|et işareti|klammeraffe|アット(?:マーク)?|골뱅이"
    r"|艾特|एट|आट|آت|ات|圈a"
)
"""How people call the sign."""
SIGN = re.compile(
    r"(?=[@% \[({<골ア艾圈ए★☆◎●])(?:(?P<plain>(?<=[\w.'+-])(?:@|%40)(?=[^\W_][\w-]{0,62}+\.|\[))"
    rf"|(?P<hidden> {{0,2}}[\[({{<] ?(?:{AT}|@) ?[\])}}>] {{0,2}})"
    r"|(?P<short>(?<=[a-z0-9])(?:\(a\)|[★☆◎●])(?=[a-z0-9]))"
    r"|(?P<spaced>(?<=\w)(?: @ ?|@ )(?=\w))"
    rf"|(?P<spoken> (?:{AT}) (?=\w)| ?(?:골뱅이|アット(?:マーク)?|艾特|圈a|एट) ?(?=[a-z0-9])))",
    re.IGNORECASE,
)
LATIN_BACKWARDS = re.compile(rf"[{WORD}.+'&-]{{1,64}}(?:%(?![0-9a-f]{{2}})[{WORD}.+-]{{1,64}})?", re.IGNORECASE)
"""With a `%` where mail is passed on, but not where it writes a character in the address of a page."""
LOCAL_BACKWARDS = re.compile(r"\"[^\"\n]{1,62}\"|[\w.+'&-]{1,64}")
DISGUISED_BACKWARDS = re.compile(
    rf"[{WORD}.+'&-]{{1,64}}(?: ?(?:(?<= )(?:tod|tknup|tniop|otnup|otnop|tnup|atkon|kitit)(?= )|トッド|점|点|點|टॉड) ?"
    rf"[{WORD}.+-]{{1,64}}){{0,3}}",
    re.IGNORECASE,
)
"""Where dots may be words, and are written the other way round."""
LETTER = WORD.replace("_", "")
LABEL = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
LATIN_LABEL = rf"[{LETTER}](?:[{WORD}-]{{0,61}}[{LETTER}])?"
TOP = r"(?:xn--[a-z0-9-]{2,59}|[^\W\d_]{2,24})(?![\w(])"
LATIN_TOP = rf"(?:xn--[a-z0-9-]{{2,59}}|[{LETTER.replace('0-9', '')}]{{2,24}})(?![{WORD}(])"
PLAIN_DOMAIN = re.compile(rf"(?:{LABEL}\.){{1,8}}{TOP}", re.IGNORECASE)
LATIN_DOMAIN = re.compile(rf"(?:{LATIN_LABEL}\.){{1,8}}{LATIN_TOP}", re.IGNORECASE)
"""Asked first: a letter of another script right behind it belongs to the next word."""
ADDRESS_DOMAIN = re.compile(r"\[(?:IPv6:)?[0-9a-f.:]{3,45}\]", re.IGNORECASE)
WORD_DOT = r"(?:dot|punkt|point|punto|ponto|punt|nokta|titik|डॉट|دوت|نقطة)"
JOINED_DOT = r" ?(?:ドット|점|닷|点|點) ?"
SPOKEN_TOP = (
    r"(?:com|org|net|edu|gov|info|io|ai|dev|app|eu|uk|us|ca|au|ie|de|at|ch|fr|be|lu|es|mx|ar|it|nl|pt|br|tr|id|in"
    r"|sa|ae|eg|cn|tw|hk|jp|kr|co|me|xyz|online|club|example|test|कॉम|كوم|컴)"
)
"""Where an address is spelled out in words, "at every point in" must be none."""
DOT = (
    rf"(?: {{0,2}}[\[({{<] ?(?:{WORD_DOT}|ドット|점|点|\.) ?[\])}}>] {{0,2}}"
    rf"| {{1,2}}{WORD_DOT} {{1,2}}|{JOINED_DOT}|\.)"
)
HIDDEN_DOMAIN = re.compile(rf"(?:{LATIN_LABEL}{DOT}){{1,4}}{LATIN_TOP}|(?:{LABEL}{DOT}){{1,4}}{TOP}", re.IGNORECASE)
SPOKEN_DOMAIN = re.compile(
    rf"{LATIN_LABEL}(?:(?: {WORD_DOT} |{JOINED_DOT}){LATIN_LABEL}){{0,3}}"
    rf"(?: {WORD_DOT} |{JOINED_DOT}|(?<=[a-z0-9])\.(?={SPOKEN_TOP}[^a-z])){SPOKEN_TOP}(?![{WORD}])",
    re.IGNORECASE,
)
SHORT_DOMAIN = re.compile(rf"(?:{LATIN_LABEL}\.){{1,4}}{SPOKEN_TOP}(?![{WORD}])", re.IGNORECASE)
DETACHED = re.compile(r"(?=.*[^\W\d_]).*[._\d+-]")
"""In a name that is set apart from its sign by spaces; without one of these it may be a word ("tea @ cafe.example")."""
FILES = re.compile(
    r"\.(?:png|jpe?g|gif|svg|webp|css|js|mjs|ts|json|html?|ya?ml|toml|txt|pdf|zip|tar|gz)$", re.IGNORECASE
)
"""Endings of file names that are no domain: `icon@2x.png`."""
REPOSITORY = re.compile(r"[:/][\w~.-]")
"""After `git@example.com`: the address of a repository."""


def find(text: str) -> Iterator[tuple[int, int]]:
    """Where mail addresses stand."""
    reached = 0
    for sign in SIGN.finditer(text):
        domain = _domain(text, sign)
        if domain is None:
            continue
        before = text[max(reached, sign.start() - 99) : sign.start()][::-1]
        patterns = (LATIN_BACKWARDS, LOCAL_BACKWARDS) if sign["plain"] else (DISGUISED_BACKWARDS, LOCAL_BACKWARDS)
        name = patterns[0].match(before) or patterns[1].match(before)
        if name is None:
            continue
        start = sign.start() - name.end()
        while start < sign.start() and text[start] in ".'+-&":
            start += 1
        if start == sign.start():
            continue
        local = text[start : sign.start()]
        if sign["spaced"] and not DETACHED.match(local):
            continue
        if local == "git" and REPOSITORY.match(text, domain):
            continue
        if _is_password(text, start) or text.startswith("://", max(0, start - 3)):
            continue  # who signs in at a server, or with which token
        yield start, domain
        reached = domain


def _domain(text: str, sign: re.Match[str]) -> int | None:
    """Where the domain after the sign ends."""
    if sign["plain"] or sign["spaced"]:
        found = (
            LATIN_DOMAIN.match(text, sign.end())
            or PLAIN_DOMAIN.match(text, sign.end())
            or ADDRESS_DOMAIN.match(text, sign.end())
        )
        if found is not None and FILES.search(found[0]):
            return None
    elif sign["spoken"]:
        found = SPOKEN_DOMAIN.match(text, sign.end())
    elif sign["short"]:
        found = SHORT_DOMAIN.match(text, sign.end())
    else:
        found = HIDDEN_DOMAIN.match(text, sign.end())
    return None if found is None else found.end()


def _is_password(text: str, start: int) -> bool:
    """Whether what looks like a name is the password of an address such as https://user:password@example.com."""
    if start == 0 or text[start - 1] != ":":
        return False
    user = text.rfind("://", max(0, start - 70), start)
    return user != -1 and not any(character in " \n" for character in text[user:start])
