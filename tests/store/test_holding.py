"""Holds by people: which votes they lie on, that boards keep up with them, and that each is in the ledger."""

import hashlib
import json
import random
from concurrent.futures import Future
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from arena import errors
from arena.domain.campaign import CampaignState
from arena.domain.ids import BattleId, ModelName, RaterId, VoteId
from arena.domain.removal import RemovalKind, hashed
from arena.domain.standing import HeldFor, Standing, StandingDecision, VoteHold, in_force
from arena.store import database, holding, ledger, rows, selection, standing_decisions
from arena.store.board_counts import BoardCounts
from arena.store.workspace import Workspace
from arena.store.writing import commands
from tests.lengths import at_length
from tests.store import making
from tests.store.test_board_counts import counted, now
from tests.store.writing import test_recent

SUSPENDED, PROBATION, QUALIFIED, NEW = Standing.SUSPENDED, Standing.PROBATION, Standing.QUALIFIED, Standing.NEW
ALL = VoteHold()


def decide(workspace: Workspace, *decisions: StandingDecision) -> Future[commands.StandingDecided]:
    return workspace.submit(commands.DecideStanding(decisions=decisions))


def held(workspace: Workspace) -> dict[str, str]:
    """The votes that are held, with what for."""
    with workspace.reading() as connection:
        found = rows.fetched(
            connection, f"SELECT vote_id, held_for FROM ({holding.votes(connection)}) WHERE held_for IS NOT NULL"
        )
    return dict(found)


def expected(workspace: Workspace) -> dict[str, str]:
    """The same, said a second time: vote by vote, from the decisions."""
    with workspace.reading() as connection:
        decisions = standing_decisions.every(connection)
        cast = rows.fetched(
            connection,
            "SELECT vote_id, rater_id, cast_at, model_a, model_b, "
            "battle_id IN (SELECT battle_id FROM responses WHERE leak) FROM counted_votes",
        )
    found = {}
    for vote_id, rater_id, cast_at, model_a, model_b, leaks in cast:
        reasons: set[str] = {"leak"} if leaks else set()
        lying: list[StandingDecision] = []
        for one in in_force(decisions):
            if one.rater_id == rater_id:
                lying = [] if one.standing is QUALIFIED else [*lying, one]
        for one in lying:
            if one.hold is not None and _lies(one.hold, database.read_time(cast_at), model_a, model_b):
                reasons.add(str(one.standing))
        for reason in ("leak", "suspended", "probation"):
            if reason in reasons:
                found[vote_id] = reason
                break
    return found


def _lies(hold: VoteHold, cast_at: datetime, *models: str) -> bool:
    after = hold.since is None or cast_at >= hold.since
    before = hold.until is None or cast_at < hold.until
    return after and before and hold.model in (None, *models)


def something(workspace: Workspace, chance: random.Random) -> Future[Any]:
    """A decision on somebody who voted, drawn at random, or that the last one on them is undone."""
    with workspace.reading() as connection:
        cast = rows.fetched(connection, "SELECT rater_id, cast_at FROM votes ORDER BY sequence")
        rater, at = chance.choice(cast) if cast else ("r_0", making.NOW)
        before = in_force(standing_decisions.of_raters(connection, [RaterId(rater)]))
    if before and chance.random() < 0.4:
        return decide(workspace, making.decision(rater, None, undoes=before[-1].decision_id))
    standing = chance.choice(list(Standing))
    at = database.read_time(at)
    hold = VoteHold(
        since=chance.choice([None, at, at + timedelta(seconds=1)]),
        until=chance.choice([None, None, at + timedelta(seconds=1)]),
        model=chance.choice([None, None, ModelName("model-1")]),
    )
    return decide(workspace, making.decision(rater, standing, hold=hold if standing.holding else None))


@pytest.mark.parametrize("seed", [2, *at_length(1)])
def test_boards_keep_up_with_votes_holds_undone_holds_and_withdrawals(tmp_path: Path, seed: int) -> None:
    chance, made, moved, seen = random.Random(seed), list[BattleId](), 0, set[str]()
    kept_up: BoardCounts | None = None
    with Workspace.open(tmp_path / "ours.duckdb") as workspace:
        for number in range(80):
            done = (
                something(workspace, chance)
                if chance.random() < 0.1
                else test_recent.happen(workspace, chance, made, number)
            )
            if done is not None:
                done.exception()
            if number % 2 == 0:
                kept_up = now(workspace, kept_up)
                moved += bool(kept_up.added)
                anew = now(workspace, None)
                assert (counted(kept_up), kept_up.why) == (counted(anew), anew.why)
                assert held(workspace) == expected(workspace)
                assert sum(anew.held.values()) == sum(anew.why.values()) == len(held(workspace))
                seen.update(held(workspace).values())
        assert workspace.verify().problems == ()
    assert moved > 3
    assert seen


def test_a_hold_lies_on_votes_since_a_moment_until_another_and_on_a_model(workspace: Workspace) -> None:
    first, second, third = (making.cast(workspace, cast_at=making.NOW + timedelta(hours=hour)) for hour in range(3))
    other = making.cast(workspace, "r_other")
    at = making.NOW + timedelta(hours=1)
    decide(workspace, making.decision(standing=PROBATION, hold=VoteHold(since=at))).result()
    assert held(workspace) == {second.vote.vote_id: "probation", third.vote.vote_id: "probation"}
    decide(workspace, making.decision(hold=VoteHold(until=at))).result()
    assert held(workspace)[first.vote.vote_id] == "suspended"
    decide(workspace, making.decision(standing=QUALIFIED)).result()
    assert held(workspace) == {}, "qualified lifts every hold"
    decide(workspace, making.decision("r_other", hold=VoteHold(model=ModelName("smol-plain")))).result()
    assert held(workspace) == {other.vote.vote_id: "suspended"}
    decide(workspace, making.decision("r_asker", hold=VoteHold(model=ModelName("absent")))).result()
    assert held(workspace) == {other.vote.vote_id: "suspended"}


def test_an_undone_decision_gives_back_what_held_before(workspace: Workspace) -> None:
    cast = making.cast(workspace)
    before = now(workspace, None)
    suspended = making.decision(hold=ALL)
    decide(workspace, suspended).result()
    lifting = making.decision(standing=QUALIFIED)
    decide(workspace, lifting).result()
    assert held(workspace) == {}
    decide(workspace, making.decision(standing=None, undoes=lifting.decision_id)).result()
    assert held(workspace) == {cast.vote.vote_id: "suspended"}
    with pytest.raises(errors.Conflict, match="undid it"):
        decide(workspace, making.decision(standing=None, undoes=lifting.decision_id)).result()
    decide(workspace, making.decision(standing=None, undoes=suspended.decision_id)).result()
    found = now(workspace, before)
    assert (dict(found.counted), dict(found.held)) == (dict(before.counted), {})
    assert found.sequence == before.sequence + 4


def test_a_decision_on_somebody_who_is_several_raters_holds_for_all_and_is_undone_for_all(workspace: Workspace) -> None:
    votes = {making.cast(workspace, rater).vote.vote_id for rater in ("r_one", "r_two")}
    first = making.decision("r_one", hold=ALL)
    decide(workspace, first, making.decision("r_two", hold=ALL, follows=first.decision_id)).result()
    assert held(workspace).keys() == votes
    decide(workspace, making.decision("r_one", None, undoes=first.decision_id)).result()
    assert held(workspace) == {}
    with workspace.reading() as connection:
        assert in_force(standing_decisions.of_raters(connection, [RaterId("r_two")])) == []


def test_a_vote_on_an_answer_that_names_its_model_is_told_as_such(workspace: Workspace) -> None:
    opened = making.opened(workspace).battle.battle_id
    workspace.submit(replace(making.completing(opened), response_a=making.response("I am smol.", leak=True))).result()
    record = making.loaded(workspace, opened)
    workspace.submit(commands.CastVote(vote=making.vote(opened), record=record)).result()
    making.cast(workspace)
    decide(workspace, making.decision(hold=ALL)).result()
    assert now(workspace, None).why == {HeldFor.LEAK: 1, HeldFor.SUSPENDED: 1}


def test_a_hold_lies_on_the_votes_of_its_field(workspace: Workspace) -> None:
    """A field is that of the campaign's version under which the battle was drawn."""
    for version, fields in ((1, ("law",)), (2, ("law", "tax"))):
        change = making.campaign_change(CampaignState.RUNNING, version, qualifications=fields)
        adding = commands.AddCampaign if version == 1 else commands.ChangeCampaign
        workspace.submit(adding(change=change)).result()
    cast = {}
    for name, version in (("writing", 1), ("writing", 2), ("default", None)):
        record = making.completed(workspace, campaign=name, campaign_version=version)
        vote = making.vote(record.battle.battle_id)
        workspace.submit(commands.CastVote(vote=vote, record=record)).result()
        cast[vote.vote_id] = version
    decide(workspace, making.decision(field="tax", hold=ALL)).result()
    assert [cast[VoteId(vote_id)] for vote_id in held(workspace)] == [2]
    decide(workspace, making.decision(field="law", standing=PROBATION, hold=ALL)).result()
    assert {cast[VoteId(vote_id)]: why for vote_id, why in held(workspace).items()} == {1: "probation", 2: "suspended"}
    decide(workspace, making.decision(hold=ALL)).result()
    assert {cast[VoteId(vote_id)] for vote_id in held(workspace)} == {1, 2, None}
    decide(workspace, making.decision(field="law", standing=QUALIFIED)).result()
    assert {cast[VoteId(vote_id)] for vote_id in held(workspace)} == {2, None}


def test_a_finding_can_hold_votes(workspace: Workspace) -> None:
    """The table carries what an audit will write."""
    cast = making.cast(workspace)
    with workspace.connection() as connection:
        connection.execute("INSERT INTO holds VALUES (1, 'f_1', 'r_asker', 'general', 'finding', NULL, NULL, NULL)")
    assert held(workspace) == {cast.vote.vote_id: "finding"}


def test_records_for_releases_say_which_votes_are_held(workspace: Workspace) -> None:
    record = making.completed(workspace)
    battle_id = record.battle.battle_id
    kept, hers = making.vote(battle_id, "r_kind"), making.vote(battle_id, "r_asker")
    for vote in (kept, hers):
        workspace.submit(commands.CastVote(vote=vote, record=record)).result()
    decide(workspace, making.decision(hold=ALL)).result()
    with workspace.reading() as connection:
        (found,) = selection.voted(connection)
        with selection.Ahead(connection) as ahead:
            (same,) = ahead.records()
    assert found == same
    assert [(vote.vote_id, found.holds(vote)) for vote in found.votes] == [(kept.vote_id, False), (hers.vote_id, True)]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE standing_decisions SET reason = 'Else.'",
        "UPDATE standing_decisions SET standing = 'qualified'",
        "UPDATE standing_decisions SET rater_id = 'r_other'",
        "UPDATE standing_decisions SET salt = '', rater_id = '', reason = ''",
        "UPDATE holds SET until = TIMESTAMP '2026-03-05'",
        "UPDATE holds SET rater_id = 'r_other'",
        "DELETE FROM holds",
        "DELETE FROM standing_decisions",
        "UPDATE standing_decisions SET sequence = 9, decision_id = 'sd_new'",
    ],
)
def test_a_decision_that_was_changed_is_found(tmp_path: Path, change: str) -> None:
    path = tmp_path / "a.duckdb"
    with Workspace.open(path) as workspace:
        decide(workspace, making.decision(hold=ALL)).result()
    assert ledger.verify(path).problems == (), "the control"
    with database.connect(path) as connection:
        connection.execute(change)
    assert ledger.verify(path).problems


def test_of_an_erased_rater_nothing_is_left_but_that_it_was_decided(workspace: Workspace) -> None:
    making.cast(workspace)
    decide(workspace, making.decision(hold=ALL, reason="The rater told us their name.")).result()
    workspace.submit(test_recent.removal(1, "r_asker", RemovalKind.ERASED)).result()
    with workspace.reading() as connection:
        kept = rows.fetched(connection, "SELECT rater_id, reason, salt FROM standing_decisions")
        assert kept == [("", "", "")]
        assert rows.fetched(connection, "SELECT rater_id FROM holds") == [("",)]
    assert workspace.verify().problems == ()
    with pytest.raises(errors.Conflict, match="was erased"):
        decide(workspace, making.decision()).result()


def test_a_vote_is_held_for_what_it_was_cast_under(workspace: Workspace) -> None:
    """Not by the clock: a hold that has ended goes on holding what was cast in its time."""
    cast = making.cast(workspace, cast_at=making.NOW)
    over = VoteHold(since=making.NOW, until=making.NOW + timedelta(seconds=1))
    decide(workspace, making.decision(standing=PROBATION, hold=over, until=over.until)).result()
    late = making.cast(workspace)
    assert list(held(workspace)) == [cast.vote.vote_id]
    assert late.vote.vote_id not in held(workspace)
    with workspace.reading() as connection:
        later = standing_decisions.standing_of(
            connection, [RaterId("r_asker")], "general", making.NOW + timedelta(days=1)
        )
    assert later.standing is QUALIFIED
    assert VoteId(cast.vote.vote_id) in held(workspace)


def test_the_commitment_is_what_the_documentation_says() -> None:
    """Spelt out here a second time, with nothing of the program but the names."""
    decision = making.decision(hold=VoteHold(since=making.NOW, model=ModelName("one")), until=making.NOW)
    at = round(making.NOW.timestamp() * 1_000_000)
    told = {
        "answers": None,
        "decided_at": at,
        "decided_by": "t_lab",
        "decision_id": decision.decision_id,
        "field": "general",
        "follows": None,
        "hold": [at, None, "one"],
        "rater_sha256": hashlib.sha256(b"r_asker").hexdigest(),
        "reason": "Too fast to have read.",
        "standing": "suspended",
        "undoes": None,
        "until": at,
    }
    spelt = json.dumps(told, separators=(",", ":"), sort_keys=True, ensure_ascii=False).encode()
    assert decision.commitment("00" * 16, hashed(RaterId("r_asker"))) == hashlib.sha256(bytes(16) + spelt).hexdigest()
