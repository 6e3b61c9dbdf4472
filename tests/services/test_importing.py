"""Imported votes enter once, whole and verifiable, whatever is given twice, breaks off or contradicts."""

import dataclasses
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from arena import errors
from arena.domain.battle import BattleRecord
from arena.domain.ids import BattleId, RaterId
from arena.domain.removal import RemovalKind
from arena.services import importing, withdrawing
from arena.services.importing import Import
from arena.services.open_workspace import OpenWorkspace
from arena.store import battles, board_votes, rows, selection
from arena.store import models as stored_models
from arena.store.workspace import Workspace
from arena.store.writing import commands
from tests.imports import making as imported
from tests.services import making as opened
from tests.store import making

NOW = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)
OTHER = "b_01K7QX4M8ZJ5T0W3N6R9V2C4E9"


def run(workspace: Workspace, *paths: Path, shape: str | None = None, source: str | None = None) -> Import:
    done = Import(job_id="imp")
    found = importing.recognise(paths, shape, source)
    importing.import_once(here(workspace), done, found, lambda: None)
    return done


def here(workspace: Workspace) -> OpenWorkspace:
    return opened.here(workspace, workspace.path.parent, now=lambda: NOW)


def counts(done: Import) -> tuple[int, int, int, int]:
    return done.votes, done.battles, done.here, done.outside


def records(workspace: Workspace) -> list[BattleRecord]:
    with workspace.reading() as connection:
        return list(selection.voted(connection))


@pytest.fixture
def workspace(tmp_path: Path) -> Any:
    with Workspace.open(tmp_path / "data" / "w.duckdb") as opened:
        yield opened
        assert opened.verify().problems == ()


def test_a_vote_enters_with_its_battle_and_where_it_came_from(workspace: Workspace, tmp_path: Path) -> None:
    path = imported.write(tmp_path / "log.jsonl", [imported.lmarena(category="math")])
    assert counts(run(workspace, path, source="lmsys/arena")) == (1, 1, 0, 0)
    (record,) = records(workspace)
    assert record.origin is not None
    assert (record.origin.source, record.origin.item, record.origin.timed) == ("lmsys/arena", "q1", True)
    assert (record.origin.language, record.origin.category) == ("English", "math")
    assert (record.battle.model_a, record.battle.model_b, record.battle.prompt) == ("GPT 4", "command", "Why?")
    assert record.response_a is not None
    assert (record.response_a.text, record.response_a.finish_reason, record.battle.draw_probability) == (
        "Left.",
        None,
        None,
    )
    assert record.votes[0].cast_at == datetime.fromtimestamp(1682351591.1322, UTC)


def test_the_same_file_twice_enters_nothing_new(workspace: Workspace, tmp_path: Path) -> None:
    rows_written = [imported.lmarena(question_id=f"q{n}", tstamp=None) for n in range(1200)]
    path = imported.write(tmp_path / "log.jsonl", rows_written)
    assert counts(run(workspace, path)) == (1200, 1200, 0, 0)
    assert counts(run(workspace, path)) == (0, 0, 1200, 0)
    overlapping = imported.write(
        tmp_path / "more.csv", [*rows_written[:3], imported.lmarena(judge="worker_2", tstamp=None)]
    )
    assert counts(run(workspace, overlapping)) == (1, 0, 3, 0)


def test_several_raters_of_an_item_share_its_battle_also_across_files(workspace: Workspace, tmp_path: Path) -> None:
    one = imported.write(tmp_path / "one.jsonl", [imported.lmarena(judge="a"), imported.lmarena(judge="b")])
    two = imported.write(
        tmp_path / "two.jsonl", [imported.lmarena(judge="c", winner="tie"), imported.lmarena(judge="a")]
    )
    assert counts(run(workspace, one)) == (2, 1, 0, 0)
    assert counts(run(workspace, two)) == (1, 0, 1, 0)
    (record,) = records(workspace)
    assert [vote.winner for vote in record.votes] == ["model_a", "model_a", "tie"]
    assert len({vote.rater_id for vote in record.votes}) == 3


def test_items_of_one_name_with_other_texts_are_kept_apart_and_a_second_name_of_the_source_counts_nothing_twice(
    workspace: Workspace, tmp_path: Path
) -> None:
    path = imported.write(
        tmp_path / "log.jsonl", [imported.lmarena(), imported.lmarena(conversation_a=imported.said(answer="Else."))]
    )
    assert counts(run(workspace, path)) == (2, 2, 0, 0)
    assert counts(run(workspace, path, source="another")) == (0, 0, 2, 0)
    more = imported.write(tmp_path / "more.jsonl", [imported.lmarena(), imported.lmarena(question_id="q2")])
    assert counts(run(workspace, more, source="another")) == (1, 1, 1, 0)
    raters = {vote.rater_id for record in records(workspace) for vote in record.votes}
    assert len(raters) == 2, "one name in two sources is two raters where the battles differ"


@pytest.mark.parametrize("make", [imported.lmarena, imported.trl, imported.battles])
def test_every_shape_knows_its_votes_under_another_name_of_the_source(
    workspace: Workspace, tmp_path: Path, make: Any
) -> None:
    path = imported.write(tmp_path / "log.jsonl", [make()])
    assert counts(run(workspace, path, source="one")) == (1, 1, 0, 0)
    assert counts(run(workspace, path, source="two")) == (0, 0, 1, 0)


def test_what_contradicts_an_earlier_vote_stays_outside_and_is_told_by_row(
    workspace: Workspace, tmp_path: Path
) -> None:
    path = imported.write(
        tmp_path / "log.jsonl",
        [
            imported.lmarena(),
            imported.lmarena(winner="tie"),
            imported.lmarena(winner="banana"),
            imported.lmarena(judge="late", tstamp=None),
        ],
    )
    done = run(workspace, path)
    assert counts(done) == (1, 1, 0, 3)
    assert done.told == [
        "row 2 of log.jsonl: its rater voted model_a on this battle already, and here tie.",
        'row 3 of log.jsonl: winner is "banana"; accepted: model_a, model_b, tie, both_bad.',
        "row 4 of log.jsonl: some votes on this battle have a time and others have none.",
    ]


def test_a_vote_that_is_still_to_come_and_a_category_without_end_stay_outside(
    workspace: Workspace, tmp_path: Path
) -> None:
    tomorrow, later = NOW + timedelta(hours=23), NOW + timedelta(days=2)
    path = imported.write(
        tmp_path / "log.jsonl",
        [
            imported.lmarena(question_id="q1", tstamp=later.timestamp()),
            imported.lmarena(question_id="q2", tstamp=tomorrow.timestamp(), category="c" * 200),
            imported.lmarena(question_id="q3", category="c" * 201),
        ],
    )
    done = run(workspace, path)
    assert counts(done) == (1, 1, 0, 2), "positive control: the second, by a clock that is ahead"
    assert done.told == [
        "row 1 of log.jsonl: its time is 2026-05-06 03:02 UTC, which is still to come.",
        f'row 3 of log.jsonl: category is "{"c" * 56}...; it has at most 200 characters.',
    ]


def test_votes_without_a_time_keep_their_order_and_say_that_nobody_told_it(
    workspace: Workspace, tmp_path: Path
) -> None:
    rows_written = [imported.lmarena(question_id=f"q{n}", model_a=f"m{n:03}", tstamp=None) for n in range(50)]
    run(workspace, imported.write(tmp_path / "log.jsonl", rows_written))
    with workspace.reading() as connection:
        assert board_votes.one_by_one(connection)["model_a"].to_pylist() == [f"m{n:03}" for n in range(50)]
    assert {record.origin.timed for record in records(workspace) if record.origin} == {False}


def test_models_become_known_by_name_and_may_later_be_served(workspace: Workspace, tmp_path: Path) -> None:
    served = making.model("command")
    run(workspace, imported.write(tmp_path / "log.jsonl", [imported.lmarena()]))
    with workspace.reading() as connection:
        known = {model.name: model for model in stored_models.registered(connection)}
    assert sorted(known) == ["GPT 4", "command"]
    assert all(model.imported for model in known.values())
    workspace.submit(commands.AddModels(models=(served,))).result()
    with workspace.reading() as connection:
        assert served in stored_models.registered(connection)
    with pytest.raises(errors.Conflict, match="known with other settings"):
        workspace.submit(commands.AddModels(models=(dataclasses.replace(served, system_prompt="Else."),))).result()
    run(workspace, imported.write(tmp_path / "more.jsonl", [imported.lmarena(question_id="q2")]))
    with workspace.reading() as connection:
        assert served in stored_models.registered(connection)


def test_answers_that_nobody_signed_get_a_name_that_says_so(workspace: Workspace, tmp_path: Path) -> None:
    pairs = [imported.trl(chosen=f"Best {n}.") for n in range(40)]
    assert counts(run(workspace, imported.write(tmp_path / "pairs.parquet", pairs))) == (40, 40, 0, 0)
    found = records(workspace)
    assert {(record.battle.model_a, record.battle.model_b) for record in found} == {("trl-unnamed-1", "trl-unnamed-2")}
    assert {vote.winner for record in found for vote in record.votes} == {"model_a", "model_b"}
    assert len({vote.rater_id for record in found for vote in record.votes}) == 40
    assert len({record.battle.conversation_id for record in found}) == 40


def test_a_battle_that_was_fought_here_takes_no_vote_from_a_file(workspace: Workspace, tmp_path: Path) -> None:
    cast = making.cast(workspace)
    known = imported.battles(question_id=cast.vote.battle_id, vote_id=cast.vote.vote_id)
    foreign = imported.battles(question_id=cast.vote.battle_id)
    done = run(workspace, imported.write(tmp_path / "release.jsonl", [known, foreign]))
    assert counts(done) == (0, 0, 1, 1)
    assert "is here already, and not as the file tells it" in done.told[0]


def test_ids_of_another_arena_stay_and_know_a_vote_under_any_pseudonym(workspace: Workspace, tmp_path: Path) -> None:
    first = imported.write(tmp_path / "release.jsonl", [imported.battles()])
    second = imported.write(tmp_path / "later.parquet", [imported.battles(judge="rater-other")])
    assert counts(run(workspace, first)) == (1, 1, 0, 0)
    assert counts(run(workspace, second)) == (0, 0, 1, 0)
    (record,) = records(workspace)
    row = imported.battles()
    assert (record.battle.battle_id, record.battle.conversation_id) == (row["question_id"], row["conversation_id"])
    assert record.votes[0].vote_id == row["vote_id"]
    done = run(workspace, imported.write(tmp_path / "x.jsonl", [imported.battles(vote_id=OTHER, model_a="x")]))
    assert counts(done) == (0, 0, 0, 1)


def _erase(workspace: Workspace, rater_id: RaterId) -> None:
    withdrawing.remove_once(here(workspace), rater_id, RemovalKind.ERASED)


@pytest.mark.parametrize("source", [None, "another"])
@pytest.mark.parametrize("make", [imported.lmarena, imported.battles, imported.trl])
def test_what_was_erased_does_not_come_back_with_the_file(
    workspace: Workspace, tmp_path: Path, make: Any, source: str | None
) -> None:
    path = imported.write(tmp_path / "log.jsonl", [make()])
    run(workspace, path)
    (record,) = records(workspace)
    _erase(workspace, record.votes[0].rater_id)
    done = run(workspace, path, source=source)
    assert counts(done) == (0, 0, 0, 1)
    assert "left this workspace" in done.told[0]
    assert records(workspace) == []


@pytest.mark.parametrize("source", [None, "another"])
def test_the_votes_of_others_and_the_prompts_of_an_erased_author_do_not_come_back(
    workspace: Workspace, tmp_path: Path, source: str | None
) -> None:
    path = imported.write(tmp_path / "log.jsonl", [imported.lmarena(), imported.lmarena(judge="b")])
    run(workspace, path)
    (record,) = records(workspace)
    _erase(workspace, record.battle.rater_id)
    assert counts(run(workspace, path, source=source)) == (0, 0, 0, 2)
    assert records(workspace) == []


def test_an_erased_author_takes_the_origin_along(workspace: Workspace, tmp_path: Path) -> None:
    run(workspace, imported.write(tmp_path / "log.jsonl", [imported.battles(category="secret")]))
    (record,) = records(workspace)
    _erase(workspace, record.battle.rater_id)
    with workspace.reading() as connection:
        kept = rows.fetched(connection, "SELECT source, item, language, category, length(digest) FROM origins")
        assert kept == [("", "", None, None, 64)]
        blank = battles.load(connection, BattleId(record.battle.battle_id))
    assert blank is not None
    assert (blank.battle.prompt, blank.origin) == ("", None)


def test_a_changed_origin_is_found(tmp_path: Path) -> None:
    with Workspace.open(tmp_path / "w.duckdb") as workspace:
        run(workspace, imported.write(tmp_path / "log.jsonl", [imported.lmarena()]))
        with workspace.connection() as connection:
            connection.execute("UPDATE origins SET category = 'else'")
        assert "changed after the vote" in workspace.verify().problems[0]


def test_a_page_that_became_known_meanwhile_is_refused_whole(workspace: Workspace, tmp_path: Path) -> None:
    run(workspace, imported.write(tmp_path / "log.jsonl", [imported.lmarena()]))
    (record,) = records(workspace)
    again = dataclasses.replace(record, votes=())
    fresh = dataclasses.replace(
        again,
        battle=dataclasses.replace(record.battle, battle_id=BattleId(OTHER)),
        origin=dataclasses.replace(record.origin, digest="f" * 64),  # type: ignore[type-var]
    )
    for page in ((fresh, again), (again, fresh)):
        with pytest.raises(errors.Conflict, match="was imported meanwhile"):
            workspace.submit(commands.EnterBattles(battles=page, votes=())).result()
    assert len(records(workspace)) == 1


def test_a_file_that_breaks_off_enters_what_is_whole(workspace: Workspace, tmp_path: Path) -> None:
    path = imported.write(tmp_path / "log.json", [imported.lmarena(question_id=f"q{n}") for n in range(5)])
    path.write_bytes(path.read_bytes()[:-20])
    done = run(workspace, path)
    assert counts(done) == (4, 4, 0, 1)
    assert "cannot be read after row 4" in done.told[0]


def test_files_without_rows_are_passed_over_unless_there_are_no_others(workspace: Workspace, tmp_path: Path) -> None:
    empty = imported.write(tmp_path / "test.jsonl", [])
    assert counts(run(workspace, imported.write(tmp_path / "train.jsonl", [imported.lmarena()]), empty)) == (1, 1, 0, 0)
    with pytest.raises(errors.InvalidValue, match=r"test\.jsonl has no rows"):
        run(workspace, empty)


@pytest.mark.parametrize("source", ["", "../x y", "a" * 200])
def test_a_source_without_a_proper_name_is_refused(tmp_path: Path, source: str) -> None:
    path = imported.write(tmp_path / "log.jsonl", [imported.lmarena()])
    with pytest.raises(errors.InvalidValue, match="it is the data set's name"):
        importing.recognise([path], None, source)


def test_battles_under_one_id_of_the_source_are_one_conversation_only_where_they_begin_alike(
    workspace: Workspace, tmp_path: Path
) -> None:
    asked = [("Why?", "x"), ("why? ", "y"), ("Name a prime.", "z")]
    rows = [
        imported.lmarena(conversation_a=imported.said(question, left), conversation_b=imported.said(question, "Right."))
        for question, left in asked
    ]
    run(workspace, imported.write(tmp_path / "log.jsonl", rows))
    found = {record.battle.prompt: record.battle.conversation_id for record in records(workspace)}
    assert found["Why?"] == found["why? "] != found["Name a prime."]
