"""What the card says about personal data: what was looked for, how much of it is found, and what is as it was.

A text without mail addresses and phone numbers may still tell who wrote it, so no sentence claims that nobody can be
recognised.
"""

from collections.abc import Sequence

from arena.domain.personal import Kind, Masked
from arena.exports.personal import measured
from arena.exports.personal.kinds import PLACEHOLDERS, STRUCTURED, TITLES

NOT_SEARCHED = (
    "Prompts and answers are as they were written. Personal data was not searched for and not masked, and hostile or "
    "offensive text was not removed."
)
SPLIT = (
    "The first prompt counts as it was written, before personal data was masked, so that an item stays in the part "
    "that it has in other releases; prompts that differ in nothing but masked data may therefore be in both parts."
)


def sentences(masked: Masked | None) -> list[str]:
    """The limits of a release, where personal data is concerned."""
    if masked is None:
        return [NOT_SEARCHED]
    total = sum(masked.found.values())
    places = f"{total:,} place was" if total == 1 else f"{total:,} places were"
    written = ", ".join(f"`{PLACEHOLDERS[kind]}` {masked.found[kind]:,}" for kind in masked.kinds if masked.found[kind])
    found = [
        f"Personal data was searched for and masked, and that by form alone: {_listed(masked.kinds)}. {places} masked"
        f"{f' ({written})' if written else ''}; the manifest has the counts."
    ]
    structured = [kind for kind in masked.kinds if kind in STRUCTURED]
    if structured:
        found.append(
            f"Of {_listed(structured)} in {measured.CASES:,} generated and hand-written cases in "
            f"{', '.join(measured.LANGUAGES[:-1])} and {measured.LANGUAGES[-1]}, the search finds "
            f"{_percent(measured.recall(structured))} (recall), and {_percent(measured.precision(structured))} of what "
            "it finds is right (precision). Real texts are written in more ways than those cases."
        )
    if masked.names is not None:
        found.append(f"Names were masked where `{masked.names}` found them. How many it finds was not measured here.")
    left = [kind for kind in STRUCTURED if kind not in masked.kinds]
    unsought = "names, " if Kind.NAME not in masked.kinds else ""
    found.append(
        f"{f'Not searched for: {_listed(left)}. ' if left else ''}Everything without such a form is as it was written: "
        f"{unsought}street addresses, dates of birth, and whatever else a text tells of somebody. People may still be "
        "recognised. Hostile or offensive text was not removed."
    )
    return found


def _listed(kinds: Sequence[Kind]) -> str:
    titles = [TITLES[kind] for kind in kinds]
    return titles[0] if len(titles) == 1 else f"{', '.join(titles[:-1])} and {titles[-1]}"


def _percent(share: float) -> str:
    """Never rounded up: 100 % is written only where nothing was missed."""
    return f"{int(share * 1000) / 10:g} %"
