"""The ledger: a chain of salted commitments, one line a vote (design decision 11).

    line hash  = SHA-256(canonical JSON of [sequence, subject, commitment, hash of the line before])

Votes are committed to by a tree over salted fields (`vote_tree`). Earlier lines stay as they are, in the same chain:

    commitment = SHA-256(salt || canonical JSON of the vote and of the battle it judges)

The salt is stored with the vote, not in the ledger: when a person's text is erased, vote and salt go, the
commitment stays, and the chain remains valid without giving away what it committed to.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from arena.domain import vote_tree
from arena.domain.battle import BattleRecord, Message, Response
from arena.domain.origin import Origin
from arena.domain.vote import Vote

GENESIS = "0" * 64
"""The hash that the first line gives as that of the line before."""
SALT_BYTES = 16
FIRST, VERSION = 1, 2
"""Of the commitments of votes: what was written at first, and what is written."""
ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


class Opener(NamedTuple):
    """What opens the commitment to a vote."""

    salt: str
    version: int
    kept: str | None = None
    """What is kept of its tree (`vote_tree.KEPT`). None: nothing, as of votes from before it was kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the ledger."""

    sequence: int
    """1 for the first line; without gaps."""
    subject: str
    """The id of the vote, removal, choice or part of a settlement that the line is about."""
    commitment: str
    previous: str
    hash: str


def canonical(document: Any) -> bytes:
    """The one JSON spelling of a document: sorted keys, no spaces, UTF-8."""
    return ENCODER.encode(document).encode()


def commitment(salt: str, vote: Vote, record: BattleRecord, version: int = VERSION) -> str:
    """The commitment to a vote and everything it judged. `salt` is hex."""
    if version == FIRST:
        return hashlib.sha256(bytes.fromhex(salt) + canonical(content(vote, record, FIRST))).hexdigest()
    return vote_tree.commitment(salt, vote_tree.whole(vote, vote_tree.judged(record)))


def content(vote: Vote, record: BattleRecord, version: int = VERSION) -> dict[str, Any]:
    """What a vote's line commits to, as whoever may see all of it is told. In the first version there is an origin only
    where the battle has one."""
    if version != FIRST:
        return vote_tree.content(vote, record)
    origin = {} if record.origin is None else {"origin": _origin(record.origin)}
    return {"battle": _battle(record), "vote": _vote(vote), **origin}


def follow(previous: Line | None, subject: str, committed: str) -> Line:
    """The line that comes after `previous`."""
    sequence, before = (1, GENESIS) if previous is None else (previous.sequence + 1, previous.hash)
    digest = hashlib.sha256(canonical([sequence, subject, committed, before])).hexdigest()
    return Line(sequence=sequence, subject=subject, commitment=committed, previous=before, hash=digest)


def _vote(vote: Vote) -> dict[str, Any]:
    return {
        "vote_id": vote.vote_id,
        "battle_id": vote.battle_id,
        "rater_id": vote.rater_id,
        "winner": vote.winner,
        "strength": vote.strength,
        "tags": list(vote.tags),
        "reason": vote.reason,
        "edit": vote.edit,
        "reading_seconds": vote.reading_seconds,
        "cast_at": _time(vote.cast_at),
        "idempotency_key": vote.idempotency_key,
        "request_sha256": vote.request_sha256,
    }


def _battle(record: BattleRecord) -> dict[str, Any]:
    battle = record.battle
    return {
        "conversation_id": battle.conversation_id,
        "turn": battle.turn,
        "continues": battle.continues,
        "continued_side": battle.continued_side,
        "campaign": battle.campaign,
        "rater_id": battle.rater_id,
        "prompt": battle.prompt,
        "history": [_message(message) for message in battle.history],
        "model_a": battle.model_a,
        "model_b": battle.model_b,
        "draw_probability": battle.draw_probability,
        "created_at": _time(battle.created_at),
        "response_a": _response(record.response_a),
        "response_b": _response(record.response_b),
    }


def _origin(origin: Origin) -> dict[str, Any]:
    return {
        "source": origin.source,
        "item": origin.item,
        "language": origin.language,
        "category": origin.category,
        "timed": origin.timed,
        "digest": origin.digest,
    }


def _message(message: Message) -> list[str]:
    return [message.role, message.text]


def _response(response: Response | None) -> list[Any] | None:
    if response is None:
        return None
    return [
        response.text,
        response.finish_reason,
        response.prompt_tokens,
        response.completion_tokens,
        response.first_token_seconds,
        response.total_seconds,
    ]


def _time(moment: datetime) -> int:
    """Microseconds since 1970, UTC: what the store keeps, whatever zone a reader prints."""
    return round(moment.timestamp() * 1_000_000)
