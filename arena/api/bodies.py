"""Bodies of requests and responses. `Battle` without its reveal is the allow-list of what is blind."""

import functools
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, get_args

from fastapi import Request
from pydantic import BaseModel, ConfigDict, model_validator

from arena.api import said
from arena.domain import campaign as domain_campaign
from arena.domain.battle import PROMPT_LIMIT
from arena.domain.campaign import CRITERION_WINNERS
from arena.domain.parts import Media
from arena.domain.removal import RemovalKind
from arena.domain.view import BlindView, Reveal
from arena.domain.vote import EDIT_LIMIT, REASON_LIMIT, Strength, Tag, Winner
from arena.errors import Malformed
from arena.imports import jsonkeys
from arena.imports.imported_vote import RowFault
from arena.services.identity import OF_TOKENS
from arena.store.writing.commands import DurableRemoval


class Body(BaseModel):
    """A body: no key that is not known, no value of another type."""

    model_config = ConfigDict(extra="forbid", strict=True)

    @model_validator(mode="before")
    @classmethod
    def _whole(cls, given: object) -> object:
        if not isinstance(given, dict):
            return given
        others = _others(cls)
        return {key: value if key in others else whole_numbers(value) for key, value in given.items()}


@functools.cache
def _others(body: type[BaseModel]) -> frozenset[str]:
    """The fields of a body that hold no whole numbers."""
    return frozenset(name for name, field in body.model_fields.items() if not _is_whole(field.annotation))


def _is_whole(kind: object) -> bool:
    """Whether a field holds whole numbers. Others stay as they are: answers hold documents that people hash."""
    return kind is int or any(map(_is_whole, get_args(kind)))


def whole_numbers(given: object) -> object:
    """What was sent with 2.0 as 2: JSON has one kind of number, and a whole one may be spelt either way."""
    if isinstance(given, dict):
        return {key: whole_numbers(value) for key, value in given.items()}
    if isinstance(given, list):
        return [whole_numbers(value) for value in given]
    return int(given) if isinstance(given, float) and given.is_integer() else given


async def demand_keys_once(request: Request) -> None:
    """Raise `Malformed` where an object of a body names a key twice: readers differ in which of two values they take.

    What is no JSON is refused by the route, which says what it takes.
    """
    if request.method not in {"POST", "PUT", "PATCH"}:
        return
    try:
        jsonkeys.loads(await request.body())
    except RowFault as fault:
        raise Malformed(f"The body is ambiguous: {fault} Name each key once.") from fault
    except (ValueError, RecursionError):
        return


class BattleRequest(Body):
    """A prompt to ask two models; `continues` makes it a follow-up on the preferred answer."""

    prompt: Annotated[str, said.text(PROMPT_LIMIT)]
    continues: str | None = None
    campaign: str | None = None


class VoteRequest(Body):
    """A ballot. Values are checked by the arena, which says what it accepts."""

    winner: Annotated[str, said.one_of(Winner)]
    strength: Annotated[str, said.one_of(Strength)] | None = None
    """Only where a side won."""
    tags: list[Annotated[str, said.one_of(Tag)]] = []
    reason: Annotated[str, said.text(REASON_LIMIT, said.LINE)] | None = None
    edit: Annotated[str, said.text(EDIT_LIMIT)] | None = None
    """Only where a side won: its answer as it should be."""
    criteria: dict[str, Annotated[str, said.one_of(CRITERION_WINNERS)]] = {}
    """What won by each criterion of the campaign: `model_a`, `model_b` or `tie`. Each may be left out."""


class TokenRequest(Body):
    """A role to issue a token for."""

    role: Annotated[str, said.one_of(OF_TOKENS)]
    campaign: said.Slug | None = None
    """One campaign, for a trainer or a reader of it alone."""


class BackupRequest(Body):
    """A folder on the arena's machine that does not exist yet."""

    directory: said.Path
    installation: bool = False
    """Every workspace, accounts and keys, in place of this workspace alone."""


class RaterCreated(Body):
    rater_id: str
    token: str


class BattleCreated(Body):
    battle_id: str


class Message(Body):
    role: str
    content: str


class Receipt(Body):
    """Proof of a vote: with the salt, anyone can check that the ledger line commits to it."""

    line: int
    hash: str
    commitment: str
    salt: str
    signature: dict[str, Any]
    """Over vote, line, hash and commitment, by the key that signs the releases (docs/verification.md)."""


Outcome = Literal["model_a", "model_b", "tie", "both_bad"]


class PracticeTold(Body):
    """What is told of an item of a qualification's practice, at once."""

    part: Literal["practice"] = "practice"
    right: bool
    known: Outcome
    explanation: str


class Miss(Body):
    """An item of a test that was not right."""

    number: int
    yours: Outcome | None
    """Null: it was skipped or reported."""
    known: Outcome
    explanation: str


class ResultTold(Body):
    """What is told of a qualification's test, at its end."""

    part: Literal["test"] = "test"
    passed: bool
    right: int
    answered: int
    needed: int
    tries_left: int
    again_at: str | None
    """From when on there are tries again; null where there are some now, or none is needed."""
    until: str | None
    """Until when it is passed."""
    misses: list[Miss]


class VoteCreated(Body):
    """What a durable vote reveals."""

    vote_id: str
    model_a: str
    model_b: str
    receipt: Receipt
    winner: str
    strength: str | None
    votes_between: int
    finish_reason_a: str | None
    """`stop`; `length` where the answer ran into its limit; `content_filter`; null for an imported one."""
    finish_reason_b: str | None
    reasoning_tokens_a: int | None
    """Tokens that the model thought before it answered, which nobody is shown; null where it did not."""
    reasoning_tokens_b: int | None
    reasoning_seconds_a: float | None
    """From the first of them to the last."""
    reasoning_seconds_b: float | None
    leak: bool
    """Whether an answer gave its model away: the vote is kept, and boards leave it out."""
    qualification: PracticeTold | ResultTold | None = None
    """Of a qualification: at once in practice, and at the end of a test; else null."""


class VotedBallot(Body):
    """The details of the vote, for a page that is opened again."""

    tags: list[str]
    reason: str | None
    edit: str | None
    criteria: dict[str, str]


class Criterion(Body):
    """One thing that a campaign asks beside the vote."""

    name: str
    question: str | None
    """None: the name says it."""


class ShownMedia(Body):
    """A picture, a sound or a film."""

    kind: Literal["image", "audio", "video"]
    media_type: str
    url: str
    """Where its bytes are."""


class Battle(Body):
    """A battle. `reveal` and `ballot` are there only once it has been voted on."""

    battle_id: str
    conversation_id: str
    turn: int
    continues: str | None
    """The battle this one follows up on."""
    state: Literal["open", "ready", "voted", "void"]
    prompt: str
    opens_first: Literal["a", "b"]
    """Which answer to open where one is shown at a time; drawn, and stored with the battle."""
    history: list[Message]
    text_a: str
    text_b: str
    cause: Literal["model", "prompt", "rater", "arena", "expired"] | None = None
    """Why it is void: a model failed, the models could not take the prompt, its rater stopped it, the arena could not
    go on, or nobody was reading."""
    next: str | None = None
    """Of a void battle: the one that the arena opened on the same prompt, or null."""
    campaign: str
    criteria: list[Criterion]
    """What the campaign asks beside the vote."""
    number: int | None = None
    """Of a task: its position among yours today, from 1."""
    of: int | None = None
    """Of a task: today's limit, or how many there are for you; null where unknown."""
    expires_at: str | None = None
    """Of a task: until when it is kept for you."""
    media: list[ShownMedia] = []
    """Pictures in the prompt."""
    media_a: list[ShownMedia] = []
    media_b: list[ShownMedia] = []
    vote_id: str | None = None
    model_a: str | None = None
    model_b: str | None = None
    winner: str | None = None
    strength: str | None = None
    receipt: Receipt | None = None
    votes_between: int | None = None
    finish_reason_a: str | None = None
    finish_reason_b: str | None = None
    reasoning_tokens_a: int | None = None
    reasoning_tokens_b: int | None = None
    reasoning_seconds_a: float | None = None
    reasoning_seconds_b: float | None = None
    leak: bool | None = None
    qualification: PracticeTold | ResultTold | None = None
    ballot: VotedBallot | None = None


class Me(Body):
    """Who the arena takes you for."""

    id: str
    role: str
    workspace: str
    votes: int
    withdrawn: bool
    """Whether you withdrew your consent: then your votes count nowhere, those to come included."""
    can_compare: bool
    """Whether the workspace has the two models that a battle needs."""
    tasks: int | None
    """How many items wait for you, where the campaign gives out items of a prompt set; else null."""
    workspaces: list["Place"] | None = None
    """Of an account: every workspace it is in."""


class Place(Body):
    """What an account is in one workspace."""

    name: str
    role: str


class Left(Body):
    """What left, and the line of the ledger that says so."""

    removal_id: str
    kind: str
    votes: list[str]
    line: int
    hash: str
    note: str


LEFT_NOTE = (
    "The ids of these votes are published with the next release, so that holders of earlier ones can drop them. "
    "Backups made before, and copies that others hold, are not reached from here. What the votes earned stays owed."
)
ERASED_NOTE = (
    f"{LEFT_NOTE} Freed parts of the database file and its log hold the texts, where no query reaches them, until the "
    "arena starts the next time; its log asks the admin for that."
)


def moment(when: datetime | None) -> str | None:
    """A time as answers tell it: RFC 3339, UTC."""
    return None if when is None else when.isoformat()


def left(removed: DurableRemoval) -> Left:
    """A removal as it is told."""
    return Left(
        removal_id=removed.removal.removal_id,
        kind=removed.removal.kind,
        votes=[vote_id for _, vote_id in removed.removal.votes],
        line=removed.line.sequence,
        hash=removed.line.hash,
        note=ERASED_NOTE if removed.removal.kind is RemovalKind.ERASED else LEFT_NOTE,
    )


def vote_created(reveal: Reveal, votes_between: int) -> VoteCreated:
    """What is told once a vote is durable."""
    return VoteCreated(
        vote_id=reveal.vote.vote_id,
        model_a=reveal.model_a,
        model_b=reveal.model_b,
        receipt=Receipt(
            line=reveal.line.sequence,
            hash=reveal.line.hash,
            commitment=reveal.line.commitment,
            salt=reveal.salt,
            signature=dict(reveal.signature),
        ),
        winner=reveal.vote.winner,
        strength=reveal.vote.strength,
        votes_between=votes_between,
        finish_reason_a=reveal.finish_reason_a,
        finish_reason_b=reveal.finish_reason_b,
        reasoning_tokens_a=reveal.reasoning_tokens_a,
        reasoning_tokens_b=reveal.reasoning_tokens_b,
        reasoning_seconds_a=reveal.reasoning_seconds_a,
        reasoning_seconds_b=reveal.reasoning_seconds_b,
        leak=reveal.leak,
    )


def blind_battle(view: BlindView, criteria: Sequence[domain_campaign.Criterion] = ()) -> Battle:
    """A battle as it may be known before its vote."""
    return Battle(
        battle_id=view.battle_id,
        conversation_id=view.conversation_id,
        turn=view.turn,
        continues=view.continues,
        state=view.state.value,
        prompt=view.prompt,
        opens_first=view.opens_first.value,
        history=[Message(role=message.role, content=message.text) for message in view.history],
        text_a=view.text_a,
        text_b=view.text_b,
        cause=None if view.cause is None else view.cause.value,
        next=view.next,
        campaign=view.campaign,
        criteria=[Criterion(name=one.name, question=one.question) for one in criteria],
        media=[_shown(one) for one in view.media],
        media_a=[_shown(one) for one in view.media_a],
        media_b=[_shown(one) for one in view.media_b],
    )


def _shown(media: Media) -> ShownMedia:
    return ShownMedia(kind=media.kind.value, media_type=media.media_type, url=f"/api/v1/media/{media.sha256}")


def voted_battle(
    view: BlindView, criteria: Sequence[domain_campaign.Criterion], reveal: Reveal, votes_between: int
) -> Battle:
    """A battle after its vote."""
    vote = reveal.vote
    return blind_battle(view, criteria).model_copy(
        update={
            **dict(vote_created(reveal, votes_between)),
            "ballot": VotedBallot(
                tags=list(vote.tags), reason=vote.reason, edit=vote.edit, criteria=dict(vote.criteria)
            ),
        }
    )
