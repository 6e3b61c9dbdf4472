"""The languages of a release, found in some hundreds of its battles: to ask of a million takes minutes.

The battles looked at lie evenly over the release, and which they are follows from their order alone. Whenever there are
too many, every other one is let go and half as many are taken from then on.
"""

from collections import Counter
from collections.abc import Callable, Sequence

from arena.domain.battle import BattleRecord
from arena.domain.selection import UNDETERMINED

LEAST = 250
"""Battles looked at in a release that has as many; never twice as many."""
RARE = 0.01
"""A language of fewer prompts than this share is not named: short prompts are taken for another one now and then."""


class LanguageSample:
    """Some battles of a release, evenly spread."""

    def __init__(self) -> None:
        self._held: list[BattleRecord] = []
        self._every = 1
        self._seen = 0

    def add(self, record: BattleRecord) -> None:
        """Note a battle that has rows."""
        if self._seen % self._every == 0:
            self._held.append(record)
            if len(self._held) == 2 * LEAST:
                self._held = self._held[::2]
                self._every *= 2
        self._seen += 1

    def found(self, language: Callable[[BattleRecord], str]) -> tuple[Sequence[str], int]:
        """Codes of the languages found, the most frequent first, and how many battles were looked at."""
        counts = Counter(map(language, self._held))
        del counts[UNDETERMINED]
        named = [code for code, count in counts.items() if count >= RARE * len(self._held)]
        return sorted(named, key=lambda code: (-counts[code], code)), len(self._held)
