"""Write `generated.txt`: `python -m tests.exports.personal.generate`. The same seed writes the same file.

Values come from ranges that are set aside for documents and films, from test cards, and from examples of the issuers,
in the shapes in which people write them: with spaces, dots, brackets, country codes, small letters, hyphens and spaces
of Unicode, and line breaks. The shapes are those of letterheads, forms and chats, and were not made from our patterns.
"""

import json
import random
import re
import sys
import tomllib
from collections.abc import Iterator
from typing import Any

from tests.exports.personal import shapes
from tests.exports.personal.cases import FOLDER

SEED = 20_261_122
LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "nl", "tr", "id", "hi", "ar", "zh", "ja", "ko")
LOOKALIKES = 60
"""Texts without personal data, for each language."""
SENTENCES: dict[str, Any] = tomllib.loads((FOLDER / "sentences.toml").read_text(encoding="utf-8"))
INVISIBLE = re.compile("[\u00a0\u00ad\u2000-\u200f\u2010-\u2012\u2028-\u202f\u2060-\u206f\u3000\ufeff]")
KEY_START = re.compile("(?<=⟦key:)(.)")


def lines(seed: int) -> Iterator[str]:
    """Every line of the file."""
    chance = random.Random(seed)
    for language in LANGUAGES:
        for kind in shapes.SHAPES:
            for shape in shapes.shapes(kind, language):
                sentence = chance.choice(SENTENCES["around"][kind][language])
                yield _line(language, sentence.replace("{}", f"⟦{kind}:{shape(chance)}⟧"))
        for _ in range(LOOKALIKES):
            yield _line(language, lookalike(language, chance))


def lookalike(language: str, chance: random.Random) -> str:
    """One or two texts that hold no personal data and look as if they did."""
    words = SENTENCES["words"][language]
    parts = []
    for _ in range(chance.choice((1, 1, 2))):
        part = chance.choice(SENTENCES["lookalikes"]["any"])
        for name, word in words.items():
            part = part.replace("{" + name + "}", word)
        parts.append("".join(chance.choice("0123456789") if one == "#" else one for one in part))
    return f" {words['and']} ".join(parts) + "."


def _line(language: str, marked: str) -> str:
    """A line on which whatever cannot be seen is spelled out."""
    quoted = json.dumps(marked, ensure_ascii=False)
    quoted = INVISIBLE.sub(lambda match: f"\\u{ord(match[0]):04x}", quoted)
    return f"{language}\t" + KEY_START.sub(lambda match: f"\\u{ord(match[1]):04x}", quoted)


def main() -> None:
    text = "".join(f"{line}\n" for line in lines(SEED))
    (FOLDER / "generated.txt").write_text(text, encoding="utf-8")
    sys.stdout.write(f"{text.count(chr(10))} cases\n")


if __name__ == "__main__":
    main()
