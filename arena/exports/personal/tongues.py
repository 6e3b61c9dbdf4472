# ruff: noqa: RUF001 - words of other languages have letters that look like those of English
"""Which languages a text may be in, told by its script and its commonest words: for numbers without a country code.

A text may be in several, or in none that shows ("Budi: 0812 3456 7890"). The recogniser of `exports.filters.languages`
gives one answer and is not asked: it takes a prompt with a foreign letter in it for one language, and it needs two
seconds to be read in.
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
    "en": """
        the and is of to my you your please with this what for are call at on i it me that from not can have was here we
        he she they his her our will would there street road name hello thanks
    """,
    "fr": """
        le la les et est je mon ma mes vous pour avec une des dans sur au du pas merci bonjour un numéro votre nous que
        qui ce il elle son rue avenue ne sont suis ai chez
    """,
    "de": """
        der die das und ist ich nicht mit für mein meine bitte unter auf ein eine sie wir von zu dem den im am bei hat
        sind wird oder aus nach warum wie straße strasse herr frau danke
    """,
    "es": """
        el los las y es mi su por para con una del que está gracias hola mis al en número un favor tu lo se calle este
        como pero más señor señora tengo soy
    """,
    "pt": """
        os e é meu minha você para com uma não do dos das em no na por favor obrigado obrigada seu sua um ao que número
        pelo o a ou sou rua avenida bairro olá oi este esta isso tenho ligar preciso cadastro cliente nosso foi está
        senhor senhora dona pra nome telefone cpf celular posso como mais
    """,
    "it": """
        il lo gli e è mio mia per con una del della che sono grazie ciao al di non alla un mi dal numero nel via questo
        ho signor signora il piazza può
    """,
    "nl": """
        het een en is mijn van voor met niet op ik je dat naar bel graag bedankt nummer de te aan uw zijn of bij heb
        heeft wij deze kan kunt mevrouw meneer straat hallo ons waarom wordt nog
    """,
    "tr": """
        ve bir bu için benim ile mı mi mu mü çok değil olarak numaram numarası lütfen merhaba numara ben beni bana da de
        var yok olan kadar sonra neden nasıl geçerli kimlik hesap hesabım kart istedi istediler sokak sokağı cadde
        caddesi mahallesi adres adresim telefon telefonu teşekkürler bey hanım cep tc şu o en ne mesaj yaz
    """,
    "id": """
        yang dan di saya ini untuk dengan dari nomor tolong ke adalah anda hubungi bisa no atas nama aku ya kami itu
        kenapa apakah akan sudah belum telah pada oleh juga lalu mau agar kirim kalau jalan jl ibu bapak pak bu diminta
        berlaku kantor alamat silakan terima kasih mohon tidak ada jika atau dalam seorang halo telp wa rumah
    """,
    "hi": """
        mera meri mujhe hai hain karo karein mere aap aapka nahi kya ko par ka ki kar bhai ji aur yeh
    """,
}
"""In Latin letters; Hindi is also written so."""
MARKS = {
    "de": "ß",
    "es": "ñ¿¡",
    "pt": "ãõ",
    "tr": "ğışİ",
}
"""Letters and signs that no other of these languages has: each counts as a word."""
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
def languages_of(text: str) -> frozenset[str]:
    """The languages that a text may be in; none where nothing shows. The last texts are kept for the next finder."""
    found = set() if text.isascii() else {name for name, letters in SCRIPTS.items() if letters.search(text)}
    if "zh" in found and ("ja" in found or "ko" in found):
        found.discard("zh")
    hits: Counter[str] = Counter()
    for word, count in Counter(WORD.findall(text.lower().replace("i̇", "i"))).items():
        for language in LANGUAGES.get(word, ()):
            hits[language] += count
    if not text.isascii():
        for language, marks in MARKS.items():
            hits[language] += sum(map(text.count, marks))
    most = max(hits.values(), default=0)
    return frozenset(found | {language for language, count in hits.items() if count and count >= most * SHARE})
