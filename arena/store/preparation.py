"""What the submitting thread does to a command before it reaches the writer: refuse what needs no database to be
refused, and compute the ledger's commitment, the dearest part of a vote.
"""

import secrets
from dataclasses import dataclass, replace
from typing import Any

from arena import errors
from arena.domain import ledger
from arena.domain.battle import BattleRecord, BattleState
from arena.domain.vote import Vote
from arena.store import commands, presence


@dataclass(frozen=True, slots=True, kw_only=True)
class Ballot:
    """A vote with what could be computed before it reached the writer."""

    vote: Vote
    salt: str
    commitment: str
    by_battle: int
    """Hash of (rater, battle)."""
    by_key: int
    """Hash of (rater, idempotency key)."""


Plain = (
    commands.AddModels
    | commands.OpenBattle
    | commands.CompleteBattle
    | commands.VoidBattle
    | commands.RecordRelease
    | commands.Remove
)
Prepared = Plain | Ballot


def prepare(command: commands.Command[Any]) -> Prepared:
    """Do in the submitting thread what does not need the writer: above all, the hash over the answers."""
    match command:
        case commands.OpenBattle(battle=battle):
            _refuse_unwritable(battle.prompt, *(message.content for message in battle.history))
            return command
        case commands.CompleteBattle(response_a=left, response_b=right):
            _refuse_unwritable(left.text, right.text)
            return command
        case commands.VoidBattle(battle_id=battle_id, void=void):
            readable = void.detail.encode("utf-8", "backslashreplace").decode()
            return commands.VoidBattle(battle_id=battle_id, void=replace(void, detail=readable))
        case commands.AddModels() | commands.RecordRelease() | commands.Remove():
            return command
        case commands.CastVote(vote=vote, record=record):
            return _ballot(vote, record)
    raise TypeError(f"{command!r} is not a command of the store")


def _refuse_unwritable(*texts: str | None) -> None:
    try:
        for text in texts:
            if text is not None:
                text.encode()
    except UnicodeEncodeError as error:
        raise errors.InvalidValue(
            f"A text holds half of a surrogate pair at character {error.start + 1}, which UTF-8 cannot write; "
            "send it without."
        ) from error


def _ballot(vote: Vote, record: BattleRecord) -> Ballot:
    _refuse_unwritable(vote.reason, vote.edit, vote.idempotency_key)
    if record.state is BattleState.OPEN:
        raise errors.Conflict(f"Battle {vote.battle_id} has no complete answers yet; vote when both are there.")
    if record.state is BattleState.VOID:
        raise errors.Conflict(f"Battle {vote.battle_id} is void and takes no vote; open a new battle.")
    if record.battle.battle_id != vote.battle_id:
        raise ValueError(f"vote {vote.vote_id} is on {vote.battle_id}, its record on {record.battle.battle_id}")
    salt = secrets.token_hex(ledger.SALT_BYTES)
    return Ballot(
        vote=vote,
        salt=salt,
        commitment=ledger.commitment(salt, vote, record),
        by_battle=presence.hashed(vote.rater_id, vote.battle_id),
        by_key=presence.hashed(vote.rater_id, vote.idempotency_key),
    )
