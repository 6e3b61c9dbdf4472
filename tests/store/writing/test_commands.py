"""What each command refuses, and whom it leaves alone."""

import dataclasses
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path

import pytest

from arena import errors
from arena.domain.ids import BattleId, ReleaseId
from arena.domain.model import Api, Sampling
from arena.store import battles, ledger, models, tally
from arena.store.workspace import Workspace
from arena.store.writing import commands
from tests.store import making


def test_the_same_key_and_body_give_the_first_answer(workspace: Workspace) -> None:
    record = making.completed(workspace)
    first = making.vote(record.battle.battle_id)
    again = replace(first, vote_id=making.vote(record.battle.battle_id).vote_id, cast_at=making.NOW)

    told = workspace.submit(commands.CastVote(vote=first, record=record)).result()
    repeated = workspace.submit(commands.CastVote(vote=again, record=record)).result()
    assert repeated == replace(told, replayed=True)
    with workspace.reading() as connection:
        assert tally.counts(connection).column("count").to_pylist() == [1]


def test_a_key_with_another_body_is_refused_and_records_nothing(workspace: Workspace) -> None:
    first = making.cast(workspace, idempotency_key="one key")
    record = making.completed(workspace)
    other = making.vote(record.battle.battle_id, idempotency_key="one key")

    with pytest.raises(errors.Conflict, match="used before with another request"):
        workspace.submit(commands.CastVote(vote=other, record=record)).result()
    assert making.loaded(workspace, record.battle.battle_id).votes == ()
    assert first.line.sequence == 1


def test_a_second_vote_on_a_battle_is_refused_and_another_rater_s_is_taken(workspace: Workspace) -> None:
    first = making.cast(workspace)
    record = making.loaded(workspace, first.vote.battle_id)

    with pytest.raises(errors.Conflict, match="already voted"):
        workspace.submit(commands.CastVote(vote=making.vote(first.vote.battle_id), record=record)).result()
    second = workspace.submit(
        commands.CastVote(vote=making.vote(first.vote.battle_id, "r_other"), record=record)
    ).result()
    assert second.line.previous == first.line.hash
    assert making.loaded(workspace, first.vote.battle_id).votes == (first.vote, second.vote)


def test_two_raters_may_use_the_same_key(workspace: Workspace) -> None:
    making.cast(workspace, "r_1", idempotency_key="same")
    assert not making.cast(workspace, "r_2", idempotency_key="same").replayed


def test_an_unfinished_and_a_void_battle_take_no_vote(workspace: Workspace) -> None:
    unfinished = making.opened(workspace)
    with pytest.raises(errors.Conflict, match="no complete answers yet"):
        workspace.submit(commands.CastVote(vote=making.vote(unfinished.battle.battle_id), record=unfinished))

    workspace.submit(commands.VoidBattle(battle_id=unfinished.battle.battle_id, void=making.void())).result()
    void = making.loaded(workspace, unfinished.battle.battle_id)
    with pytest.raises(errors.Conflict, match="is void"):
        workspace.submit(commands.CastVote(vote=making.vote(void.battle.battle_id), record=void))


def test_void_and_complete_exclude_each_other(workspace: Workspace) -> None:
    complete, void = making.completed(workspace), making.opened(workspace)
    workspace.submit(commands.VoidBattle(battle_id=void.battle.battle_id, void=making.void())).result()

    with pytest.raises(errors.Conflict, match="complete and stays valid"):
        workspace.submit(commands.VoidBattle(battle_id=complete.battle.battle_id, void=making.void())).result()
    with pytest.raises(errors.Conflict, match="void and takes no answers"):
        workspace.submit(making.completing(void.battle.battle_id)).result()
    with pytest.raises(errors.Conflict, match="complete and takes no answers"):
        workspace.submit(making.completing(complete.battle.battle_id)).result()
    workspace.submit(commands.VoidBattle(battle_id=void.battle.battle_id, void=making.void(detail="again"))).result()
    assert making.loaded(workspace, void.battle.battle_id).void == making.void()


def test_an_unknown_battle_is_not_found(workspace: Workspace) -> None:
    with pytest.raises(errors.NotFound, match="no battle b_unknown"):
        workspace.submit(making.completing(BattleId("b_unknown"))).result()
    with workspace.reading() as connection:
        assert battles.load(connection, BattleId("b_unknown")) is None


def test_an_id_is_opened_once(path: Path) -> None:
    made = making.battle()
    with Workspace.open(path) as workspace:
        workspace.submit(commands.OpenBattle(battle=made)).result()
        with pytest.raises(errors.Conflict, match="opened before"):
            workspace.submit(commands.OpenBattle(battle=made)).result()
    with Workspace.open(path) as workspace, pytest.raises(errors.Conflict, match="opened before"):
        workspace.submit(commands.OpenBattle(battle=made)).result()


def test_a_refused_command_disturbs_no_other_of_its_batch(workspace: Workspace) -> None:
    """All are queued while the writer is held, so that one transaction carries them."""
    record, other = making.completed(workspace), making.completed(workspace)
    poison = making.battle(turn=2**40)
    good = making.battle()
    futures: list[Future[object]] = []
    with making.holding(workspace):
        for command in (
            commands.CastVote(vote=making.vote(record.battle.battle_id), record=record),
            commands.CastVote(vote=making.vote(record.battle.battle_id), record=record),
            making.completing(BattleId("b_unknown")),
            commands.OpenBattle(battle=poison),
            commands.OpenBattle(battle=good),
            commands.CastVote(vote=making.vote(other.battle.battle_id), record=other),
        ):
            futures.append(workspace.submit(command))  # type: ignore[arg-type]

    failures = [type(future.exception()) for future in futures]
    assert failures[:3] == [type(None), errors.Conflict, errors.NotFound]
    assert failures[3].__module__.startswith(("_duckdb", "psycopg"))  # what the database itself says
    assert failures[4:] == [type(None), type(None)]
    assert making.loaded(workspace, good.battle_id).battle == good
    assert workspace.verify() == ledger.VerifyReport(lines=2, problems=())


def test_a_release_whose_turn_this_process_has_is_recorded(workspace: Workspace) -> None:
    assert workspace.others.take("exports"), "which a file always gives"
    command = commands.RecordRelease(
        release_id=ReleaseId("rel_1"), format="battles", manifest={}, created_at=making.NOW, work="exports"
    )
    workspace.submit(command).result()
    assert workspace.head.releases == 1


def test_half_a_surrogate_pair_is_refused_with_a_sentence(workspace: Workspace) -> None:
    """Model servers do send them, as JSON escapes."""
    record, unfinished = making.completed(workspace), making.opened(workspace)
    half = "half a pair: \ud800"
    for command in (
        commands.OpenBattle(battle=making.battle(prompt=half)),
        replace(making.completing(unfinished.battle.battle_id), response_b=making.response(half)),
        commands.CastVote(vote=making.vote(record.battle.battle_id, reason=half), record=record),
    ):
        with pytest.raises(errors.InvalidValue, match="surrogate pair at character 14"):
            workspace.submit(command)
    told = commands.VoidBattle(battle_id=unfinished.battle.battle_id, void=making.void(detail=half))
    workspace.submit(told).result()
    stored = making.loaded(workspace, unfinished.battle.battle_id).void
    assert stored == making.void(detail="half a pair: \\ud800")


def test_models_keep_their_settings_and_may_move(workspace: Workspace) -> None:
    terse, plain = making.model("smol-terse"), making.model("smol-plain", api_key_env="KEY")
    workspace.submit(commands.AddModels(models=(terse, plain))).result()
    moved = replace(terse, endpoint="http://elsewhere/v1")
    workspace.submit(commands.AddModels(models=(moved,))).result()
    workspace.submit(commands.AddModels(models=(moved, plain))).result()

    with pytest.raises(errors.Conflict, match="a changed setting is a new model"):
        workspace.submit(commands.AddModels(models=(making.model("new"), replace(terse, system_prompt=None)))).result()
    with workspace.reading() as connection:
        assert models.registered(connection) == [plain, moved]
        assert connection.execute("SELECT count(*) FROM models").fetchall() == [(3,)]


def test_a_model_is_read_back_with_every_setting(workspace: Workspace) -> None:
    whole = making.model(
        "whole",
        sampling=Sampling(
            max_tokens=0,
            presence_penalty=0.5,
            frequency_penalty=0.5,
            stop=("END", "\n"),
            min_tokens=2,
            reasoning_effort="low",
            max_tokens_name="max_completion_tokens",
        ),
        api=Api.COMPLETIONS,
        plain_template="dialogue",
        chat_template_kwargs={"enable_thinking": False},
        extra_body={"documents": [{"text": "é"}]},
        replicas=("http://127.0.0.1:8001/v1",),
        strict_name=True,
    )
    workspace.submit(commands.AddModels(models=(whole,), added_at=making.NOW)).result()
    with workspace.reading() as connection:
        (found,) = models.registered(connection)
    assert dataclasses.asdict(found) == dataclasses.asdict(whole)
    assert found.fingerprint() == whole.fingerprint()
