"""`store.selection` and what was held out: raters beside each other, and who withdrew is not looked at."""

import itertools
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from arena.domain.ids import RaterId, ReleaseId
from arena.domain.rater_agreement import RaterAgreement
from arena.domain.removal import RemovalKind
from arena.domain.vote import Winner
from arena.store import releases, selection
from arena.store.workspace import Workspace
from arena.store.writing import commands
from tests.store import making

A, B, TIE = Winner.MODEL_A, Winner.MODEL_B, Winner.TIE


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with Workspace.open(tmp_path / "default.duckdb") as opened:
        yield opened


def judged(workspace: Workspace, *votes: tuple[str, Winner]) -> None:
    """A battle with a vote by each of these raters."""
    record = making.completed(workspace, rater_id=RaterId("r_asker"))
    for rater, winner in votes:
        strength = None if winner is TIE else making.Strength.SLIGHTLY
        edit = {} if winner.decided else {"edit": None}
        vote = making.vote(record.battle.battle_id, rater, winner=winner, strength=strength, **edit)
        workspace.submit(commands.CastVote(vote=vote, record=record)).result()


def agreements(workspace: Workspace) -> dict[str, RaterAgreement]:
    with workspace.reading() as connection:
        return {str(rater): one for rater, one in selection.agreements(connection).items()}


def test_raters_are_compared_with_each_other_vote_on_the_same_battle(workspace: Workspace) -> None:
    judged(workspace, ("r_1", A), ("r_2", A), ("r_3", B))
    judged(workspace, ("r_1", TIE), ("r_2", TIE))
    judged(workspace, ("r_1", A))
    judged(workspace, ("r_4", A))
    found = agreements(workspace)
    assert found == {
        "r_1": RaterAgreement(votes=3, compared=3, agreed=2),
        "r_2": RaterAgreement(votes=2, compared=3, agreed=2),
        "r_3": RaterAgreement(votes=1, compared=2, agreed=0),
        "r_4": RaterAgreement(votes=1, compared=0, agreed=0),
    }
    assert (found["r_1"].agreement, found["r_3"].agreement, found["r_4"].agreement) == (pytest.approx(2 / 3), 0.0, None)


def test_who_withdrew_is_compared_with_nobody_and_counted_as_withdrawn(workspace: Workspace) -> None:
    judged(workspace, ("r_1", A), ("r_2", A))
    removal = commands.Remove(
        removal_id="x_1", rater_id=RaterId("r_2"), kind=RemovalKind.WITHDRAWN, removed_at=making.NOW
    )
    workspace.submit(removal).result()
    assert agreements(workspace) == {"r_1": RaterAgreement(votes=1, compared=0, agreed=0)}
    with workspace.reading() as connection:
        assert selection.withdrawn_votes(connection) == 1
        (record,) = selection.voted(connection)
    assert [vote.rater_id for vote in record.votes] == ["r_1"]


def test_reading_ahead_gives_the_same_records_with_the_line_of_every_vote(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selection, "PAGE", 3)
    for number in range(10):
        judged(workspace, ("r_1", A), *([("r_2", B)] if number % 2 else []))
    with workspace.reading() as connection:
        expected = list(selection.voted(connection))
        with selection.Ahead(connection) as ahead:
            given, found = ahead.records(), []
            while page := list(itertools.islice(given, 3)):
                vote_ids = [vote.vote_id for record in page for vote in record.votes]
                known = ahead.lines(vote_ids)
                assert [known[vote_id].subject for vote_id in vote_ids] == vote_ids
                found += page
    assert found == expected


def test_nothing_is_read_any_more_when_the_block_is_left_early(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selection, "PAGE", 1)
    for _ in range(3):
        judged(workspace, ("r_1", A))
    with workspace.reading() as connection:
        with selection.Ahead(connection) as ahead:
            next(ahead.records())
        assert not [thread for thread in threading.enumerate() if thread.name.startswith("reading")]
        assert len(list(selection.voted(connection))) == 3


def promised(workspace: Workspace, *selections: dict[str, Any]) -> list[tuple[int, float, bool]]:
    for number, asked in enumerate(selections):
        manifest = {"selection": asked}
        recorded = commands.RecordRelease(
            release_id=ReleaseId(f"rel_{number}"), format="trl-dpo", manifest=manifest, created_at=making.NOW
        )
        workspace.submit(recorded).result()
    with workspace.reading() as connection:
        return [(one.number, one.share, one.by_cluster) for one in releases.promises(connection)]


@pytest.mark.parametrize(
    ("selections", "expected"),
    [
        ([], []),
        ([{}, {"test_share": 0.5, "split_by_cluster": True}], []),
        ([{"held_out_share": 0.1}, {"held_out_share": 0.2}, {}], [(1, 0.1, False), (2, 0.2, False)]),
        (
            [{"held_out_share": 0.1, "split_by_cluster": True}, {"held_out_share": 0.2}],
            [(1, 0.1, True), (2, 0.2, False)],
        ),
    ],
)
def test_what_any_release_held_out_is_remembered(
    workspace: Workspace, selections: Sequence[dict[str, Any]], expected: list[tuple[int, float, bool]]
) -> None:
    assert promised(workspace, *selections) == expected
