"""Whatever raters send again, at whatever time, from however many tabs: one vote, one answer, one order.

A state machine drives a real workspace beside a model of what must be told. Commands go alone or several into one
transaction, the workspace is closed and opened in between, and clocks jump.
"""

import shutil
import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from arena import errors
from arena.domain.battle import BattleRecord
from arena.domain.vote import Vote, Winner
from arena.store import selection
from arena.store.workspace import Workspace
from arena.store.writing import commands
from arena.store.writing.key_hashes import Presence
from tests.store import making

RATERS = st.sampled_from(["r_1", "r_2"])
KEYS = st.sampled_from(["k1", "k2", "k3"])
WINNERS = st.sampled_from(list(Winner))
CLOCKS = st.integers(-100_000, 100_000)


class Voting(RuleBasedStateMachine):
    """Two raters, three keys and a few battles: collisions are the rule."""

    battles: Bundle[BattleRecord] = Bundle("battles")

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.workspace = Workspace.open(self.folder / "a.duckdb")
        self.by_key: dict[tuple[str, str], Vote] = {}
        self.order: list[Vote] = []

    def teardown(self) -> None:
        problems = self.workspace.verify().problems
        self.workspace.close()
        shutil.rmtree(self.folder)
        assert problems == ()

    @initialize(target=battles)
    def first_battle(self) -> BattleRecord:
        return making.completed(self.workspace)

    @rule(target=battles)
    def another_battle(self) -> BattleRecord:
        return making.completed(self.workspace)

    @rule(record=battles, rater=RATERS, key=KEYS, winner=WINNERS, clock=CLOCKS)
    def vote(self, record: BattleRecord, rater: str, key: str, winner: Winner, clock: int) -> None:
        vote = self.made(record, rater, key, winner, clock)
        self.check(vote, self.outcome(self.workspace.submit(commands.CastVote(vote=vote, record=record))))

    @rule(record=battles, sent=st.lists(st.tuples(RATERS, KEYS, WINNERS, CLOCKS), min_size=2, max_size=5))
    def votes_in_one_transaction(self, record: BattleRecord, sent: list[tuple[str, str, Winner, int]]) -> None:
        made = [self.made(record, *one) for one in sent]
        with making.holding(self.workspace):
            futures = [self.workspace.submit(commands.CastVote(vote=vote, record=record)) for vote in made]
        for vote, future in zip(made, futures, strict=True):
            self.check(vote, self.outcome(future))

    @rule()
    def reopen(self) -> None:
        self.workspace.close()
        self.workspace = Workspace.open(self.folder / "a.duckdb")

    @invariant()
    def what_is_stored_is_what_was_told(self) -> None:
        with self.workspace.reading() as connection:
            stored = [vote for record in selection.voted(connection) for vote in record.votes]
            order = connection.execute("SELECT vote_id FROM votes ORDER BY sequence").fetchall()
        assert sorted(stored, key=repr) == sorted(self.order, key=repr)
        assert [row[0] for row in order] == [vote.vote_id for vote in self.order]

    def made(self, record: BattleRecord, rater: str, key: str, winner: Winner, clock: int) -> Vote:
        battle_id = record.battle.battle_id
        return making.vote(
            battle_id,
            rater,
            winner=winner,
            strength=None,
            edit=None,
            idempotency_key=key,
            request_sha256=f"{battle_id} {winner}",
            cast_at=making.NOW + timedelta(seconds=clock),
        )

    def outcome(self, future: Any) -> commands.CastResult | errors.ArenaError:
        try:
            result = future.result(30)
        except errors.ArenaError as refusal:
            return refusal
        assert isinstance(result, commands.CastResult)
        return result

    def check(self, vote: Vote, told: commands.CastResult | errors.ArenaError) -> None:
        """Compare what was told with what the model says must be."""
        first = self.by_key.get((vote.rater_id, vote.idempotency_key))
        if first is not None and first.request_sha256 == vote.request_sha256:
            assert isinstance(told, commands.CastResult)
            assert told.replayed
            assert told.vote == first
            assert told.line.sequence == self.order.index(first) + 1
        elif first is not None or any(
            (one.rater_id, one.battle_id) == (vote.rater_id, vote.battle_id) for one in self.order
        ):
            assert isinstance(told, errors.Conflict)
        else:
            assert isinstance(told, commands.CastResult)
            assert told == replace(told, vote=vote, replayed=False)
            self.order.append(vote)
            self.by_key[vote.rater_id, vote.idempotency_key] = vote
            assert told.line.sequence == len(self.order)


def examples(count: int, steps: int) -> settings:
    return settings(
        max_examples=count,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        print_blob=False,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )


@pytest.mark.slow
def test_whatever_is_sent_again_is_one_vote_with_one_answer() -> None:
    run_state_machine_as_test(Voting, settings=examples(12, 12))


@pytest.mark.soak
def test_whatever_is_sent_again_is_one_vote_with_one_answer_ten_thousand_times() -> None:
    run_state_machine_as_test(Voting, settings=examples(10_000, 15))


@pytest.mark.slow
def test_the_control_that_forgets_what_was_sent_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Presence, "may_hold", lambda self, hashed: False)
    with pytest.raises(AssertionError):
        run_state_machine_as_test(Voting, settings=examples(100, 15))
