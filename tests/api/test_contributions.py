"""What a rater gave, over HTTP: votes with receipts, the releases that used them, and nobody else's."""

import httpx

from arena.exports.proofs import receipts
from arena.exports.proofs.verification import Checked
from tests import arenas
from tests.api.test_exports import export
from tests.api.test_refusals import refused

OWN = "/api/v1/me/contributions"


def test_votes_come_newest_first_with_the_receipts_they_were_given(rater: httpx.Client) -> None:
    cast = [
        arenas.vote(rater, arenas.battle(rater, prompt), winner, reason=prompt.lower()).json()
        for prompt, winner in (("First.", "model_a"), ("Second.", "tie"))
    ]
    own = rater.get(OWN).raise_for_status().json()
    assert [vote["receipt"] for vote in own["votes"]] == [vote["receipt"] for vote in reversed(cast)]
    assert [(vote["prompt"], vote["winner"], vote["reason"]) for vote in own["votes"]] == [
        ("Second.", "tie", "second."),
        ("First.", "model_a", "first."),
    ]
    assert own["votes"][0]["model_a"] == cast[1]["model_a"]
    assert own["withdrawn"] is False
    assert own["rater_id"] == rater.get("/api/v1/me").json()["id"]


def test_a_release_says_which_votes_of_the_rater_it_holds_and_each_can_be_proved(
    rater: httpx.Client, admin: httpx.Client
) -> None:
    kept = arenas.vote(rater, arenas.battle(rater, "Kept."), "model_b").json()
    arenas.vote(rater, arenas.battle(rater, "A tie makes no pair."), "tie").raise_for_status()
    status = export(admin, format="trl-dpo")
    own = rater.get(OWN).json()
    (used,) = own["releases"]
    assert (used["release_id"], used["number"], used["votes"]) == (
        status["release_id"],
        status["number"],
        [kept["vote_id"]],
    )
    assert used["of"] == status["manifest"]["proofs"]["leaves"]
    answer = rater.get(f"/api/v1/exports/{used['release_id']}/proofs/{kept['vote_id']}").json()
    assert receipts.check(receipts.read(answer["proof"]), None, own["votes"][1]["receipt"]).problems == ()


def test_nobody_sees_what_another_gave(arena: arenas.Arena, rater: httpx.Client) -> None:
    arenas.vote(rater, arenas.battle(rater, "canary of mine"), "model_a").raise_for_status()
    assert "canary of mine" in rater.get(OWN).text
    with arena.rater() as stranger:
        assert stranger.get(OWN).json()["votes"] == stranger.get(OWN).json()["releases"] == []
    with arena.admin() as admin:
        assert "canary of mine" not in admin.get(OWN).text
    with arena.client() as nobody:
        refused(nobody.get(OWN), 401, "identity")


def test_who_withdrew_is_told_so_and_keeps_the_receipts(rater: httpx.Client) -> None:
    arenas.vote(rater, arenas.battle(rater, "Mine still."), "model_a").raise_for_status()
    rater.post("/api/v1/me/withdrawal").raise_for_status()
    own = rater.get(OWN).json()
    assert own["withdrawn"] is True
    assert len(own["votes"]) == 1


def test_a_receipt_is_signed_and_opens_before_any_release_and_for_nobody_else(
    arena: arenas.Arena, rater: httpx.Client, admin: httpx.Client
) -> None:
    vote = arenas.vote(rater, arenas.battle(rater, "Keep it."), "model_a").json()
    key = admin.get("/api/v1/exports/key").json()["key"]
    kept = rater.get(f"/api/v1/me/receipts/{vote['vote_id']}").raise_for_status().json()
    for document in (kept, vote):
        told = receipts.read_receipt(document)
        assert told is not None
        assert receipts.receipt(told, key) == Checked(problems=(), signer=key, proven=True)
    assert kept["content"]["fields"]["prompt"] == "Keep it."
    other = {**kept, "content": {**kept["content"], "fields": {}}}
    told = receipts.read_receipt(other)
    assert told is not None
    assert receipts.receipt(told, key).problems == ("Salt and content do not open the commitment.",)
    with arena.rater() as stranger:
        assert stranger.get(f"/api/v1/me/receipts/{vote['vote_id']}").status_code == 404
