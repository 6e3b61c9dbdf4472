"""Standing over HTTP: decided with a reason that the rater reads, undone in half an hour, reviewed by another."""

import contextlib
import io
import json
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import httpx
import pytest
from pyarrow import parquet

from arena.exports.proofs import verification
from arena.services import clock, deciding_standing
from arena.store import ledger_rows
from tests import arenas
from tests.api.people import accept, browser, invited, sign_in
from tests.api.test_exports import export
from tests.arenas import Arena
from tests.inference import misbehaving

MODELS = ("echo", "say:No.")
BOARD = "/api/v1/leaderboards/overall"
REASON = "30 of 31 votes came within 2 seconds. \N{LEFT DOUBLE QUOTATION MARK}Both\N{RIGHT DOUBLE QUOTATION MARK} <b>."


@pytest.fixture(scope="module")
def arena(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Arena]:
    folder: Path = tmp_path_factory.mktemp("standing")
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(misbehaving.serve(listed=MODELS))
        stack.enter_context(arenas.hurried())
        settings = arenas.settings_for(folder, server.endpoint, MODELS)
        yield stack.enter_context(arenas.running(settings, pages=False))


@pytest.fixture
def lab(arena: Arena) -> Iterator[httpx.Client]:
    with arena.admin() as admin, arena.client(token(admin, "lab")) as client:
        yield client


@pytest.fixture
def reviewer(arena: Arena) -> Iterator[httpx.Client]:
    with arena.admin() as admin, arena.client(token(admin, "reviewer")) as client:
        yield client


@pytest.fixture
def rater(arena: Arena) -> Iterator[httpx.Client]:
    """Somebody with two votes."""
    with arena.rater() as client:
        for _ in range(2):
            arenas.vote(client, arenas.battle(client)).raise_for_status()
        yield client


def token(admin: httpx.Client, role: str) -> str:
    return str(admin.post("/api/v1/tokens", json={"role": role}).raise_for_status().json()["token"])


def path(rater: httpx.Client) -> str:
    return f"/api/v1/raters/{rater.get('/api/v1/me').json()['id']}/standing"


def decide(who: httpx.Client, rater: httpx.Client, standing: str, **more: Any) -> httpx.Response:
    return who.patch(path(rater), json={"standing": standing, "reason": REASON} | more)


def own(rater: httpx.Client) -> dict[str, Any]:
    found: dict[str, Any] = rater.get("/api/v1/me/standing").raise_for_status().json()
    return found


def counting(admin: httpx.Client, **query: str) -> dict[str, Any]:
    found: dict[str, Any] = admin.get(BOARD, params=query).raise_for_status().json()
    assert found["votes"] == found["counting"]["counted"] + (found["counting"]["held"] if query else 0)
    return {**found["counting"], "votes": found["votes"]}


def listed(who: httpx.Client, rater: httpx.Client) -> dict[str, Any]:
    mine = rater.get("/api/v1/me").json()["id"]
    found = who.get("/api/v1/raters?limit=500").raise_for_status().json()["raters"]
    return next(dict(one) for one in found if one["rater_id"] == mine)


def test_everybody_begins_qualified_where_nothing_is_asked(rater: httpx.Client) -> None:
    found = own(rater)
    assert (found["standing"], found["reason"], found["appeal"]) == ("qualified", None, None)
    general, *others = [(one["field"], one["votes"], one["held"]) for one in found["fields"]]
    assert general == ("general", 2, 0)
    assert all(one[1:] == (0, 0) for one in others), "of other tests"


def test_a_suspended_rater_reads_the_reason_and_their_votes_leave_the_board(
    arena: Arena, lab: httpx.Client, rater: httpx.Client
) -> None:
    before = counting(lab)
    made = decide(lab, rater, "suspended")
    assert (made.status_code, made.json()["held"]) == (200, 2)
    found = own(rater)
    assert (found["standing"], found["reason"]) == ("suspended", REASON)
    after = counting(lab)
    assert after["counted"] == before["counted"] - 2
    assert after["why"]["suspended"] == before["why"]["suspended"] + 2
    assert counting(lab, votes="all")["votes"] == after["counted"] + after["held"]
    told = listed(lab, rater)
    assert (told["standing"], told["votes"], told["counted"], told["held"]) == ("suspended", 2, 0, 2)
    assert told["findings"] == []
    assert "@" not in json.dumps(told)
    assert decide(lab, rater, "qualified").json()["held"] == 0
    assert counting(lab)["counted"] == before["counted"]
    with arena.admin() as admin:
        assert admin.get("/api/v1/verification").json()["problems"] == []


def test_a_suspended_rater_begins_nothing_until_the_decision_is_over(lab: httpx.Client, rater: httpx.Client) -> None:
    begun = arenas.battle(rater)
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    decide(lab, rater, "suspended", until=tomorrow).raise_for_status()
    refused = rater.post("/api/v1/battles", json={"prompt": "Say something."})
    assert (refused.status_code, refused.json()["code"]) == (409, "suspended")
    assert REASON in refused.json()["detail"]
    assert arenas.vote(rater, begun).status_code == 201, "what was begun is kept, and held"
    assert listed(lab, rater)["held"] == 3
    decide(lab, rater, "probation").raise_for_status()
    arenas.battle(rater)


def test_probation_holds_what_comes_and_not_what_was(lab: httpx.Client, rater: httpx.Client) -> None:
    decide(lab, rater, "probation").raise_for_status()
    assert listed(lab, rater)["held"] == 0
    arenas.vote(rater, arenas.battle(rater)).raise_for_status()
    assert (listed(lab, rater)["counted"], listed(lab, rater)["held"]) == (2, 1)


def test_a_hold_is_narrowed_to_a_day_or_a_model(lab: httpx.Client, rater: httpx.Client) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
    assert decide(lab, rater, "suspended", hold={"since": tomorrow}).json()["held"] == 0
    models = [one["name"] for one in lab.get("/api/v1/models").json()["models"]]
    assert decide(lab, rater, "suspended", hold={"model": models[0]}).json()["held"] == 2
    assert decide(lab, rater, "suspended", hold={"model": "none-such"}).status_code == 422
    assert decide(lab, rater, "qualified", hold={}).status_code == 422


def test_a_decision_is_undone_within_half_an_hour_and_what_held_before_holds_again(
    arena: Arena, lab: httpx.Client, rater: httpx.Client
) -> None:
    decide(lab, rater, "suspended").raise_for_status()
    decide(lab, rater, "qualified").raise_for_status()
    assert lab.delete(path(rater)).status_code == 204
    assert (own(rater)["standing"], listed(lab, rater)["held"]) == ("suspended", 2)
    later = clock.now() + timedelta(minutes=31)
    here = arena.services.standing._here
    with mock.patch.object(
        arena.services.standing, "_here", mock.Mock(wraps=here, store=here.store, now=lambda: later)
    ):
        late = lab.delete(path(rater))
    assert late.status_code == 409
    assert "30 minutes" in late.json()["detail"]
    assert lab.delete(path(rater)).status_code == 204
    assert own(rater)["standing"] == "qualified"
    assert lab.delete(path(rater)).status_code == 404


def test_one_appeal_a_decision_and_another_person_answers(
    arena: Arena, lab: httpx.Client, reviewer: httpx.Client, rater: httpx.Client
) -> None:
    assert rater.post("/api/v1/me/appeals", json={"text": "Why?"}).status_code == 409
    decide(lab, rater, "suspended").raise_for_status()
    asked = rater.post("/api/v1/me/appeals", json={"text": "I read them <i>before</i>."})
    assert asked.status_code == 201
    assert rater.post("/api/v1/me/appeals", json={"text": "Once more."}).status_code == 409
    appeal = own(rater)["appeal"]
    assert (appeal["state"], appeal["text"], appeal["answer"]) == ("open", "I read them <i>before</i>.", None)
    appeal_id, line = asked.json()["appeal_id"], asked.json()["line"]
    assert (appeal["appeal_id"], appeal["line"]) == (appeal_id, line)
    with arena.services.workspace.reading() as connection:
        assert ledger_rows.about(connection, [appeal_id])[appeal_id].sequence == line
    address = f"/api/v1/appeals/{appeal_id}/answer"

    refusing = lab.post(address, json={"standing": "suspended", "reason": "No."})
    assert refusing.status_code == 409
    assert "give way" in refusing.json()["detail"]
    seen = {one["appeal_id"]: one for one in reviewer.get("/api/v1/appeals").json()["appeals"]}[
        asked.json()["appeal_id"]
    ]
    assert (seen["state"], seen["mine"], seen["standing"], seen["reason"]) == ("open", False, "suspended", REASON)
    assert seen["line"] == line
    mine = {one["appeal_id"]: one["mine"] for one in lab.get("/api/v1/appeals").json()["appeals"]}
    assert mine[appeal_id] is True

    answered = reviewer.post(address, json={"standing": "suspended", "reason": "The log says otherwise."})
    assert (answered.status_code, answered.json()["held"]) == (200, 2)
    assert reviewer.post(address, json={"standing": "qualified", "reason": "Yes."}).status_code == 409
    appeal = own(rater)["appeal"]
    assert (appeal["state"], appeal["answer"]) == ("answered", "The log says otherwise.")
    assert rater.post("/api/v1/me/appeals", json={"text": "Once more."}).status_code == 409
    decide(lab, rater, "probation").raise_for_status()
    assert own(rater)["appeal"] is None, "a new decision"
    again = rater.post("/api/v1/me/appeals", json={"text": "And this?"}).raise_for_status().json()["appeal_id"]
    way = lab.post(f"/api/v1/appeals/{again}/answer", json={"standing": "qualified", "reason": "You are right."})
    assert (way.status_code, way.json()["standing"], way.json()["held"]) == (200, "qualified", 0)


def test_who_gives_way_halfway_ends_no_right_to_another_person(
    arena: Arena, reviewer: httpx.Client, rater: httpx.Client
) -> None:
    """Whatever they do it with: their session, or a token of theirs."""
    with arena.admin() as admin, browser(arena) as person:
        accept(person, invited(admin, "admin"), "halfway@lab.example").raise_for_status()
        with arena.client(token(person, "reviewer")) as hand:
            for first, second in ((person, person), (person, hand), (hand, person)):
                decide(first, rater, "suspended").raise_for_status()
                asked = rater.post("/api/v1/me/appeals", json={"text": "Why?"}).raise_for_status().json()["appeal_id"]
                halfway = {"standing": "probation", "reason": "A little."}
                second.post(f"/api/v1/appeals/{asked}/answer", json=halfway).raise_for_status()
                assert (own(rater)["standing"], own(rater)["appeal"]) == ("probation", None)
                again = rater.post("/api/v1/me/appeals", json={"text": "Another, please."}).raise_for_status()
                address = f"/api/v1/appeals/{again.json()['appeal_id']}/answer"
                assert second.post(address, json=halfway).status_code == 409
                reviewer.post(address, json=halfway).raise_for_status()
                assert own(rater)["appeal"]["state"] == "answered", "the control: now another person has looked"
                assert rater.post("/api/v1/me/appeals", json={"text": "Once more."}).status_code == 409


def test_an_appeal_ends_with_its_decision(lab: httpx.Client, reviewer: httpx.Client, rater: httpx.Client) -> None:
    def asked() -> tuple[str, str]:
        decide(lab, rater, "suspended").raise_for_status()
        made = rater.post("/api/v1/me/appeals", json={"text": "Why?"}).raise_for_status().json()["appeal_id"]
        assert told(made)["state"] == "open"
        return made, f"/api/v1/appeals/{made}/answer"

    def told(appeal_id: str) -> dict[str, Any]:
        found = {one["appeal_id"]: one for one in lab.get("/api/v1/appeals?limit=500").json()["appeals"]}
        return dict(found[appeal_id])

    answer = {"standing": "suspended", "reason": "No."}
    undone, address = asked()
    assert lab.delete(path(rater)).status_code == 204
    for who, body in ((reviewer, answer), (lab, {**answer, "standing": "qualified"})):
        assert who.post(address, json=body).status_code == 409
    assert own(rater)["standing"] == "qualified"
    found = told(undone)
    assert (found["state"], found["answer"], found["answered_standing"]) == (
        "answered",
        "The decision was undone.",
        None,
    )

    replaced, address = asked()
    decide(reviewer, rater, "probation", reason="Half of them are fine.").raise_for_status()
    assert reviewer.post(address, json=answer).status_code == 409
    found = told(replaced)
    assert (found["state"], found["answer"], found["answered_standing"]) == (
        "answered",
        "Half of them are fine.",
        "probation",
    )
    assert own(rater)["standing"] == "probation"
    assert reviewer.delete(path(rater)).status_code == 204
    assert told(replaced)["state"] == "open", "the decision holds again, and so waits for its answer"
    assert reviewer.post(address, json=answer).status_code == 200
    assert reviewer.delete(path(rater)).status_code == 204
    assert told(replaced)["state"] == "open", "the answer was undone"


def test_of_an_answer_and_an_undoing_at_the_same_moment_one_holds(
    arena: Arena, lab: httpx.Client, reviewer: httpx.Client, rater: httpx.Client
) -> None:
    decide(lab, rater, "suspended").raise_for_status()
    asked = rater.post("/api/v1/me/appeals", json={"text": "Why?"}).raise_for_status().json()["appeal_id"]
    appealing = arena.services.appealing
    make = appealing._deciding.make

    def undone_first(*given: Any, **more: Any) -> Any:
        assert lab.delete(path(rater)).status_code == 204
        return make(*given, **more)

    with mock.patch.object(appealing._deciding, "make", undone_first):
        body = {"standing": "suspended", "reason": "No."}
        assert reviewer.post(f"/api/v1/appeals/{asked}/answer", json=body).status_code == 409
    assert own(rater)["standing"] == "qualified"


def test_an_account_is_one_person_with_what_its_browsers_rated(arena: Arena, lab: httpx.Client) -> None:
    with arena.admin() as admin, browser(arena) as account, browser(arena) as second:
        link = invited(admin, "reviewer")
        for one in (account, second):
            value = one.post("/api/v1/raters").json()["token"]
            one.cookies.set("arena_rater", value, domain="127.0.0.1", path="/")
            arenas.vote(one, arenas.battle(one)).raise_for_status()
        accept(account, link, "person@lab.example").raise_for_status()
        assert decide(lab, account, "suspended").json()["held"] == 1
        sign_in(second, "person@lab.example").raise_for_status()
        found = listed(lab, account)
        assert (found["votes"], found["held"]) == (2, 2), "what the browser brings along is held, too"
        assert account.patch(path(account), json={"standing": "qualified", "reason": "Me."}).status_code == 409
        assert account.delete(path(account)).status_code == 409
        assert lab.delete(path(account)).status_code == 204
        assert listed(lab, account)["held"] == 0


def test_a_token_acts_for_the_account_that_made_it(arena: Arena, rater: httpx.Client) -> None:
    qualified = {"standing": "qualified", "reason": "Me."}
    with contextlib.ExitStack() as stack:
        admin, person = stack.enter_context(arena.admin()), stack.enter_context(browser(arena))
        accept(person, invited(admin, "admin"), "two-hands@lab.example").raise_for_status()
        arenas.vote(person, arenas.battle(person)).raise_for_status()
        first = stack.enter_context(arena.client(token(person, "admin")))
        hands = (person, first, stack.enter_context(arena.client(token(first, "reviewer"))))
        decide(admin, person, "suspended").raise_for_status()
        for hand in hands:
            assert hand.patch(path(person), json=qualified).status_code == 409, "on themselves"
            assert hand.delete(path(person)).status_code == 409
        decided, address = 0, ""
        for hand in hands:
            decided += decide(hand, rater, "suspended").is_success
            asked = rater.post("/api/v1/me/appeals", json={"text": "Why?"}).raise_for_status()
            address = f"/api/v1/appeals/{asked.json()['appeal_id']}/answer"
            for other in hands:
                answered = other.post(address, json={"standing": "suspended", "reason": "No."})
                assert answered.status_code == 409, "on what they decided"
        assert decided == len(hands)
        another = stack.enter_context(arena.client(token(admin, "reviewer")))
        assert another.patch(path(person), json=qualified).status_code == 200, "somebody else may do both"
        assert another.post(address, json={"standing": "suspended", "reason": "No."}).status_code == 200


def test_a_token_that_rates_decides_nothing_on_its_own_votes(arena: Arena, lab: httpx.Client) -> None:
    qualified = {"standing": "qualified", "reason": "Me."}
    with contextlib.ExitStack() as stack:
        admin, person = stack.enter_context(arena.admin()), stack.enter_context(browser(arena))
        accept(person, invited(admin, "admin"), "three-hands@lab.example").raise_for_status()
        first = stack.enter_context(arena.client(token(person, "admin")))
        second = stack.enter_context(arena.client(token(first, "lab")))
        alone = stack.enter_context(arena.client(token(admin, "lab")))
        for hands, rating in (((person, first, second), second), ((person, first, second), first), ((alone,), alone)):
            arenas.vote(rating, arenas.battle(rating)).raise_for_status()
            rated = rating.get("/api/v1/me").json()["id"]
            assert {hand.get("/api/v1/me").json()["id"] for hand in hands} == {rated}, "all of them are one rater"
            for hand in hands:
                for body in (qualified, {"standing": "suspended", "reason": "Me."}):
                    assert hand.patch(f"/api/v1/raters/{rated}/standing", json=body).status_code == 409
                held = {"campaign": "default", "amount": 1, "reason": "Me."}
                assert hand.post(f"/api/v1/raters/{rated}/credits", json=held).status_code == 409
            by_other = {"standing": "suspended", "reason": "Another."}
            lab.patch(f"/api/v1/raters/{rated}/standing", json=by_other).raise_for_status()
            asked = rating.post("/api/v1/me/appeals", json={"text": "Why?"}).raise_for_status()
            for hand in hands:
                assert hand.delete(f"/api/v1/raters/{rated}/standing").status_code == 409
                answered = hand.post(f"/api/v1/appeals/{asked.json()['appeal_id']}/answer", json=qualified)
                assert (answered.status_code, answered.json()["detail"][:6]) == (409, "Nobody")
            giving_way = lab.post(f"/api/v1/appeals/{asked.json()['appeal_id']}/answer", json=qualified)
            assert giving_way.status_code == 200, "who decided may give way, and is somebody else"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"standing": "king", "reason": "x"}, 422),
        ({"standing": "suspended", "reason": ""}, 422),
        ({"standing": "suspended", "reason": "x" * 501}, 422),
        ({"standing": "suspended", "reason": "x", "field": "alchemy"}, 422),
        ({"standing": "suspended", "reason": "x", "until": "2020-01-01"}, 422),
        ({"standing": "suspended", "reason": "x", "until": "someday"}, 422),
        ({"standing": "suspended"}, 400),
        ({"standing": "suspended", "reason": "x", "why": 1}, 400),
    ],
)
def test_what_is_out_of_range_decides_nothing(
    lab: httpx.Client, rater: httpx.Client, body: dict[str, Any], status: int
) -> None:
    assert lab.patch(path(rater), json=body).status_code == status
    assert own(rater)["standing"] == "qualified"


def test_who_is_no_rater_here_is_not_found(lab: httpx.Client, rater: httpx.Client) -> None:
    body = {"standing": "suspended", "reason": "x"}
    assert lab.patch("/api/v1/raters/r_none/standing", json=body).status_code == 404
    assert lab.post("/api/v1/appeals/ap_none/answer", json=body).status_code == 404
    assert rater.patch(path(rater), json=body).status_code == 403
    assert rater.get("/api/v1/raters").status_code == 403
    assert deciding_standing.named("new").value == "new"


def test_raters_come_in_pages(lab: httpx.Client, rater: httpx.Client) -> None:
    whole = [one["rater_id"] for one in lab.get("/api/v1/raters").json()["raters"]]
    found: list[str] = []
    after, few = "", max(1, len(whole) // 5)
    while after is not None:
        page = lab.get("/api/v1/raters", params={"after": after, "limit": few}).raise_for_status().json()
        found += [one["rater_id"] for one in page["raters"]]
        after = page["next"]
    assert found == whole == sorted(whole)
    assert path(rater).split("/")[4] in whole


def unpacked(admin: httpx.Client, release: dict[str, Any], folder: Path) -> Path:
    answer = admin.get(f"/api/v1/exports/{release['release_id']}/archive").raise_for_status()
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        archive.extractall(folder)
    (inside,) = folder.iterdir()
    return inside


def test_a_hold_takes_votes_out_of_later_releases_alone(lab: httpx.Client, rater: httpx.Client, tmp_path: Path) -> None:
    earlier = unpacked(lab, export(lab, format="battles"), tmp_path / "earlier")
    before = parquet.read_table(earlier / "data" / "train.parquet")
    assert before["held"].to_pylist() == [False] * before.num_rows
    mine = [one["vote_id"] for one in rater.get("/api/v1/me/contributions").json()["votes"]]
    assert set(mine) <= set(before["vote_id"].to_pylist())

    decide(lab, rater, "suspended").raise_for_status()
    release = export(lab, format="battles")
    board = lab.get(BOARD).json()
    later = unpacked(lab, release, tmp_path / "later")
    assert release["manifest"]["ledger_head"]["hash"] == board["ledger_head"]
    table = parquet.read_table(later / "data" / "train.parquet")
    assert table.num_rows == board["counting"]["counted"] == board["votes"]
    left = parquet.read_table(later / "left_out.parquet").to_pylist()
    assert {one["vote_id"] for one in left if one["reason"] == "held"} >= set(mine)
    assert sum(one["reason"] == "held" for one in left) == board["counting"]["held"]

    everything = unpacked(lab, export(lab, format="battles", select={"votes": "all"}), tmp_path / "all")
    whole = parquet.read_table(everything / "data" / "train.parquet")
    held = {row["vote_id"] for row in whole.to_pylist() if row["held"]}
    assert held >= set(mine)
    assert (whole.num_rows, len(held)) == (table.num_rows + board["counting"]["held"], board["counting"]["held"])

    counts = lab.post("/api/v1/selections/counts", json={"select": {}, "format": "trl-dpo"}).raise_for_status().json()
    (taken,) = [one for one in counts["filters"] if one["reason"] == "held"]
    assert taken["votes"] == board["counting"]["held"]
    for folder in (earlier, later, everything):
        assert verification.release(folder).problems == ()


def test_a_person_grants_a_field_that_has_no_test(arena: Arena, lab: httpx.Client, rater: httpx.Client) -> None:
    campaign = {"name": "falconry", "qualifications": ["falconry"], "anonymous": True}
    lab.post("/api/v1/campaigns", json=campaign).raise_for_status()
    lab.patch("/api/v1/campaigns/falconry", json={"state": "running"}).raise_for_status()
    asked = {"prompt": "Say something.", "campaign": "falconry"}
    assert {one["field"]: one["standing"] for one in own(rater)["fields"]}["falconry"] == "new"
    refused = rater.post("/api/v1/battles", json=asked)
    assert (refused.status_code, refused.json()["code"]) == (409, "not_qualified")
    next_year = (datetime.now(UTC) + timedelta(days=365)).isoformat()
    decide(lab, rater, "qualified", field="falconry", until=next_year).raise_for_status()
    field = {one["field"]: one for one in own(rater)["fields"]}["falconry"]
    assert (field["standing"], field["until"]) == ("qualified", next_year)
    arenas.vote(rater, arenas.battle(rater, campaign="falconry")).raise_for_status()
    decide(lab, rater, "suspended", field="falconry").raise_for_status()
    assert rater.post("/api/v1/battles", json=asked).json()["code"] == "suspended"
    found = {one["field"]: (one["standing"], one["votes"], one["held"]) for one in own(rater)["fields"]}
    assert (found["general"], found["falconry"]) == (("qualified", 2, 0), ("suspended", 1, 1))
    assert own(rater)["standing"] == "qualified", "at the top is general"
    arenas.battle(rater)
    board = lab.get(BOARD, params={"campaign": "falconry"}).json()
    assert (board["votes"], board["counting"]["why"]["suspended"]) == (0, 1)
    assert lab.get(BOARD, params={"campaign": "falconry", "votes": "all"}).json()["votes"] == 1


def test_who_was_made_new_is_given_nothing_until_a_person_makes_them_qualified(
    lab: httpx.Client, rater: httpx.Client
) -> None:
    begun = arenas.battle(rater)
    decide(lab, rater, "new").raise_for_status()
    refused = rater.post("/api/v1/battles", json={"prompt": "Say something."})
    assert (refused.status_code, refused.json()["code"]) == (409, "not_qualified")
    assert REASON in refused.json()["detail"]
    assert arenas.vote(rater, begun).status_code == 201, "what was begun goes on"
    assert (own(rater)["standing"], listed(lab, rater)["held"]) == ("new", 0)
    rater.post("/api/v1/me/appeals", json={"text": "Why?"}).raise_for_status()
    decide(lab, rater, "qualified").raise_for_status()
    arenas.battle(rater)


def test_a_field_is_granted_to_an_account_that_has_done_nothing_yet(arena: Arena, lab: httpx.Client) -> None:
    campaign = {"name": "heraldry", "qualifications": ["heraldry"], "anonymous": False}
    lab.post("/api/v1/campaigns", json=campaign).raise_for_status()
    lab.patch("/api/v1/campaigns/heraldry", json={"state": "running"}).raise_for_status()
    asked = {"prompt": "Say something.", "campaign": "heraldry"}
    next_year = (datetime.now(UTC) + timedelta(days=365)).isoformat()
    granted = {"standing": "qualified", "reason": "Certificate seen.", "field": "heraldry", "until": next_year}
    with arena.admin() as admin, browser(arena) as first, browser(arena) as second:
        accept(first, invited(admin), "herald@lab.example").raise_for_status()
        accept(second, invited(admin), "squire@lab.example").raise_for_status()
        by_email = "/api/v1/raters/Herald@lab.example/standing"
        assert lab.patch(by_email, json=granted).status_code == 404, "no e-mail is a name to a lab"
        assert admin.patch("/api/v1/raters/nobody@lab.example/standing", json=granted).status_code == 404
        assert admin.patch(by_email, json=granted).status_code == 200
        arenas.battle(first, campaign="heraldry")
        assert second.post("/api/v1/battles", json=asked).json()["code"] == "not_qualified"
        assert lab.patch(path(second), json=granted).status_code == 200, "a lab names them by the id they told it"
        arenas.battle(second, campaign="heraldry")
        field = {one["field"]: one for one in own(second)["fields"]}["heraldry"]
        assert (field["standing"], field["reason"], field["until"]) == ("qualified", "Certificate seen.", next_year)
        assert "@" not in json.dumps(lab.get("/api/v1/raters?limit=500").json())
        assert admin.delete(by_email + "?field=heraldry").status_code == 204
        assert first.post("/api/v1/battles", json=asked).json()["code"] == "not_qualified"
        accept(first, invited(admin, "admin"), "herald@lab.example").raise_for_status()
        assert first.patch(by_email, json=granted).status_code == 409, "nobody grants themselves anything"
