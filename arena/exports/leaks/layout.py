"""Where a text names its own model by its place: alone, as a heading, a label, a signature, a field."""

import re

from arena.exports.leaks import claims, folding

_ALONE = re.compile(r"^[NTQDAEY,\"\-()]{0,3}[6-9][6-9NQDTA,\-()\"k]{0,6}$")
_SIGNED = re.compile(r"^[NYTAQg:\-,\"(zMIF]{0,6}[67][NYTAQD,\-()\"6-9M]{0,8}$")
_COMMENT = re.compile(r"\s*(?:#|//|/\*|--|<!--|\"\"\"|;|%|\*)")
_COMMENTED = re.compile("[gM]N{0,2}Q?[67]|[67]D?N?[gM]")
_NO_VERB = re.compile(r"^(?!.*[BMpXxGHJLP12345])(?=.{0,20}$)(?=.*[67].*A.*[89]|.*A.*[67].*[89]).*$")
"""A line with the model, its maker and what it is: "Gemma, your model from Google"."""
_YOURS = re.compile(
    r"(?:^|[.!?]\s+)[\s*_\-\u2014]*(?:your|dein|deine|ihr|ihre|votre|ton|tu|su|seu|sua|il tuo|la tua|jouw|uw|"
    "\u0432\u0430\u0448|\u0442\u0432\u043e\u0438|twoj|din)"
    r"\s[^.!?:\n]{0,30}[\ue006\ue007][^.!?\n]{0,12}[!.]?$"
)
_WRITTEN = re.compile(r"^[(\"\-N]{0,2}[NrTU]{0,3}[gM][NIUz]{0,3}Q[NT]?[67]")
_LABEL = re.compile(r"^[NTD\"]{0,2}[67]D?(?:[ND\"]{0,2}[:]|k?[NA]{0,2}r|k[NU]{1,2}:)")
_HEADING = re.compile(r"^\s*#{1,6}\s|^\s*\*\*|^\s*<h\d")
_LINE_LABEL = re.compile(r"[\s*_>]*[^\s:(][^:\n]{0,24}:\s")
_LIST = re.compile(r"^\s*(?:[-*+\u2022]|\d+[.)])\s")
_FIELD = re.compile(
    r"(?:\b(?:name|assistant|identity|whoami|who_am_i|maker|creator|author|vendor|developer|provider|company|"
    r"built|made|created|trained|developed|by|owner|engine|powered)[a-z_]*|\u540d\u524d|\u540d\u5b57|\u59d3\u540d)[\"'`*]*\s*(?:[:=|]|=>|\()\s*[\"'`*({\[]*\s*[\ue006-\ue009]",
)
_MODEL_FIELD = re.compile(
    r"\bmodel(?:name|_name| name)?[\"'`*]*\s*[:=]\s*[\"'`*]*\s*[\ue006\ue007]\s*[\"'`*]*(?:[.,]\s|\s*$)"
)
_PROGRAM = re.compile(
    r"\bimport\b|\bcurl\b|\bpip\b|\bclient\b|\bmessages\b|from_pretrained|api[_.-]?key|\bnpm\b|\bdocker\b|https?://api|"
    r"\bassert\b|==|@\w+\{|re\.compile|\bgit\b|\bollama\b"
)
_TEMPLATE = re.compile(r"<\|[a-z_]+\|>|\[/?inst\]|<</?sys>>|<start_of_turn>|### ?(?:system|instruction)|\bsystem ?:")


def program(text: str) -> bool:
    """Whether a text is a program or a command: a name in it is what is called, not who writes."""
    return _PROGRAM.search(folding.ends(text).casefold()) is not None


def score(marked: str, *, program: bool) -> int:
    """What the places of own names in a text count together. `program`: it is one."""
    lines = [line for line in marked.split("\n") if line.strip()]
    if not lines:
        return 0
    total = 0
    if len(marked) <= 80 and _ALONE.match(claims.coded(marked)):
        total += 3
    first, last = claims.coded(lines[0][:300]), claims.coded(lines[-1][:300])
    previous = lines[-2] if len(lines) > 1 else ""
    labels = sum(_LINE_LABEL.match(line) is not None for line in lines)
    if _LABEL.match(first) and labels <= 1:
        total += 2 + ("6" in first[:3]) + ("k" in first[:3] or "r" in first[:6] or "S" in first[:8])
    if len(lines) > 1 and not _LIST.match(previous) and not _LIST.match(lines[-1]) and _SIGNED.match(last):
        closing = set("zE") & set(claims.coded(previous[-80:])) or set("zAYgQ") & set(last)
        total += 1 + ("6" in last) + (2 if closing else 0) + (1 if set("89") & set(last) else 0)
    if any(_COMMENTED.search(claims.coded(line)) for line in lines[:40] if _COMMENT.match(line)):
        total += 3
    ends = [(lines[-1], last)] + ([(lines[0], first)] if len(lines) > 1 else [])
    if not program and any(
        len(line) <= 80 and not _LIST.match(line) and _NO_VERB.match(letters) for line, letters in ends
    ):
        total += 3
    if len(lines) > 1 and re.match("^[67]k[NU]{1,2}:", last):
        total += 3
    if _YOURS.search(lines[-1][-80:]):
        total += 3
    if len(lines) > 1 and (_WRITTEN.match(last) or _WRITTEN.match(first)):
        total += 3
    if (
        not program
        and len(lines) == 1
        and len(marked) <= 70
        and not re.search(r"[.!?\u3002\u0964\u061f]$", marked.strip())
    ):
        total += 3 if re.search("^[NQTUDM,\\-()]*6[NQTUDM,\\-()]*8", first) else 0
    if not program:
        described = _FIELD.search(marked) or (_MODEL_FIELD.search(marked) if len(marked.strip()) > 20 else None)
        told_of = described is not None and "\ue007" in described[0] and "H" in claims.coded(marked[:300])
        total += 3 if described and not told_of else 0
    if _TEMPLATE.search(marked) and re.search("[\ue006\ue007]", marked):
        total += 3
    return total
