"""Whether a clause is a model saying who it is.

Each word of a clause becomes a letter (`words.CODES`), and each name becomes the digit of its kind (`names.NameKind`).
The forms below are the ways of saying "I am NAME", "I was made by NAME", "NAME made me", "my makers are NAME",
"as NAME, I", and of signing. Only small words may stand between the parts of a form, so "I compared it with NAME"
matches none of them. Every form looks a bounded distance ahead, so the work is proportional to the length of the text.
"""

import re
from collections.abc import Iterator

from arena.exports.leaks import coding
from arena.exports.leaks.names import NameKind

BASE = coding.BASE
MARK = coding.MARK
coded = coding.PLAIN.coded
REACH = 240
"""Characters of a clause that are read before and after a name."""

_END = re.compile(r"[.!](?=[\s\"')*]|$)|[\u3002\uff01\u0964;\n\r]|\.\.\.|\u2026")
ME = r"(?:[SR][NBi]{0,4}|[WV][NB]{0,4}|(?:^|[E,(\"&?])[N]?i[NB]{0,3}|c[NBT]{0,3}[:,]?)"
NAMED = "(?P<name>[12345])"
MODEL = "(?P<name>[125])"
LINK = r"(?:MI|[tABNTQCMKDpRkPw,:\"(\-345]){0,9}?"
FORMS = {
    "based on": re.compile(
        rf"{ME}[NTBC]{{0,3}}d[NITQBX]{{0,4}}{NAMED}|[RS][wN]?(?:[34]N)?(?P<other>[12345])[NwQ]{{0,2}}d"
    ),
    "from": re.compile(rf"{ME}Q[NTK]{{0,3}}(?P<name>[13])(?![UHk])"),
    "my weights": re.compile(rf"[YZ][N]{{0,2}}A[NBR]{{0,3}}M[NTQKI]{{1,5}}{NAMED}"),
    "their ai": re.compile(rf"{ME}T(?P<name>3)(?=$|[,&)])"),
    "made me first": re.compile(rf"MB{{1,2}}[OZ][NT]{{0,3}}{NAMED}"),
    "maker, first": re.compile(rf"^KN{{0,2}}{NAMED}e"),
    "made as": re.compile(rf"(?:^|[,E])N?{NAMED}[NwQ]{{0,2}}M[AN]{{1,4}}o"),
    "parent": re.compile(rf"[YZ]N{{0,2}}KB[BNT]{{0,3}}U[kN]?{NAMED}"),
    "that is me": re.compile(rf"{MODEL},[tN]{{1,2}}B?N?O(?:$|[,?])|(?:^|\?)[E,]{{0,3}}O,NB(?P<other>[125])"),
    "is my name": re.compile(rf"{MODEL}[BN]{{1,2}}(?:c|[YZ]N?C)"),
    "comes from": re.compile(rf"r[BN]{{1,3}}Q[NTK]{{0,3}}{NAMED}"),
    "i am": re.compile(rf"{ME}[NTBCRQ34ku,:\"(\-]{{0,5}}{MODEL}"),
    "my name": re.compile(
        rf"(?:[YZR][NR]{{0,2}}C|C[BTN]?[YSR]|Y[Nd]{{0,2}}A(?=[NRT]{{0,2}}B))[NBTR,:\"(\-]{{0,4}}{MODEL}"
    ),
    "a model": re.compile(
        rf"{ME}[NTBCQ,\"]{{0,4}}(?:[NTD1345Ck]{{0,5}}|(?<=[BWVTi])[NTUDH4531Ck]{{0,5}})A{LINK}U?{LINK}{NAMED}"
    ),
    "their model": re.compile(rf"{ME}[NTBCQR]{{0,4}}{NAMED}[wkQN]{{0,2}}[NTDCMU]{{0,4}}A(?![HU]?H)"),
    "made by": re.compile(rf"{ME}[NTBC,]{{0,4}}U?(?:M|p)(?:&[Mp])?[ANTQKIBCM,\"(:D]{{0,8}}U?[QNTI]{{0,2}}{NAMED}"),
    "by them made": re.compile(rf"(?:{ME}|h)[wBNTQKAD,\"RI4]{{0,7}}{NAMED}[wBNTQKADRk4\")(]{{0,5}}M"),
    "self made": re.compile(rf"m[NTQKBI,:]{{0,5}}{NAMED}|(?P<before>[12345])[NTQKAkBDC,]{{0,5}}m"),
    "made me": re.compile(
        rf"{NAMED}[wkBNTKQDA,(:\")\-45]{{0,4}}M[N]{{0,2}}[OZR](?=$|[,&IPDtQ?)\"]|N{{1,3}}(?:$|[,&ID]))(?!P[TN]{{0,2}}[UH])"
    ),
    "they that made me": re.compile(rf"{NAMED}[,(BNTKw]{{0,6}}t[BNT]{{0,2}}(?:M[OZR]|[OZ][BNT]{{0,2}}M)"),
    "me they made": re.compile(rf"{NAMED}[wkBNTKQDA,(t]{{0,5}}[OZRhY][BNT]{{0,3}}M"),
    "me made by": re.compile(rf"[OZh][BNT]{{0,3}}M[wBNTKQI:\"]{{0,5}}{NAMED}"),
    "who made me": re.compile(
        rf"(?:t|K|[NT]{{2}}|[NQ])[tBNT]{{0,3}}(?:M[OZR]|[OZ][BNT]{{0,2}}M)[BNTCQKU:,\"]{{0,6}}{NAMED}"
    ),
    "my makers": re.compile(
        rf"[YZR][NR]{{0,2}}K[tBNTCQIi,:\"(\-RM]{{0,7}}{NAMED}|K[SR][BN:,]{{0,3}}(?P<other>[12345])"
    ),
    "my makers?": re.compile(rf"(?:[YZ][N]{{0,2}}K|M[OZR]|K)\?[NTUBt]{{0,4}}{NAMED}"),
    "behind me": re.compile(rf"b[BCNTQ,:\"]{{0,5}}{NAMED}"),
    "their product": re.compile(rf"{ME}[NTBCIQ]{{0,5}}u[QNTKIA45k,\"]{{1,6}}{NAMED}"),
    "was I made by": re.compile(rf"M[NB]{{1,3}}[SR][NBITK]{{0,3}}Q[NTKQ]{{0,4}}{NAMED}"),
    "who makes me": re.compile(rf"M(?:R|Y)N{{0,4}}[BC][NT]{{0,2}}{NAMED}"),
    "as, after": re.compile(rf"(?:^|[,E])N?{MODEL}D?o"),
    "by them, so": re.compile(rf"(?:^|[,E])N?{NAMED}[wNQ]{{0,2}}M[AN]{{1,4}}q"),
    "are my makers": re.compile(rf"{NAMED}[,BNTQ\"(:)\-]{{0,4}}[YZR][NR]{{0,2}}K"),
    "as": re.compile(rf"P[T]?{MODEL}D?,?X?[UBNv]{{0,2}}[SRYWZv]"),
    "as a model": re.compile(rf"P[TNUD]{{0,5}}A(?:MI|[tABNTQCMKp\",(\-]){{0,8}}{NAMED}[^X]{{0,8}}?X?[SRYWOZv]"),
    "as their": re.compile(rf"P[NTRQ]{{0,3}}{NAMED}[kNMQT]{{0,4}}A[^X]{{0,4}}?[SRYW]"),
    "here is": re.compile(rf"(?:^|\?)[E,N]{{0,4}}F[N,:]{{0,2}}{MODEL}"),
    "here": re.compile(rf"(?:^|\?)[E,N]{{0,3}}(?:[34]k)?{MODEL}[D,]{{0,2}}f"),
    "reply by": re.compile(rf"r[BN]{{0,3}}[gM][NT]{{0,2}}[QI][NTAKQ,]{{0,4}}{NAMED}"),
}
_AFTER_COPULA = {"i am", "my name", "here is", "here", "as"}
_WHOLE = re.compile(r"^[E,N\"(\-]{0,3}T?[NU]{0,4}A(?:MI|[tABNTQCMKDp,:\"(\-])*(?P<name>[12345])[12345,NQT()A\-D\"M]*$")
_TOLD = re.compile(r"^[E,N]{0,4}(?:[12345][NQw]{0,3}M)?[ANQMC,12345E]{0,7}(?P<name>[125])D?[,\"]?e[&,]?")
_SELF = re.compile("[SRWVicYZ]")


def clauses(text: str, letters: coding.Letters = coding.PLAIN) -> Iterator[tuple[str, int, str, str]]:
    """For each clause with a name: its letters, where it begins, the text before it in its line, and its own text."""
    last = -1
    for mark in MARK.finditer(text):
        if mark.start() < last:
            continue
        start, end = max(0, mark.start() - REACH), min(len(text), mark.end() + REACH)
        for boundary in _END.finditer(text, start, mark.end()):
            start = boundary.end()
        following = _END.search(text, mark.end(), end)
        last = following.start() if following else end
        clause = text[start:last]
        yield letters.coded(clause), start, text[text.rfind("\n", 0, start) + 1 : start], clause


def said(letters: str, *, machine: bool, human: bool, alone: bool) -> bool:
    """Whether the letters of a clause say who the model is.

    `machine` and `human`: whether the text around speaks of an assistant, or of a person. `alone`: the clause is all
    there is.
    """
    if re.match(r"^[E,N]{0,3}j[12](?:$|[,&])", letters):
        return True
    for form, pattern in FORMS.items():
        for found in pattern.finditer(letters):
            if _holds(form, letters, found, machine=machine, human=human):
                return True
    if (told := _TOLD.search(letters)) and not human and "X" not in letters:
        return told["name"] == NameKind.MODEL or machine or letters.endswith("e")
    if alone and re.search(r"^[12]D?[,(]?Q[34]\)?$|^[12345][wNQ]{0,2}M[AN]{1,4}e$", letters):
        return True
    if alone and _WHOLE.search(letters):
        return "M" in letters or "p" in letters or "C" in letters
    return False


def _holds(form: str, letters: str, found: re.Match[str], *, machine: bool, human: bool) -> bool:
    group = next(group for group in found.re.groupindex if found[group])
    place, kind = found.start(group), NameKind(found[group])
    before, inside, after = letters[max(0, found.start() - 3) : found.start()], found[0], letters[place + 1 :]
    after = after.lstrip("D")
    if form.startswith("as"):
        inside = letters[found.start() : place + 1]
    if re.search("XN?$", before) or (form in ("i am", "my name") and re.match("[^,&]{0,2}X", after)):
        return False
    against = "GLJ" if form == "based on" else "XGLJ"
    if set(against) & set(inside) or re.search("[GL][^,]{0,2}$", before) or "H" in inside:
        return False
    if "p" in inside and inside[0] == "S" and before.endswith("U"):
        return False
    if (
        re.match(r"k?[HJ]|[NU]H|k(?![NUTD]{0,3}A)|w", after)
        and "," not in inside
        and form in (*_AFTER_COPULA, "a model", "their model")
    ):
        return False
    if (
        form == "a model"
        and kind in (NameKind.PERSON, NameKind.WORD)
        and after[:1] == "U"
        and not set("MC") & set(inside)
    ):
        return False
    if form == "i am" and after[:1] == "x":
        return False
    if form == "made by" and not _passive(inside):
        return False
    if form == "a model" and kind in (NameKind.MAKER, NameKind.COMPANY) and not set("MpQKk") & set(inside):
        return False
    if form in ("a model", "i am") and after[:1] == "B" and "," in inside:
        return False
    if form == "by them made" and re.match(r"[SW]", inside) and after[:1] in "BT" and "Q" not in inside:
        return False
    if form in ("made by", "by them made") and re.match(r"P[TN]{0,2}[UH]", after):
        return False
    if form == "reply by":
        return not re.match(r"[UH]", after)
    if form not in _AFTER_COPULA:
        return not (human and not machine and kind in (NameKind.PERSON, NameKind.WORD))
    return _introduced(kind, inside[: place - found.start()], after, form, machine=machine, human=human)


def _passive(inside: str) -> bool:
    """Whether something was done to the speaker: a copula or a language without one, and who did it."""
    if "p" in inside:
        return True
    done = inside.index("M")
    return ("Q" in inside[done:] or "I" in inside[done:] or "K" in inside[done:]) and bool(
        set("BWVic") & set(inside[:done]) or inside[0] in "RW"
    )


def _introduced(kind: NameKind, inside: str, after: str, form: str, *, machine: bool, human: bool) -> bool:
    """Whether a name after "I am" is that of a model: people have some of them, and words are spelled like others."""
    telling = bool(set("AMp34") & set(after[:10])) or bool(set("Ef") & set(after[:12]))
    if kind is NameKind.WORD and form not in ("as", "here"):
        telling = "A" in after[:6] or re.match("[,N]{0,2}MQ", after) is not None
    if re.match("S,?$", inside[:-1] or "-") and after[:1] == "," and kind in (NameKind.MODEL, NameKind.PERSON):
        return not human
    if form == "as" and "T" not in inside and kind is NameKind.PERSON:
        return not human
    if kind is NameKind.MODEL:
        if "T" in inside[-2:] and after[:1] == "U" and "A" not in after[:4]:
            return False
        return after[:2] != "UH"
    if kind is NameKind.WORD and "B" not in inside and "W" not in inside and "c" not in inside and "C" not in inside:
        return telling and form != "i am"
    if "T" in inside[-2:] and "C" not in inside:
        return "A" in after[:3]
    if human and not machine and not set("A34") & set(after[:10]):
        return False
    if not after or after[0] in ')"-e':
        return kind is NameKind.PERSON or machine or form != "as"
    if "k" in inside:
        return True
    if after[0] in "U":
        return False
    return (
        telling
        or (machine and not human)
        or (kind is NameKind.PERSON and re.match(r"^[,&][^UT]{0,3}$", after) is not None)
    )


_SPOKEN = re.compile(
    r"\"[^\"\n]{3,400}\"|\u201c[^\u201d\n]{3,400}\u201d|\u201e[^\u201c\u201d\n]{3,400}[\u201c\u201d]|"
    r"\u00ab[^\u00bb\n]{3,400}\u00bb"
    r"|\u300c[^\u300d\n]{3,400}\u300d|\u300e[^\u300f\n]{3,400}\u300f|"
    r"(?<![\w'])'(?=[^\s'])[^\n]{3,300}?(?<=[^\s'])\s?'(?![\w'])"
)
_LETTERED = re.compile(r"[^\W\d_]+")
_LETTERS = re.compile(r"[^\W\d_\ue001-\ue005]")
_TRANSLATED = re.compile(
    r"translat|\bmeans?\b|\bphrase\b|\bsentence\b|example|\bin (?:french|german|spanish|italian|portuguese|"
    r"english|japanese|chinese|"
    r"russian|korean|arabic|hindi|latin|dutch)\b|ubersetz|bedeutet|\bauf (?:deutsch|englisch|franzosisch|"
    r"spanisch|italienisch)\b|"
    r"traduc|traduis|traduz|tradott|traduir|signifi|se dice|\ben (?:francais|espanol|ingles|anglais|"
    r"allemand)\b|vertaal|перев|означает|翻译|意思|翻訳|意味|번역|ترجم|अनुवाद|"
    r"beispiel|exemple|ejemplo|exemplo|esempio|пример|例"
)
_LABEL = re.compile(r"(?m)^[\s>*_-]*([^\W\d_][\w .\ue001-\ue005]{0,24}):(?=\s)")
_OWN_LABEL = re.compile(
    r"answer|response|assistant|ai|antwort|reponse|respuesta|resposta|risposta|note|名前|回答|ответ"
)


def unquoted(text: str) -> str:
    """The text without what it says in quotation marks: there others speak, unless a label says whose answer it is.

    A text that is a quotation and nothing else is a translation or a rewritten sentence.
    """
    kept = _SPOKEN.sub(lambda quote: quote[0] if _LETTERS.search(quote[0]) is None else ' "..." ', text)
    others = [word[0] for word in _LETTERED.finditer(kept)]
    return kept if not others or any(_OWN_LABEL.fullmatch(word) is None for word in others) else text


def quoted(before: str, clause: str) -> bool:
    """Whether a clause is an example of words: what stands before it in its line says so."""
    head = f"{before}{clause.partition(':')[0] if ':' in clause else ''}"
    return _TRANSLATED.search(head) is not None


def spoken(before: str, clause: str) -> bool:
    """Whether a clause stands in a line of dialogue."""
    return (before + clause).lstrip()[:1] in _SPEECH


_SPEECH = ('"', "\u201c", "\u201e", "\u00ab", "\u2014", "\u2013", "\u300c")


def surroundings(text: str) -> tuple[bool, bool]:
    """Whether the text around speaks of an assistant, and whether of a person: a story, a letter, a sign of the zodiac.

    A text in which several speak by turns is a story.
    """
    ends = coded(text if len(text) <= 2_000 else f"{text[:1_000]} {text[-1_000:]}")
    labels = {label for label in _LABEL.findall(text[:4_000]) if not _OWN_LABEL.search(label)}
    return set("A3") & set(ends) != set(), ends.count("H") > 0 or len(labels) > 1
