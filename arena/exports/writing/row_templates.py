"""Rows of battles that a format cannot tell apart: made once with words in place of the texts, then filled in.

A format says what it looks at in texts (`Format.looks_at`). Where that is nothing, and its rows carry no id, model or
time, two battles with one vote each on a first prompt differ in their rows by nothing but three texts. So the format
makes the rows of one of them, and those of the others are the same JSON with other texts in it. What a release opens of
their votes is the same too. Every other battle is converted by itself, and a battle of a group would be converted to
the same bytes (tests/exports/writing/test_row_templates.py).
"""

import re
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import Any, NamedTuple

import orjson

from arena.domain import parts, vote_tree
from arena.domain.battle import BattleRecord
from arena.exports.folder import files
from arena.exports.format import Context, Format, LeftOut, LooksAt, Unit
from arena.exports.proofs import openings
from arena.exports.proofs.openings import ToldFields
from arena.exports.rows import carried

CARRIED = carried.PAIR | {"strength"}
"""What rows may carry: the texts, and what `_group` tells apart."""
WORDS = ("what was asked", "what stood left", "what stood right")
"""They stand for the three texts."""
PLACES = re.compile(b'"(' + "|".join(WORDS).encode() + b')"')
SHARED = ("history", "winner", "strength")
"""Fields of a vote that are the same in all of a group; beside ids and texts, no others have to be told."""
MOST = 1000
"""Templates that are kept. Some dozens are what a workspace needs."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RowTemplate:
    """What a format makes of a group of battles, and what is opened of their votes."""

    rows: Sequence[tuple[bytes, Callable[[Sequence[bytes]], Any]]]
    """Each row as JSON with `%b` for each text, and what picks these texts, in their order."""
    told: ToldFields
    spelt: Mapping[str, bytes]
    """Fields of the votes that are the same in all of the group, as commitments spell them."""

    suffices: bool
    """Whether no other field of a vote is needed to open it, where it is known what is kept of its tree."""

    def lines(self, texts: Sequence[bytes]) -> list[bytes]:
        """The rows with these three texts, each as JSON."""
        return [row % picked(texts) for row, picked in self.rows]


class FilledRows(NamedTuple):
    """The rows of one battle."""

    lines: list[bytes]
    told: ToldFields


def serves(form: Format) -> bool:
    """Whether a format makes rows in groups."""
    return form.unit is Unit.BATTLE and form.looks_at == LooksAt() and form.carries <= CARRIED


class RowTemplates:
    """The templates of one release."""

    def __init__(self, form: Format, context: Context) -> None:
        self._form = form
        self._context = context
        self._serves = serves(form)
        self._made: dict[Hashable, RowTemplate | LeftOut | None] = {}

    def filled(self, record: BattleRecord) -> FilledRows | None:
        """The rows of a battle as it was voted on; None where the format has to convert it."""
        battle, left, right = record.battle, record.response_a, record.response_b
        if not self._serves or left is None or right is None or len(record.votes) != 1:
            return None
        if battle.history or left.media or right.media or not parts.plain(battle.content):
            return None
        if record.origin is not None or record.void is not None or record.votes[0].edit is not None:
            return None
        prompt, text_a, text_b = parts.words(battle.content), left.text, right.text
        shown_a, shown_b = text_a.strip(), text_b.strip()
        if not shown_a or not shown_b or shown_a == shown_b or not prompt.strip():
            return None
        template = self.of_group(record)
        if not isinstance(template, RowTemplate):
            return None
        try:
            return FilledRows(template.lines(files.json_texts((prompt, text_a, text_b))), template.told)
        except orjson.JSONEncodeError:
            return None

    def of_group(self, record: BattleRecord) -> RowTemplate | LeftOut | None:
        """What the format makes of the group of a battle that has one, or why nothing; None where the rows hold the
        texts in another way than as they are."""
        vote, battle = record.votes[0], record.battle
        group = vote.winner, vote.strength, battle.turn, battle.campaign, battle.language, battle.category
        if group not in self._made:
            if len(self._made) == MOST:
                self._made.clear()
            self._made[group] = self._template(record)
        return self._made[group]

    def _template(self, record: BattleRecord) -> RowTemplate | LeftOut | None:
        prompt, *answers = WORDS
        left, right = (
            response and replace(response, text=text)
            for response, text in zip((record.response_a, record.response_b), answers, strict=True)
        )
        shown = replace(
            record,
            battle=replace(record.battle, content=parts.of_text(prompt)),
            response_a=left,
            response_b=right,
        )
        (outcome,) = self._form.convert(shown, self._context)
        if isinstance(outcome, LeftOut):
            return outcome
        rows = []
        for row in outcome.rows:
            between = PLACES.split(files.json_line(row))
            constant, words = between[::2], [word.decode() for word in between[1::2]]
            if not words or any(word.encode() in piece for word in WORDS for piece in constant):
                return None
            rows.append(
                (
                    b"%b".join(piece.replace(b"%", b"%%") for piece in constant),
                    itemgetter(*map(WORDS.index, words)),
                )
            )
        ((_, told),) = openings.told_by_rows(self._form.carries, shown, shown.votes, outcome.rows)
        spelt = {name: vote_tree.told(name, shown.votes[0], shown) for name in SHARED}
        suffices = vote_tree.closed(told.opened) <= spelt.keys()
        return RowTemplate(rows=rows, told=told, spelt=spelt, suffices=suffices)
