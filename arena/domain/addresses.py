"""E-mail addresses: one spelling for each, and none that looks like another.

What mail systems take for the same address is folded: case, full-width and other forms of one sign (NFKC), the hyphens
and apostrophes that keyboards put in place of the plain ones, the full stops of a domain, and its labels in Punycode.
What they do not is told apart, though one provider or another ignores it: dots, and what follows a plus.

What nobody can tell from another address is refused to new accounts, as registries of domains do (Unicode Technical
Standard 39): signs that show nothing, letters of two scripts in one part, and parts that look as if they were ASCII.
"""

import unicodedata

from arena.domain.account import DECOMPOSED
from arena.errors import InvalidValue

LIMIT = 254
FOLDED = str.maketrans(
    dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212\u02d7", "-")
    | dict.fromkeys("\u2018\u2019\u201b\u02bc\u2032", "'")
)
FULL_STOP = "\u3002"
"""What IDNA takes for a full stop, beside those that NFKC makes one of."""
UNSEEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164") | frozenset(
    map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)))
)
"""Letters and marks that show nothing. Signs that show nothing otherwise (categories C and Z) are in no address."""
TOGETHER = frozenset({"LATIN", "CJK", "IDEOGRAPHIC", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "HANGUL", "BOPOMOFO"})
"""Scripts that are written together. A script is told by how the names of its letters begin."""
LIKE_ASCII = str.maketrans(
    "\u0251\u0261\u0269\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0455\u0456\u0458\u04bb\u04cf\u0501\u051b\u051d"
    "\u03b1\u03b9\u03ba\u03bd\u03bf\u03c1\u03c5\u03c7\u0566\u0570\u0578\u057d\u0585\u1d04\u1d0f\u1d1c\u1d20\u1d21\u1d22",
    "agiaeopcyxsijhldqwaikvopuxqhnuocouvwz",
)  # fmt: skip
"""Small letters that are drawn like one of ASCII."""


def spelled(given: str) -> str:
    """An address as accounts are found by it. `InvalidValue` for what is none."""
    fits = len(given) <= DECOMPOSED * LIMIT
    local, at, domain = _folded(given).rpartition("@") if fits else ("", "", "")
    email = f"{local}{at}{spelled_domain(domain)}"
    odd = any(unicodedata.category(letter).startswith(("C", "Z")) for letter in email)
    if not (local and at and domain) or "@" in local or odd or len(email) > LIMIT:
        raise InvalidValue(f"email is no e-mail address of at most {LIMIT} characters, such as ada@lab.example.")
    return email


def spelled_domain(domain: str) -> str:
    """A domain in the letters of its owner."""
    return ".".join(map(_label, _folded(domain).replace(FULL_STOP, ".").split(".")))


def refuse_look_alike(email: str) -> None:
    """Raise `InvalidValue` for an address, as `spelled` gives it, that nobody can tell from another one."""
    local, _, domain = email.rpartition("@")
    for part in (local, *domain.split(".")):
        if not UNSEEN.isdisjoint(part):
            raise InvalidValue("email has a sign that shows nothing; type it again.")
        look = part.translate(LIKE_ASCII)
        if look.isascii() and not part.isascii():
            raise InvalidValue(
                f"email looks like {look!r} in its part {part!r} and is written in other letters, so that nobody could "
                "tell it from that; type it in the letters a to z."
            )
        scripts = {_script(letter) for letter in part if letter.isalpha()}
        if len(scripts) > 1 and not scripts <= TOGETHER:
            raise InvalidValue(
                f"email has letters of {' and '.join(sorted(map(str.capitalize, scripts)))} in its part {part!r}, so "
                "that it may look like another one; type it in letters of one script."
            )


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().casefold().translate(FOLDED)


def _label(label: str) -> str:
    """A label of a domain; one in Punycode as what it stands for, unless that is no label."""
    if not label.startswith("xn--"):
        return label
    try:
        meant = label.removeprefix("xn--").encode("ascii").decode("punycode")
    except UnicodeError:
        return label
    return meant if meant and _folded(meant) == meant and "." not in meant and "@" not in meant else label


def _script(letter: str) -> str:
    return unicodedata.name(letter, "UNKNOWN").partition(" ")[0]
