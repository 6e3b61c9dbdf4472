"""The rows of plain battles with the votes behind them, many battles at a time.

Texts are spelt as JSON for all of them at once, and a vote is opened without a record of its battle wherever all that
is closed is the same in its group.
"""

import functools
from collections.abc import Sequence

from arena.domain.battle import BattleRecord
from arena.domain.plain_battles import PlainBattle, PlainBattles
from arena.exports.folder import files
from arena.exports.folder.opening import Opening
from arena.exports.folder.row_order import UnitRows, VoteBehind
from arena.exports.proofs import openings
from arena.exports.writing.row_templates import RowTemplate

TEXTS = ("prompt", "text_a", "text_b")
"""The three texts of a battle, in the order in which templates take them."""
BEHIND = ("vote_id", "battle_id", "rater_id", "sequence", "commitment")
"""What is noted of a vote, in the order of `VoteBehind`."""


def filled(battles: PlainBattles, templates: Sequence[RowTemplate], *, opened: bool) -> list[UnitRows]:
    """The units of these battles, given the template of each. `opened`: with what opens their votes."""
    texts = zip(*(files.json_texts(battles.column(name)) for name in TEXTS), strict=True)
    lines = [template.lines(spelt) for template, spelt in zip(templates, texts, strict=True)]
    told = _openings(battles, templates) if opened else [None] * len(battles)
    behind = map(VoteBehind, *map(battles.column, BEHIND), told)
    return [UnitRows(rows, (vote,)) for rows, vote in zip(lines, behind, strict=True)]


def _openings(battles: PlainBattles, templates: Sequence[RowTemplate]) -> list[Opening]:
    """What is opened of each vote."""
    kept = zip(templates, battles.column("salt"), battles.column("kept"), strict=True)
    if all(template.suffices for template in set(templates)):
        return [
            openings.of_told(template.told, template.spelt.__getitem__, salt, known) for template, salt, known in kept
        ]
    return [
        openings.of_told(
            template.told, functools.partial(_told, template, battle, battles.firsts[battle.group]), salt, known
        )
        for battle, (template, salt, known) in zip(battles, kept, strict=True)
    ]


def _told(template: RowTemplate, battle: PlainBattle, first: BattleRecord, name: str) -> bytes:
    """A field of a vote as its commitment spells it; `first` stands for its group."""
    return template.spelt.get(name) or battle.spelt(name, first)
