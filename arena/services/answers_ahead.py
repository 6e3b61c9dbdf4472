"""Answers of live models to the items of a campaign, written ahead of its raters.

An item is given once both its answers are there. So how answers appear tells nobody whether a task is gold, a repeat or
new; and a battle that is void was nobody's task: its prompt waits as if it had never been asked. Battles are written
while raters ask for tasks, and a few ahead of them. What is ready and nobody's yet is forgotten when the arena stops.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import replace

from arena.domain.battle import Answers, Battle, BattleState, Side
from arena.domain.campaign import Campaign
from arena.domain.ids import BattleId
from arena.domain.prompt_set import StoredPrompt
from arena.errors import ArenaError, Overloaded
from arena.pairing import POLICIES, draw
from arena.pairing.draw import KnownVotes
from arena.services import item_opening
from arena.services.battling import Battling
from arena.services.campaign_items import CampaignItems
from arena.services.live import LiveBattle
from arena.services.open_workspace import OpenWorkspace

AHEAD = 8
"""Battles of a campaign that are written, or ready and nobody's."""
ID_BITS = 128
TRIES = 3
"""How often in a row a battle may be void before a rater is told that there is no task now."""
PATIENCE_SECONDS = 60.0
"""How long a rater waits for the answers to an item."""


class AwaitedError(Exception):
    """Items are left, and none has its answers yet."""


class AnswersAhead:
    """The battles of one version of a campaign that wait for their first rater. It belongs to the event loop; `ready`
    may be asked by any thread."""

    def __init__(
        self,
        here: OpenWorkspace,
        campaign: Campaign,
        items: CampaignItems,
        battling: Battling,
        seen: Callable[[Campaign], KnownVotes],
    ) -> None:
        self._here = here
        self._campaign = campaign
        self._items = items
        self._battling = battling
        self._seen = seen
        self._ready: dict[str, Battle] = {}
        self._writing: dict[str, asyncio.Task[bool]] = {}
        self._filling = asyncio.Lock()
        self._failed: Counter[str] = Counter()
        """By prompt, how many of its battles were void."""

    def ready(self, prompt_ids: Collection[str]) -> list[tuple[str, Battle]]:
        """The battles on these prompts that have both answers, by prompt."""
        return [(prompt_id, battle) for prompt_id, battle in list(self._ready.items()) if prompt_id in prompt_ids]

    def taken(self, battle_id: BattleId) -> None:
        """A battle has a rater, and is an item from now on."""
        for prompt_id, battle in list(self._ready.items()):
            if battle.battle_id == battle_id:
                del self._ready[prompt_id]

    async def come(self, reads: Collection[str] | None, seconds: float) -> None:
        """Have battles written for a reader of these languages, and wait until one is ready, several were void, or the
        time is over. Raises an `ArenaError` where none can be written."""
        until = time.monotonic() + seconds
        for _ in range(TRIES):
            await self.fill(reads)
            if not self._writing:
                return
            waiting = [asyncio.shield(task) for task in self._writing.values()]
            left = max(0.0, until - time.monotonic())
            done, _ = await asyncio.wait(waiting, timeout=left, return_when=asyncio.FIRST_COMPLETED)
            if not done or any(task.result() for task in done):
                return

    async def fill(self, reads: Collection[str] | None) -> None:
        """Begin to write battles for a reader of these languages, up to the number that may wait. Raises an
        `ArenaError` where none can be begun, and nothing is ready or under way."""
        async with self._filling:
            there = self._ready.keys() | self._writing.keys()
            if len(there) >= AHEAD:
                return
            fresh = {one.prompt_id for one in await asyncio.to_thread(self._items.unopened, reads)} - there
            ordered = sorted(fresh, key=lambda prompt_id: (self._failed[prompt_id], self._here.chance.random()))
            for prompt_id in ordered[: AHEAD - len(there)]:
                try:
                    battle = await self._drawn(prompt_id)
                    live = await self._battling.writing.write_item(battle)
                except ArenaError:
                    if not (self._ready or self._writing):
                        raise
                    return
                self._writing[prompt_id] = asyncio.create_task(self._written(prompt_id, battle, live))

    async def _written(self, prompt_id: str, battle: Battle, live: LiveBattle) -> bool:
        """Whether a battle came to be ready."""
        async for _ in live.deltas():
            pass  # what nobody reads would be given up
        await live.over()
        is_ready = live.ended is BattleState.READY
        del self._writing[prompt_id]
        if is_ready:
            self._ready[prompt_id] = battle
        else:
            self._failed[prompt_id] += 1
        return is_ready

    async def _drawn(self, prompt_id: str) -> Battle:
        """A battle on a prompt, between two models that can take it now and have not met on it."""
        campaign, chance = self._campaign, self._here.chance
        prompt = await asyncio.to_thread(self._prompt, prompt_id)
        there = set(self._battling.drawable(campaign, prompt.messages))
        meeting = [pair for pair in await asyncio.to_thread(self._items.meeting, prompt_id) if pair <= there]
        shares = POLICIES[campaign.pairing](meeting, self._seen(campaign)) if meeting else {}
        chances = draw.chances(shares, campaign.pairs, campaign.focus)
        if not chances:
            raise Overloaded("No two models that may meet here can be asked now. Try again in a minute.")
        one = draw.drawn(chances, chance)
        battle = item_opening.asked(
            campaign,
            campaign.prompt_set or "",
            prompt,
            ("live", campaign.name, f"{chance.getrandbits(ID_BITS):032x}"),
            models=(one.model_a, one.model_b),
            probability=one.probability,
            now=self._here.now(),
            opens_first=chance.choice(list(Side)),
        )
        return replace(battle, answers=Answers.LIVE)

    def _prompt(self, prompt_id: str) -> StoredPrompt:
        with self._here.store.reading() as connection:
            return item_opening.prompt(connection, self._campaign.prompt_set or "", prompt_id)
