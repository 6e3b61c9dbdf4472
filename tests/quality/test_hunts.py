"""Accounts that meet one model far more often than others do."""

import dataclasses
import json
from pathlib import Path

import numpy
import pictured
from quality_worlds import Votes

from arena import quality
from arena.quality import hunts
from tests.quality import conftest

TARGET = 6


def _hunted(lifts: bool) -> Votes:
    """Ten accounts that skip four of five battles without the target, among honest raters."""
    votes = conftest.world(5, votes=9_000).attacked("target" if lifts else "honest", 0.3, 10)
    added = votes.rater >= 150
    about = (votes.left == TARGET) | (votes.right == TARGET)
    kept = ~added | about | (numpy.random.default_rng(1).random(len(added)) < 0.2)
    return Votes(**{one.name: getattr(votes, one.name)[kept] for one in dataclasses.fields(Votes)})


def test_nobody_hunts_where_pairs_are_drawn() -> None:
    assert not hunts.hunters(conftest.log(conftest.world(5).clean())).any()


def test_nobody_hunts_where_each_rater_is_given_few_models() -> None:
    votes = conftest.world(5).clean()
    given = (votes.left % 4 == votes.rater % 4) | (votes.right % 4 == votes.rater % 4)
    some = Votes(**{one.name: getattr(votes, one.name)[given] for one in dataclasses.fields(Votes)})
    assert not hunts.hunters(conftest.log(some)).any()


def test_hunters_of_a_model_who_lift_it_are_held() -> None:
    votes = _hunted(lifts=True)
    found = quality.audit(conftest.log(votes))
    honest, bad = conftest.accounts(votes)
    hunt = next(one for one in found.findings if one.kind == "hunt")
    assert hunt.model == str(TARGET)
    assert set(hunt.raters) <= bad
    assert len(hunt.raters) >= 0.6 * len(bad)
    assert not set(found.held_raters) & honest


def test_hunters_who_judge_as_others_do_are_left_alone() -> None:
    votes = _hunted(lifts=False)
    assert hunts.hunters(conftest.log(votes)).any()
    assert not [one for one in quality.audit(conftest.log(votes)).findings if one.kind == "hunt"]


def test_a_few_accounts_that_cast_most_of_one_models_votes_are_found(tmp_path: Path) -> None:
    """Of 60 models in 7,200 votes; the file of the pictures."""
    log, bought = _pictured(tmp_path, swapped=True)
    found = quality.audit(log, looks=20)
    assert [(one.kind, one.model, set(one.raters)) for one in found.findings] == [("hunt", "model-030", bought)]


def test_who_votes_on_one_model_and_on_one_side_may_as_well_lean_to_that_side(tmp_path: Path) -> None:
    """What docs/quality.md says an audit cannot tell apart: sides have to be drawn."""
    log, bought = _pictured(tmp_path, swapped=False)
    assert {log.raters[place] for place in numpy.flatnonzero(hunts.hunters(log).any(1))} == bought
    assert not [one for one in quality.audit(log, looks=20).findings if one.kind == "hunt"]


def _pictured(folder: Path, *, swapped: bool) -> tuple[quality.Log, set[str]]:
    """A log in which seven accounts cast most votes on one model, and who they are; sides drawn, or the model always
    on the right."""
    path = pictured.written(folder / "votes.jsonl", 60)
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    if not swapped:
        for row in rows[1::2]:
            row["model_a"], row["model_b"] = row["model_b"], row["model_a"]
            row["winner"] = pictured.SWAPPED[row["winner"]]
    sides = [[row[side] for row in rows] for side in ("model_a", "model_b")]
    outcome = numpy.array(
        [{"model_a": quality.LEFT, "model_b": quality.RIGHT}.get(row["winner"], quality.TIE) for row in rows]
    )
    moment = numpy.array([row["tstamp"] for row in rows], dtype=float)
    log = quality.read([row["judge"] for row in rows], *sides, outcome, moment=moment)
    return log, {f"rater-{number}" for number in range(pictured.RING)}
