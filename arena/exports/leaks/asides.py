"""Where a text tells of its own model without "I": as of a third person, in its last words, and over two sentences.

These are read in the words themselves, with the names of the own side marked: "Kimi thinks you should rest", "OpenAI's
policies do not let me", "Honestly? xAI. They built me", "Hope this helps - Gemma".
"""

import re

from arena.exports.leaks import claims

_MODEL = "[\ue006\ue007]"
_MAKER = "[\ue008\ue009]"


def _any(words: str) -> str:
    """One of several words, which may be declined."""
    return f"(?:{'|'.join(re.escape(word).replace('_', ' ') for word in words.split())})"


_YOU = _any(
    "you your yours du dich dir dein deine deiner deinen ihnen sie vous votre vos te toi tu ton tes ti tuo lei "
    "usted voce je jou jouw вы вам вас тебе тебя ты siz size sizi sana ciebie tobie kamu anda"
)
_ADDRESSED = re.compile(rf"\b{_YOU}\b|[你您]|あなた|당신")
_OPINION = _any(
    "think thinks suggest suggests recommend recommends advise advises believe believes wish wishes got_you "
    "has_got_you has_you is_rooting is_proud glaubt meint findet empfiehlt rat wunscht denkt druckt pense croit "
    "conseille recommande espere suggere te_souhaite vous_souhaite cree piensa recomienda espera te_desea acha "
    "pensa consiglia spera suggerisce vindt hoopt raadt думает считает советует надеется желает dusunuyor oneriyor "
    "mysli poleca radzi berpikir menyarankan hopes_this hopes_that hopes_it"
)
_THINKS = re.compile(
    rf"{_MODEL}[,']?\s+(?:(?:would|will|love to|always|here|gladly|also) )*{_OPINION}\b|"
    rf"{_MODEL}\s*(?:觉得|认为|建议|希望|祝|相信|推荐|的建议|は\S{{1,20}}(?:思います|おすすめ)|(?:은|는)\s\S.{{1,20}}생각)"
)
_CARES = re.compile(rf"{_MODEL}\s+(?:is on it|(?:will |can )?take care)\b")
_CANNOT = _any(
    "can't cannot won't not_able unable not_allowed kann darf ne_peut no_puede nao_pode non_puo kan не_может nie_moze"
)
_THIS = _any(
    "this that here such it dir ihnen dabei hier das cela ca ici esto eso isso isto questo dit dat этого это tego"
)
_UNABLE = re.compile(
    rf"\b(?:that|this|what|than|which|request|was|que)\b[^.\n]{{0,30}}"
    rf"{_MODEL}\s+(?:can|could|peut|puede|pode|{_CANNOT})\b|"
    rf"{_MODEL}\s+(?:\w+\s){{0,2}}?{_CANNOT}\b[^.\n]{{0,40}}\b{_THIS}\b|"
    rf"{_MODEL}\s*(?:无法|不能)[^。\n]{{0,8}}[这此您你]|"
    rf"{_MODEL}\s+(?:can make mistakes|doesn't do|does not do)\b"
)
_RULE = _any(
    "policy policies guideline guidelines rule rules terms principles alignment richtlinien regeln politique "
    "politiques regles politica politicas reglas normas diretrizes regras politiche linee_guida regole richtlijnen "
    "beleid политика политики политике правила правилам politika politikasi polityka zasady zasadami kebijakan"
)
_RULES = re.compile(
    rf"{_MAKER}\s*(?:'s|s|'|of)?\s*(?:[\w-]+\s){{0,3}}?{_RULE}\b|{_RULE}\s+(?:\w+\s)?(?:d'|l')?{_MAKER}|"
    rf"{_MAKER}\s*(?:的?(?:政策|规定|准则|规则)|の?(?:ポリシー|規約|方針)|의?\s?(?:정책|규정))"
)
_BOUND = re.compile(r"[SROWZ].*X|X.*[SROWZ]|[SRW].*a|[OZ]")
_THEY_MADE_ME = re.compile(r"^[tNUFB,]{0,4}(?:MN{0,2}[OR]|[OZ]B{0,2}N?M|RN?M)")
_AFTER = re.compile(rf"{_MAKER}[^.!?\n]{{0,60}}[.!?\u3002;\u2014-]\s*([^.!?\u3002\n]{{4,80}})")
_LAST = re.compile(
    r"(?:.*(?:[.!?\u3002\uff01\uff1f:;\u2026)]|[^\w\s.,'\"()\ue000-\ue009])\s+|"
    r".*[^\w\s]\s?[-\u2013\u2014~]+\s*|.*\s(?:-{1,2}|\u2013|\u2014|~)\s*)?(.*)$"
)
"""The last sentence of a line, or what a dash or a sign leads in."""
_DECORATION = re.compile(r"[^\w\s\ue000-\ue009]+")
_OUT = re.compile(rf"\W*{_MODEL}\s*,?\s+(?:over and )?out\b")
_MENTIONED = re.compile(rf"[\"'«»“”„‘’「『]\s*{_MODEL}|{_MODEL}\s*[\"»”“」』]")
"""A name in quotation marks."""
_ROW = re.compile(r"^\s*(?:[-*+\u2022]\s|\d+[.)]\s|\|)")
LONGEST = 60
"""Characters of the last words."""


def tells(marked: str) -> bool:
    """Whether a text with its names marked tells of its own model in one of these ways."""
    sentences = [
        (clause, letters) for letters, _, before, clause in claims.clauses(marked) if not claims.spoken(before, clause)
    ]
    for clause, letters in sentences:
        told_of = "H" in letters
        if not told_of and (_CARES.search(clause) or (_THINKS.search(clause) and _ADDRESSED.search(clause))):
            return True
        if not set("12") & set(letters) and _UNABLE.search(clause) and not set("GH") & set(letters):
            return True
        if _RULES.search(clause) and (_BOUND.search(letters) or "let me" in clause):
            return True
    return any(_THEY_MADE_ME.search(claims.coded(told[1])) for told in _AFTER.finditer(marked)) or _signs_off(marked)


def _signs_off(marked: str) -> bool:
    """Whether the last words are little but the name of the model, and others stand before them."""
    lines = [line for line in marked.split("\n") if line.strip()]
    if not lines or (len(lines) > 1 and (_ROW.match(lines[-1]) or _ROW.match(lines[-2]))):
        return False
    if _MENTIONED.search(lines[-1]):
        return False
    found = _LAST.match(lines[-1].rstrip(" .!*_)]}>\u3002\uff01"))
    last = found[1] if found else ""
    if (
        len(last) > LONGEST
        or not re.search(_MODEL, last)
        or (len(lines) == 1 and len(last) >= len(lines[0].strip()) - 4)
    ):
        return False
    words = _DECORATION.sub(" ", re.sub("[\ue001-\ue009]", " ", last)).split()
    letters = claims.coded(last)
    beside = [letter for letter in letters if letter not in 'NTD,()":-6789zEfAYgQkI']
    if "\ue006" in last:
        return len(words) <= 3 and len(beside) <= 1 and not set('JxGL?"') & set(letters)
    own_line = len(lines) > 1 and last.strip() == lines[-1].strip(" .!*_)]}>")
    asked = re.search(r"[?:,)]\s*\ue007\W*$", lines[-1]) is not None
    dashed = re.search(r"[-\u2013\u2014~]\s*\S{0,3}\ue007", lines[-1]) is not None
    if not words or set(letters) <= set("7Dz()- "):
        closed = own_line and not {"z", "E"}.isdisjoint(claims.coded(lines[-2][-80:]) + letters)
        return closed or dashed or not (own_line or asked)
    return not beside and (own_line or dashed) and not set("zAYgf").isdisjoint(letters)
