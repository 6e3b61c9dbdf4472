"""How much of the committed cases was found, by language and kind, for the card and the documents.

`measured.json` is written by `python -m tests.exports.personal.measuring --write`, and a test holds the two together.
The cases of the measured set are those that the search was mended on. The fresh ones were written by somebody else and
were read for the first time by the finished search, so they say what to expect.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from arena.domain.personal import PersonalKind

FILE = Path(__file__).parent / "measured.json"
LANGUAGES = {
    "en": "English",
    "fr": "French",
    "de": "German",
    "es": "Spanish",
    "pt": "Portuguese",
    "it": "Italian",
    "nl": "Dutch",
    "tr": "Turkish",
    "id": "Indonesian",
    "hi": "Hindi",
    "ar": "Arabic",
    "zh": "Chinese",
    "ja": "Japanese",
    "ko": "Korean",
}
"""Those that are measured, by their codes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What became of some cases, or of one kind in one language of them."""

    marked: int
    """What is there to be found."""
    found: int
    right: int
    """Of what was found: kind, beginning and end are those that are marked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Of one set of cases."""

    cases: int
    by: Mapping[tuple[str, PersonalKind], Measured]
    """By language and kind."""

    def total(self, kinds: Collection[PersonalKind], language: str | None = None) -> Measured:
        """Of some kinds, in one language or in all."""
        chosen = [one for (spoken, kind), one in self.by.items() if kind in kinds and language in (None, spoken)]
        return Measured(
            marked=sum(one.marked for one in chosen),
            found=sum(one.found for one in chosen),
            right=sum(one.right for one in chosen),
        )

    def languages(self) -> list[str]:
        """Those in which something was marked, in the order of `LANGUAGES`."""
        return [language for language in LANGUAGES if self.total(tuple(PersonalKind), language).marked]


def recall(one: Measured) -> float | None:
    """Of what is marked, the share that was found; None where nothing is."""
    return one.right / one.marked if one.marked else None


def precision(one: Measured) -> float | None:
    """Of what was found, the share that is right; None where nothing was."""
    return one.right / one.found if one.found else None


def _read(name: str) -> Figures:
    kept = json.loads(FILE.read_text(encoding="utf-8"))[name]
    return Figures(
        cases=kept["cases"],
        by={
            (language, PersonalKind(kind)): Measured(marked=marked, found=found, right=right)
            for language, kinds in kept["languages"].items()
            for kind, (marked, found, right) in kinds.items()
        },
    )


OWN = _read("measured")
FRESH = _read("fresh")
