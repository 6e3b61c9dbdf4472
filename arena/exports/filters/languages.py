"""The language of a prompt: as its source or prompt set says it, otherwise as py3langid detects it, offline.

Its model knows 139 languages and comes with the package. It is asked only about the languages below, in which many
people write to models: without Nigerian Pidgin and Extremaduran it mistakes one short English or Spanish prompt in a
dozen fewer (docs/decisions/0011; benchmarks/languages.py measures it).
"""

import functools

from py3langid import langid

from arena.domain import language_codes
from arena.domain.battle import BattleRecord
from arena.domain.selection import UNDETERMINED

NAMES = {
    "af": "afrikaans",
    "ar": "arabic",
    "az": "azerbaijani",
    "be": "belarusian",
    "bg": "bulgarian",
    "bn": "bengali",
    "ca": "catalan",
    "cs": "czech",
    "cy": "welsh",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "et": "estonian",
    "eu": "basque",
    "fa": "persian",
    "fi": "finnish",
    "fr": "french",
    "ga": "irish",
    "gl": "galician",
    "gu": "gujarati",
    "ha": "hausa",
    "he": "hebrew",
    "hi": "hindi",
    "hr": "croatian",
    "hu": "hungarian",
    "hy": "armenian",
    "id": "indonesian",
    "is": "icelandic",
    "it": "italian",
    "ja": "japanese",
    "ka": "georgian",
    "kk": "kazakh",
    "km": "khmer",
    "kn": "kannada",
    "ko": "korean",
    "lt": "lithuanian",
    "lv": "latvian",
    "mk": "macedonian",
    "ml": "malayalam",
    "mn": "mongolian",
    "mr": "marathi",
    "ms": "malay",
    "my": "burmese",
    "ne": "nepali",
    "nl": "dutch",
    "no": "norwegian",
    "pa": "punjabi",
    "pl": "polish",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "si": "sinhala",
    "sk": "slovak",
    "sl": "slovenian",
    "sq": "albanian",
    "sr": "serbian",
    "sv": "swedish",
    "sw": "swahili",
    "ta": "tamil",
    "te": "telugu",
    "th": "thai",
    "tl": "tagalog",
    "tr": "turkish",
    "uk": "ukrainian",
    "ur": "urdu",
    "uz": "uzbek",
    "vi": "vietnamese",
    "yo": "yoruba",
    "zh": "chinese",
    "zu": "zulu",
}
"""The languages that are told apart: ISO 639-1 code and English name."""
NOT_A_LANGUAGE = "zxx"
"""The model's code for numbers, markup and names of variables."""
CERTAIN = 0.2
"""Below this probability the language counts as undetermined."""
READ_CHARACTERS = 2000
"""How many characters of a text are read, from its beginning."""


def language_of(record: BattleRecord) -> str:
    """The code of the language of a prompt; `und` where it is undetermined. Everything the user said is read, and the
    answers too where that is too short to tell."""
    if record.language is not None:
        return language_codes.read(record.language)
    history = record.battle.history
    said = [message.text for message in history if message.role == "user"]
    found = detect("\n".join([record.battle.prompt, *reversed(said)]))
    if found != UNDETERMINED:
        return found
    answers = [response.text for response in (record.response_a, record.response_b) if response is not None]
    return detect("\n".join([*answers, *(message.text for message in history if message.role == "assistant")]))


def detect(text: str) -> str:
    """The code of the language of a text."""
    read = text[:READ_CHARACTERS].encode("utf-8", "replace").decode()
    if not any(character.isalpha() for character in read):
        return UNDETERMINED
    found, _ = _identifier().classify(read)
    return UNDETERMINED if found == NOT_A_LANGUAGE else str(found)


@functools.cache
def _identifier() -> langid.LanguageIdentifier:
    """The model, read once, in 2 s."""
    identifier = langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE, norm_probs=True, min_confidence=CERTAIN)
    identifier.set_languages([*NAMES, NOT_A_LANGUAGE])
    return identifier
