"""Names at the end or the beginning of an answer, as letters are signed, and names run together with what is said."""

import re
from collections.abc import Collection, Mapping

from arena.exports.leaks import claims, folding
from arena.exports.leaks.names import NameKind

_NAME = "[\ue001-\ue005]"
_MODEL = "[\ue001\ue002\ue005]"
_TAIL = (
    rf"(?:[\s,.|/()\[\]\-\u2014]|{_NAME}|\b(?:ai|by|from|assistant|model|your|the|chatbot|von|de|par|por|di|ki|ia|"
    r"team|llm|language|virtual|friendly|v|version|an?)\b|\d)*"
)
_SIGNED = re.compile(rf"^[\s>*_(\[]*(?:[\u2014\u2015~\u2013]+|--+|-(?=\s))\s*{_TAIL}{_MODEL}{_TAIL}[\s*_)\]!]*$")
_BULLET = re.compile(r"^\s*(?:[-*+\u2014\u2013]|\d+[.)])\s|:\s*$")
_BARE = re.compile(rf"^[\s*_]*(?:(?:your|dein|votre|tu|seu|il tuo)\s+)?{_TAIL}{_MODEL}{_TAIL}[\s*_!]*$")
_YOURS = re.compile(rf"^[\s*_]*(?:your|dein|votre|tu|seu|il tuo|jouw|ваш|твой|твои)\s+{_TAIL}{_MODEL}{_TAIL}[\s*_!]*$")
_MADE_WITH = re.compile(
    r"(?:generated|written|answered|powered|produced|drafted|composed|authored|created|brought to you|provided|"
    r"sent|response|reply|answer|signed|made|"
    r"generiert|geschrieben|verfasst|erstellt|beantwortet|antwort|genere|ecrit|redige|reponse|generado|escrito|"
    r"respondido|respuesta|"
    r"gerado|respondido|resposta|generato|scritto|risposta|creato|gegenereerd|geschreven|сгенерировано|"
    r"написано|ответ|生成|作成|回答|由|작성|dibuat|yazildi|olusturuldu)"
    rf"[\s,]*(?:with|using|by|from|von|mit|par|avec|por|com|con|da|door|tarafindan|oleh|через|с помощью|于|:|"
    rf"：)?\s*(?:the\s+|your\s+|an?\s+)?(?:ai\s+|assistant\s+|model\s+)*[:\s]*{_NAME}{_TAIL}"
    r"(?:で|により|によって|が|에 의해|에서|이|가|generated|生成|作成|提供|"
    r"撰写|作成されました|回答)?[\s*_)\]}>!]*(?:--|\*/)?$"
)
_LEADING = re.compile(
    r"^[\s>*_~\-\u2014\u2013(\[{<!#/]*(?:(?:this|the|diese|cette|esta|este|questa|ce)\s+)?(?:(?:response|"
    r"answer|reply|message|text|output|antwort|reponse|respuesta|resposta|risposta)\s+(?:was|is|wurde|a ete|"
    r"fue|foi|e stata)?\s*)?"
)
_TAGGED = re.compile(
    rf"^\s*[\[(<{{]\s*(?:(?:ai|assistant|model|bot|modell|modele|modelo)\s*[:=]?\s*)?{_MODEL}{_TAIL}[\])>}}](?!\()"
)
_ELEMENT = re.compile(
    r"<(author|model|assistant|generator|generated[_-]?by|name|bot|source|signature|speaker)>([^<>]{1,60})</\1>", re.I
)
"""An element of markup that says who wrote."""
_SIGNED_BY = re.compile(
    rf"(?:^|[.!?]\s+)(?:signed|gezeichnet|signe|firmado|assinado|firmato|getekend|подпись)\b[\s,:]*(?:[a-z]+\s+){{0,4}}{_TAIL}"
    rf"{_NAME}{_TAIL}[\s*_.!]*$"
)
_SPEAKING = re.compile(rf"^[\s*_>]*({_MODEL})[\s*_]*:[\s*_]*(?=\S)")
_CLOSING = re.compile(
    r"(?:regards|yours|best|cheers|sincerely|truly|faithfully|love|wishes|grusse|gruse|gruss|cordialement|"
    r"amities|saludos|cordial|"
    r"cordialmente|abraco|abracos|saluti|cordiali|groeten|saygilar|salam|уважением|敬上|此致|敬礼|敬具|よろしくお願いします|"
    r"atentamente|atenciosamente|"
    r"(?:your|dein|votre|ton|tu|su|seu|il tuo|tuo|jouw) (?:[a-z]+ ){0,2}(?:assistant|assistent|asistente|"
    r"assistente|chatbot|ai|model|ki)[a-z]*)[\s,!.]*$"
)
_LETTER = re.compile(
    r"^\s*(?:dear|lieber?|sehr geehrte|cher|chere|querid[oa]|estimad[oa]|prezad[oa]|car[oa]|"
    r"gentile|egregi|beste|geachte|уважаем|дорог|subject|betreff|objet|asunto)\b",
    re.M,
)


def signed(text: str) -> bool:
    """Whether a text with its names marked is signed by one, or begins with one as its speaker."""
    lines = [line for line in text.split("\n") if line.strip()]
    if not lines:
        return False
    first, last, before = lines[0][:300], lines[-1][:300], lines[-2] if len(lines) > 1 else ""
    if _TAGGED.match(first) or _SIGNED_BY.search(last):
        return True
    for line in {first, last}:
        start = _LEADING.match(line)
        if _MADE_WITH.match(line, start.end() if start else 0) or _MADE_WITH.match(
            line.lstrip(" >*_~-(\u2014\u2013[{<!#/")
        ):
            return True
    letter = _LETTER.search(text[:400]) is not None
    if _SIGNED.match(last) and not _BULLET.search(before) and len(lines) > 1:
        return not letter
    if _CLOSING.search(before) and _BARE.match(last):
        return not letter
    sentence = re.split(r"(?<=[.!?])\s+(?=[\u2014\u2015\u2013~-])", last)[-1]
    if sentence != last and _SIGNED.match(sentence):
        return not letter
    if _YOURS.match(last) and len(lines) > 1:
        return not letter
    return _speaks(lines, first)


def in_element(text: str, own: Collection[str]) -> bool:
    """Whether an element of markup that says who wrote a text holds nothing but a name of its own side."""
    if "</" not in text:
        return False
    written = (folding.folded(found[2]).strip() for found in _ELEMENT.finditer(text))
    return any(name in own or name.replace("-", " ") in own or name.replace("-", "") in own for name in written)


def _speaks(lines: list[str], first: str) -> bool:
    """Whether a text begins with the name of its speaker, and of no other."""
    speaker = _SPEAKING.match(first)
    if speaker is None or sum(re.match(r"[\s*_>]*[^\s:][^:\n]{0,24}:\s", line) is not None for line in lines) > 1:
        return False
    letters = claims.coded(first[speaker.end() :])[:8]
    return "S" in letters or "E" in letters or "W" in letters


_WHO = (
    "iam|im|mynameis|mynames|callme|thisis|youaretalkingto|youretalkingto|ichbin|ichheisse|meinnameist|jesuis|jemappelle|"
    "monnomest|soy|yosoy|mellamo|minombrees|eusou|sou|meunomee|mechamo|iosono|sono|michiamo|ikben|mijnnaamis|saya|"
    "namasaya|benimadim|adim|iwas|ichwurde|fui|sonostato|asanaimodel|asanai|я|менязовут"
)
_SMALL = (
    "just|really|actually|called|named|an?|the|your|ai|ki|ia|assistant|assistente|asistente|model|modell|modele|large|"
    "language|chatbot|bot|llm|friendly|helpful|made|trained|created|developed|built|designed|by|from|at|of|and|was|"
    "ein|eine|un|une|um|uma|von|par|por|di|da|de|und|creado|creato|criado|cree|developpe|entrenado|entraine|que"
)
_HELLO = "hi|hello|hey|hallo|bonjour|hola|ola|ciao"
_BEGINS: dict[str, tuple[str, ...]] = {}
for _begin in (*_WHO.split("|"), *_HELLO.split("|")):
    _BEGINS[_begin[0]] = (*_BEGINS.get(_begin[0], ()), _begin)
_JOINED = re.compile(rf"(?:{_HELLO})?(?:{_WHO})(?:{_SMALL}){{0,9}}")
LONGEST = 60
"""Letters of words run together."""


def joined(words: Collection[str], known: Mapping[str, NameKind]) -> bool:
    """Whether a word is several run together in which a model says who it is, as in "iamclaude"."""
    for word in words:
        if not 6 <= len(word) <= LONGEST or not word.startswith(_BEGINS.get(word[0], "?")):
            continue
        for name, kind in known.items():
            place = word.find(name)
            if place > 0 and _JOINED.fullmatch(word[:place]):
                if kind in (NameKind.MODEL, NameKind.PERSON) and len(name) > 2:
                    return True
                if word[:place].endswith(("by", "von", "par", "por", "da")):
                    return True
    return False
