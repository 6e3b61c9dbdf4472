"""One transaction of the writer: commands decided one after another, their rows written together.

A command sees what the ones before it in the batch did. A refused command adds no row, so it disturbs nobody.
"""

from dataclasses import replace
from datetime import datetime

import duckdb

from arena import errors
from arena.domain import ledger
from arena.domain.battle import Battle, BattleState, Response, Side, Void, VoidCause
from arena.domain.ids import BattleId, RaterId
from arena.domain.model import Model
from arena.domain.removal import Removal, RemovalKind
from arena.domain.vote import Vote
from arena.store import battles, commands, heads, models, presence, releases, removals, votes
from arena.store.known import Known
from arena.store.preparation import Ballot, Prepared

Outcome = commands.CastResult | commands.Removed | errors.ArenaError | None


class Batch:
    """The rows of one transaction."""

    def __init__(self, looking: duckdb.DuckDBPyConnection, known: Known) -> None:
        """`looking` is a connection for look-ups, apart from the one that `write` is given."""
        self._looking = looking
        self._known = known
        self._line = known.line
        self._models: list[Model] = []
        self._opened: dict[BattleId, Battle] = {}
        self._responses: list[tuple[BattleId, Side, Response, datetime]] = []
        self._voids: dict[BattleId, Void] = {}
        self._completed: set[BattleId] = set()
        self._cast: list[tuple[Ballot, commands.CastResult]] = []
        self._releases: list[commands.RecordRelease] = []
        self._removals: list[tuple[Removal, RaterId, ledger.Line]] = []
        self._by_battle: dict[tuple[RaterId, BattleId], commands.CastResult] = {}
        self._by_key: dict[tuple[RaterId, str], commands.CastResult] = {}

    def decide(self, prepared: list[Prepared]) -> list[Outcome]:
        """The outcome of each command, in order: its result, or the error that refuses it."""
        self._look_up([one for one in prepared if isinstance(one, Ballot)])
        outcomes: list[Outcome] = []
        for one in prepared:
            try:
                outcomes.append(self._decide(one))
            except errors.ArenaError as refusal:
                outcomes.append(refusal)
        return outcomes

    def write(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Add the rows of every accepted command, inside the transaction of `connection`."""
        count = self._known.head
        models.append(connection, enumerate(self._models, start=count.models + 1))
        battles.append(connection, enumerate(self._opened.values(), start=count.battles + 1))
        battles.append_responses(connection, self._responses)
        battles.append_voids(connection, self._voids.items())
        votes.append(connection, [result for _, result in self._cast])
        releases.append(connection, self._releases)
        removals.append(connection, self._removals)

    @property
    def empty(self) -> bool:
        """Whether nothing was accepted that needs a commit."""
        battles_changed = self._opened or self._responses or self._voids
        return not (self._models or battles_changed or self._cast or self._releases or self._removals)

    def remember(self) -> heads.Head:
        """Take over what is now durable into the writer's memory; the head after it."""
        known = self._known
        known.models.update({model.name: model for model in self._models})
        for battle_id in self._opened:
            known.battles.add(presence.hashed(battle_id))
        known.unfinished.update(self._opened)
        known.unfinished.difference_update(self._completed, self._voids)
        for ballot, _ in self._cast:
            known.ballots.add(ballot.by_battle)
            known.keys.add(ballot.by_key)
        known.line = self._line
        known.head = heads.Head(
            votes=self._line.sequence if self._line else 0,
            hash=self._line.hash if self._line else ledger.GENESIS,
            models=known.head.models + len(self._models),
            battles=known.head.battles + len(self._opened),
            responses=known.head.responses + len(self._responses),
            voids=known.head.voids + len(self._voids),
            releases=known.head.releases + len(self._releases),
        )
        return known.head

    def _decide(self, prepared: Prepared) -> commands.CastResult | commands.Removed | None:
        match prepared:
            case Ballot():
                return self._cast_vote(prepared)
            case commands.OpenBattle(battle=battle):
                self._open(battle)
            case commands.CompleteBattle():
                self._complete(prepared)
            case commands.VoidBattle(battle_id=battle_id, void=void):
                self._void(battle_id, void)
            case commands.AddModels(models=added):
                self._add_models(added)
            case commands.RecordRelease():
                self._releases.append(prepared)
            case commands.Remove():
                return self._remove(prepared)
        return None

    def _look_up(self, ballots: list[Ballot]) -> None:
        """Find the stored votes that ballots may repeat: one query, and only when a hash is known."""
        known = self._known
        suspects = [
            one.vote for one in ballots if known.ballots.may_hold(one.by_battle) or known.keys.may_hold(one.by_key)
        ]
        if not suspects:
            return
        stored = votes.results(
            self._looking,
            "rater_id IN (SELECT unnest(?::VARCHAR[])) AND (battle_id IN (SELECT unnest(?::VARCHAR[])) "
            "OR idempotency_key IN (SELECT unnest(?::VARCHAR[])))",
            [
                [vote.rater_id for vote in suspects],
                [vote.battle_id for vote in suspects],
                [vote.idempotency_key for vote in suspects],
            ],
        )
        for result in stored:
            self._index(result)

    def _index(self, result: commands.CastResult) -> None:
        vote = result.vote
        self._by_battle[vote.rater_id, vote.battle_id] = result
        self._by_key[vote.rater_id, vote.idempotency_key] = result

    def _cast_vote(self, ballot: Ballot) -> commands.CastResult:
        vote = ballot.vote
        first = self._by_key.get((vote.rater_id, vote.idempotency_key))
        if first is not None:
            if first.vote.request_sha256 != vote.request_sha256:
                raise errors.Conflict(
                    "This Idempotency-Key was used before with another request; send each new vote with a new key."
                )
            return replace(first, replayed=True)
        if (vote.rater_id, vote.battle_id) in self._by_battle:
            raise errors.Conflict(f"You have already voted on battle {vote.battle_id}; open a new battle.")
        self._line = ledger.follow(self._line, vote.vote_id, ballot.commitment)
        result = commands.CastResult(vote=vote, line=self._line, salt=ballot.salt, replayed=False)
        self._cast.append((ballot, result))
        self._index(result)
        return result

    def _remove(self, command: commands.Remove) -> commands.Removed:
        rater_id, kind = command.rater_id, command.kind
        removals.refuse_again(self._looking, rater_id, kind)
        if any(one == rater_id for _, one, _ in self._removals):
            raise errors.Conflict("This rater is leaving already.")
        votes_now = [(vote.battle_id, vote.vote_id) for vote in self._cast_by(rater_id)]
        if kind is RemovalKind.ERASED:
            gone = Void(
                cause=VoidCause.ABANDONED, failed_side=None, detail="its rater left", voided_at=command.removed_at
            )
            owned = {*removals.battles_of(self._looking, rater_id), *self._opened_by(rater_id)}
            for battle_id in owned:
                if self._state(battle_id) is BattleState.OPEN:  # or its answers would be stored after all
                    self._voids[battle_id] = gone
        removal = Removal(
            removal_id=command.removal_id,
            kind=kind,
            votes=tuple(sorted({*removals.votes_of(self._looking, rater_id), *votes_now}, key=lambda one: one[1])),
            removed_at=command.removed_at,
        )
        self._line = ledger.follow(self._line, removal.removal_id, removal.commitment())
        self._removals.append((removal, rater_id, self._line))
        return commands.Removed(removal=removal, line=self._line)

    def _cast_by(self, rater_id: RaterId) -> list[Vote]:
        """Votes of this batch by a rater."""
        return [result.vote for _, result in self._cast if result.vote.rater_id == rater_id]

    def _opened_by(self, rater_id: RaterId) -> list[BattleId]:
        """Battles of this batch by a rater."""
        return [battle_id for battle_id, battle in self._opened.items() if battle.rater_id == rater_id]

    def _open(self, battle: Battle) -> None:
        battle_id = battle.battle_id
        stored = self._known.battles.may_hold(presence.hashed(battle_id)) and battles.load(self._looking, battle_id)
        if stored or battle_id in self._opened:
            raise errors.Conflict(f"Battle {battle_id} was opened before; mint a new id.")
        self._opened[battle_id] = battle

    def _complete(self, command: commands.CompleteBattle) -> None:
        state = self._state(command.battle_id)
        if state is not BattleState.OPEN:
            raise errors.Conflict(f"Battle {command.battle_id} is {_said(state)} and takes no answers; open a new one.")
        self._completed.add(command.battle_id)
        for side, response in ((Side.A, command.response_a), (Side.B, command.response_b)):
            self._responses.append((command.battle_id, side, response, command.completed_at))

    def _void(self, battle_id: BattleId, void: Void) -> None:
        state = self._state(battle_id)
        if state is BattleState.VOID:
            return
        if state is not BattleState.OPEN:
            raise errors.Conflict(f"Battle {battle_id} is {_said(state)} and stays valid.")
        self._voids[battle_id] = void

    def _state(self, battle_id: BattleId) -> BattleState:
        if battle_id in self._voids:
            return BattleState.VOID
        if battle_id in self._completed:
            return BattleState.READY
        if battle_id in self._opened or battle_id in self._known.unfinished:
            return BattleState.OPEN
        record = battles.load(self._looking, battle_id)
        if record is None:
            raise errors.NotFound(f"There is no battle {battle_id} here; check the id.")
        return record.state

    def _add_models(self, added: tuple[Model, ...]) -> None:
        """All or none."""
        fresh: dict[str, Model] = {}
        for model in added:
            before = fresh.get(model.name) or self._newest(model)
            if before is not None and before.fingerprint() != model.fingerprint():
                raise errors.Conflict(
                    f"Model {model.name} is known with other settings; a changed setting is a new model, "
                    "so give it a new name."
                )
            if before != model:
                fresh[model.name] = model
        self._models.extend(fresh.values())

    def _newest(self, model: Model) -> Model | None:
        in_batch = [one for one in self._models if one.name == model.name]
        return in_batch[-1] if in_batch else self._known.models.get(model.name)


def _said(state: BattleState) -> str:
    return "void" if state is BattleState.VOID else "complete"
