"""The items of one version of a campaign, kept in memory: only those that were opened and want votes are looked at.

A campaign of thousands of prompts would else be planned and counted anew for each task.
"""

import itertools
import threading
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from arena.domain import language_codes
from arena.domain.battle import Answers
from arena.domain.campaign import Campaign
from arena.domain.ids import BattleId, ModelName, RaterId
from arena.pairing import items as planning
from arena.pairing.draw import Pair
from arena.pairing.items import PlannedItem
from arena.store import items, models
from arena.store.workspace import Workspace
from arena.store.writing.kept_items import KeptItem
from arena.store.writing.kept_turns import KeptTurns


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemsFound:
    """The items of a campaign as one rater finds them."""

    begun: Sequence[tuple[int, KeptItem]]
    """Those that were opened and have a place for them, each behind how many places are taken."""
    fresh: Sequence[PlannedItem]
    """Those that nobody has yet."""
    mine: int
    """That they voted on, skipped or reported, or have open."""
    probability: float | None
    """Of drawing the pair of one of them; None where none is left."""

    @property
    def left(self) -> int:
        """How many have a place for them."""
        return len(self.begun) + len(self.fresh)


class WaitingItems:
    """Which items of a set wait for a person because of reports, looked up when there are new ones."""

    def __init__(self, store: Workspace, campaign: str, set_name: str, *, gold: bool) -> None:
        self._store = store
        self._asked = (campaign, set_name, gold)
        self._marks: tuple[object, ...] = ()
        self._found: frozenset[BattleId] = frozenset()

    def now(self) -> frozenset[BattleId]:
        """Those that wait now."""
        marks = (self._store.marks.of("reports"), self._store.marks.of("removals"))
        if marks != self._marks:
            with self._store.reading() as connection:
                self._found = items.held_back(connection, *self._asked)
            self._marks = marks
        return self._found


class CampaignItems:
    """What is planned and what was opened. Any thread may ask."""

    def __init__(
        self,
        store: Workspace,
        campaign: Campaign,
        key: bytes,
        takes_part: Callable[[Campaign], Sequence[ModelName]] | None = None,
    ) -> None:
        """`takes_part` says which models answer live now; those that are registered, without it."""
        self._store = store
        self._campaign = campaign
        self._key = key
        self._takes_part = takes_part or self._registered
        self._lock = threading.Lock()
        self._as_of: tuple[object, ...] = ()
        """Marks of the set, and of raters who left: while these are the same, items are only added."""
        self._seen = 0
        self._answered: Mapping[str, Sequence[ModelName]] = {}
        self._languages: dict[str, str] = {}
        self._opened: dict[str, dict[Pair, KeptItem]] = {}
        self._planned: dict[str, dict[Pair, PlannedItem]] = {}
        """What a prompt has, opened or not."""
        self._fresh: dict[str, dict[tuple[str, Pair], PlannedItem]] = {}
        """Those that nobody has yet, by language, then by prompt and the models whose answers are compared."""
        self._wanting: dict[BattleId, KeptItem] = {}
        """Opened, and without all its votes when it was looked at last."""
        self._waiting = WaitingItems(store, campaign.name, self._set_name, gold=False)

    def count(self) -> int:
        """How many items the campaign has."""
        with self._lock:
            self._bring_up()
            return sum(map(len, self._planned.values()))

    def votes(self) -> int:
        """How many votes its items are to have, as disputed as they are now."""
        campaign = self._campaign
        return self.count() * campaign.overlap + self._store.turns.disputed(campaign.name) * campaign.further_votes

    def found(self, rater_ids: Sequence[RaterId], now: datetime, reads: Collection[str] | None) -> ItemsFound:
        """The items as somebody with these ids finds them, who reads these languages; None: any."""
        campaign = self._campaign
        with self._lock:
            turns = self._bring_up()
            asked = {"overlap": campaign.overlap, "further": campaign.further_votes}
            for one in turns.complete(self._wanting.values(), **asked):
                del self._wanting[one.battle_id]
            waiting = self._waiting.now()
            fresh = list(self._unopened(reads))
            begun = [
                (taken, one)
                for taken, one in turns.with_places(self._wanting.values(), rater_ids, now, **asked)
                if one.battle_id not in waiting
                and one.models in self._planned.get(one.prompt_id, ())
                and (reads is None or self._language(one.prompt_id) in reads)
            ]
            mine = turns.had(rater_ids, campaign.name, self._set_name, now)
            first = fresh[0] if fresh else self._planned[begun[0][1].prompt_id][begun[0][1].models] if begun else None
        probability = None if first is None else first.probability
        return ItemsFound(begun=begun, fresh=fresh, mine=mine, probability=probability)

    def unopened(self, reads: Collection[str] | None) -> list[PlannedItem]:
        """The items that nobody has yet, in the languages that are read."""
        with self._lock:
            self._bring_up()
            return list(self._unopened(reads))

    def meeting(self, prompt_id: str) -> list[Pair]:
        """The pairs of those who answered a prompt that are no items yet."""
        with self._lock:
            there = self._opened.get(prompt_id, {})
            pairs = planning.meeting(self._answered[prompt_id], self._campaign.models)
        return [pair for pair in pairs if pair not in there]

    def _bring_up(self) -> KeptTurns:
        store, name = self._store, self._set_name
        turns = store.turns
        live = tuple(self._takes_part(self._campaign)) if self._campaign.answers is Answers.LIVE else None
        as_of = (turns, store.marks.of(f"set {name}"), store.marks.of("removals"), live)
        if as_of != self._as_of:
            self._begin(live)
            self._as_of = as_of
        new = turns.items_of(self._campaign.name, name, after=self._seen)
        self._seen += len(new)
        for one in new:
            self._opened.setdefault(one.prompt_id, {})[one.models] = one
            self._wanting[one.battle_id] = one
        for prompt_id in {one.prompt_id for one in new} & self._answered.keys():
            self._plan(prompt_id)
        return turns

    def _begin(self, live: tuple[ModelName, ...] | None) -> None:
        """Plan anew; `live` are the models that answer each prompt when it is asked."""
        campaign, self._seen = self._campaign, 0
        self._opened, self._wanting, self._planned, self._fresh = {}, {}, {}, {}
        with self._store.reading() as connection:
            gold = campaign.gold_set != self._set_name
            if live is None:
                self._answered = items.answering(connection, self._set_name, gold=gold)
            else:
                self._answered = dict.fromkeys(items.prompts(connection, self._set_name, gold=gold), live)
            told = items.languages(connection, self._set_name) if campaign.languages else {}
        self._languages = {prompt_id: language_codes.read(language) for prompt_id, language in told.items()}
        for prompt_id in self._answered:
            self._plan(prompt_id)

    def _plan(self, prompt_id: str) -> None:
        """Plan the items of one prompt, those that were opened first."""
        campaign, there = self._campaign, self._opened.get(prompt_id, {})
        planned = planning.planned(
            {prompt_id: self._answered[prompt_id]},
            models=campaign.models,
            pairs=campaign.pairs,
            focus=campaign.focus,
            each=campaign.pairs_per_prompt,
            key=self._key,
            opened={prompt_id: there.keys()},
        )
        fresh = self._fresh.setdefault(self._language(prompt_id), {})
        for pair in self._planned.get(prompt_id, ()):
            fresh.pop((prompt_id, pair), None)
        self._planned[prompt_id] = {one.pair: one for one in planned}
        fresh |= {(prompt_id, one.pair): one for one in planned if one.pair not in there}

    def _registered(self, campaign: Campaign) -> Sequence[ModelName]:
        with self._store.reading() as connection:
            there = [one.name for one in models.registered(connection) if not one.imported]
        return [name for name in there if not campaign.models or name in campaign.models]

    def _unopened(self, reads: Collection[str] | None) -> Iterable[PlannedItem]:
        """The items that nobody has yet, in the languages that are read."""
        each = [one.values() for language, one in self._fresh.items() if reads is None or language in reads]
        return itertools.chain.from_iterable(each)

    def _language(self, prompt_id: str) -> str:
        return self._languages.get(prompt_id, language_codes.UNDETERMINED)

    @property
    def _set_name(self) -> str:
        return self._campaign.prompt_set or ""
