"""How far a campaign is, and what it will take: votes, days, GPU hours, credits, each with what it rests on."""

import asyncio
import itertools
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy

import leaderboards
from arena.domain import wording
from arena.domain.battle import Answers
from arena.domain.campaign import Campaign, CampaignKind
from arena.domain.ids import ModelName
from arena.domain.vote import Winner
from arena.pairing.draw import Pair
from arena.quality import agreement
from arena.services import pair_designs
from arena.services.open_workspace import OpenWorkspace
from arena.store import campaign_facts, campaign_votes
from arena.store.campaign_facts import Agreeing, CampaignFacts, CampaignRater, Disputed

LISTED = 20
"""Disputed items that are told one by one."""
PACE_DAYS = 30
"""Days over which the pace of a workspace is measured."""
LAST_DAYS = 7
"""Days over which the pace of a campaign is measured."""
TOP = 5
"""Models of the top whose order is looked at."""
NORMAL = 1.96
"""Of the 95 % at which two neighbours count as told apart."""
SECONDS_AN_HOUR = 3_600


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What a campaign will take from its beginning to its end."""

    votes: int | None
    """None: it is open and wants no number of them."""
    tasks: int | None
    """Votes with gold and repeats."""
    days: float | None
    gpu_hours: float | None
    credits: float | None
    assumptions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Apart:
    """Two neighbours of the board, and how many more votes between them would tell them apart."""

    first: str
    second: str
    difference: float
    """Of their ratings."""
    votes: int
    """Between the two so far."""
    needed: int | None
    """More; 0 where they are told apart, None where their ratings are equal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alpha:
    """Krippendorff's alpha of the four outcomes, and what it rests on."""

    alpha: float | None
    """1: all agree. 0: as by chance. Below 0: less than by chance."""
    items: int
    """With two votes at least."""
    raters: int
    """Who cast these votes."""
    why: str | None
    """Why there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignFigures:
    """How far a campaign is."""

    items: int | None
    """None of a campaign of raters' own prompts."""
    done: int | None
    facts: CampaignFacts
    plan: int | None
    """Votes it is to have."""
    votes_a_day: float
    """Of the last seven days."""
    days_left: float | None
    """At that pace; None where nothing comes, or no number is wanted."""
    days_behind: float | None
    """Beyond `ends`, at that pace; below 0 where it will be early."""
    agreeing: Agreeing
    alpha: Alpha
    disputed: int
    disputed_done: int | None
    """Of those, the ones with all their votes; None where raters ask their own prompts."""
    examples: tuple[Disputed, ...]
    top: tuple[Apart, ...]
    pairs: Mapping[Pair, int]
    """Votes of each pair that boards count."""
    by_votes: Mapping[int, int]
    """How many items have so many votes; empty where raters ask their own prompts."""
    by_day: tuple[tuple[date, int], ...]
    """Votes of each day, UTC, that has some."""
    by_rater: tuple[CampaignRater, ...]
    """Those with most votes, under the names that answers show."""
    estimate: Estimate


class CampaignProgress:
    """Reads how far the campaigns of one workspace are."""

    def __init__(self, here: OpenWorkspace, size: Callable[[Campaign], int]) -> None:
        """`size` is how many items a campaign of tasks has."""
        self._here = here
        self._size = size

    async def of(self, campaign: Campaign) -> CampaignFigures:
        """How far it is now."""
        return await asyncio.to_thread(self._read, campaign)

    def _read(self, campaign: Campaign) -> CampaignFigures:
        now = self._here.now()
        tasks = campaign.kind is CampaignKind.TASKS
        size = self._size(campaign) if tasks else None
        with self._here.store.reading() as connection:
            facts = campaign_facts.read(connection, campaign.name, now - timedelta(days=LAST_DAYS))
            more = campaign.further_votes
            done = campaign_facts.done(connection, campaign.name, campaign.overlap, more) if tasks else None
            agreeing = campaign_facts.agreeing(connection, campaign.name, campaign.overlap if more else None)
            disputed = campaign_facts.disputed(connection, campaign.name)
            examples = campaign_facts.with_prompts(connection, disputed[:LISTED])
            votes = campaign_votes.by_pair(connection, campaign.name)
            since = now - timedelta(days=PACE_DAYS)
            pace = campaign_facts.votes_a_day(connection, since, PACE_DAYS)
            seconds = campaign_facts.answer_seconds(connection, since)
            by_votes = campaign_facts.by_votes(connection, campaign.name) if tasks else {}
            by_day = campaign_facts.by_day(connection, campaign.name)
            by_rater = campaign_facts.raters(connection, campaign.name, LISTED)
        plan = planned(campaign, size, len(disputed))
        recent = facts.recent / LAST_DAYS
        left = None if plan is None else max(0, plan - facts.votes)
        days = None if left is None else 0.0 if not left else left / recent if recent else None
        behind = None
        if days is not None and campaign.ends is not None:
            behind = days - (campaign.ends - now) / timedelta(days=1)
        board, pairs = pair_designs.board_of(votes), pair_designs.totals(votes)
        names = self._here.pseudonyms
        if size is not None and size > sum(by_votes.values()):
            by_votes = {0: size - sum(by_votes.values()), **by_votes}
        return CampaignFigures(
            items=size,
            done=done,
            facts=facts,
            plan=plan,
            votes_a_day=recent,
            days_left=days,
            days_behind=behind,
            agreeing=agreeing,
            alpha=alpha_of(agreeing),
            disputed=len(disputed),
            disputed_done=sum(one.given >= campaign.overlap + more for one in disputed) if tasks else None,
            examples=tuple(examples),
            top=() if board is None else apart(board, pairs),
            pairs=pairs,
            by_votes=by_votes,
            by_day=tuple(by_day),
            by_rater=tuple(replace(one, rater_id=names.name(one.rater_id)) for one in by_rater),
            estimate=estimated(campaign, size, pace, seconds, len(disputed)),
        )


def alpha_of(agreeing: Agreeing) -> Alpha:
    """Krippendorff's alpha of a campaign."""
    counts = numpy.array([votes for votes, _ in agreeing.groups], dtype=float).reshape(
        len(agreeing.groups), len(Winner)
    )
    found = agreement.alpha(counts, numpy.array([items for _, items in agreeing.groups]))
    why = None
    if not agreeing.items:
        why = "No item has votes of two raters yet."
    elif found is None:
        why = "All votes have the same outcome, so nothing says how often they would agree by chance."
    return Alpha(alpha=found, items=agreeing.items, raters=agreeing.raters, why=why)


def planned(campaign: Campaign, size: int | None, disputed: int = 0) -> int | None:
    """The votes that a campaign is to have: of its items, so many of them `disputed`, or those it wants, whichever are
    fewer."""
    of_items = None if size is None else size * campaign.overlap + disputed * campaign.further_votes
    return min((one for one in (of_items, campaign.target_votes) if one is not None), default=None)


def estimated(campaign: Campaign, size: int | None, pace: float, seconds: float | None, disputed: int = 0) -> Estimate:
    """What a campaign takes. `pace` is the votes a day of the workspace, `seconds` how long an answer takes there;
    `disputed` items get further votes."""
    votes = planned(campaign, size, disputed)
    if votes is None:
        said = "It is open and wants no number of votes (target_votes), so nothing is estimated."
        return Estimate(votes=None, tasks=None, days=None, gpu_hours=None, credits=None, assumptions=(said,))
    extra = min(campaign.gold + campaign.repeats, 0.9)
    tasks = math.ceil(votes / (1 - extra))
    found = [f"{wording.counted(votes, 'vote')}: " + _votes_said(campaign, size, disputed)]
    if size is not None and campaign.further_votes:
        found.append(_further_said(campaign, size, votes, disputed))
    if extra:
        found.append(f"{tasks:,} tasks: {extra:.0%} of a rater's tasks are gold or repeats.")
    if pace:
        found.append(f"Days: {pace:.1f} votes a day, the mean of this workspace over {PACE_DAYS} days.")
    else:
        found.append(f"Days are not known: this workspace had no vote in the last {PACE_DAYS} days.")
    live = campaign.answers is Answers.LIVE
    if not live:
        found.append("GPU hours: none, the answers are stored.")
    elif seconds is None:
        found.append("GPU hours are not known: no answer was written here lately.")
    else:
        each = "a vote" if campaign.kind is CampaignKind.OPEN else "an item"
        found.append(f"GPU hours: two answers {each}, {seconds:.1f} s each as measured, one GPU an answer.")
    found.append(f"Credits: {campaign.reward:g} a vote, gold and repeats too; edits are not in it.")
    battles = tasks if size is None else min(size, math.ceil(votes / campaign.overlap))
    hours = None if live and seconds is None else 2 * battles * (seconds or 0.0) / SECONDS_AN_HOUR if live else 0.0
    return Estimate(
        votes=votes,
        tasks=tasks,
        days=tasks / pace if pace else None,
        gpu_hours=hours,
        credits=round(tasks * campaign.reward, 2),
        assumptions=tuple(found),
    )


def _votes_said(campaign: Campaign, size: int | None, disputed: int) -> str:
    target = campaign.target_votes
    if size is None or (target is not None and target < size * campaign.overlap + disputed * campaign.further_votes):
        return "as many as target_votes wants."
    return f"{wording.counted(size, 'item')}, {wording.counted(campaign.overlap, 'rater')} each."


def _further_said(campaign: Campaign, size: int, votes: int, disputed: int) -> str:
    most = planned(campaign, size, size) or votes
    rest = (
        f"{most - votes:,} votes and {(most - votes) * campaign.reward:,.2f} credits more if every item were disputed"
    )
    return (
        f"A disputed item, with votes for both of its models, is asked of {campaign.further_votes:,} more: "
        f"{disputed:,} {'is' if disputed == 1 else 'are'} so far, which is counted in; {rest}."
    )


def apart(board: leaderboards.Board, votes: Mapping[Pair, int]) -> tuple[Apart, ...]:
    """The neighbours at the top of a board, and about how many more votes tell them apart.

    The variance of a difference falls as votes between the two come in: each adds p (1 - p) to its information.
    """
    rated = board.rated[:TOP]
    covariance = board.covariance
    if covariance is None:
        return ()
    a_logit = board.scale.factor / math.log(board.scale.base)
    found = []
    for one, (first, second) in enumerate(itertools.pairwise(rated)):
        two = one + 1
        difference = (first.rating or 0.0) - (second.rating or 0.0)
        variance = float(covariance[one, one] + covariance[two, two] - 2 * covariance[one, two])
        chance = 1 / (1 + math.exp(-difference / a_logit))
        needed = None
        if difference > 0:
            wanted = (difference / NORMAL) ** 2
            more = (1 / wanted - 1 / variance) * a_logit**2 / (chance * (1 - chance)) if variance > 0 else 0.0
            needed = max(0, math.ceil(more))
        between = votes.get(frozenset((ModelName(first.model), ModelName(second.model))), 0)
        found.append(Apart(first=first.model, second=second.model, difference=difference, votes=between, needed=needed))
    return tuple(found)
