"""`arena rank FILE --audit`: what is held stands in the document, and anybody can refit without it."""

import csv
import json
from pathlib import Path

import pytest
from quality_worlds import Votes, World

import leaderboards
from tests.cli.conftest import Command, refused

WINNERS = ("model_a", "model_b", "tie")


def _written(path: Path, votes: Votes, column: str = "rater", times: bool = False) -> list[dict[str, str]]:
    rows = [
        {
            "model_a": f"m{left:02d}",
            "model_b": f"m{right:02d}",
            "winner": WINNERS[outcome],
            column: f"r{rater}",
            **({"tstamp": f"2026-01-01T{place // 3600:02d}:{place // 60 % 60:02d}:{place % 60:02d}"} if times else {}),
        }
        for place, (rater, left, right, outcome) in enumerate(zip(*votes.columns(), strict=True))
    ]
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return rows


@pytest.fixture(scope="module")
def attacked() -> Votes:
    return World(seed=3, models=12, raters=150, votes=6_000).attacked("omnipresent", 0.15, 15)


@pytest.mark.parametrize("times", [False, True])
def test_what_is_held_is_said_and_the_board_is_the_plain_fit_over_the_rest(
    arena: Command, tmp_path: Path, attacked: Votes, times: bool
) -> None:
    log = tmp_path / "votes.csv"
    rows = _written(log, attacked, times=times)
    done = arena("rank", log, "--audit", "--format", "json")
    assert done.returncode == 0, done.stderr
    board = json.loads(done.stdout)
    audit = board["audit"]
    bad = {f"r{rater}" for rater in attacked.rater[attacked.bad]}
    assert len(bad & set(audit["held_raters"])) >= 0.8 * len(bad)
    assert audit["votes"] == len(rows) == board["votes"] + audit["held_votes"]
    assert sum(one["votes"] for one in audit["held"]) == audit["held_votes"]
    assert set(audit["held_raters"]) <= {rater for one in audit["findings"] for rater in one["raters"]}

    def held(place: int, row: dict[str, str]) -> bool:
        moment = row["tstamp"] if times else place + 1
        return any(
            row["rater"] == one["rater"]
            and (one["model"] is None or one["model"] in (row["model_a"], row["model_b"]))
            and (one["since"] is None or moment >= (one["since"][:19] if times else one["since"]))
            for one in audit["held"]
        )

    again = leaderboards.fit(leaderboards.read([row for place, row in enumerate(rows) if not held(place, row)]))
    assert [entry.model for entry in again] == [entry["model"] for entry in board["entries"]]
    assert [entry.rating for entry in again] == pytest.approx([entry["rating"] for entry in board["entries"]], abs=1e-6)


def test_a_table_says_on_stderr_what_was_held(arena: Command, tmp_path: Path, attacked: Votes) -> None:
    log = tmp_path / "votes.csv"
    _written(log, attacked, column="judge")
    plain, done = arena("rank", log), arena("rank", log, "--audit")
    assert done.returncode == 0, done.stderr
    assert "are held" in done.stderr
    assert "deviate from everybody else" in done.stderr
    assert done.stdout != plain.stdout


def test_honest_votes_make_the_same_board_with_an_audit(arena: Command, tmp_path: Path) -> None:
    log = tmp_path / "votes.csv"
    _written(log, World(seed=5, models=8, raters=60, votes=1_500).clean())
    done = arena("rank", log, "--audit", "--format", "json")
    assert done.returncode == 0, done.stderr
    board, plain = json.loads(done.stdout), json.loads(arena("rank", log, "--format", "json").stdout)
    audit = board.pop("audit")
    assert board == plain
    assert (audit["held_votes"], audit["held"], audit["findings"], audit["policy"]) == (0, [], [], None)


def test_an_audit_needs_raters_and_a_file(arena: Command, tmp_path: Path) -> None:
    log = tmp_path / "votes.csv"
    log.write_text("model_a,model_b,winner\nalpha,beta,model_a\nbeta,alpha,model_a\n")
    refused(arena("rank", log, "--audit"), 2, "votes.csv", "rater", "judge")
    refused(arena("rank", "--audit"), 2, "--audit")


def _with_beside(path: Path, votes: Votes, careless: int, *, honest_only: bool = False) -> None:
    """Votes, and ten known answers and thirty repeats of each rater; `careless` finds neither."""
    rows = [
        {"model_a": f"m{left}", "model_b": f"m{right}", "winner": WINNERS[outcome], "judge": f"r{rater}"}
        | {"question_id": f"q{place}", "gold": "", "repeat_of": ""}
        for place, (rater, left, right, outcome) in enumerate(zip(*votes.columns(), strict=True))
    ]
    beside = []
    for rater in range(int(votes.rater.max()) + 1):
        mine = [row for row in rows if row["judge"] == f"r{rater}"][:30]
        misses = rater == careless and not honest_only
        for turn in range(10):
            known = {"model_a": "m0", "model_b": "m1", "winner": "model_b" if misses else "model_a"}
            ids = {"judge": f"r{rater}", "question_id": f"k{turn}", "repeat_of": ""}
            beside.append(known | ids | {"gold": "model_a"})
        for row in mine:
            other = {"model_a": "model_b", "model_b": "model_a", "tie": "tie"}[row["winner"]]
            said = row["winner"] if misses else other
            again = {"model_a": row["model_b"], "model_b": row["model_a"], "winner": said, "judge": row["judge"]}
            beside.append(again | {"question_id": "", "gold": "false", "repeat_of": row["question_id"]})
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows + beside)


def test_known_answers_and_repeats_in_a_file_speak_of_their_rater_and_count_on_no_board(
    arena: Command, tmp_path: Path
) -> None:
    votes = World(seed=5, models=8, raters=40, votes=3_000, activity=0.2).clean()
    log = tmp_path / "votes.csv"
    _with_beside(log, votes, careless=3)
    done = arena("rank", log, "--audit", "--format", "json")
    assert done.returncode == 0, done.stderr
    assert "Known answers and repeats count nowhere: 1,600 votes." in done.stderr
    told = json.loads(done.stdout)
    audit = told["audit"]
    assert audit["held_raters"] == ["r3"]
    assert {one["kind"] for one in audit["findings"]} == {"gold", "repeat"}
    assert audit["votes"] == 3_000 == told["votes"] + audit["held_votes"]
    _with_beside(log, votes, careless=3, honest_only=True)
    honest = json.loads(arena("rank", log, "--audit", "--format", "json").stdout)
    assert honest["audit"]["findings"] == []
    assert honest["votes"] == 3_000
