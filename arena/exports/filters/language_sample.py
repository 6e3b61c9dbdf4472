"""The languages of a release, detected in a sample of some hundreds of its battles: a million would take minutes.

The sample lies evenly over the release, and depends only on the order of the battles. Whenever it grows too large,
every other battle is dropped, and from then on half as many are taken.
"""

from collections import Counter
from collections.abc import Callable, Sequence

from arena.domain.battle import BattleRecord
from arena.domain.selection import UNDETERMINED

LEAST = 250
"""Least number of battles in the sample of a large release; it never has twice as many."""
RARE = 0.01
"""A language with a smaller share of the prompts is not named: short prompts are now and then mistaken."""


class LanguageSample:
    """An evenly spread sample of the battles of a release."""

    def __init__(self) -> None:
        self._held: list[BattleRecord] = []
        self._every = 1
        self._seen = 0

    def add(self, count: int, record: Callable[[int], BattleRecord]) -> None:
        """Offer so many battles that have rows to the sample; one is asked for, by its place from 0, only if it is
        taken."""
        place = -self._seen % self._every
        while place < count:
            self._held.append(record(place))
            if len(self._held) == 2 * LEAST:
                self._held = self._held[::2]
                self._every *= 2
            place += self._every - (self._seen + place) % self._every
        self._seen += count

    def found(self, language: Callable[[BattleRecord], str]) -> tuple[Sequence[str], int]:
        """The codes of the languages found, most frequent first, and the size of the sample."""
        counts = Counter(map(language, self._held))
        del counts[UNDETERMINED]
        named = [code for code, count in counts.items() if count >= RARE * len(self._held)]
        return sorted(named, key=lambda code: (-counts[code], code)), len(self._held)
