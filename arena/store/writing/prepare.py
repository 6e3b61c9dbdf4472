"""What the submitting thread does to a command before it reaches the writer: refuse what needs no database to be
refused, and compute the ledger's commitment, the dearest part of a vote.
"""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from arena import errors
from arena.domain import ledger, vote_tree
from arena.domain.battle import Answers, Battle, BattleRecord, BattleState, Response
from arena.domain.ids import BattleId, ModelName, RaterId
from arena.domain.origin import Origin
from arena.domain.vote import Vote
from arena.store.writing import commands, key_hashes


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedVote:
    """A vote with what could be computed before it reached the writer."""

    vote: Vote
    salt: str
    commitment: str
    kept: str
    """What is kept of the tree of its commitment."""
    by_turn: int
    """Hash of (rater, turn)."""
    by_key: int
    """Hash of (rater, idempotency key)."""
    by_id: int
    """Hash of the vote's id."""
    model_a: ModelName
    model_b: ModelName
    asked_by: RaterId
    """Whose prompt it is on."""
    others: tuple[RaterId, ...] = ()
    """Who else its rater is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """An imported battle, whole."""

    battle: Battle
    origin: Origin
    response_a: Response
    response_b: Response
    completed_at: datetime
    by_digest: int
    """Hash of the origin's digest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entering:
    """Imported battles with what could be computed before they reached the writer."""

    battles: tuple[Entered, ...]
    ballots: tuple[PreparedVote, ...]


Plain = (
    commands.AddModels
    | commands.AddModel
    | commands.ChangeModel
    | commands.AddCampaign
    | commands.ChangeCampaign
    | commands.Agree
    | commands.KeepTrial
    | commands.ForgetTrials
    | commands.AddPrompts
    | commands.AddAnswers
    | commands.Assign
    | commands.TakeTask
    | commands.EndTurn
    | commands.AddReport
    | commands.AnswerReport
    | commands.AddQualification
    | commands.RecordResult
    | commands.OpenBattle
    | commands.CompleteBattle
    | commands.VoidBattle
    | commands.VoidLeft
    | commands.RecordRelease
    | commands.KeepClusters
    | commands.Remove
    | commands.Choose
    | commands.Settle
    | commands.DecideStanding
    | commands.RecordAudit
    | commands.AddAppeal
    | commands.SetCreditTerms
    | commands.HoldBackCredits
    | commands.SettleCampaign
)
Prepared = Plain | PreparedVote | Entering


def ballots(prepared: Prepared) -> tuple[PreparedVote, ...]:
    """The votes in a command."""
    if isinstance(prepared, Entering):
        return prepared.ballots
    return (prepared,) if isinstance(prepared, PreparedVote) else ()


def prepare(command: commands.Command[Any]) -> Prepared:
    """Do in the submitting thread what does not need the writer: above all, the hash over the answers."""
    match command:
        case commands.OpenBattle(battle=battle, answers=answers):
            if (answers is not None) is not (battle.answers is Answers.STORED):
                raise ValueError(f"battle {battle.battle_id} has {battle.answers} answers, and is opened otherwise")
            _refuse_unwritable(*(message.text for message in battle.messages))
            if answers is not None:
                _refuse_unwritable(answers.response_a.text, answers.response_b.text)
            return command
        case commands.CompleteBattle(response_a=left, response_b=right):
            _refuse_unwritable(left.text, right.text)
            return command
        case commands.EndTurn(end=end):
            _refuse_unwritable(end.reason)
            return command
        case commands.AddReport(report=report):
            _refuse_unwritable(report.reason)
            return command
        case commands.AnswerReport(answer=answer):
            _refuse_unwritable(answer.reason)
            return command
        case commands.AddQualification(qualification=added):
            _refuse_unwritable(added.title, added.guidelines)
            return command
        case commands.VoidBattle(void=void) | commands.VoidLeft(void=void):
            readable = void.detail.encode("utf-8", "backslashreplace").decode()
            return replace(command, void=replace(void, detail=readable))
        case commands.AddModel(model=model, change=change):
            _refuse_unwritable(change.reason, model.served_name, model.system_prompt)
            return command
        case commands.ChangeModel(change=change):
            _refuse_unwritable(change.reason)
            return command
        case commands.AddCampaign(change=campaign) | commands.ChangeCampaign(change=campaign):
            _refuse_unwritable(campaign.reason, campaign.keys)
            return command
        case commands.DecideStanding(decisions=decisions):
            _refuse_unwritable(*(text for one in decisions for text in (one.reason, one.field)))
            return command
        case commands.AddAppeal(appeal=appeal):
            _refuse_unwritable(appeal.text)
            return command
        case commands.KeepTrial(trial=trial):
            said = (text for answer in trial.answers for text in (answer.text, answer.problem))
            _refuse_unwritable(trial.prompt, *said)
            return command
        case (
            commands.AddModels()
            | commands.AddPrompts()
            | commands.AddAnswers()
            | commands.Agree()
            | commands.ForgetTrials()
            | commands.Assign()
            | commands.TakeTask()
            | commands.RecordResult()
            | commands.RecordRelease()
            | commands.KeepClusters()
            | commands.Remove()
            | commands.Choose()
            | commands.Settle()
            | commands.RecordAudit()
            | commands.SetCreditTerms()
            | commands.SettleCampaign()
        ):
            return command
        case commands.HoldBackCredits(parts=parts):
            _refuse_unwritable(*(decision.reason for decision, _ in parts))
            return command
        case commands.CastVote(vote=vote, record=record, others=others):
            made = _ballot(vote, record, vote_tree.judged(record))
            return replace(made, others=others) if others else made
        case commands.EnterBattles(battles=entered, votes=cast):
            return Entering(
                battles=tuple(_entered(record) for record in entered),
                ballots=_ballots(cast),
            )
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


def _entered(record: BattleRecord) -> Entered:
    """An imported battle whose texts can be written."""
    battle, origin, left, right = record.battle, record.origin, record.response_a, record.response_b
    if origin is None or left is None or right is None or record.completed_at is None or record.votes:
        raise ValueError(f"battle {battle.battle_id} is no imported battle")
    _refuse_unwritable(
        *(message.text for message in battle.messages),
        *(left.text, right.text, battle.model_a, battle.model_b, battle.campaign),
        *(origin.source, origin.item, origin.language, origin.category),
    )
    return Entered(
        battle=battle,
        origin=origin,
        response_a=left,
        response_b=right,
        completed_at=record.completed_at,
        by_digest=key_hashes.hashed(origin.digest),
    )


def _ballots(cast: Iterable[tuple[Vote, BattleRecord]]) -> tuple[PreparedVote, ...]:
    """Votes on imported battles, of which several may be on one."""
    judged: dict[BattleId, Mapping[str, bytes]] = {}
    found = []
    for vote, record in cast:
        battle_id = record.battle.battle_id
        if battle_id not in judged:
            judged[battle_id] = vote_tree.judged(record)
        found.append(_ballot(vote, record, judged[battle_id]))
    return tuple(found)


def _ballot(vote: Vote, record: BattleRecord, judged: Mapping[str, bytes]) -> PreparedVote:
    """`judged` is the battle as its votes commit to it."""
    _refuse_unwritable(vote.reason, vote.edit, vote.idempotency_key, *(name for name, _ in vote.criteria))
    if record.state is BattleState.OPEN:
        raise errors.Conflict(f"Battle {vote.battle_id} has no complete answers yet; vote when both are there.")
    if record.state is BattleState.VOID:
        raise errors.Conflict(f"Battle {vote.battle_id} is void and takes no vote; open a new battle.")
    if record.battle.battle_id != vote.battle_id:
        raise ValueError(f"vote {vote.vote_id} is on {vote.battle_id}, its record on {record.battle.battle_id}")
    salt = secrets.token_hex(ledger.SALT_BYTES)
    root = vote_tree.root(salt, vote_tree.whole(vote, judged))
    return PreparedVote(
        vote=vote,
        salt=salt,
        commitment=root.commitment,
        kept=root.kept,
        by_turn=key_hashes.hashed(vote.rater_id, vote.turn),
        by_key=key_hashes.hashed(vote.rater_id, vote.idempotency_key),
        by_id=key_hashes.hashed(vote.vote_id),
        model_a=record.battle.model_a,
        model_b=record.battle.model_b,
        asked_by=record.battle.rater_id,
    )
