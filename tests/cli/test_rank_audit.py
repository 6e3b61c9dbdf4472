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
