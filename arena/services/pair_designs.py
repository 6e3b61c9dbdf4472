"""What the pairing policies know, brought up to date in the background: votes of each pair, and what pairs would tell.
Campaigns that are over are closed in the same rounds.

Nothing here is asked by a rater's vote or draw but the last state, which is the same for everybody.
"""

import asyncio
import logging
from collections import Counter
from typing import Self

import pyarrow

import leaderboards
from arena.domain.campaign import Campaign, CampaignState, PairingPolicy
from arena.domain.ids import ModelName
from arena.pairing.draw import KnownVotes, Pair
from arena.services.campaigns import Campaigns
from arena.services.open_workspace import OpenWorkspace
from arena.store import campaign_votes
from arena.store.campaign_votes import PairVotes

log = logging.getLogger(__name__)

EVERY_SECONDS = 20.0


class PairDesigns:
    """The state of the policies of one workspace's campaigns; an async context manager, which keeps them up to date."""

    def __init__(self, here: OpenWorkspace, campaigns: Campaigns) -> None:
        self._here = here
        self._campaigns = campaigns
        self._seen: dict[str, tuple[PairVotes, KnownVotes]] = {}
        self._keeping: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._keeping = asyncio.create_task(self._keep())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.gather(self._keeping, return_exceptions=True)

    def seen(self, campaign: Campaign) -> KnownVotes:
        """What the policy of a campaign knows; nothing at first, and then it draws alike."""
        kept = self._seen.get(campaign.name)
        return KnownVotes(floor=campaign.floor) if kept is None else kept[1]

    async def refresh(self) -> None:
        """Take over what was counted since."""
        for campaign in self._campaigns.every():
            if campaign.state is CampaignState.RUNNING and campaign.pairing is not PairingPolicy.UNIFORM:
                await asyncio.to_thread(self._refresh, campaign)

    async def _keep(self) -> None:
        while True:
            try:
                for campaign in self._campaigns.every():
                    await self._campaigns.close_due(campaign.name)
                await self.refresh()
            except Exception:  # the last state goes on; the next round tries again
                log.exception("campaigns could not be brought up to date")
            await asyncio.sleep(EVERY_SECONDS)

    def _refresh(self, campaign: Campaign) -> None:
        with self._here.store.reading() as connection:
            votes = campaign_votes.by_pair(connection, campaign.name)
        kept = self._seen.get(campaign.name)
        if kept is not None and kept[0] == votes and kept[1].floor == campaign.floor:
            return
        design = of_votes(votes) if campaign.pairing is PairingPolicy.INFORMATIVE else {}
        self._seen[campaign.name] = votes, KnownVotes(votes=totals(votes), floor=campaign.floor, design=design)


def totals(votes: PairVotes) -> dict[Pair, int]:
    """The votes of each pair, whatever their outcome."""
    found = Counter[Pair]()
    for (model_a, model_b, _), count in votes.items():
        found[frozenset((model_a, model_b))] += count
    return dict(found)


def board_of(votes: PairVotes) -> leaderboards.Board | None:
    """The board of these votes; None where they make none."""
    if not votes:
        return None
    columns = zip(*((*key, count) for key, count in votes.items()), strict=True)
    names = ("model_a", "model_b", "winner", "count")
    table = pyarrow.table(dict(zip(names, map(list, columns), strict=True)))
    try:
        return leaderboards.fit(table)
    except leaderboards.InputError:  # groups that share no vote, or nothing to fit
        return None


def of_votes(votes: PairVotes) -> dict[Pair, float]:
    """What one more vote on each pair would tell; empty before the votes make a board."""
    board = board_of(votes)
    if board is None:
        return {}
    design = leaderboards.pair_design.design(board)
    return {
        frozenset((ModelName(design.models[low]), ModelName(design.models[high]))): float(probability)
        for low, high, probability in zip(
            design.low.tolist(), design.high.tolist(), design.probability.tolist(), strict=True
        )
    }
