"""Bodies of requests and responses. `Battle` without its reveal is the allow-list of what is blind."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from arena.domain.view import BlindView, Reveal
from arena.services.importing import Import
from arena.store.commands import Removed, Settled


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class BattleRequest(_Body):
    """A prompt to ask two models; `continues` makes it a follow-up on the preferred answer."""

    prompt: str
    continues: str | None = None
    campaign: str | None = None


class VoteRequest(_Body):
    """A ballot. Values are checked by the arena, which says what it accepts."""

    winner: str
    strength: str | None = None
    tags: list[str] = []
    reason: str | None = None
    edit: str | None = None


class ImportRequest(_Body):
    """Files on the arena's machine, and what they hold where that is not to be seen from their columns."""

    files: list[str]
    shape: str | None = None
    source: str | None = None


class ImportStatus(_Body):
    import_id: str
    state: Literal["reading", "done", "failed"]
    votes: int
    battles: int
    here: int
    outside: int
    told: list[str]
    problem: str | None


class SettlementRequest(_Body):
    """A release by the SHA-256 of its manifest, and the whole amount it is to be settled at, in the smallest unit."""

    release: str
    amount: int
    unit: str = "EUR-cent"


class SettledPart(_Body):
    """What a contributor is to be paid now, or gives back, and the line of the ledger that says so."""

    contributor: str
    weight: int
    amount: int
    line: int
    salt: str
    commitment: str


class Settlement(_Body):
    """Only what was not settled before."""

    parts: list[SettledPart]


class TokenRequest(_Body):
    """A role to issue a token for."""

    role: str


class BackupRequest(_Body):
    """A folder on the arena's machine that does not exist yet."""

    directory: str


class RaterCreated(_Body):
    rater_id: str
    token: str


class BattleCreated(_Body):
    battle_id: str


class Message(_Body):
    role: str
    content: str


class Receipt(_Body):
    """Proof of a vote: with the salt, anyone can check that the ledger line commits to it."""

    line: int
    hash: str
    commitment: str
    salt: str


class VoteCreated(_Body):
    """What a durable vote reveals."""

    vote_id: str
    model_a: str
    model_b: str
    receipt: Receipt
    winner: str
    strength: str | None
    votes_between: int


class VotedBallot(_Body):
    """The details of the vote, for a page that is opened again."""

    tags: list[str]
    reason: str | None
    edit: str | None


class Battle(_Body):
    """A battle. `reveal` and `ballot` are there only once it has been voted on."""

    battle_id: str
    conversation_id: str
    turn: int
    continues: str | None
    """The battle this one follows up on."""
    state: Literal["open", "ready", "voted", "void"]
    prompt: str
    history: list[Message]
    text_a: str
    text_b: str
    vote_id: str | None = None
    model_a: str | None = None
    model_b: str | None = None
    winner: str | None = None
    strength: str | None = None
    receipt: Receipt | None = None
    votes_between: int | None = None
    ballot: VotedBallot | None = None


class Me(_Body):
    """Who the arena takes you for."""

    id: str
    role: str
    workspace: str
    votes: int


class Left(_Body):
    """What left, and the line of the ledger that says so."""

    removal_id: str
    kind: str
    votes: list[str]
    line: int
    hash: str
    note: str


LEFT_NOTE = (
    "The ids of these votes are published with the next release, so that holders of earlier ones can drop them. "
    "Backups made before, and copies that others hold, are not reached from here."
)


def left(removed: Removed) -> Left:
    """A removal as it is told."""
    return Left(
        removal_id=removed.removal.removal_id,
        kind=removed.removal.kind,
        votes=[vote_id for _, vote_id in removed.removal.votes],
        line=removed.line.sequence,
        hash=removed.line.hash,
        note=LEFT_NOTE,
    )


def vote_created(reveal: Reveal, votes_between: int) -> VoteCreated:
    """What is told once a vote is durable."""
    return VoteCreated(
        vote_id=reveal.vote.vote_id,
        model_a=reveal.model_a,
        model_b=reveal.model_b,
        receipt=Receipt(
            line=reveal.line.sequence, hash=reveal.line.hash, commitment=reveal.line.commitment, salt=reveal.salt
        ),
        winner=reveal.vote.winner,
        strength=reveal.vote.strength,
        votes_between=votes_between,
    )


def blind_battle(view: BlindView) -> Battle:
    """A battle as it may be known before its vote."""
    return Battle(
        battle_id=view.battle_id,
        conversation_id=view.conversation_id,
        turn=view.turn,
        continues=view.continues,
        state=view.state.value,
        prompt=view.prompt,
        history=[Message(role=message.role, content=message.content) for message in view.history],
        text_a=view.text_a,
        text_b=view.text_b,
    )


def voted_battle(view: BlindView, reveal: Reveal, votes_between: int) -> Battle:
    """A battle after its vote."""
    vote = reveal.vote
    return blind_battle(view).model_copy(
        update={
            **dict(vote_created(reveal, votes_between)),
            "ballot": VotedBallot(tags=list(vote.tags), reason=vote.reason, edit=vote.edit),
        }
    )


def import_status(begun: Import, after: int) -> ImportStatus:
    """How far an import has come; of what it left outside, the sentences from `after` on."""
    return ImportStatus(
        import_id=begun.import_id,
        state=begun.state.value,
        votes=begun.votes,
        battles=begun.battles,
        here=begun.here,
        outside=begun.outside,
        told=begun.told[after:],
        problem=begun.problem,
    )


def settlement(settled: Settled) -> Settlement:
    """A settlement as it is told."""
    return Settlement(
        parts=[
            SettledPart(
                contributor=one.entry.part.contributor,
                weight=one.entry.part.weight,
                amount=one.entry.part.amount,
                line=one.line.sequence,
                salt=one.salt,
                commitment=one.line.commitment,
            )
            for one in settled.parts
        ]
    )
