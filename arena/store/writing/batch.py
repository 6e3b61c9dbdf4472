"""One transaction of the writer: commands decided one after another, their rows written together.

A command sees what the ones before it in the batch did. A refused command adds no row, so it disturbs nobody.
"""

from dataclasses import replace
from datetime import datetime

import duckdb

from arena import errors
from arena.domain import ledger
from arena.domain.assignment import Assignment
from arena.domain.battle import Battle, BattleState, Response, Side, Void, VoidCause
from arena.domain.consent import Choice
from arena.domain.ids import AssignmentId, BattleId, RaterId
from arena.domain.origin import Origin
from arena.domain.removal import Removal, RemovalKind
from arena.domain.vote import Vote
from arena.store import (
    assignments,
    battles,
    clusters,
    consent_choices,
    heads,
    models,
    origins,
    releases,
    removals,
    settlements,
    votes,
)
from arena.store.writing import commands, import_checks, key_hashes, prepare
from arena.store.writing.model_registry import Registering
from arena.store.writing.prepare import Entering, Prepared, PreparedVote
from arena.store.writing.vote_counts import VoteCounts
from arena.store.writing.writer_cache import WriterCache

Result = commands.CastResult | commands.DurableRemoval | commands.Chosen | commands.Settled | int | None
Outcome = Result | errors.ArenaError


class Batch:
    """The rows of one transaction."""

    def __init__(self, looking: duckdb.DuckDBPyConnection, known: WriterCache) -> None:
        """`looking` is a connection for look-ups, apart from the one that `write` is given."""
        self._looking = looking
        self._known = known
        self._line = known.line
        self._models = Registering(known.models)
        self._opened: dict[BattleId, Battle] = {}
        self._assigned: dict[AssignmentId, Assignment] = {}
        self._responses: list[tuple[BattleId, Side, Response, datetime]] = []
        self._answers: list[commands.CompleteBattle] = []
        self._voids: dict[BattleId, Void] = {}
        self._completed: set[BattleId] = set()
        self._origins: dict[int, tuple[BattleId, Origin]] = {}
        self._cast: list[tuple[PreparedVote, commands.CastResult]] = []
        self._releases: list[commands.RecordRelease] = []
        self._founders: dict[BattleId, BattleId] = {}
        self._removals: list[tuple[Removal, RaterId, ledger.Line]] = []
        self._choices: list[tuple[Choice, ledger.Line]] = []
        self._settled: dict[str, commands.Settled] = {}
        self._by_turn: dict[tuple[RaterId, str], commands.CastResult] = {}
        self._by_key: dict[tuple[RaterId, str], commands.CastResult] = {}

    def decide(self, prepared: list[Prepared]) -> list[Outcome]:
        """The outcome of each command, in order: its result, or the error that refuses it."""
        self._look_up([ballot for one in prepared for ballot in prepare.ballots(one)])
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
        models.append(connection, enumerate(self._models.added, start=count.models + 1))
        battles.append(connection, enumerate(self._opened.values(), start=count.battles + 1))
        assignments.append(connection, self._assigned.values())
        battles.append_responses(connection, self._responses)
        battles.append_voids(connection, self._voids.items())
        origins.append(connection, self._origins.values())
        votes.append(connection, [result for _, result in self._cast])
        releases.append(connection, self._releases)
        clusters.append(connection, self._founders)
        consent_choices.append(connection, self._choices)  # before removals, which may erase what was chosen
        removals.append(connection, self._removals)
        settlements.append(connection, list(self._settled.values()))

    @property
    def empty(self) -> bool:
        """Whether nothing was accepted that needs a commit."""
        battles_changed = self._opened or self._assigned or self._responses or self._voids
        lines_added = self._cast or self._removals or self._choices or self._settled
        return not (self._models.added or battles_changed or lines_added or self._releases or self._founders)

    def remember(self) -> heads.WorkspaceHead:
        """Take over what is now durable into the writer's memory; the head after it."""
        known = self._known
        known.models.update({model.name: model for model in self._models.added})
        for battle_id in self._opened:
            known.battles.add(key_hashes.hashed(battle_id))
        for digest in self._origins:
            known.origins.add(digest)
        known.unfinished.update(self._opened)
        known.unfinished.difference_update(self._completed, self._voids)
        for ballot, result in self._cast:
            known.turns.add(ballot.by_turn)
            known.keys.add(ballot.by_key)
            known.counts.add(result.vote.rater_id, ballot.model_a, ballot.model_b, result.line.sequence)
        self._remember_battles()
        known.line = self._line
        known.head = heads.WorkspaceHead(
            votes=self._line.sequence if self._line else 0,
            hash=self._line.hash if self._line else ledger.GENESIS,
            models=known.head.models + len(self._models.added),
            battles=known.head.battles + len(self._opened),
            responses=known.head.responses + len(self._responses),
            voids=known.head.voids + len(self._voids),
            releases=known.head.releases + len(self._releases),
        )
        return known.head

    def _remember_battles(self) -> None:
        """Change what is kept of recent battles. Imported ones are not among them: nobody waits for those."""
        known = self._known
        if self._removals:
            known.counts = VoteCounts.of(self._looking)
            known.recent.forget()
            return
        imported = {battle_id for battle_id, _ in self._origins.values()}
        fought = [battle for battle_id, battle in self._opened.items() if battle_id not in imported]
        for battle in fought:
            known.openers.add(key_hashes.hashed(battle.rater_id))
        known.recent.opened(fought)
        for answers in self._answers:
            known.recent.completed(answers)
        for battle_id, void in self._voids.items():
            known.recent.voided(battle_id, void)
        for _, result in self._cast:
            known.recent.cast(result)

    def _decide(self, prepared: Prepared) -> Result:
        match prepared:
            case PreparedVote():
                return self._cast_vote(prepared)
            case commands.OpenBattle(battle=battle, answers=answers):
                self._open(battle)
                if answers is not None:
                    self._complete(_completing(battle, answers))
            case commands.Assign(assignment=assignment):
                self._assign(assignment)
            case commands.CompleteBattle():
                self._complete(prepared)
            case commands.VoidBattle(battle_id=battle_id, void=void):
                return self._void(battle_id, void, prepared.following)
            case commands.AddModels(models=added):
                self._models.add(added)
            case commands.RecordRelease():
                self._releases.append(prepared)
            case commands.KeepClusters(founders=founders):
                self._founders.update(founders)
            case commands.Remove():
                return self._remove(prepared)
            case commands.Choose(choice=choice):
                return self._choose(choice)
            case commands.Settle():
                return self._settle(prepared)
            case Entering():
                return self._enter(prepared)
        return None

    def _look_up(self, ballots: list[PreparedVote]) -> None:
        """Find the stored votes that ballots may repeat: one query, and only when a hash is known."""
        known = self._known
        suspects = [one.vote for one in ballots if known.turns.may_hold(one.by_turn) or known.keys.may_hold(one.by_key)]
        if not suspects:
            return
        stored = votes.results(
            self._looking,
            "rater_id IN (SELECT unnest(CAST(? AS VARCHAR[]))) AND (battle_id IN (SELECT unnest(CAST(? AS VARCHAR[]))) "
            "OR idempotency_key IN (SELECT unnest(CAST(? AS VARCHAR[]))))",
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
        self._by_turn[vote.rater_id, vote.turn] = result
        self._by_key[vote.rater_id, vote.idempotency_key] = result

    def _cast_vote(self, ballot: PreparedVote) -> commands.CastResult:
        vote = ballot.vote
        first = self._by_key.get((vote.rater_id, vote.idempotency_key))
        if first is not None:
            if first.vote.request_sha256 != vote.request_sha256:
                raise errors.Conflict(
                    "This Idempotency-Key was used before with another request; send each new vote with a new key."
                )
            return replace(first, replayed=True)
        if vote.battle_id in self._known.stopped:
            raise errors.Conflict("This battle was stopped and takes no vote; open a new battle.")
        if (vote.rater_id, vote.turn) in self._by_turn:
            raise errors.Conflict(f"You have already voted on battle {vote.battle_id}; open a new battle.")
        if vote.assignment_id is not None:
            self._refuse_turn(vote, vote.assignment_id)
        self._line = ledger.follow(self._line, vote.vote_id, ballot.commitment)
        result = commands.CastResult(
            vote=vote, line=self._line, salt=ballot.salt, version=ledger.VERSION, replayed=False
        )
        self._cast.append((ballot, result))
        self._index(result)
        return result

    def _enter(self, page: Entering) -> int:
        """All or nothing: looked at whole before the first of it is taken."""
        if self._removals or any(entered.by_digest in self._origins for entered in page.battles):
            raise errors.Conflict("Some of this page was imported, or a rater left, meanwhile; import the file again.")
        import_checks.refuse_known(self._looking, self._known, page, self._by_turn)
        self._models.name(sorted({record.battle.model(side) for record in page.battles for side in Side}))
        for entered in page.battles:
            battle_id = entered.battle.battle_id
            self._opened[battle_id] = entered.battle
            self._origins[entered.by_digest] = (battle_id, entered.origin)
            self._answer(battle_id, entered.response_a, entered.response_b, entered.completed_at)
        for ballot in page.ballots:
            self._cast_vote(ballot)
        return len(page.ballots)

    def _remove(self, command: commands.Remove) -> commands.DurableRemoval:
        rater_id, kind = command.rater_id, command.kind
        removals.refuse_again(self._looking, rater_id, kind)
        if any(one == rater_id for _, one, _ in self._removals):
            raise errors.Conflict("This rater is leaving already.")
        now = [result.vote for _, result in self._cast if result.vote.rater_id == rater_id]
        votes_now = [(vote.battle_id, vote.vote_id) for vote in now]
        if kind is RemovalKind.ERASED:
            gone = Void(cause=VoidCause.RATER, failed_side=None, detail="its rater left", voided_at=command.removed_at)
            opened = (battle_id for battle_id, battle in self._opened.items() if battle.rater_id == rater_id)
            owned = {*removals.battles_of(self._looking, rater_id), *opened}
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
        return commands.DurableRemoval(removal=removal, line=self._line)

    def _choose(self, choice: Choice) -> commands.Chosen:
        rater_id = choice.rater_id
        removals.refuse_gone(self._looking, rater_id)
        if any(one == rater_id for _, one, _ in self._removals):
            raise errors.Conflict("This rater is leaving already.")
        now = [one.scope for one, _ in self._choices if one.rater_id == rater_id]
        if choice.scope is (now[-1] if now else consent_choices.scope_of(self._looking, rater_id)):
            return commands.Chosen(scope=choice.scope, line=None)
        self._line = ledger.follow(self._line, choice.choice_id, choice.commitment())
        self._choices.append((choice, self._line))
        return commands.Chosen(scope=choice.scope, line=self._line)

    def _settle(self, command: commands.Settle) -> commands.Settled:
        if command.release in self._settled:
            raise errors.Conflict("This release is being settled already; settle it again once that is done.")
        settled = settlements.decide(self._looking, command, self._line)
        if settled.parts:
            self._line = settled.parts[-1].line
            self._settled[command.release] = settled
        return settled

    def _open(self, battle: Battle) -> None:
        battle_id = battle.battle_id
        stored = self._known.battles.may_hold(key_hashes.hashed(battle_id)) and battles.load(self._looking, battle_id)
        if stored or battle_id in self._opened:
            raise errors.Conflict(f"Battle {battle_id} was opened before; mint a new id.")
        self._opened[battle_id] = battle

    def _assign(self, assignment: Assignment) -> None:
        state = self._state(assignment.battle_id)
        if state is BattleState.VOID:
            raise errors.Conflict(f"Battle {assignment.battle_id} is void, and nobody is given a turn at it.")
        assignments.refuse_known(self._looking, assignment, list(self._assigned.values()))
        self._assigned[assignment.assignment_id] = assignment

    def _refuse_turn(self, vote: Vote, assignment_id: AssignmentId) -> None:
        """Raise `Conflict` for a turn that is not this rater's at this battle."""
        given = self._assigned.get(assignment_id) or assignments.find(self._looking, assignment_id)
        if given is None or (given.rater_id, given.battle_id) != (vote.rater_id, vote.battle_id):
            raise errors.Conflict(f"{assignment_id} is no turn of this rater at battle {vote.battle_id}.")

    def _complete(self, command: commands.CompleteBattle) -> None:
        state = self._state(command.battle_id)
        if state is not BattleState.OPEN:
            raise errors.Conflict(f"Battle {command.battle_id} is {_said(state)} and takes no answers; open a new one.")
        self._answers.append(command)
        self._answer(command.battle_id, command.response_a, command.response_b, command.completed_at)

    def _answer(self, battle_id: BattleId, left: Response, right: Response, completed_at: datetime) -> None:
        self._completed.add(battle_id)
        for side, response in ((Side.A, left), (Side.B, right)):
            self._responses.append((battle_id, side, response, completed_at))

    def _void(self, battle_id: BattleId, void: Void, following: Battle | None) -> bool:
        state = self._state(battle_id)
        if state is BattleState.VOID:
            return False
        voted = state is BattleState.VOTED or any(result.vote.battle_id == battle_id for _, result in self._cast)
        if voted or (state is BattleState.READY and void.cause is not VoidCause.RATER):
            raise errors.Conflict(f"Battle {battle_id} is {_said(state)} and stays valid.")
        if following is not None:
            self._open(following)
        self._voids[battle_id] = void
        if state is BattleState.READY:
            self._known.stopped.add(battle_id)
        return True

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


def _completing(battle: Battle, answers: commands.StoredAnswers) -> commands.CompleteBattle:
    return commands.CompleteBattle(
        battle_id=battle.battle_id,
        response_a=answers.response_a,
        response_b=answers.response_b,
        completed_at=answers.completed_at,
    )


def _said(state: BattleState) -> str:
    return "void" if state is BattleState.VOID else "complete"
