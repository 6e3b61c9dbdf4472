"""What prompts do to a board, and sample battles: labs see all, others what campaigns publish and raters allow."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from quality_worlds import World

from arena.domain.consent import Choice, Scope
from arena.domain.ids import BattleId, ReportId
from arena.domain.report import Report, ReportAnswer, ReportKind
from arena.store.writing.commands import AddReport, AnswerReport, Choose
from tests import arenas
from tests.api.test_refusals import refused
from tests.services import voting_rings
from tests.store import making

BOARD = "/api/v1/leaderboards/overall"
OPEN, SHUT = "default", "not-shown"
PROMPTS = (
    ("Explain compound interest.", OPEN, "money"),
    ("What is the third planet?", "imported", "sky"),
    ("A secret of one lab.", SHUT, "money"),
)


@pytest.fixture(scope="module")
def voted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[arenas.Arena]:
    """An arena with 600 votes on five models and three prompts, two of which are published with their battles."""
    settings = arenas.settings_for(
        tmp_path_factory.mktemp("prompts"), "http://127.0.0.1:9/v1", (), campaign={"publish": "battles"}
    )
    with arenas.running(settings, pages=False) as running:
        votes = World(seed=3, models=5, raters=20, votes=600).clean()
        voting_rings.enter(running.services.workspace, votes, prompts=PROMPTS)
        yield running


@pytest.fixture
def reader(voted: arenas.Arena) -> Iterator[httpx.Client]:
    with voted.rater() as client:
        yield client


def listed(client: httpx.Client, **asked: Any) -> dict[str, Any]:
    told: dict[str, Any] = client.get(f"{BOARD}/prompts", params=asked).raise_for_status().json()
    return told


def test_others_see_the_prompts_that_campaigns_publish_and_labs_all(voted: arenas.Arena, reader: httpx.Client) -> None:
    told = listed(reader)
    assert {one["text"] for one in told["prompts"]} == {text for text, campaign, _ in PROMPTS if campaign != SHUT}
    assert told["hidden"] == 1
    assert "secret" not in json.dumps(told)
    assert sum(one["prompts"] for one in told["readings"]) == 3
    assert sum(one["votes"] for one in told["readings"]) == sum(one["votes"] for one in told["categories"]) == 600
    for one in told["prompts"]:
        assert one["lower"] < one["share"] < one["upper"]
        assert one["agreement_lower"] < one["agreement"] < one["agreement_upper"]
    with voted.admin() as admin:
        whole = listed(admin)
    assert len(whole["prompts"]) == 3, "the control"
    assert whole["hidden"] == 0
    assert whole["readings"] == told["readings"]


def test_prompts_are_searched_and_come_in_pages(reader: httpx.Client) -> None:
    assert [one["category"] for one in listed(reader, words="THIRD planet")["prompts"]] == ["sky"]
    assert listed(reader, words="secret")["prompts"] == []
    page = listed(reader, limit=1)
    assert page["next"] == 1
    assert listed(reader, after=1)["next"] is None
    assert listed(reader, least=201)["prompts"] == []
    assert [one["text"] for one in listed(reader, category="money")["prompts"]] == [PROMPTS[0][0]]
    of = {one["reading"] for one in listed(reader)["prompts"]}
    for reading in of:
        assert {one["reading"] for one in listed(reader, reading=reading)["prompts"]} == {reading}
    refused(reader.get(f"{BOARD}/prompts", params={"by": "week", "value": "2026-W01"}), 422, "by")
    assert reader.get(f"{BOARD}/prompts", params={"reading": "odd"}).status_code in (400, 422)


def test_a_prompt_has_a_board_of_its_own(reader: httpx.Client) -> None:
    one = listed(reader)["prompts"][0]
    board = reader.get(BOARD, params={"by": "prompt", "value": one["prompt"]}).raise_for_status().json()
    assert board["votes"] == one["votes"]
    assert f"--value={one['prompt']}" in board["command"].split()


def test_nobody_finds_out_whether_a_prompt_that_is_not_published_was_asked(
    voted: arenas.Arena, reader: httpx.Client
) -> None:
    with voted.admin() as admin:
        ids = {one["text"]: one["prompt"] for one in listed(admin)["prompts"]}
        secret = {"by": "prompt", "value": ids[PROMPTS[2][0]]}
        assert admin.get(BOARD, params=secret).json()["votes"] == 200, "the control"
        assert len(admin.get(BOARD, params={"by": "prompt"}).json()["boards"]) == 3
    known, absent = (reader.get(BOARD, params={**secret, "value": value}) for value in (secret["value"], "0" * 16))
    assert (known.status_code, known.json()) == (404, absent.json())
    for part in ("matches?model=model-0&", "samples?"):
        path = f"{BOARD}/{part}by=prompt&value={secret['value']}"
        assert reader.get(path).status_code == 404
    refused(reader.get(BOARD, params={"by": "prompt"}), 422, "value")


def test_sample_battles_are_those_that_may_be_shown(voted: arenas.Arena, reader: httpx.Client) -> None:
    model = reader.get(BOARD).json()["entries"][0]["model"]
    told = reader.get(f"{BOARD}/samples", params={"model": model, "number": 50}).raise_for_status().json()
    assert told["publish"] == "battles"
    assert len(told["battles"]) == 50
    for one in told["battles"]:
        assert model in (one["model_a"], one["model_b"])
        assert one["campaign"] in (OPEN, "imported"), "what was imported without a campaign goes by the default one"
        assert sum(one["votes"].values()) == 1
    again = reader.get(f"{BOARD}/samples", params={"model": model, "number": 3}).json()["battles"]
    assert again == told["battles"][:3]
    with voted.admin() as admin:
        every = admin.get(f"{BOARD}/samples", params={"model": model, "number": 50}).json()
    assert every["publish"] == "all"
    assert {one["campaign"] for one in every["battles"]} == {OPEN, "imported", SHUT}, "the control"
    refused(reader.get(f"{BOARD}/samples", params={"model": "model-99"}), 404)
    refused(reader.get(f"{BOARD}/samples", params={"by": "island", "value": "1"}), 422, "by")


def test_who_does_not_agree_to_publication_is_in_no_sample_and_a_report_hides_a_prompt(
    voted: arenas.Arena, reader: httpx.Client
) -> None:
    store = voted.services.workspace
    battle_ids = [one["battle_id"] for one in listed_samples(reader)]
    gone, at = voting_rings.rater(0), making.NOW + timedelta(days=1)
    store.submit(Choose(choice=Choice(choice_id="k_1", rater_id=gone, scope=Scope.PRIVATE, chosen_at=at))).result()
    left = {one["battle_id"] for one in listed_samples(reader)}
    with store.reading() as connection:
        theirs = {
            row[0] for row in connection.execute("SELECT battle_id FROM votes WHERE rater_id = ?", [gone]).fetchall()
        }
    assert theirs & set(battle_ids)
    assert not theirs & left

    text = PROMPTS[1][0]
    (battle_id,) = [one["battle_id"] for one in listed_samples(reader) if one["prompt"] == text][:1]
    report = Report(
        report_id=ReportId("rep_1"),
        battle_id=BattleId(battle_id),
        rater_id=voting_rings.rater(1),
        kind=ReportKind.PERSONAL,
        reason="A name.",
        reported_at=at,
    )
    store.submit(AddReport(report=report, others=())).result()
    assert text not in {one["text"] for one in listed(reader)["prompts"]}
    assert text not in {one["prompt"] for one in listed_samples(reader)}
    answer = ReportAnswer(
        report_id=report.report_id, keep=True, reason="No name is in it.", answered_by="t_1", answered_at=at
    )
    store.submit(AnswerReport(answer=answer)).result()
    assert text in {one["text"] for one in listed(reader)["prompts"]}, "a person let it stay"


def listed_samples(client: httpx.Client) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(f"{BOARD}/samples", params={"number": 50}).json()["battles"]
    return found


def test_each_workspace_publishes_what_its_admin_says(voted: arenas.Arena) -> None:
    with voted.admin() as operator:
        told = operator.post("/api/v1/workspaces", json={"name": "lab-p", "public_board": True}).raise_for_status()
        assert operator.get("/api/v1/workspace").json()["publish"] == "battles", "as the configuration says"
    services = voted.installation.named("lab-p")
    assert services is not None
    voting_rings.enter(services.workspace, World(seed=3, models=5, raters=20, votes=60).clean(), prompts=PROMPTS)
    shown = {text for text, campaign, _ in PROMPTS if campaign != SHUT}
    at, prompts = "/w/lab-p/api/v1/workspace", f"/w/lab-p{BOARD}/prompts?least=1"
    with voted.client(Path(told.json()["admin_token_file"]).read_text().strip()) as admin:
        invited = admin.post("/w/lab-p/api/v1/tokens", json={"role": "reader"}).raise_for_status().json()["token"]
        with voted.client(invited) as reader:
            assert reader.get(prompts).raise_for_status().json()["prompts"] == [], "positive control"
            assert admin.patch(at, json={"publish": "prompts"}).raise_for_status().json()["publish"] == "prompts"
            assert {one["text"] for one in reader.get(prompts).json()["prompts"]} == shown
            assert reader.get(f"/w/lab-p{BOARD}/samples?number=9").json()["battles"] == []
            admin.patch(at, json={"publish": "battles"}).raise_for_status()
            assert {one["prompt"] for one in reader.get(f"/w/lab-p{BOARD}/samples?number=9").json()["battles"]} == shown
            assert admin.get("/w/lab-p/api/v1/campaigns/default").json()["publish"] == "battles"
            admin.patch(at, json={"publish": "nothing"}).raise_for_status()
            assert reader.get(prompts).json()["prompts"] == []
        refused(admin.patch("/w/lab-p/api/v1/campaigns/default", json={"publish": "prompts"}), 409, "workspace")
