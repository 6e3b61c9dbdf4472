# ruff: noqa: RUF001 - words of other languages have letters that look like those of English
"""Which languages a text may be in, told by its script and its commonest words: for numbers without a country code.

A text may be in several, or in none that shows ("Budi: 0812 3456 7890"). The recogniser of `exports.languages` gives
one answer and is not asked: it takes a prompt with a foreign letter in it for one language, and it needs two seconds
to be read in.
"""

import functools
import re
from collections import Counter

SCRIPTS = {
    "zh": re.compile("[\u3400-\u9fff]"),
    "ja": re.compile("[\u3041-\u30fa]"),
    "ko": re.compile("[\u1100-\u11ff\uac00-\ud7a3]"),
    "hi": re.compile("[\u0900-\u097f]"),
    "ar": re.compile("[\u0620-\u064a\u0671-\u06d3]"),
}
"""Letters of which one is enough. Han letters beside kana or hangul are Japanese or Korean."""
COMMON = {
    "en": "the and is of to my your please with this what for are call at on i it me that from not can have was here",
    "fr": "le la les et est je mon ma mes vous pour avec une des dans sur au du pas merci bonjour mon un numéro votre",
    "de": "der die das und ist ich nicht mit für mein meine bitte unter auf ein eine sie wir von zu dem den im am bei",
    "es": "el los las y es mi su por para con una del que está gracias hola mis al en número un favor tu lo se",
    "pt": "os e é meu minha você para com uma não do dos das em no na por favor obrigado seu sua um ao que número pelo "
    "o a ou tel sou",
    "it": "il lo gli e è mio mia per con una del della che sono grazie ciao al di non alla un mi dal numero nel",
    "nl": "het een en is mijn van voor met niet op ik je dat naar bel graag bedankt nummer de te aan uw zijn of bij",
    "tr": "ve bir bu için benim ile mı mi çok değil olarak numaram numarası lütfen merhaba numara ben beni da de var",
    "id": "yang dan di saya ini untuk dengan dari nomor tolong ke adalah anda hubungi bisa no atas nama aku ya kami",
    "hi": "mera mujhe hai karo karein mere aap nahi kya ko par ka ki hain kar",
}
"""In Latin letters; Hindi is also written so."""
WORD = re.compile(r"[^\W\d_]+")
SHARE = 0.5
"""Of the hits of the likeliest language, for another one to be likely too."""


def _by_word() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for language, words in COMMON.items():
        for word in words.split():
            found.setdefault(word, []).append(language)
    return {word: tuple(languages) for word, languages in found.items()}


LANGUAGES = _by_word()
"""Of each common word."""


@functools.lru_cache(maxsize=2)
def of(text: str) -> frozenset[str]:
    """The languages that a text may be in; none where nothing shows. The last texts are kept for the next finder."""
    found = set() if text.isascii() else {name for name, letters in SCRIPTS.items() if letters.search(text)}
    if "zh" in found and ("ja" in found or "ko" in found):
        found.discard("zh")
    hits: Counter[str] = Counter()
    for word, count in Counter(WORD.findall(text.lower())).items():
        for language in LANGUAGES.get(word, ()):
            hits[language] += count
    most = max(hits.values(), default=0)
    return frozenset(found | {language for language, count in hits.items() if count >= most * SHARE})
