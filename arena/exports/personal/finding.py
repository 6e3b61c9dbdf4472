"""Find personal data in a text: every kind by its own finder, and one answer where several found the same place."""

from collections.abc import Callable, Collection, Iterator, Mapping

from arena.domain.personal import PersonalKind
from arena.errors import DoesNotFit
from arena.exports.personal import card, iban, ip, key, mail, national_id, phone, plain
from arena.exports.personal.kinds import Found
from arena.exports.personal.names import Recogniser

FINDERS: Mapping[PersonalKind, Callable[[str], Iterator[tuple[int, int]]]] = {
    PersonalKind.KEY: key.find,
    PersonalKind.MAIL: mail.find,
    PersonalKind.IBAN: iban.find,
    PersonalKind.CARD: card.find,
    PersonalKind.NATIONAL_ID: national_id.find,
    PersonalKind.IP: ip.find,
    PersonalKind.PHONE: phone.find,
}
"""By kind, the surest first: where two kinds overlap, the first one names the place."""
ORDER = (*FINDERS, PersonalKind.NAME)


def find(text: str, kinds: Collection[PersonalKind], names: Recogniser | None = None) -> tuple[Found, ...]:
    """What of these kinds is in a text, in order and without overlaps. Raises InvalidValue: names need a recogniser."""
    read = plain.plain_text(text)
    spans = [
        (*read.span(start, end), place)
        for place, kind in enumerate(ORDER)
        if kind in kinds and kind in FINDERS
        for start, end in FINDERS[kind](read.text)
    ]
    if PersonalKind.NAME in kinds:
        if names is None:
            raise DoesNotFit(
                "Names cannot be masked, because no name_recogniser is set; set one in the configuration or as "
                "ARENA_NAME_RECOGNISER, or leave out the kind name."
            )
        spans += [(start, end, len(FINDERS)) for start, end in names(text) if 0 <= start < end <= len(text)]
    return tuple(_parted(spans))


def _parted(spans: list[tuple[int, int, int]]) -> Iterator[Found]:
    """Spans as finds: those that overlap become one, so that nothing of either stays; the surest kind names it."""
    spans.sort()
    merged: list[list[int]] = []
    for start, end, place in spans:
        if merged and start < merged[-1][1]:
            merged[-1][1] = max(end, merged[-1][1])
            merged[-1][2] = min(place, merged[-1][2])
        else:
            merged.append([start, end, place])
    return (Found(kind=ORDER[place], start=start, end=end) for start, end, place in merged)
