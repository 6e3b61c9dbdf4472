"""Trials are kept whole, and go: when they are old, and with whoever asked them."""

from datetime import timedelta

from arena.domain.ids import RaterId
from arena.domain.removal import RemovalKind
from arena.store import trials
from arena.store.workspace import Workspace
from arena.store.writing.commands import ForgetTrials, KeepTrial, Remove
from tests.store import making


def kept(workspace: Workspace) -> list[str]:
    with workspace.reading() as connection:
        found = trials.listed(connection, since=making.NOW - timedelta(days=365), after="", limit=100)
    return [one.trial_id for one in found]


def test_a_trial_is_kept_as_it_was(workspace: Workspace) -> None:
    one = making.trial("tr_1")
    following = making.trial("tr_2", continues="tr_1", prompt="And then?")
    for trial in (one, following):
        workspace.submit(KeepTrial(trial=trial)).result()
    with workspace.reading() as connection:
        assert trials.find(connection, "tr_1") == one
        assert trials.find(connection, "tr_2") == following
        assert trials.find(connection, "tr_3") is None
        assert trials.listed(connection, since=making.NOW, after="tr_1", limit=5) == [following]
        assert trials.of_raters(connection, [RaterId("r_asker"), RaterId("r_other")]) == [one, following]


def test_what_is_old_goes_and_the_rest_stays(workspace: Workspace) -> None:
    workspace.submit(KeepTrial(trial=making.trial("tr_1"))).result()
    later = making.trial("tr_2", asked_at=making.NOW + timedelta(days=1))
    workspace.submit(KeepTrial(trial=later)).result()
    with workspace.reading() as connection:
        assert not trials.any_before(connection, making.NOW)
        assert trials.any_before(connection, making.NOW + timedelta(seconds=1))
    workspace.submit(ForgetTrials(before=making.NOW + timedelta(hours=1))).result()
    assert kept(workspace) == ["tr_2"]
    with workspace.reading() as connection:
        left = connection.execute("SELECT DISTINCT trial_id FROM trial_answers").fetchall()
    assert left == [("tr_2",)]


def test_the_trials_of_a_rater_who_is_erased_go(workspace: Workspace) -> None:
    for number, rater in enumerate(("r_asker", "r_other")):
        trial = making.trial(f"tr_{number}", rater_id=RaterId(rater))
        workspace.submit(KeepTrial(trial=trial)).result()
    removal = Remove(removal_id="x_1", rater_id=RaterId("r_asker"), kind=RemovalKind.ERASED, removed_at=making.NOW)
    workspace.submit(removal).result()
    assert kept(workspace) == ["tr_1"]
