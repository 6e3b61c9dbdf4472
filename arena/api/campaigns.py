"""Campaigns: what raters may know of them, and making, changing and watching them for labs."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import ConfigDict

from arena.api import bodies, lists, said
from arena.api.bodies import Body
from arena.api.lists import Limit
from arena.api.who import Arena, Who
from arena.domain import campaign as nouns
from arena.domain import campaign_change, permission
from arena.domain.campaign import CampaignState
from arena.domain.campaign_change import REASON_LIMIT
from arena.domain.permission import Permission
from arena.domain.principal import Principal
from arena.services.campaign_progress import CampaignFigures
from arena.services.workspace_services import Services
from arena.settings.campaigns import (
    CRITERIA,
    CRITERION_CHARACTERS,
    LANGUAGE,
    QUESTION_CHARACTERS,
    SHORTEST_BATCH,
    CampaignKeys,
)

router = APIRouter(prefix="/api/v1", tags=["campaigns"])
CHANGED_TO = [state for state in CampaignState if state is not CampaignState.DRAFT]


_NAME = {"type": "string", "minLength": 1, "maxLength": 200, "pattern": said.VISIBLE_LINE}
_MOMENT = {"anyOf": [{"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}, {"type": "null"}]}
_MAYBE_NAME = {"anyOf": [_NAME, {"type": "null"}]}
_NAMES = {"items": _NAME, "uniqueItems": True}
_SLUGS = {"items": {"type": "string", "pattern": said.SLUG}, "uniqueItems": True}
_CREDITS = {"multipleOf": 0.01}
CLOSER: dict[str, dict[str, Any]] = {
    "prompt_set": _MAYBE_NAME,
    "gold_set": _MAYBE_NAME,
    "focus": _MAYBE_NAME,
    "models": _NAMES,
    "raters": _NAMES,
    "qualifications": _SLUGS,
    "languages": {"items": {"type": "string", "pattern": f"^{LANGUAGE.pattern}$"}, "uniqueItems": True},
    "pairs": {
        "items": {"type": "array", "prefixItems": [_NAME, _NAME, {"type": "number", "exclusiveMinimum": 0}]}
        | {"items": False, "minItems": 2, "uniqueItems": True},
        "uniqueItems": True,
    },
    "criteria": {
        "items": {
            "anyOf": [
                {**_NAME, "maxLength": CRITERION_CHARACTERS},
                {
                    "type": "object",
                    "properties": {
                        "name": {**_NAME, "maxLength": CRITERION_CHARACTERS},
                        "question": {**_NAME, "maxLength": QUESTION_CHARACTERS},
                    },
                    "required": ["name"],
                    "additionalProperties": False,
                },
            ]
        },
        "maxItems": CRITERIA,
        "uniqueItems": True,
    },
    "guidelines": {"pattern": said.WITHOUT_NUL},
    "consent": {"pattern": said.WITHOUT_NUL},
    "reward": _CREDITS,
    "reward_edit": _CREDITS,
    "starts": _MOMENT,
    "ends": _MOMENT,
    "board_batch": {"anyOf": [{"const": 0}, {"minimum": SHORTEST_BATCH}]},
}
"""What is checked of a key beyond its type."""


def _of_every_key(schema: dict[str, Any]) -> None:
    """The document lists the keys of a campaign, which are defined where configurations are read."""
    keys = CampaignKeys.model_json_schema()["properties"]
    schema["properties"] = {
        **{name: {**one, **CLOSER.get(name, {})} for name, one in keys.items()},
        **schema["properties"],
    }
    schema["additionalProperties"] = False


class CampaignRequest(Body):
    """Every key of a campaign may be given (docs/labs.md)."""

    model_config = ConfigDict(extra="allow", strict=True, json_schema_extra=_of_every_key)

    name: said.Slug


class CampaignChangeRequest(Body):
    """A state, keys, or both. Any key but `state` and `reason` makes the next version."""

    model_config = ConfigDict(extra="allow", strict=True, json_schema_extra=_of_every_key)

    state: Annotated[str, said.one_of(CHANGED_TO)] | None = None
    reason: Annotated[str, said.text(REASON_LIMIT, said.LINE)] = ""


class ConsentGiven(Body):
    """What you agree to: `consent` of the campaign, as it is."""

    consent: str


class Campaign(Body):
    """A campaign as raters see it."""

    name: str
    kind: str
    state: str
    guidelines: str
    """Markdown."""
    consent: str
    """What you agree to before the first item; empty where nothing."""
    criteria: list[str | dict[str, str]]
    reward: float
    """Credits a vote."""
    reward_edit: float
    audit_window: int
    """Days after the close in which credits are held."""
    daily_limit: int | None
    languages: list[str]
    qualifications: list[str]
    starts: str | None
    ends: str | None


class CampaignEstimate(Body):
    """What the campaign takes from its beginning to its end; null where that is not known."""

    votes: int | None
    tasks: int | None
    """Votes with gold and repeats."""
    days: float | None
    gpu_hours: float | None
    credits: float | None
    assumptions: list[str]
    """A sentence for each figure: what it rests on."""


class DisputedItem(Body):
    """An item with votes for both models."""

    battle_id: str
    prompt: str
    model_a: str
    model_b: str
    votes: dict[str, int]
    """By winner."""
    given: int
    """All of them."""
    wanted: int | None
    """Votes that it is to have; null where raters ask their own prompts."""


class CampaignAlpha(Body):
    """Krippendorff's alpha of the four outcomes, and what it rests on."""

    alpha: float | None
    """1 where all agree, 0 where they agree as by chance."""
    items: int
    """With votes of two raters at least. Where disputed items get further votes, the first `overlap` of each count."""
    raters: int
    """Who cast these votes."""
    why: str | None
    """Why there is none."""


class TopPair(Body):
    """Two neighbours of the campaign's board."""

    first: str
    second: str
    difference: float
    """Of their ratings."""
    votes: int
    """Between the two so far."""
    needed: int | None
    """About how many more of them tell the two apart; null where they are equal."""


class PairVotes(Body):
    """Votes that boards count on one pair."""

    models: list[str]
    votes: int


class ItemsByVotes(Body):
    """How many items have so many votes."""

    votes: int
    items: int


class DayVotes(Body):
    """Votes of one day, UTC."""

    day: str
    votes: int


class RaterVotes(Body):
    """A rater in the campaign."""

    rater_id: str
    votes: int
    share: float
    """Of all its votes."""
    median_seconds: float | None


class CampaignProgress(Body):
    """How far the campaign is."""

    plan: int | None
    """Votes it is to have."""
    raters: int
    votes_a_day: float
    """Of the last seven days."""
    days_left: float | None
    """At that pace."""
    days_behind: float | None
    """Beyond `ends`, at that pace; below 0 where it will be early."""
    agreement: float | None
    """The share of pairs of votes on one item with the same outcome; null before the first."""
    compared: int
    """How many such pairs there are. Where disputed items get further votes, of the first `overlap` of each."""
    krippendorff: CampaignAlpha
    disputed: int
    """Items with votes for both models."""
    disputed_done: int | None
    """Of those, the ones with all their votes, the further ones with them; null where raters ask their own prompts."""
    disputed_items: list[DisputedItem]
    """The most disputed."""
    ended: int
    """Battles that were voted on, or are void."""
    void_rate: float | None
    voids: dict[str, int]
    """By cause."""
    top: list[TopPair]
    pairs: list[PairVotes]
    by_votes: list[ItemsByVotes]
    by_day: list[DayVotes]
    """Days without a vote are left out."""
    by_rater: list[RaterVotes]
    """Those with most votes."""


class LabCampaign(Campaign):
    """A campaign as its lab sees it: every key, and how far it is."""

    answers: str
    prompt_set: str | None
    models: list[str]
    pairing: str
    floor: int
    pairs: list[list[str | float]]
    pairs_per_prompt: int
    focus: str | None
    overlap: int
    further_votes: int
    repeats: float
    gold: float
    gold_set: str | None
    raters: list[str]
    min_width: int
    anonymous: bool
    max_turns: int | None
    rater_share: float
    pace: str
    reservation: int
    target_votes: int | None
    board_batch: float
    feed_delay: float
    publish: str
    version: int
    items: int | None
    """Null where raters ask their own prompts."""
    done: int | None
    """Items with all their votes."""
    votes: int
    """Votes that count."""
    held: int
    """Of those, the ones that boards leave out."""
    created_at: str | None
    """Null of `default`, which the configuration makes."""
    progress: CampaignProgress
    estimate: CampaignEstimate


class CampaignList(Body):
    campaigns: list[LabCampaign | Campaign]
    next: str | None = None


@router.get("/campaigns")
async def list_campaigns(arena: Arena, who: Who, after: str = "", limit: Limit = 100) -> CampaignList:
    """Campaigns by name: a lab sees all of them with every key, others those that run, and of these what concerns
    raters."""
    found, following = lists.by_name(await arena.campaigns.listed_now(who), after, limit, lambda one: one.name)
    return CampaignList(campaigns=[await _told(arena, who, one) for one in found], next=following)


@router.post("/campaigns", status_code=201)
async def create_campaign(arena: Arena, who: Who, body: CampaignRequest) -> LabCampaign:
    """Make a campaign, which is a draft until its state is set to `running`. A name is never given twice (409). For
    labs."""
    made = await arena.campaigns.create(who, {"name": body.name, **(body.model_extra or {})})
    return await _of_lab(arena, made)


@router.get("/campaigns/{name}", response_model=LabCampaign | Campaign)
async def campaign(arena: Arena, who: Who, name: str) -> LabCampaign | Campaign:
    """One campaign. Labs also see what it will take, and how far it is."""
    return await _told(arena, who, await arena.campaigns.shown_now(who, name))


@router.patch("/campaigns/{name}")
async def change_campaign(arena: Arena, who: Who, name: str, body: CampaignChangeRequest) -> LabCampaign:
    """Start, pause, go on with or close a campaign, or give it other keys, which are its next version; battles keep the
    version that they were drawn under. For labs."""
    wanted = {**(body.model_extra or {}), "reason": body.reason}
    if body.state is not None:
        wanted["state"] = body.state
    return await _of_lab(arena, await arena.campaigns.change(who, name, wanted))


@router.put("/campaigns/{name}/consent", status_code=204)
async def agree(arena: Arena, who: Who, name: str, body: ConsentGiven) -> None:
    """Agree to what a campaign asks before your first item. Where its text is another one later, you are asked
    again."""
    await arena.campaigns.agree(who, name, body.consent)


async def _told(arena: Services, who: Principal, one: nouns.Campaign) -> LabCampaign | Campaign:
    if permission.may(who, Permission.CONDUCT):
        return await _of_lab(arena, one)
    keys = campaign_change.told_keys(one)
    public = {name: keys[name] for name in Campaign.model_fields if name in keys}
    return Campaign(**public, state=one.state.value)


async def _of_lab(arena: Services, one: nouns.Campaign) -> LabCampaign:
    return of_lab(one, await arena.progress.of(one))


def of_lab(one: nouns.Campaign, found: CampaignFigures) -> LabCampaign:
    """A campaign as labs are told it."""
    facts = found.facts
    return LabCampaign(
        **campaign_change.told_keys(one),
        state=one.state.value,
        version=one.version,
        items=found.items,
        done=found.done,
        votes=facts.votes,
        held=facts.held,
        created_at=bodies.moment(one.created_at),
        progress=_progress(one, found),
        estimate=_estimate(found),
    )


def _progress(campaign: nouns.Campaign, found: CampaignFigures) -> CampaignProgress:
    facts, agreeing, alpha = found.facts, found.agreeing, found.alpha
    voids = sum(facts.voids.values())
    return CampaignProgress(
        plan=found.plan,
        raters=facts.raters,
        votes_a_day=found.votes_a_day,
        days_left=found.days_left,
        days_behind=found.days_behind,
        agreement=agreeing.agreed / agreeing.compared if agreeing.compared else None,
        compared=agreeing.compared,
        krippendorff=CampaignAlpha(alpha=alpha.alpha, items=alpha.items, raters=alpha.raters, why=alpha.why),
        disputed=found.disputed,
        disputed_done=found.disputed_done,
        disputed_items=[
            DisputedItem(
                battle_id=one.battle_id,
                prompt=one.prompt,
                model_a=one.model_a,
                model_b=one.model_b,
                votes=one.votes,
                given=one.given,
                wanted=None if found.items is None else campaign.overlap + campaign.further_votes,
            )
            for one in found.examples
        ],
        ended=facts.ended,
        void_rate=voids / facts.ended if facts.ended else None,
        voids={cause.value: count for cause, count in facts.voids.items()},
        top=[
            TopPair(first=one.first, second=one.second, difference=one.difference, votes=one.votes, needed=one.needed)
            for one in found.top
        ],
        pairs=[
            PairVotes(models=sorted(pair), votes=votes)
            for pair, votes in sorted(found.pairs.items(), key=lambda one: (-one[1], sorted(one[0])))
        ],
        by_votes=[ItemsByVotes(votes=votes, items=items) for votes, items in sorted(found.by_votes.items())],
        by_day=[DayVotes(day=day.isoformat(), votes=votes) for day, votes in found.by_day],
        by_rater=[
            RaterVotes(
                rater_id=one.rater_id,
                votes=one.votes,
                share=one.votes / facts.votes,
                median_seconds=one.median_seconds,
            )
            for one in found.by_rater
        ],
    )


def _estimate(found: CampaignFigures) -> CampaignEstimate:
    one = found.estimate
    return CampaignEstimate(
        votes=one.votes,
        tasks=one.tasks,
        days=one.days,
        gpu_hours=one.gpu_hours,
        credits=one.credits,
        assumptions=list(one.assumptions),
    )
