"""A ring enters a running campaign: the next audit finds it, the lab reads why and decides, and the board moves back.

In the same audit an honest rater is caught by a mistake of the lab, known answers that are wrong; they ask for a review
in their browser, another person restores them, and no later audit holds them for the same votes. By the pages: what was
found, the ring, the decision on all of it, the appeal and its answer. By the API, because no page does it: audits (at
night they run by themselves), boards, and what the other raters vote. The lines that each step writes are counted: no
step without its lines, and no line without its step.
"""

import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any

import httpx
import numpy
import pytest
from quality_worlds import Votes

from arena.domain.ids import ModelName
from arena.domain.prompt_set import Gold
from arena.domain.vote import Winner
from arena.store import appeals, ledger_rows, standing_decisions
from arena.store.workspace import Workspace
from arena.store.writing import commands
from tests import arenas
from tests.browser.campaign_raters import ask
from tests.browser.conftest import Opened
from tests.browser.driver import BattlePage
from tests.browser.test_standing_pages import look
from tests.services import tasking, voting_rings
from tests.store import making

pytestmark = [pytest.mark.browser, pytest.mark.slow(seconds=60)]

MODELS = tuple(ModelName(f"model-{number}") for number in range(2))
KNOWN = "known"
OTHERS, TASKS = 5, 20
RIGHT, WRONG = 14, 600
REASON = "Ten accounts lift the same models. Write to us if you are a team."
PLEA = "I read every answer. The known answers were wrong: number 1 is better."
ANSWER = "You are right: the set was marked the wrong way round."


@pytest.fixture
def running(tmp_path: Path) -> Iterator[arenas.Arena]:
    settings = tasking.settings(tmp_path, overlap=3, gold=0.5, gold_set=KNOWN)
    with arenas.running(settings) as found:
        tasking.fill(found.services.workspace, 120, MODELS)
        _know(found, "g", RIGHT, Winner.MODEL_B)
        yield found


def _know(running: arenas.Arena, prefix: str, number: int, winner: Winner) -> None:
    """Put items with this known outcome into the set; the answer of the second model is the better one."""
    store = running.services.workspace
    gold = Gold(model_a=MODELS[0], model_b=MODELS[1], winner=winner, explanation="Number 1 is right.")
    asked = [making.stored_prompt(f"{prefix}{one:03}", f"Known {prefix}{one}?", gold=gold) for one in range(number)]
    said = [
        making.stored_answer(one.prompt_id, model, f"A reply to {one.prompt_id}, number {place}.")
        for one in asked
        for place, model in enumerate(MODELS)
    ]
    store.submit(commands.AddPrompts(set_name=KNOWN, prompts=tuple(asked), added_at=making.NOW)).result()
    store.submit(commands.AddAnswers(set_name=KNOWN, answers=tuple(said), added_at=making.NOW)).result()


def _work(rater: httpx.Client, tasks: int, dice: random.Random) -> None:
    """Tasks of one rater, who knows what is known and tosses a coin between equals."""
    for _ in range(tasks):
        battle_id = rater.post("/api/v1/campaigns/default/tasks").raise_for_status().json()["battle_id"]
        shown = rater.get(f"/api/v1/battles/{battle_id}").raise_for_status().json()
        known = "A reply to" in shown["text_a"]
        first = "number 1" in shown["text_a"] if known else dice.random() < 0.5
        arenas.vote(rater, battle_id, "model_a" if first else "model_b").raise_for_status()


def _some(votes: Votes, which: numpy.ndarray) -> Votes:
    return Votes(**{one.name: getattr(votes, one.name)[which] for one in fields(Votes)})


def _ratings(page: BattlePage) -> dict[str, float]:
    board = _asked(page, "GET", "/leaderboards/overall")
    return {one["model"]: one["rating"] for one in board["entries"]}


def _asked(page: BattlePage, method: str, path: str, body: Any = None) -> Any:
    return httpx.Response(200, text=ask(page, method, path, body)).json()


@contextmanager
def _lines(store: Workspace) -> Iterator[Counter[str]]:
    """The lines that are written in the block, by the prefix of their subjects."""
    found: Counter[str] = Counter()
    with store.reading() as connection:
        before = ledger_rows.count(connection)
    yield found
    with store.reading() as connection:
        new = ledger_rows.between(connection, before + 1, ledger_rows.count(connection))
    found.update(line.subject.partition("_")[0] for line in new)


def _joined(running: arenas.Arena, opened: Opened, role: str) -> BattlePage:
    page = opened(running.url, path="")
    with running.admin() as admin:
        link = admin.post("/api/v1/invitations", json={"role": role}).raise_for_status().json()["token"]
    page.joined(link, f"{role}@lab.example")
    return page


def _pictures(page: BattlePage, name: str) -> None:
    """Of both widths, each without what stands out sideways; test_finding_pages and test_standing_pages ask axe."""
    for seen in page.in_each_look():
        assert page.sideways() == 0, (name, seen)
        page.screenshot(f"{seen}-integrity-journey-{name}")


def test_a_ring_is_found_explained_and_held_and_an_honest_rater_is_restored(
    running: arenas.Arena, opened: Opened
) -> None:
    votes, dice = voting_rings.ringed(), random.Random(1)
    store = running.services.workspace
    voting_rings.enter(store, _some(votes, ~votes.bad))
    for _ in range(OTHERS):
        with running.rater() as rater:
            _work(rater, TASKS, dice)
    lab = _joined(running, opened, "lab")
    with _lines(store) as written:
        assert _asked(lab, "POST", "/audits", {})["findings"] == [], "the control: before the ring"
    assert written == Counter(po=1), "which policy is used from now on"
    clean = _ratings(lab)
    look(lab, "/lab/raters")
    assert "Nothing that stands." in lab.text("#main")

    voting_rings.enter(store, _some(votes, votes.bad), first=len(votes.rater))
    _know(running, "w", WRONG, Winner.MODEL_A)
    mine = opened(running.url, path="")
    (cookie,) = [one["value"] for one in mine.context.cookies() if one["name"] == "arena_rater"]
    with running.client(cookie) as rater:
        _work(rater, 4 * TASKS, dice)
        me = rater.get("/api/v1/me").raise_for_status().json()["id"]
    attacked = _ratings(lab)

    with _lines(store) as written:
        done = _asked(lab, "POST", "/audits", {})
    assert written == Counter(f=len(done["findings"]), sd=len(done["steps"])), "the findings, and a hold for each rater"
    assert {one["rater_id"] for one in done["steps"]} == set(done["held_raters"])
    ring = next(one for one in done["findings"] if one["kind"] == "ring")
    (gold,) = [one for one in done["findings"] if one["kind"] == "gold"]
    bad = {running.services.standing._states.people.of(one).name for one in voting_rings.bad(votes)}
    assert bad <= set(ring["raters"])
    assert gold["raters"] == [me]
    held = _ratings(lab)
    moved = max(abs(attacked[one] - clean[one]) for one in clean)
    assert max(abs(held[one] - clean[one]) for one in clean) < moved / 2, "the board moved back"

    look(lab, "/lab/raters")
    assert f"Votes of {len(done['held_raters'])} raters are held." in lab.text("h1")
    assert ring["sentence"] in lab.text("[aria-label^='Findings,']")
    assert lab.page.locator("td .strip svg").count() >= 1, "weeks are drawn"
    _pictures(lab, "raters")
    look(lab, f"/lab/findings/{ring['finding_id']}")
    lab.page.wait_for_selector("table.reasons tbody tr")
    assert "rarer by" in lab.text("table.reasons")
    _pictures(lab, "ring")
    lab.page.check("[data-together] input[value=suspended]")
    lab.page.fill("#all-reason", REASON)
    with _lines(store) as written:
        lab.page.click("[data-together] button[type=submit]")
        lab.page.wait_for_selector("[data-together] [data-done]:not([hidden])")
    assert written == Counter(sd=len(ring["raters"]))
    assert f"Suspended: {len(ring['raters'])} raters." in lab.text("[data-together] [data-done]")
    _pictures(lab, "ring-decided")
    standing = {one["rater_id"]: one["standing"] for one in _asked(lab, "GET", "/raters?limit=500")["raters"]}
    assert {standing[one] for one in ring["raters"]} == {"suspended"}
    assert (standing[me], sum(one == "suspended" for one in standing.values())) == ("probation", len(ring["raters"]))
    look(lab, f"/lab/findings/{gold['finding_id']}")
    lab.page.wait_for_selector("[aria-label^='Votes,'] tbody tr")
    assert "Known" in lab.text("[aria-label^='Votes,'] thead")
    _pictures(lab, "known-answers")

    look(mine, "/me/standing")
    assert gold["sentence"] in mine.text("#main")
    mine.page.click("button:has-text('Ask for a review')")
    mine.page.keyboard.type(PLEA)
    _pictures(mine, "asking")
    with _lines(store) as written:
        mine.page.click("button:has-text('Send')")
        mine.page.wait_for_selector("text=In review.")
    assert written == Counter(ap=1)

    other = _joined(running, opened, "reviewer")
    look(other, "/lab/review")
    assert PLEA in other.text("article.ap")
    other.page.click("article button:has-text('Answer')")
    other.page.check("input[value=qualified]")
    other.page.fill("textarea", ANSWER)
    _pictures(other, "review")
    with _lines(store) as written:
        other.page.click("text=Send the answer")
        other.page.wait_for_selector("h1:has-text('Nobody waits for a review.')")
    assert written == Counter(sd=1)
    look(mine, "/me/standing")
    assert mine.text("h1") == "You are qualified: your votes count."
    assert ANSWER in mine.text(".stand")
    _pictures(mine, "restored")

    with _lines(store) as written:
        again = _asked(lab, "POST", "/audits", {})
    new = sum(one["new"] for one in again["findings"])
    assert written == Counter(f=new, fe=len(again["ended"]), sd=len(again["steps"]))
    assert me not in again["held_raters"], "the same answers hold nobody twice"
    assert bad <= set(again["held_raters"]), "and the ring stays held"
    with store.reading() as connection:
        (asked,) = appeals.every(connection)
        made = standing_decisions.of_raters(connection, [asked.rater_id])
        order = [asked.decision_id, asked.appeal_id, made[-1].decision_id]
        numbers = [ledger_rows.about(connection, [one])[one].sequence for one in order]
    assert (asked.text, made[-1].answers) == (PLEA, asked.appeal_id)
    assert numbers == sorted(numbers), "held, asked, answered: in this order"
    assert store.verify().problems == (), "each line opens to its finding, decision or appeal, and each of them has one"
