"""What the card says about personal data: what was looked for, how much of it is found, and what is as it was.

A text without mail addresses and phone numbers may still tell who wrote it, so no sentence claims that nobody can be
recognised.
"""

from collections.abc import Sequence

from arena.domain.personal import Masked, PersonalKind
from arena.exports.personal import measured
from arena.exports.personal.kinds import PLACEHOLDERS, STRUCTURED, TITLES
from arena.exports.personal.measured import Figures

NOT_SEARCHED = (
    "Prompts and answers are as they were written. Personal data was not searched for and not masked, and hostile or "
    "offensive text was not removed."
)
THOUGHTS = "What models thought inside their answers, in `<think>` and its kin, was taken out of the answers."
SPLIT = (
    "The first prompt counts as it was written, before personal data was masked, so that an item stays in the part "
    "that it has in other releases; prompts that differ in nothing but masked data may therefore be in both parts."
)


def sentences(masked: Masked | None, languages: Sequence[str] = (), *, stripped: bool = False) -> list[str]:
    """The limits of a release in these languages, where personal data and thoughts in answers are concerned."""
    told = [THOUGHTS] if stripped else []
    if masked is None:
        return [*told, NOT_SEARCHED.replace("Prompts", "Otherwise prompts", 1) if stripped else NOT_SEARCHED]
    total = sum(masked.found.values())
    places = f"{total:,} place was" if total == 1 else f"{total:,} places were"
    written = ", ".join(f"`{PLACEHOLDERS[kind]}` {masked.found[kind]:,}" for kind in masked.kinds if masked.found[kind])
    found = [
        *told,
        f"Personal data was searched for and masked, and that by form alone: {_listed(masked.kinds)}. {places} masked"
        f"{f' ({written})' if written else ''}; the manifest has the counts.",
    ]
    structured = _structured(masked)
    if structured:
        own, fresh = measured.OWN, measured.FRESH
        found.append(
            f"Of {_listed(structured)} in {own.cases:,} generated and hand-written cases that the search was mended "
            f"on, it finds {_recall(own, structured)} (recall), and {_precision(own, structured)} of what it finds is "
            f"right (precision). In {fresh.cases:,} cases that somebody else wrote and that it had not seen, it finds "
            f"{_recall(fresh, structured)}, and {_precision(fresh, structured)} of what it finds is right. Real texts "
            "are written in more ways than those cases."
        )
        never = [language for language in languages if language not in measured.OWN.languages()]
        spoken = f"; of the languages here, {_joined([f'`{one}`' for one in never])} never were" if never else ""
        found.append(
            f"Measured were {_joined([measured.LANGUAGES[one] for one in own.languages()])}; other languages were "
            f"never measured{spoken}. The tables under Personal data have every language and kind."
        )
    if masked.names is not None:
        found.append(f"Names were masked where `{masked.names}` found them. How many it finds was not measured here.")
    left = [kind for kind in STRUCTURED if kind not in masked.kinds]
    unsought = "names, " if PersonalKind.NAME not in masked.kinds else ""
    found.append(
        f"{f'Not searched for: {_listed(left)}. ' if left else ''}Everything without such a form is as it was written: "
        f"{unsought}street addresses, dates of birth, and whatever else a text tells of somebody. People may still be "
        "recognised. Hostile or offensive text was not removed."
    )
    return found


def tables(masked: Masked | None) -> list[str]:
    """A section of the card: recall by language and kind, of both sets; nothing where nothing was looked for."""
    kinds = [] if masked is None else _structured(masked)
    if not kinds:
        return []
    return [
        "## Personal data",
        "",
        "Recall of what was masked here, by language and kind: the share of all places in the cases that is found with "
        "the right kind, beginning and end, and in brackets how many there are. A dash: never measured.",
        "",
        f"On the {measured.OWN.cases:,} cases that the search was mended on:",
        "",
        *_table(measured.OWN, kinds),
        "",
        f"On the {measured.FRESH.cases:,} cases that it had not seen:",
        "",
        *_table(measured.FRESH, kinds),
        "",
    ]


def _table(figures: Figures, kinds: Sequence[PersonalKind]) -> list[str]:
    rows = [
        (name, [*(_cell(figures, (kind,), language) for kind in kinds), _cell(figures, kinds, language)])
        for language, name in measured.LANGUAGES.items()
    ]
    rows.append(("all", [*(_cell(figures, (kind,), None) for kind in kinds), _cell(figures, kinds, None)]))
    rows.append(("all, precision", [*(_precision(figures, (kind,)) for kind in kinds), _precision(figures, kinds)]))
    return [
        f"| | {' | '.join(TITLES[kind] for kind in kinds)} | all |",
        f"|---|{'--:|' * (len(kinds) + 1)}",
        *[f"| {name} | {' | '.join(cells)} |" for name, cells in rows],
    ]


def _cell(figures: Figures, kinds: Sequence[PersonalKind], language: str | None) -> str:
    one = figures.total(kinds, language)
    share = measured.recall(one)
    return "-" if share is None else f"{_percent(share)} ({one.marked:,})"


def _recall(figures: Figures, kinds: Sequence[PersonalKind]) -> str:
    share = measured.recall(figures.total(kinds))
    return "nothing, because there is nothing of it" if share is None else _percent(share)


def _precision(figures: Figures, kinds: Sequence[PersonalKind]) -> str:
    share = measured.precision(figures.total(kinds))
    return "-" if share is None else _percent(share)


def _structured(masked: Masked) -> list[PersonalKind]:
    return [kind for kind in masked.kinds if kind in STRUCTURED]


def _listed(kinds: Sequence[PersonalKind]) -> str:
    return _joined([TITLES[kind] for kind in kinds])


def _joined(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _percent(share: float) -> str:
    """Never rounded up: 100 % is written only where nothing was missed."""
    return f"{int(share * 1000) / 10:g} %"
