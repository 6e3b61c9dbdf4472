"""A battle that one campaign publishes is shown once no other gives its answers to raters any more."""

from collections.abc import Iterator

import httpx
import pytest

from arena.domain.ids import ModelName
from arena.domain.prompt_set import Gold
from arena.domain.vote import Winner
from arena.store.writing import commands
from tests import arenas
from tests.api.test_campaigns import CAMPAIGNS, made, vote
from tests.arenas import Arena
from tests.services import tasking
from tests.store import making

SAMPLES = "/api/v1/leaderboards/overall/samples?number=50"
COPY, OTHER, KNOWN = "copied", "other", "known"
PROMPTS = 3


FIRST, SECOND = map(ModelName, tasking.MODELS[:2])
GOLD = Gold(model_a=FIRST, model_b=SECOND, winner=Winner.TIE, explanation="Both say as much.")


def put(arena: Arena, name: str, prompts: range, said: str, gold: Gold | None = None) -> None:
    """Prompts with two answers to each into a set, under ids of its own."""
    asked = [making.stored_prompt(f"{name}{number}", f"Question {number}?", gold=gold) for number in prompts]
    answers = [
        making.stored_answer(one.prompt_id, model, said.format(number=number, place=place))
        for number, one in zip(prompts, asked, strict=True)
        for place, model in enumerate((FIRST, SECOND))
    ]
    store = arena.services.workspace
    store.submit(commands.AddPrompts(set_name=name, prompts=tuple(asked), added_at=making.NOW)).result()
    store.submit(commands.AddAnswers(set_name=name, answers=tuple(answers), added_at=making.NOW)).result()


@pytest.fixture(scope="module")
def arena(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Arena]:
    settings = arenas.settings_for(tmp_path_factory.mktemp("asked"), "http://127.0.0.1:9/v1", ())
    with arenas.running(settings, pages=False) as running:
        tasking.fill(running.services.workspace, PROMPTS)
        put(running, COPY, range(1), "An answer to p00{number}, number {place}.")
        put(running, KNOWN, range(1), "An answer to p00{number}, number {place}.", GOLD)
        put(running, OTHER, range(PROMPTS), "Another answer to {number}, number {place}.")
        with running.admin() as lab, running.rater() as rater:
            made(lab, "published", publish="battles")
            for _ in range(PROMPTS):
                vote(rater, "published")
            lab.patch(f"{CAMPAIGNS}/published", json={"state": "closed"}).raise_for_status()
        yield running


@pytest.fixture
def lab(arena: Arena) -> Iterator[httpx.Client]:
    with arena.admin() as client:
        yield client


def shown(client: httpx.Client) -> set[str]:
    """The prompts of the published battles that are shown."""
    found = client.get(SAMPLES).raise_for_status().json()["battles"]
    return {one["prompt"] for one in found if one["campaign"] == "published"}


@pytest.mark.parametrize(
    ("keys", "hidden"),
    [
        ({}, {0, 1, 2}),
        ({"prompt_set": COPY}, {0}),
        ({"prompt_set": OTHER}, set()),
        ({"prompt_set": OTHER, "gold_set": KNOWN, "gold": 0.2}, {0}),
    ],
)
def test_what_another_campaign_asks_is_not_shown_until_it_is_closed(
    arena: Arena, lab: httpx.Client, keys: dict[str, object], hidden: set[int]
) -> None:
    """In the same set, in another with the same answer, and not where only the prompt is the same."""
    name = f"asking-{len(lab.get(CAMPAIGNS).json()['campaigns'])}"
    every = {f"Question {number}?" for number in range(PROMPTS)}
    with arena.rater() as reader:
        assert shown(reader) == every, "positive control"
        made(lab, name, start=False, **keys)
        left = every - {f"Question {number}?" for number in hidden}
        for state in ("running", "paused"):
            assert shown(reader) == left
            lab.patch(f"{CAMPAIGNS}/{name}", json={"state": state}).raise_for_status()
        assert shown(reader) == left
        assert shown(lab) == every, "labs see their own"
        lab.patch(f"{CAMPAIGNS}/{name}", json={"state": "closed"}).raise_for_status()
        assert shown(reader) == every


def test_a_campaign_does_not_hide_its_own(arena: Arena, lab: httpx.Client) -> None:
    made(lab, "own", publish="battles", prompt_set=OTHER)
    with arena.rater() as rater:
        voted = vote(rater, "own")
        found = rater.get(SAMPLES).json()["battles"]
    assert {one["campaign"] for one in found} == {"published", "own"}
    assert voted["vote_id"]
    lab.patch(f"{CAMPAIGNS}/own", json={"state": "closed"}).raise_for_status()
