"""What `--report` and `--compare` add: the same figures as the functions behind them, in every form."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

import leaderboards
from leaderboards import cli
from leaderboards.showing import diagnostics, matrix


@pytest.fixture(scope="module")
def board(shared: Path) -> leaderboards.Board:
    return leaderboards.fit(shared / "pandalm_votes.jsonl.gz")


def test_a_report_holds_what_its_parts_say(board: leaderboards.Board) -> None:
    document = json.loads(diagnostics.read(board).to_json())
    assert document["schema"] == "leaderboard/1"
    said = document["report"]
    assert [tuple(tier) for tier in said["tiers"]] == list(leaderboards.tiers.read(board).tiers)
    assert [row["votes_that_hold"] for row in said["neighbours"]] == [
        flip.votes for flip in leaderboards.influence.fewest(board)
    ]
    assert [row["told_apart"] for row in said["neighbours"]] == [True, False, True, True]
    assert said["fit"]["chi_square"] == matrix.diagnose(board).chi_square
    assert [row["ties"] for row in said["tie_models"]] == ["rao-kupper", "davidson"]


def test_for_people_it_is_a_table_and_sentences(board: leaderboards.Board) -> None:
    made = diagnostics.read(board)
    needed = leaderboards.tiers.read(board).neighbours[1].votes_needed
    for text in (made.to_table(), made.to_markdown()):
        assert "told apart" in text
        assert f"{needed:,}" in text
        assert "1: llama-7b; 2: pythia-6.9b, bloom-7b;" in text
        assert "0 circles among 10 triples" in text


def test_little_votes_leave_null_and_no_tie_model(written: Callable[..., Path]) -> None:
    made = diagnostics.read(leaderboards.fit(written([("x", "y", "model_a"), ("y", "x", "model_a")])))
    said = json.loads(made.to_json())["report"]
    assert said["tie_models"] == []
    assert said["neighbours"][0]["votes_needed"] is None
    assert "-" in made.to_table()


@pytest.mark.parametrize("winners", [("model_a", "model_b"), ("tie", "tie"), ("tie", "model_a", "model_b")])
def test_on_two_models_one_scale_is_nothing_to_test(written: Callable[..., Path], winners: tuple[str, ...]) -> None:
    made = diagnostics.read(leaderboards.fit(written([("x", "y", winner) for winner in winners])))
    assert made.diagnosis.degrees == 0
    assert made.diagnosis.p_value == 1.0
    for text in (made.to_table(), made.to_markdown()):
        assert "One scale: nothing to test" in text
        assert "degrees" not in text


def test_three_models_that_met_in_a_circle_leave_one_degree_of_freedom(written: Callable[..., Path]) -> None:
    """The control: here votes can go against a scale."""
    rows = [(a, b, winner) for a, b in ("xy", "yz", "zx") for winner in ("model_a", "model_b", "tie")]
    made = diagnostics.read(leaderboards.fit(written(rows)))
    assert made.diagnosis.degrees == 1
    assert "on 1 degree of freedom, p = 1; 0 circles among 0 triples" in made.to_table()


def test_ties_alone_make_no_model_of_ties(written: Callable[..., Path]) -> None:
    votes = [("a", "b", "model_a"), ("b", "c", "model_a"), ("c", "d", "tie")]
    found = diagnostics.read(leaderboards.fit(written(votes)))
    assert found.tie_models == ()
    assert [flip.higher for flip in found.flips] == ["c"]


def test_the_command_line_reports_and_compares(shared: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(shared / "pandalm_votes.jsonl.gz")
    assert cli.main([path, "--report", "--format", "json"]) == 0
    assert "report" in json.loads(capsys.readouterr().out)
    for form in cli.FORMATS:
        assert cli.main([path, "--controls", "length", "--compare", "raw", "--format", form]) == 0
        text = capsys.readouterr().out
        if form == "json":
            document = json.loads(text)
            assert document["schema"] == "comparison/1"
            assert (document["before"]["controls"], document["after"]["controls"]) == ([], ["length"])
        elif form == "csv":
            moved = {row["model"]: float(row["moved"]) for row in csv.DictReader(io.StringIO(text))}
            assert moved["llama-7b"] == pytest.approx(16.8, abs=0.1)
        else:
            assert "controlled for length" in text
            assert "Effects in logits per standard deviation: length +0.863 (+0.777 to +0.949)." in text
    assert cli.main([path, "--compare", path]) == 0
    assert "pandalm_votes.jsonl.gz" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--compare", "raw"], "name the controls, too"),
        (["--compare", "nowhere.csv"], "nowhere.csv does not exist"),
        (["--report", "--by", "judge"], "ask for one at a time"),
        (["--report", "--format", "csv"], "A report has no CSV form"),
        (["--report", "--method", "elo"], "Only Bradley-Terry boards"),
    ],
)
def test_what_cannot_be_reported_or_compared_is_refused(
    shared: Path, capsys: pytest.CaptureFixture[str], options: list[str], sentence: str
) -> None:
    assert cli.main([str(shared / "pandalm_votes.jsonl.gz"), *options]) == 2
    printed = capsys.readouterr()
    assert sentence in printed.err
    assert printed.err.count("\n") == 1
    assert printed.out == ""
