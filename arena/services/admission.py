"""Whether a rater is let in to a campaign now: asked before each task and before each battle.

Who a rater is decides first. What they have begun goes on then, whatever became of the campaign; only what is new asks
whether it runs, and whether they have done their share.
"""

import hashlib
from datetime import datetime, timedelta

from arena.domain import credit, language_codes
from arena.domain import permission as permissions
from arena.domain.campaign import Campaign, CampaignKind, CampaignState
from arena.domain.permission import Permission
from arena.domain.principal import Principal, Role
from arena.errors import AccountNeeded, Forbidden, NoTask, NotFound
from arena.services import qualified, suspension
from arena.services.open_workspace import OpenWorkspace
from arena.store import agreements, campaign_votes, credit_lines, items, standing_decisions
from arena.store.connections import Analytical

FIRST_VOTES = 100
"""Votes from which on `rater_share` counts, where a campaign has no plan: of the first vote everybody has all."""


NOT_READ = ("q=0", "q=0.0", "q=0.00", "q=0.000")
"""Weights in Accept-Language of a language that is refused."""


class Admission:
    """Who may begin an item of a campaign of this workspace, or a battle in it."""

    def __init__(self, here: OpenWorkspace) -> None:
        self._here = here
        self._mark = here.store.marks.of("standing")
        with here.store.reading() as connection:
            self._decided = bool(standing_decisions.every(connection))

    def decided(self) -> None:
        """Note that somebody decided on a rater's standing: from now on every campaign asks."""
        self._decided = True

    @property
    def _any_decided(self) -> bool:
        """Whether anybody decided on a rater's standing, here or in another process."""
        return self._decided or self._here.store.marks.of("standing") is not self._mark

    def asks(self, campaign: Campaign) -> bool:
        """Whether a campaign of raters' own prompts asks anything before it lets somebody in: in most arenas none."""
        return self._any_decided or asks(campaign)

    def refuse_person(self, connection: Analytical, principal: Principal, campaign: Campaign) -> None:
        """Raise for a rater whom the campaign does not let in, with the reason."""
        if campaign.state is CampaignState.DRAFT and not permissions.may(principal, Permission.CONDUCT):
            raise NotFound(f"There is no campaign {campaign.name} here; GET /api/v1/campaigns lists those there are.")
        if not campaign.anonymous and principal.held is Role.ANONYMOUS:
            raise AccountNeeded("This is for people with an account. Sign in, or ask its lab for an invitation.")
        if campaign.raters and not self._is_named(principal, campaign):
            raise Forbidden("This is for raters whom its lab named or invited, and you are none of them.")
        if campaign.languages and not readable(principal.reads, campaign):
            raise NoTask(
                f"This needs somebody who reads {' or '.join(campaign.languages)}. Set the languages you read in your "
                "browser; a program says them in Accept-Language.",
                code="language",
            )
        if self._any_decided:
            suspension.refuse(connection, principal, campaign, self._here.now())
        qualified.refuse(connection, principal, campaign, self._here.now())
        if campaign.consent and not agreements.agreed(
            connection, principal.raters, campaign.name, digest(campaign.consent)
        ):
            raise NoTask(
                "This asks you to agree to something first: read `consent` of the campaign, then PUT it to "
                f"/api/v1/campaigns/{campaign.name}/consent.",
                code="consent",
            )

    def refuse_new(
        self, connection: Analytical, principal: Principal, campaign: Campaign, planned: int | None
    ) -> int | None:
        """Raise for a rater who may begin nothing new in a campaign now. `planned` is how many votes it is to have.
        Returns how many may be begun by all, where it wants so many."""
        self._refuse_state(campaign)
        if campaign.kind is CampaignKind.TASKS and _erased(connection, principal, campaign):
            raise NoTask(
                "You erased what you gave here, and its credits stay yours, so you cannot begin this again. Thank you.",
                code="done",
            )
        votes, left, now = 0, None, self._here.now()
        wanted = campaign.target_votes
        if wanted is not None:
            votes = items.votes_of_campaign(connection, campaign.name)
        refuse_closed(campaign, now, votes)
        if wanted is not None:
            left = wanted - votes - _under_way(connection, campaign, now)
            if left <= 0:
                raise NoTask("Others have the last items. Try again in a few minutes.", code="done")
        if campaign.rater_share < 1:
            whole = wanted or planned
            if whole is None:
                whole = max(FIRST_VOTES, items.votes_of_campaign(connection, campaign.name))
            done = campaign_votes.of_raters(connection, campaign.name, principal.raters)
            if done + _erased(connection, principal, campaign) >= campaign.rater_share * whole:
                raise NoTask("You have done your share of this; the rest is for others. Thank you.", code="limit")
        if campaign.kind is CampaignKind.OPEN and campaign.daily_limit is not None:
            since = midnight(now)
            done = campaign_votes.of_raters_since(connection, campaign.name, principal.raters, since)
            refuse_limit(campaign, done + _erased(connection, principal, campaign, since))
        return left

    def _refuse_state(self, campaign: Campaign) -> None:
        match campaign.state:
            case CampaignState.DRAFT:
                raise NoTask(f"Campaign {campaign.name} is a draft. Start it first.", code="not_started")
            case CampaignState.PAUSED:
                raise NoTask("This is paused, and goes on later. Come back then.", code="paused")
            case CampaignState.CLOSED:
                raise NoTask("This is closed, and takes nothing more. Thank you.", code="closed")

    def _is_named(self, principal: Principal, campaign: Campaign) -> bool:
        if campaign.name in principal.invited:
            return True
        return any(self._here.pseudonyms.name(one) in campaign.raters for one in principal.raters)


def _erased(
    connection: Analytical, principal: Principal, campaign: Campaign, since: datetime = credit.BEGINNING
) -> int:
    """How many votes of a campaign somebody erased with themselves."""
    if not principal.former:
        return 0
    return credit_lines.erased_in(connection, campaign.name, principal.former, since)


def _under_way(connection: Analytical, campaign: Campaign, now: datetime) -> int:
    """Votes that are being thought about: turns that are open, or battles on prompts of raters' own that began no
    longer ago than a task is kept."""
    if campaign.kind is CampaignKind.TASKS:
        return items.running(connection, campaign.name, now)
    return items.being_asked(connection, campaign.name, now - timedelta(seconds=campaign.reservation))


def asks(campaign: Campaign) -> bool:
    """Whether a campaign of raters' own prompts has rules at all: most arenas have none, and ask nothing."""
    limits = (campaign.starts, campaign.ends, campaign.target_votes, campaign.daily_limit)
    people = campaign.raters or campaign.languages or campaign.qualifications or campaign.consent
    ruled = any(one is not None for one in limits) or bool(people) or campaign.rater_share < 1
    return ruled or not campaign.anonymous or campaign.created_at is not None


def refuse_limit(campaign: Campaign, done: int) -> None:
    """Raise `NoTask` for a rater who has done the items of a day."""
    limit = campaign.daily_limit
    if limit is not None and done >= limit:
        raise NoTask(
            f"You have done all {limit:,} items for today. It opens again tomorrow at 00:00 UTC.", code="limit"
        )


def readable(reads: str, campaign: Campaign) -> frozenset[str]:
    """The languages of a campaign that somebody reads, who says so as Accept-Language has it: `de-CH, en;q=0.8`."""
    said = (one.partition(";") for one in reads.split(","))
    known = {language_codes.read(tag) for tag, _, weight in said if weight.replace(" ", "") not in NOT_READ}
    return frozenset(code for code in map(language_codes.read, campaign.languages) if code in known)


def digest(text: str) -> str:
    """SHA-256 of what raters agree to."""
    return hashlib.sha256(text.encode()).hexdigest()


def midnight(now: datetime) -> datetime:
    """The beginning of a day, UTC."""
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


def refuse_closed(campaign: Campaign, now: datetime, votes: int) -> None:
    """Raise `NoTask` before a campaign starts, and once it is closed. `votes` is how many of it count."""
    if campaign.starts is not None and now < campaign.starts:
        raise NoTask(f"This starts on {told(campaign.starts)}. Come back then.", code="not_started")
    if campaign.ends is not None and now >= campaign.ends:
        raise NoTask(f"This ended on {told(campaign.ends)}, and takes nothing more. Thank you.", code="closed")
    if campaign.target_votes is not None and votes >= campaign.target_votes:
        raise NoTask("All the votes that were wanted are there, so this is closed. Thank you.", code="closed")


def told(moment: datetime) -> str:
    """A time as raters read it."""
    return f"{moment:%Y-%m-%d} at {moment:%H:%M} UTC"
