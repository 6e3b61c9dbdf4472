"""The one code of a language, however people write it: with several codes a filter would miss some of its prompts.

Two letters (ISO 639-1) where there are two, three otherwise. Names in any language, regions, scripts and codes that
were replaced are read by `langcodes`, from the tables of IANA and CLDR.
"""

import functools
import re
from typing import Final

import langcodes

UNDETERMINED: Final = "und"
TAG: Final = re.compile(r"[a-z]{2,3}(?:[-_][a-z0-9]+)*")
TOGETHER: Final = {"nb": "no", "nn": "no", "fil": "tl"}
"""Written standards that count as one language, for readers and for language detection alike."""
ALSO: Final = {
    "castellano": "es",
    "espanol": "es",
    "jp": "ja",
    "cn": "zh",
    "cz": "cs",
    "dk": "da",
    "ua": "uk",
    "gr": "el",
}
"""Other ways in which people write a language: without accents, or the country in place of the language."""
NAME: Final = 4
"""Least number of letters of a word that may be the name of a language among others: `Brazilian Portuguese`."""
NO_LANGUAGE: Final = frozenset({"mul", "mis", "zxx", "xx"})
ASIDE: Final = re.compile(r"\s*[(\[,;/|.@].*")
"""What may follow a name or a code: `(Simplified)`, `/ English`, `.UTF-8`."""


@functools.lru_cache(maxsize=4096)
def read(spelt: str) -> str:
    """The code of what a source or a person wrote: `Français`, `English (US)`, `zh_CN`, `iw`, `eng_Latn`.

    `und` where that names no language, or several.
    """
    whole = spelt.strip().casefold()
    plain = ASIDE.sub("", whole)
    for said in (whole, plain):
        found = ALSO.get(said) or (_of_tag(said) if TAG.fullmatch(said) else None) or _of_name(said)
        if found:
            return found
    for word in (plain.rpartition(" ")[2], plain.partition(" ")[0]):
        if len(word) >= NAME and (found := ALSO.get(word) or _of_name(word)):
            return found
    return UNDETERMINED


def _of_tag(tag: str) -> str | None:
    language = langcodes.Language.get(tag, normalize=True).prefer_macrolanguage()
    if language.language is None or not langcodes.Language.get(language.language).is_valid():
        return None
    return _one(language.language)


def _of_name(name: str) -> str | None:
    if not name or name in NO_LANGUAGE:
        return None
    try:
        found = langcodes.find(name).prefer_macrolanguage().language
    except LookupError:
        return None
    return None if found is None else _one(found)


def _one(code: str) -> str | None:
    return None if code in NO_LANGUAGE else TOGETHER.get(code, code)
