"""Gold and repeats among a rater's tasks: which one may be given instead of an ordinary item.

What there is to give is looked at for every task, whatever is drawn, and an item that was opened before is not opened
again: so how long an answer takes says nothing of what it is.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

from arena.domain import ids, language_codes
from arena.domain import purpose as purposes
from arena.domain.assignment import Assignment
from arena.domain.battle import Side
from arena.domain.campaign import Campaign
from arena.domain.ids import BattleId
from arena.domain.principal import Principal
from arena.domain.purpose import Purpose
from arena.pairing import record_tasks
from arena.services import admission, gold_opening
from arena.services.campaign_items import WaitingItems
from arena.services.open_workspace import OpenWorkspace
from arena.store import agreed_items, items, qualifications, reports
from arena.store.connections import Analytical
from arena.store.qualifications import GoldItem
from arena.store.writing.commands import Candidate
from arena.store.writing.kept_items import KeptItem


class RecordCandidates:
    """The gold and the repeats of one version of a campaign. Any thread may ask."""

    def __init__(self, here: OpenWorkspace, campaign: Campaign) -> None:
        self._here = here
        self._campaign = campaign
        self._gold_set = campaign.gold_set or ""
        self._waiting = WaitingItems(here.store, campaign.name, self._gold_set, gold=True)
        self._of_set: tuple[object, list[GoldItem], dict[str, str]] = (None, [], {})
        """The mark of the gold set, with its items and their languages as of then."""
        self._reported: tuple[object, frozenset[BattleId]] = (None, frozenset())
        """The mark of reports, with what was reported as of then."""

    def drawn(
        self, connection: Analytical, principal: Principal, now: datetime, probability: float | None
    ) -> list[Candidate]:
        """A turn at gold or a repeat, where one is drawn and there is one; else none. `probability` is that of drawing
        the pair of an ordinary item."""
        campaign, chance = self._campaign, self._here.chance
        if not campaign.gold and not campaign.repeats:
            return []
        gold = self._gold(connection, principal, now) if campaign.gold else []
        again = self._again(principal) if campaign.repeats else []
        wanted = record_tasks.draw(chance, gold=campaign.gold, repeats=campaign.repeats)
        if wanted is Purpose.GOLD and gold:
            item, opened = chance.choice(gold)
            shown_first = chance.choice(list(Side))
            if opened is not None:
                return [self._candidate(principal, opened.battle_id, now, Purpose.GOLD, shown_first)]
            opening = gold_opening.battle_of(
                connection,
                campaign,
                self._gold_set,
                item,
                probability=probability,
                now=now,
                opens_first=chance.choice(list(Side)),
            )
            given = self._candidate(principal, opening.battle.battle_id, now, Purpose.GOLD, shown_first)
            return [replace(given, opening=opening, set_name=self._gold_set, prompt_id=item.prompt_id)]
        if wanted is Purpose.REPEAT and again:
            repeated, shown_first = chance.choice(again)
            return [self._candidate(principal, repeated.battle_id, now, Purpose.REPEAT, shown_first.other)]
        return []

    def _gold(
        self, connection: Analytical, principal: Principal, now: datetime
    ) -> list[tuple[GoldItem, KeptItem | None]]:
        """The gold that this rater has not had, each as it was opened, where it was."""
        campaign, turns = self._campaign, self._here.store.turns
        there, languages = self._items()
        every = turns.items_of(campaign.name, self._gold_set, gold=True)
        free = turns.not_theirs(every, principal.raters, now)
        waiting = self._waiting.now()
        to_give = {one.prompt_id: one for one in free if one.battle_id not in waiting}
        gone = {one.prompt_id for one in every} - to_give.keys()
        marked = [one.prompt_id for one in there if ids.ours(one.prompt_id)]  # each was an item before it was gold
        gone |= agreed_items.known_to(connection, principal.raters, marked)
        if campaign.languages:
            reads, told = admission.readable(principal.reads, campaign), language_codes.UNDETERMINED
            there = [one for one in there if languages.get(one.prompt_id, told) in reads]
        return [(one, to_give.get(one.prompt_id)) for one in there if one.prompt_id not in gone]

    def _items(self) -> tuple[list[GoldItem], dict[str, str]]:
        """The gold of the set, in its order, and their languages."""
        mark = self._here.store.marks.of(f"set {self._gold_set}")
        if self._of_set[0] is not mark:
            with self._here.store.reading() as connection:
                there = qualifications.gold_items(connection, self._gold_set)
                told = items.languages(connection, self._gold_set) if self._campaign.languages else {}
            self._of_set = mark, there, {one: language_codes.read(language) for one, language in told.items()}
        return self._of_set[1], self._of_set[2]

    def _again(self, principal: Principal) -> list[tuple[KeptItem, Side]]:
        """The items that this rater voted on long enough ago, that nobody reported, and that they were not given again;
        with the side that they were shown first."""
        reported = self._reported_now()
        voted = self._here.store.turns.voted(principal.rater_id, self._campaign.name)
        there = [one for one in voted if one[0].battle_id not in reported]
        return [(item, first) for item, first, repeated in record_tasks.far_enough(there) if not repeated]

    def _reported_now(self) -> Collection[BattleId]:
        mark = self._here.store.marks.of("reports")
        if self._reported[0] is not mark:
            with self._here.store.reading() as connection:
                self._reported = mark, reports.battles(connection)
        return self._reported[1]

    def _candidate(
        self, principal: Principal, battle_id: BattleId, now: datetime, purpose: Purpose, shown_first: Side
    ) -> Candidate:
        assignment_id, nonce = purposes.mint(purpose, now, self._here.chance)
        return Candidate(
            assignment=Assignment(
                assignment_id=assignment_id,
                battle_id=battle_id,
                rater_id=principal.rater_id,
                since=now,
                deadline=now + timedelta(seconds=self._campaign.reservation),
                shown_first=shown_first,
                purpose=purpose,
                nonce=nonce,
            )
        )
