"""What a text says under its spelling: plain lower-case letters, and readings of what was spelled to be overlooked.

`readings` gives the text as it is read, then as it would be read with its disguises undone. The work on each is
proportional to its length; disguises are looked for where a model introduces itself or signs: at both ends of a text.
"""

import base64
import binascii
import html
import re
import unicodedata
import urllib.parse
from collections.abc import Iterator, Mapping

from arena.domain import wording

END = 4_000
"""Characters at each end of a text in which disguises are undone."""

_MARKS = re.compile("[\u0300-\u036f\u0483-\u0489\u0610-\u061a\u064b-\u065f\u0670\u20d0-\u20ff\ufe00-\ufe0f]")
"""Combining marks that no word is told by once it is folded."""
UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u0640\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    "\U000e0000-\U000e007f]"
)

_IS = re.compile("(?<!\\w)[\u00e9\u00e8\u00c9\u00c8](?!\\w)")
"""Portuguese and Italian for "is": without its accent it is "and"."""

_LOOKS = {
    **dict(zip("авекмнорстухіјѕһԁӏԛԝѵгп", "abekmhopctyxijshdlqwvrn", strict=True)),
    **dict(zip("αβγεζηικμνορτυχω", "abyeznikmvoptuxw", strict=True)),
    **dict(zip("ɑɡɩłøđƅƖʟɴʀɢʜʏʙɪᴀᴄᴅᴇғꜰᴊᴋᴍᴏᴘǫꜱᴛᴜᴠᴡᴢ", "agilodbllnrghybiacdeffjkmopqstuvwz", strict=True)),
    **dict(zip("օոսցհ", "onugh", strict=True)),
    "с": "c", "р": "p", "ꭰ": "d", "ꮯ": "c", "ꮮ": "l", "ꭺ": "a", "ꮇ": "m", "ꮲ": "p", "ꭼ": "e", "ꮖ": "i",
}  # fmt: skip
_LOOKING = str.maketrans(_LOOKS)
_MIXED = re.compile("[a-z][{0}]|[{0}][a-z]".format("".join(map(re.escape, _LOOKS))))
_LOOKS_LIKE = re.compile("[{}]".format("".join(map(re.escape, _LOOKS))))
_WORD = re.compile(r"[^\W\d_]+")
_FOREIGN = re.compile("[\u0370-\u052f]")
ENCLOSED = {
    start + offset: chr(ord("a") + offset) for start in (0x1F130, 0x1F150, 0x1F170, 0x1F1E6) for offset in range(26)
}
"""Letters in squares, circles and flags, as the plain one."""
_ALIKE = str.maketrans(
    {
        **{chr(sign): letter for sign, letter in ENCLOSED.items()},
        **dict.fromkeys("\u2019\u2018\u02bc\u2032\u0060\u00b4\uff07", "'"),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2212\u00b7\u2022\u2027\u30fb", "-"),
        "\u0131": "i",
    }
)
"""Those, quotation marks, dashes and the dotless i, as the plain one."""
_TURNED = str.maketrans("ɐqɔpǝɟƃɥᴉɾʞןɯuodbɹsʇnʌʍxʎz∀Ɔ⅁˥", "abcdefghijklmnopqrstuvwxyzacgl")
_LEET = str.maketrans("0345678@$€£+|!", "oeasgtbaseltii")
_COLUMN = re.compile(r"(?<!\S)\|(?!\S)")
"""Between the columns of a table."""
_SPELLED = re.compile(r"(?<![\w])\w(?:([\s\-_.*·|/,~+:=&']{1,3})\w(?!\w)){2,}")
"""Letters one by one."""
_APART = re.compile(r"\W")
_SIGN = r"[-_.*~+|/\\^=#\u00b7\u2014]"
_WITHIN = re.compile(
    rf"{_SIGN}{_SIGN}{{0,2}}(?=[^\W\d])(?:(?<=[^\W\d]{_SIGN})|(?<=[^\W\d]{_SIGN}{{2}})|(?<=[^\W\d]{_SIGN}{{3}}))"
)
"""Marks inside a word; the sign comes first so that the search leaps from one to the next."""
_DIGIT_IN_WORD = re.compile(r"[034578@$|!1](?:(?<=[034578@$1])[^\W\d_]|(?<=[^\W\d_].)(?:(?<=[034578@$1])|[^\W\d_]))")
_RUN = re.compile("[A-Za-z0-9+/_-]{4,}")
_NUMERIC = re.compile(
    r"[0-9](?:(?<=[01])[01]{7}|(?<=[2-7])[0-9A-Fa-f](?:[\s:,]{0,2}(?:0x)?[0-9A-Fa-f]{2}){4}|"
    r"[0-9]{1,2}(?:[\s,]{1,2}[0-9]{2,3}){4})"
)
"""What may be a text in binary, hexadecimal or codes of characters; it leaps from digit to digit."""
_ESCAPES = re.compile(r"\\u\{?([0-9a-fA-F]{4,6})\}?|\\x([0-9a-fA-F]{2})")
_BASE64 = re.compile(r"(?<![A-Za-z0-9+/=_-])[A-Za-z0-9+/_-]{8,4000}={0,2}(?![A-Za-z0-9+/=_-])")
_HEX = re.compile(r"(?<![0-9A-Za-z])(?:0x)?(?:[0-9A-Fa-f]{2}[\s:,]{0,2}(?:0x)?){5,800}(?![0-9A-Za-z])")
_BINARY = re.compile(r"(?<![0-9])(?:[01]{8}\s{0,2}){4,400}(?![0-9])")
_CODES = re.compile(r"(?<![0-9])(?:(?:[3-9][0-9]|1[01][0-9]|12[0-6])[\s,]{1,2}){4,800}[0-9]{2,3}(?![0-9])")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])(?!(?<=\bi)(?:Phone|Pad|OS|Mac|Cloud|Tunes|Pod))|(?<=[A-Z])(?=[A-Z][a-z])")
_MARKED = re.compile(r"[<*_`~]|\]\(")
_MARKUP = re.compile(
    r"</?[a-zA-Z][^<>\n]{0,80}>|!?\[([^\[\]\n]{0,200})\]\([^()\n]{0,300}\)|[*_`~]{2,}|(?<!\w)[*_`](?=\w)|"
    r"(?<=\w)[*_`](?!\w)"
)

_HALF = "abcdefghijklmnopqrstuvwxyz"
ROT13 = str.maketrans(_HALF, _HALF[13:] + _HALF[:13])


_BACKSLASH = re.compile(r"\\(?=[_*`~\[\]()#+.!-])")


_HALF_CYRILLIC = re.compile("[\u0430-\u044f][a-z]|[a-z][\u0430-\u044f]")
_TO_CYRILLIC = str.maketrans("aekmopctxyhb", "\u0430\u0435\u043a\u043c\u043e\u0440\u0441\u0442\u0445\u0443\u043d\u0432")
"""Latin letters in a word that other letters show to be a Russian one."""


def readings(text: str, turned: Mapping[str, str] | None = None) -> Iterator[str]:
    """The text folded, then folded with its disguises undone, each only where it differs.

    `turned`: names as they read backwards or thirteen letters on, and what they are.
    """
    turned = turned or {}
    plain = folded(text)
    yield plain
    seen = {plain}
    outer = ends(text)
    for reading in _undone(outer, plain if outer is text else folded(outer)):
        if reading not in seen:
            seen.add(reading)
            yield reading
    end = plain if outer is text else folded(outer)
    found = turned.keys() & set(_WORD.findall(end))
    if found:
        yield end[::-1]
        yield end.translate(ROT13)
        yield _WORD.sub(lambda word: turned.get(word[0], word[0]), end)


def ends(text: str) -> str:
    """Both ends of a long text, and a shorter one whole."""
    return text if len(text) <= 2 * END else f"{text[:END]}\n{text[-END:]}"


def folded(text: str) -> str:
    """Lower case, one spelling a character, nothing unseen, no markup, no accents on letters."""
    if not text.isascii():
        text = wording.stream_safe(text)  # `is_normalized` orders marks, too
        if not unicodedata.is_normalized("NFKC", text):
            text = unicodedata.normalize("NFKC", text)
        signs = "".join({sign for sign in text if sign > "\x7f"})
        text = _IS.sub("es", text).replace("'\u0131n", "'nin")
        for sign in signs:
            if ord(sign) in _ALIKE:
                text = text.replace(sign, _ALIKE[ord(sign)])
        if UNSEEN.search(signs):
            text = UNSEEN.sub("", text)
        if _MARKS.search(unicodedata.normalize("NFD", signs)):
            text = wording.normalized("NFC", _MARKS.sub("", wording.normalized("NFD", text)))
        text = text.casefold()
        if _LOOKS_LIKE.search(text) and _MIXED.search(text):
            text = _WORD.sub(lambda word: word[0].translate(_LOOKING) if _MIXED.search(word[0]) else word[0], text)
    if "\\" in text:
        text = _BACKSLASH.sub("", text)
    text = text.casefold()
    return _MARKUP.sub(lambda mark: mark[1] or "", text) if _MARKED.search(text) else text


def _undone(text: str, plain: str) -> Iterator[str]:
    read = decoded(text)
    if read != text:
        plain = folded(read)
        yield plain
    if not plain.isascii() and _LOOKS_LIKE.search(plain) and not _FOREIGN.search(alike := plain.translate(_LOOKING)):
        yield alike
    if not plain.isascii() and _HALF_CYRILLIC.search(plain):
        mixed = _HALF_CYRILLIC.search
        yield _WORD.sub(lambda word: word[0].translate(_TO_CYRILLIC) if mixed(word[0]) else word[0], plain)
    one_spelling = wording.normalized("NFKC", read)
    if any(map(_camel, set(_RUN.findall(one_spelling)))):
        yield folded(_CAMEL.sub(" ", one_spelling))
    if _SPELLED.search(plain):
        yield folded(_SPELLED.sub(_together, plain))
        yield folded(_SPELLED.sub(lambda run: f"{run[0][0]} {_APART.sub('', run[0][1:])}", plain))
        yield _SPELLED.sub(lambda run: re.sub(r"\W", "", run[0]), plain)
    if _WITHIN.search(plain):
        yield _WITHIN.sub("", plain)
    if _DIGIT_IN_WORD.search(plain):
        leet = _COLUMN.sub(" ", plain).translate(_LEET)
        yield leet.replace("1", "i")
        yield leet.replace("1", "l")
        yield _WITHIN.sub("", leet.replace("1", "i"))
    if not text.isascii() and any(sign in text for sign in "ɐǝɹʇʎɯʌɥ"):
        yield folded(text.translate(_TURNED)[::-1])


def _together(run: re.Match[str]) -> str:
    """Letters one by one as words: where a wider gap stands between some of them, a word ends."""
    gaps = re.findall(r"[^\w]+", run[0])
    narrow = min(map(len, gaps), default=0)
    return "".join(
        part if part.isalnum() else "" if len(part) == narrow else " " for part in re.split(r"(\W+)", run[0])
    )


def decoded(text: str) -> str:
    """The text with what is encoded in it read: entities, escapes, base64, binary, codes of characters, hexadecimal."""
    if "&" in text:
        text = html.unescape(text)
    if "%" in text:
        text = urllib.parse.unquote(text, errors="ignore")
    if "\\" in text:
        text = _ESCAPES.sub(_escaped, text)
    for _ in range(2):
        if not any(len(run) >= 8 and not _written(run) for run in set(_RUN.findall(text))):
            break
        before = text
        text = _BASE64.sub(lambda run: _from_base64(run[0]), text)
        if text == before:
            break
    if not _NUMERIC.search(text):
        return text
    text = _HEX.sub(lambda run: _from_hex(run[0]) if re.search("[A-Fa-f]", run[0]) else run[0], text)
    text = _BINARY.sub(
        lambda run: _readable(bytes(int(part, 2) for part in re.findall("[01]{8}", run[0])), run[0]), text
    )
    text = _CODES.sub(
        lambda run: _readable(bytes(min(255, int(part)) for part in re.findall("[0-9]+", run[0])), run[0]), text
    )
    return _HEX.sub(lambda run: _from_hex(run[0]), text)


def _escaped(escape: re.Match[str]) -> str:
    code = int(escape[1] or escape[2], 16)
    return chr(code) if code < 0xD800 or 0xE000 <= code < 0x110000 else ""


def _written(run: str) -> bool:
    """Whether letters are written as a word or a number is."""
    return (run.isalpha() and (run.islower() or run.isupper() or run.istitle())) or run.lower() == run.upper()


def _camel(run: str) -> bool:
    return not run.islower() and not run.isupper() and not _written(run)


def _from_base64(run: str) -> str:
    if _written(run):
        return run
    bare = run.rstrip("=").translate(str.maketrans("-_", "+/"))
    if len(bare) % 4 == 1:
        return run
    try:
        return _readable(base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True), run)
    except (binascii.Error, ValueError):
        return run


def _from_hex(run: str) -> str:
    digits = re.sub(r"0x|[^0-9A-Fa-f]", "", run)
    return _readable(bytes.fromhex(digits[: len(digits) // 2 * 2]), run)


def _readable(found: bytes, instead: str) -> str:
    """Bytes as text, where they are one."""
    try:
        text = found.decode()
    except UnicodeDecodeError:
        return instead
    letters = sum(sign.isalpha() or sign.isspace() for sign in text)
    return f" {text} " if text.isprintable() | ("\n" in text) and letters >= 0.7 * len(text) > 0 else instead
