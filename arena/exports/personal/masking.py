"""Mask personal data in texts and records.

What a text becomes depends on the text and the kinds alone. So a message reads the same wherever it stands, as the
prompt of one battle and in the history of the next, and a text that was masked stays as it is.
"""

import bisect
import dataclasses
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence

from arena.domain import parts
from arena.domain.battle import BattleRecord, Response
from arena.domain.personal import PersonalKind
from arena.exports.personal import finding
from arena.exports.personal.kinds import PLACEHOLDERS
from arena.exports.personal.names import Recogniser

MASKED = re.compile("|".join(re.escape(placeholder) for placeholder in PLACEHOLDERS.values()))


def mask(
    text: str, kinds: Collection[PersonalKind], names: Recogniser | None = None
) -> tuple[str, Counter[PersonalKind]]:
    """A text with a placeholder for each find, and how many of each kind there were."""
    counts: Counter[PersonalKind] = Counter()
    while pieces := list(_pieces(text, kinds, names, counts)):
        text = "".join(pieces)  # and look again: what stood beside a find may be one without it
    return text, counts


def masked_record(
    record: BattleRecord, kinds: Collection[PersonalKind], names: Recogniser | None = None
) -> tuple[BattleRecord, Counter[PersonalKind]]:
    """A record with every text of it masked, and how many finds of each kind there were.

    What an import calls its campaigns, languages and categories is text too.
    """
    counts: Counter[PersonalKind] = Counter()

    def masked(text: str) -> str:
        result, found = mask(text, kinds, names)
        counts.update(found)
        return result

    def answer(response: Response | None) -> Response | None:
        return None if response is None else dataclasses.replace(response, text=masked(response.text))

    def label(text: str | None) -> str | None:
        return None if text is None else masked(text)

    battle = dataclasses.replace(
        record.battle,
        language=label(record.battle.language),
        category=label(record.battle.category),
        content=parts.mapped(record.battle.content, masked),
        campaign=masked(record.battle.campaign),
        history=tuple(
            dataclasses.replace(message, content=parts.mapped(message.content, masked))
            for message in record.battle.history
        ),
    )
    origin = record.origin
    if origin is not None:
        origin = dataclasses.replace(origin, language=label(origin.language), category=label(origin.category))
    votes = tuple(
        dataclasses.replace(
            vote,
            reason=None if vote.reason is None else masked(vote.reason),
            edit=None if vote.edit is None else masked(vote.edit),
        )
        for vote in record.votes
    )
    result = dataclasses.replace(
        record,
        battle=battle,
        response_a=answer(record.response_a),
        response_b=answer(record.response_b),
        votes=votes,
        origin=origin,
    )
    return result, counts


def report(
    records: Iterable[BattleRecord], kinds: Collection[PersonalKind], names: Recogniser | None = None
) -> Counter[PersonalKind]:
    """How many finds of each kind masking would replace in these records."""
    counts: Counter[PersonalKind] = Counter()
    for record in records:
        counts.update(masked_record(record, kinds, names)[1])
    return counts


def _pieces(
    text: str, kinds: Collection[PersonalKind], names: Recogniser | None, counts: Counter[PersonalKind]
) -> Iterator[str]:
    """The text in pieces with every find replaced; nothing when there is none.

    A placeholder is replaced as a whole or not at all, and none is a find by itself. So with every round less of the
    text stands outside of placeholders, and the rounds end, whatever a recogniser takes for a name.
    """
    places = [match.span() for match in MASKED.finditer(text)]
    starts = [start for start, _ in places]
    reached = 0
    for one in finding.find(text, kinds, names):
        start, end = max(reached, _around(places, starts, one.start)[0]), _around(places, starts, one.end - 1)[1]
        if MASKED.sub("", text[start:end]).strip():
            counts[one.kind] += 1
            yield text[reached:start]
            yield PLACEHOLDERS[one.kind]
            reached = end
    if reached:
        yield text[reached:]


def _around(places: Sequence[tuple[int, int]], starts: Sequence[int], position: int) -> tuple[int, int]:
    """The placeholder that a character is a part of, or else the character alone."""
    before = bisect.bisect_right(starts, position) - 1
    if before >= 0 and position < places[before][1]:
        return places[before]
    return position, position + 1
