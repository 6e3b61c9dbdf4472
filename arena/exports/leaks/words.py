"""The words in which a model speaks of itself, in sixteen languages, by what each does in a clause.

Every word stands for a letter; a clause becomes a string of them, and `claims` says which strings are a model saying
who it is. The words are in `words.txt`: a letter and what it means in a line, then its words.
"""

import re
from pathlib import Path

from arena.exports.leaks import folding

_LISTED = Path(__file__).with_name("words.txt")


def _read() -> tuple[dict[str, str], dict[str, str]]:
    words: dict[str, str] = {}
    phrases: dict[str, str] = {}
    code = ""
    for line in _LISTED.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            code = line[1]
        elif not line.startswith("#"):
            for entry in folding.folded(line.replace("_", _JOINT)).split():
                parts = [part for part in re.split(f"['{_JOINT}]", entry) if part]
                (phrases if len(parts) > 1 else words).setdefault(" ".join(parts), code)
    return words, phrases


_JOINT = "\ue000"
"""In place of what joins a phrase, which folding takes for markup."""
WORDS, PHRASES = _read()
"""Single words and phrases, each with its letter."""
