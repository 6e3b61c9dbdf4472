"""The campaign of an arena: its keys in the configuration, and whether it takes votes now."""

from datetime import datetime

from arena.campaign_settings import CampaignSettings
from arena.domain.battle import Answers
from arena.domain.campaign import Campaign, CampaignKind, Criterion, MeetingPair, Pacing
from arena.domain.ids import ModelName
from arena.errors import NoTask


def configured(given: CampaignSettings) -> Campaign:
    """The campaign `default` as `[campaign]` says it."""
    stored = given.answers == "stored"
    return Campaign(
        kind=CampaignKind(given.kind),
        answers=Answers(given.answers),
        prompt_set=given.prompt_set,
        models=tuple(ModelName(name) for name in given.models),
        pairs=tuple(
            MeetingPair(first=ModelName(first), second=ModelName(second), weight=weight)
            for first, second, weight in given.weighted_pairs
        ),
        pairs_per_prompt=given.pairs_per_prompt,
        overlap=given.overlap,
        reservation=given.reservation,
        daily_limit=given.daily_limit,
        max_turns=given.max_turns,
        pace=Pacing(given.pace) if given.pace else Pacing.COMPLETE if stored else Pacing.COMMON,
        criteria=tuple(Criterion(name=one.name, question=one.question) for one in given.asked),
        target_votes=given.target_votes,
        starts=given.starts,
        ends=given.ends,
    )


def refuse_closed(campaign: Campaign, now: datetime, votes: int) -> None:
    """Raise `NoTask` before a campaign starts, and once it is closed. `votes` is how many of it count."""
    if campaign.starts is not None and now < campaign.starts:
        raise NoTask(f"This starts on {_told(campaign.starts)}. Come back then.", code="not_started")
    if campaign.ends is not None and now >= campaign.ends:
        raise NoTask(f"This ended on {_told(campaign.ends)}, and takes nothing more. Thank you.", code="closed")
    if campaign.target_votes is not None and votes >= campaign.target_votes:
        raise NoTask("All the votes that were wanted are there, so this is closed. Thank you.", code="closed")


def _told(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d} at {moment:%H:%M} UTC"
