"""Looking at a selection before it is exported: how much each filter takes out, and a few examples."""

import asyncio
import difflib
import functools
import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from arena import exports, settings
from arena.domain.battle import BattleRecord
from arena.domain.ids import BattleId, RaterId
from arena.domain.model import Model
from arena.domain.permission import Permission
from arena.domain.principal import Principal
from arena.domain.rater_agreement import RaterAgreement
from arena.domain.selection import Selection
from arena.errors import InvalidValue, SettingsError, UnknownName
from arena.exports.filters import counting, examples, languages
from arena.exports.filters.conversation_clusters import ConversationClusters
from arena.exports.filters.counting import Counted
from arena.exports.filters.examples import Example
from arena.exports.filters.filters import FilterInputs
from arena.exports.format import Format
from arena.exports.personal import Recogniser
from arena.services import battle_groups, held_out, one_campaign
from arena.services.battle_groups import Texts
from arena.services.held_out import Promised
from arena.services.permitting import demand
from arena.store import clusters, consent_choices, ledger, models, releases, selection
from arena.store.connections import Connection
from arena.store.workspace import Workspace

Made = TypeVar("Made")

NEAR = 3
"""How many similar names are offered for an unknown model."""
LISTED = 12
"""How many names of models are listed where none is similar."""
KEPT = 64
"""How many results are kept: people often change a filter back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectionCounts:
    """A selection in figures. Votes recorded - votes withdrawn = votes that count, on the leaderboard and here."""

    selection: Selection
    withdrawn: int
    """Votes that are kept and neither counted nor released."""
    counted: Counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A selection under a name."""

    name: str
    selection: Selection | None
    problem: str | None
    """Why the file is no selection; None where it is one."""


class Selecting:
    """Selections of one workspace. They are counted one at a time, in a thread."""

    def __init__(self, workspace: Workspace, folder: Path, names: Recogniser | None = None) -> None:
        self._workspace = workspace
        self._folder = folder
        self._names = names
        self._one_at_a_time = asyncio.Lock()
        self._one_finds_languages = asyncio.Lock()
        self._kept: OrderedDict[str, SelectionCounts] = OrderedDict()
        self._texts = Texts()

    async def stored(self, principal: Principal) -> list[Stored]:
        """The selections that are stored under a name, by name."""
        demand(principal, Permission.EXPORT)
        return await asyncio.to_thread(stored, self._folder)

    async def counts(
        self,
        principal: Principal,
        select: Mapping[str, Any],
        format_name: str | None = None,
        *,
        by_language: bool = True,
    ) -> SelectionCounts:
        """How much every filter of a selection takes out, what is left, and how many votes each value has.

        Votes are counted by language where the selection names one, where `by_language` asks for it, and where the
        languages are known already: detecting them in many prompts takes a while, and others do not wait for it.
        """
        demand(principal, Permission.EXPORT)
        chosen = Selection.from_mapping(select)
        form = None if format_name is None else exports.named(format_name)
        if by_language or chosen.languages:
            async with self._one_finds_languages:
                await self._in_a_thread(self._find_languages)
        async with self._one_at_a_time:
            return await self._in_a_thread(functools.partial(self._count, chosen, form))

    async def promised(self, principal: Principal) -> Promised:
        """What every selection has to hold out, because an earlier release promised it."""
        demand(principal, Permission.EXPORT)
        return await asyncio.to_thread(self._promised)

    async def preview(
        self, principal: Principal, select: Mapping[str, Any], format_name: str, seed: int = 0
    ) -> list[Example]:
        """Four examples of what a release would hold; another seed draws others."""
        demand(principal, Permission.EXPORT)
        chosen = Selection.from_mapping(one_campaign.within(principal, select))
        form = exports.named(format_name)
        async with self._one_at_a_time:
            return await self._in_a_thread(functools.partial(self._draw, chosen, form, seed))

    async def _in_a_thread(self, work: Callable[[threading.Event], Made]) -> Made:
        """Do work in a thread, and end it early when nobody waits for it: the client has left, or the arena stops."""
        unwanted = threading.Event()
        try:
            return await asyncio.to_thread(work, unwanted)
        finally:
            unwanted.set()

    def _count(self, chosen: Selection, form: Format | None, unwanted: threading.Event) -> SelectionCounts:
        with self._workspace.scanning() as connection:
            held_out.refuse_to_break(chosen, releases.promises(connection))
            head = ledger.head(connection)
            position = None if head is None else head.hash
            self._texts.refresh(connection)
            by_language = self._texts.knows_languages(connection)
            key = json.dumps([position, chosen.to_mapping(), None if form is None else form.name, by_language])
            found = self._kept.pop(key, None)
            if found is None:
                known = asked_of(connection, chosen, self._texts.language)
                battles = battle_groups.counted(
                    connection, chosen, form, self._texts, known.private, unwanted, by_language=by_language
                )
                without = () if by_language else ("languages",)
                found = SelectionCounts(
                    selection=chosen,
                    withdrawn=selection.withdrawn_votes(connection),
                    counted=counting.count(battles, chosen, known, form, without=without, names=self._names),
                )
        self._kept[key] = found
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return found

    def _find_languages(self, unwanted: threading.Event) -> None:
        with self._workspace.scanning() as connection:
            self._texts.refresh(connection)
            self._texts.languages(connection, unwanted)

    def _promised(self) -> Promised:
        with self._workspace.reading() as connection:
            return held_out.promised(releases.promises(connection))

    def _draw(self, chosen: Selection, form: Format, seed: int, unwanted: threading.Event) -> list[Example]:
        with self._workspace.scanning() as connection:
            held_out.refuse_to_break(chosen, releases.promises(connection))
            known = asked_of(connection, chosen, self._texts.language)
            return examples.draw(
                battle_groups.wanted(battle_groups.drawn(connection, chosen, seed), unwanted),
                chosen,
                known,
                form,
                seed=seed,
                by_rank=not battle_groups.compares(chosen),
                names=self._names,
            )


def stored(folder: Path) -> list[Stored]:
    """Every stored selection, or what is wrong with its file."""
    found = []
    for name in settings.selections(folder):
        try:
            read = Selection.from_mapping(settings.selection(name, folder))
        except (InvalidValue, SettingsError) as error:
            found.append(Stored(name=name, selection=None, problem=str(error)))
        else:
            found.append(Stored(name=name, selection=read, problem=None))
    return found


def asked_of(
    connection: Connection, chosen: Selection, language: Callable[[BattleRecord], str] = languages.language_of
) -> FilterInputs:
    """What the filters of a selection need besides the records, read from a workspace as it is now."""
    return knowledge(
        chosen,
        models.registered(connection),
        functools.partial(selection.agreements, connection),
        consent_choices.private(connection),
        language,
        functools.partial(clusters.founders, connection),
    )


def knowledge(
    chosen: Selection,
    registered: Iterable[Model],
    agreements: Callable[[], Mapping[RaterId, RaterAgreement]],
    private: Collection[RaterId],
    language: Callable[[BattleRecord], str] = languages.language_of,
    founders: Callable[[], Mapping[BattleId, BattleId]] = dict,
) -> FilterInputs:
    """What the filters of a selection need besides the records. Agreements are read only for filters on raters.
    `private` are the raters who do not agree to publication; `founders` reads the clusters decided before.

    Raises `InvalidValue` for a model that this workspace does not know.
    """
    served = {model.name: model.served_name for model in registered}
    for name in chosen.models:
        _demand_known(name, list(served))
    raters = chosen.minimum_rater_votes > 1 or chosen.minimum_rater_agreement > 0
    return FilterInputs(
        agreements=agreements() if raters else {},
        private=private,
        served=served,
        language=language,
        clusters=ConversationClusters(founders()) if chosen.split_by_cluster else None,
    )


def _demand_known(name: str, known: Sequence[str]) -> None:
    """A misspelt model would select nothing, or less than was meant."""
    if name not in known:
        near = difflib.get_close_matches(name, known, NEAR)
        others = f"did you mean {' or '.join(near)}?" if near else f"known: {', '.join(known[:LISTED]) or 'none'}."
        raise UnknownName(f"models names {name!r}, which this workspace does not know; {others}")
