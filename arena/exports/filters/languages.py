"""The language of a prompt: what the source of an import said, otherwise found by py3langid, offline.

Its model knows 139 languages and is inside the package. It is asked only about those below, whose users write to
models in numbers: without Nigerian Pidgin and Extremaduran, one short English or Spanish prompt fewer in a dozen is
taken for another language (docs/decisions/0011; benchmarks/languages.py measures it).
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
"""Languages that are told apart: code of ISO 639-1, and the English name."""
NOT_A_LANGUAGE = "zxx"
"""What the model says of numbers, markup and names of variables."""
CERTAIN = 0.2
"""Below this probability a text is in no language that shows."""
READ_CHARACTERS = 2000
"""Of a text, from its beginning."""


def language_of(record: BattleRecord) -> str:
    """The code of the language of a prompt; `und` where none shows. All that the user said is looked at, and where that
    is too short to tell, what was answered."""
    if record.origin is not None and record.origin.language is not None:
        return language_codes.read(record.origin.language)
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
