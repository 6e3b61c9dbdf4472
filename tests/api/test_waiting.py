"""What waits for a person is counted for whoever reviews: disputed items, findings, appeals and reports."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests import arenas
from tests.api.people import accept, browser
from tests.api.test_campaigns import made
from tests.api.test_standing import decide, token
from tests.arenas import Arena
from tests.services import tasking

pytestmark = pytest.mark.usefixtures("off_the_loop")

NOTHING = {"findings": 0, "appeals": 0, "reports": 0, "disputed": 0}


@pytest.fixture
def arena(tmp_path: Path) -> Iterator[Arena]:
    with arenas.running(tasking.settings(tmp_path, overlap=2), pages=False) as running:
        tasking.fill(running.services.workspace, 3)
        yield running


def waiting(who: httpx.Client) -> dict[str, Any]:
    found: dict[str, Any] = who.get("/api/v1/waiting").raise_for_status().json()
    return found


def voted(rater: httpx.Client, answer: int) -> str:
    """A vote for the answer of this number, whichever side it stands on."""
    battle_id: str = rater.post("/api/v1/campaigns/default/tasks").raise_for_status().json()["battle_id"]
    first = rater.get(f"/api/v1/battles/{battle_id}").json()["text_a"]
    arenas.vote(rater, battle_id, "model_a" if f"number {answer}." in first else "model_b").raise_for_status()
    return battle_id


def test_appeals_reports_and_disputed_items_are_counted_until_they_are_answered(
    arena: Arena,
) -> None:
    with arena.admin() as admin, arena.rater() as one, arena.rater() as other:
        assert waiting(admin) == NOTHING
        battle_id, _ = voted(one, 0), voted(other, 1)
        assert waiting(admin) == NOTHING | {"disputed": 1}
        voted(one, 0), voted(other, 0)
        assert waiting(admin) == NOTHING | {"disputed": 1}, "the control: these two agree"

        reported = one.post(f"/api/v1/battles/{battle_id}/reports", json={"reason": "A name."}).raise_for_status()
        decide(admin, one, "suspended").raise_for_status()
        one.post("/api/v1/me/appeals", json={"text": "I did read."}).raise_for_status()
        assert waiting(admin) == {"findings": 0, "appeals": 1, "reports": 1, "disputed": 1}
        with arena.client(token(admin, "reviewer")) as reviewer:
            assert waiting(reviewer) == {"findings": 0, "appeals": 1, "reports": 1, "disputed": None}
            (appeal,) = reviewer.get("/api/v1/appeals").json()["appeals"]
            answer = {"standing": "qualified", "reason": "You did."}
            at = f"/api/v1/appeals/{appeal['appeal_id']}/answer"
            reviewer.post(at, json=answer).raise_for_status()
            assert waiting(reviewer)["appeals"] == 0
            path = f"/api/v1/raters/{one.get('/api/v1/me').json()['id']}/standing"
            reviewer.delete(path).raise_for_status()
            assert waiting(reviewer)["appeals"] == 1, "the answer was undone"
            reviewer.post(at, json=answer).raise_for_status()
        at = f"/api/v1/reports/{reported.json()['report_id']}/answer"
        admin.post(at, json={"keep": True, "reason": "No name is in it."}).raise_for_status()
        assert waiting(admin) == NOTHING | {"disputed": 1}


def test_appeals_are_counted_of_who_was_granted_a_field_that_was_taken_back(arena: Arena) -> None:
    """What undoes the grant is on the invitation, and not on them."""
    with arena.admin() as admin, browser(arena) as invited:
        made(admin, "contracts", qualifications=["law"])
        body = {"role": "rater", "uses": 2, "qualifications": ["law"], "reason": "Known."}
        link = admin.post("/api/v1/invitations", json=body).raise_for_status().json()
        accept(invited, link["token"], "granted@lab.example").raise_for_status()
        admin.delete(f"/api/v1/raters/{link['id']}/standing", params={"field": "law"}).raise_for_status()
        decide(admin, invited, "suspended").raise_for_status()
        invited.post("/api/v1/me/appeals", json={"text": "I did read."}).raise_for_status()
        assert len(admin.get("/api/v1/appeals").raise_for_status().json()["appeals"]) == 1
        assert waiting(admin) == NOTHING | {"appeals": 1}
        decide(admin, invited, "qualified").raise_for_status()
        assert waiting(admin) == NOTHING
