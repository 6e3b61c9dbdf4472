"""Looking at a selection before it is exported: how much of what it takes, and a few examples."""

import asyncio
import functools
import json
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from arena import exports
from arena.domain.battle import BattleRecord
from arena.domain.ids import BattleId, RaterId
from arena.domain.model import Model
from arena.domain.principal import Principal, Role
from arena.domain.selection import Selection
from arena.domain.standing import Standing
from arena.errors import InvalidValue
from arena.exports import counting, examples, languages
from arena.exports.counting import Counted
from arena.exports.examples import Example
from arena.exports.format import Format
from arena.exports.stages import Known
from arena.services.identity import demand
from arena.store import ledger, models, selection
from arena.store.workspace import Workspace

KEPT = 64
"""Counts that are kept: whoever changes a filter often changes it back."""
LANGUAGES_KEPT = 1_000_000
"""Languages of battles that are kept, 150 bytes each: a battle never changes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """A selection in figures. Votes recorded - votes withdrawn = votes that count, on the leaderboard and here."""

    selection: Selection
    withdrawn: int
    """Votes that are kept and neither counted nor released."""
    counted: Counted


class Selecting:
    """Selections of one workspace. One is worked on at a time, in a thread."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._one_at_a_time = asyncio.Lock()
        self._kept: OrderedDict[str, Counts] = OrderedDict()
        self._languages: dict[BattleId, str] = {}

    async def counts(self, principal: Principal, select: Mapping[str, Any], format_name: str | None = None) -> Counts:
        """What every filter of a selection takes, what is left, and how many votes each value has."""
        demand(principal, Role.TRAINER)
        chosen = Selection.from_mapping(select)
        form = None if format_name is None else named(format_name)
        async with self._one_at_a_time:
            return await asyncio.to_thread(self._count, chosen, form)

    async def preview(
        self, principal: Principal, select: Mapping[str, Any], format_name: str, seed: int = 0
    ) -> list[Example]:
        """Four examples of what a release would hold; another seed draws others."""
        demand(principal, Role.TRAINER)
        chosen, form = Selection.from_mapping(select), named(format_name)
        async with self._one_at_a_time:
            return await asyncio.to_thread(self._draw, chosen, form, seed)

    def _count(self, chosen: Selection, form: Format | None) -> Counts:
        with self._workspace.reading() as connection:
            head = ledger.head(connection)
            position = None if head is None else head.hash
            key = json.dumps([position, chosen.to_mapping(), None if form is None else form.name])
            found = self._kept.pop(key, None)
            if found is None:
                standings = functools.partial(selection.standings, connection)
                known = knowledge(chosen, models.all(connection), standings, self._language)
                found = Counts(
                    selection=chosen,
                    withdrawn=selection.withdrawn_votes(connection),
                    counted=counting.count(selection.voted(connection), chosen, known, form),
                )
        self._kept[key] = found
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return found

    def _draw(self, chosen: Selection, form: Format, seed: int) -> list[Example]:
        with self._workspace.reading() as connection:
            standings = functools.partial(selection.standings, connection)
            known = knowledge(chosen, models.all(connection), standings, self._language)
            return examples.draw(selection.voted(connection), chosen, known, form, seed)

    def _language(self, record: BattleRecord) -> str:
        found = self._languages.get(record.battle.battle_id)
        if found is None:
            found = languages.of(record)
            if len(self._languages) < LANGUAGES_KEPT:
                self._languages[record.battle.battle_id] = found
        return found


def knowledge(
    chosen: Selection,
    registered: Iterable[Model],
    standings: Callable[[], Mapping[RaterId, Standing]],
    language: Callable[[BattleRecord], str] = languages.of,
) -> Known:
    """What a selection asks beside the records; standings are read only where it asks something of raters."""
    raters = chosen.minimum_rater_votes > 1 or chosen.minimum_rater_agreement > 0
    return Known(
        standings=standings() if raters else {},
        served={model.name: model.served_name for model in registered},
        language=language,
    )


def named(format_name: str) -> Format:
    """A format by its name."""
    form = exports.FORMATS.get(format_name)
    if form is None:
        raise InvalidValue(f"format is {format_name!r}; accepted: {', '.join(sorted(exports.FORMATS))}.")
    return form
