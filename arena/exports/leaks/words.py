"""The words in which a model speaks of itself, by what each does in a clause: sixteen languages well, more a little.

Every word stands for a letter, a clause becomes a string of them, and expressions over these strings (`claims`,
`evidence`, `layout`) say which are a model saying who it is: "I was made by OpenAI" is "SBMQ3". The words are in
`words.txt`, under their letter.

| letters | what they stand for |
|---|---|
| S R W c v | I; I in languages where it is the same as me; I am; my name is; I can, in languages that leave "I" out |
| O Z h Y n | me; me or my; me before the verb; my; we |
| V F f b | you are talking to; this is; here, speaking; behind me |
| y | you are, as a system prompt says |
| M p m g | made; made, and nothing else says by whom; I was made; written |
| Q I d | by, from; in, on, with; based on |
| K A u a | maker; assistant or model; product, member; what a model has, such as weights |
| B e C | is; is, at the end of a clause; called |
| T N t & w | a; small words; which; and; what marks an object |
| P o q | as; as, after the name; because it is |
| X G L | not; if, I think, he said; like, unlike |
| J H x | what others are about; people and stories; what people do with a model |
| E z r | greetings and offers; closings of letters; answer |
| 1 to 5 | names, by `names.NameKind`; 6 to 9 those of the side that answered, by `names.OwnKind` |
| D U | a number; any other word |
| i j k | Italian "sono"; "im"; the ending of "Google's" |
| s l + @ | in `finer.txt` alone: you; facts of companies and things; what a speaker can and does; what a program has |
| ~ % $ | there alone: a word that ends in s; a year; money |
"""

import re
from pathlib import Path

from arena.exports.leaks import folding

_LISTED, _FINER = (Path(__file__).with_name(f"{name}.txt") for name in ("words", "finer"))


def _read(listed: Path) -> tuple[dict[str, str], dict[str, str]]:
    words: dict[str, str] = {}
    phrases: dict[str, str] = {}
    code = ""
    for line in listed.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            code = line[1]
        elif not line.startswith("#"):
            for entry in folding.folded(line.replace("_", _JOINT)).split():
                parts = [part for part in re.split(f"['{_JOINT}]", entry) if part]
                (phrases if len(parts) > 1 else words).setdefault(" ".join(parts), code)
    return words, phrases


_JOINT = "\ue000"
"""In place of what joins a phrase, which folding takes for markup."""
WORDS, PHRASES = _read(_LISTED)
"""Single words and phrases, each with its letter."""
FINER_WORDS, FINER_PHRASES = _read(_FINER)
"""Those that `weighing` tells apart from others."""
