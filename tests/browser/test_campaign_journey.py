"""A lab's campaign from the first account to another installation, as its people go it in their browsers.

By the pages: the first account, invitations and a token of a trainer (admin), the campaign in six steps, its progress
and its close, the grant of a field (lab), joining, qualifying, work, credits and withdrawing (raters), the release
(trainer). By the API, because no page does it: files that are on the arena's machine (sets), the test of a field, the
board of one campaign, and the settlement. By command: the workspace that leaves and enters.

Overlap 2 needs two who are qualified, and the second rater is not: a third one practises, and is then granted the field
by the lab, with a reason. (Before a rater has opened an item, the page of raters does not list them.)
"""

import csv
import io
import json
import os
import re
import subprocess
import time
import zipfile
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from arena.exports.proofs import verification
from tests import arenas
from tests.browser import clinic
from tests.browser.campaign_raters import CAMPAIGN, ask, fail, go, practise, qualify, says, seen, withdraw, work
from tests.browser.conftest import Opened
from tests.browser.driver import BattlePage
from tests.browser.trainer import build, counted, offer
from tests.cli.conftest import PROGRAM

pytestmark = [pytest.mark.browser, pytest.mark.slow(seconds=60)]

PASSWORD = "four quiet herons wade"
GUIDELINES = """Answers to health questions, read by people who *work in care*.

## Worked example

B, because it says when to get help at once."""
REASON = "A physician of our own ward; licence seen on paper."
CENTS = 10_007
ITEMS = len(clinic.SETS["care-questions"])


@pytest.fixture
def house(tmp_path: Path) -> Iterator[arenas.Arena]:
    with arenas.running(arenas.settings_for(tmp_path / "data", "http://127.0.0.1:9/v1", ())) as running:
        yield running


def test_a_campaign_from_the_first_account_to_another_installation(
    house: arenas.Arena, opened: Opened, tmp_path: Path
) -> None:
    admin = opened(house.url, path="/setup")
    token = set_up_and_invite(house, admin)
    lab = joined(opened, token["lab"], "lab@clinic.example", 1440)
    fill(house, lab, tmp_path)
    first = joined(opened, token["rater"], "one@clinic.example", 1440)
    second = joined(opened, token["rater"], "two@clinic.example", 390)
    third = joined(opened, token["rater"], "three@clinic.example", 390)
    make_campaign(lab)

    qualify(first)
    fail(second)
    practise(third)
    grant(lab, third)
    chosen = work(first, third)
    disputed = [asked for asked in clinic.SETS["care-questions"] if len({votes[asked] for votes in chosen}) == 2]
    watch_and_close(lab, disputed)
    seen = gold_votes(lab)
    assert seen == sum(asked in clinic.SETS["care-gold"] for votes in chosen for asked in votes)

    board = board_of(house)
    assert board["votes"] == 2 * ITEMS, "gold is in no board"
    told = Counter(
        model for votes in chosen for asked, model in votes.items() if asked in clinic.SETS["care-questions"]
    )
    assert {entry["model"]: entry["wins"] for entry in board["entries"]} == {name: told[name] for name in clinic.MODELS}
    admin.visit("/leaderboard")
    admin.screenshot("1440-campaign-journey-board")
    released(opened, house, token["trainer"], tmp_path)
    settle(lab, first, third, [len(votes) for votes in chosen])
    withdraw(first)
    board = board_of(house)
    assert board["votes"] == ITEMS
    moved(tmp_path, board)


def set_up_and_invite(house: arenas.Arena, admin: BattlePage) -> dict[str, str]:
    """The first account; then a link for the lab, one for three raters, and a token of a trainer."""
    for field, value in (("token", house.admin_token), ("email", "root@clinic.example"), ("password", PASSWORD)):
        admin.page.fill(f"#setup-{field}", value)
    seen(admin, "setup")
    admin.page.click("[data-form=setup] button")
    admin.page.wait_for_url(f"{house.url}/")
    go(admin, "/lab/people", "1 member")
    made = {}
    for role, uses in (("lab", "1"), ("rater", "3")):
        admin.page.select_option("#invite-role", role)
        admin.page.fill("#invite-uses", uses)
        admin.page.click("[data-invite] [type=submit]")
        admin.page.wait_for_selector(f"[data-invite] tr:has-text('{role}')")
        made[role] = admin.text("[data-invite] [data-made] code")
    admin.page.select_option("#token-role", "trainer")
    admin.page.click("[data-tokens] [type=submit]")
    admin.page.wait_for_selector("[data-tokens] [data-made]:not([hidden])")
    made["trainer"] = admin.text("[data-tokens] [data-made] code")
    seen(admin, "people")
    return made


def joined(opened: Opened, link: str, email: str, width: int) -> BattlePage:
    """Somebody with a link, in a browser of their own."""
    url, path = link[: link.index("/invite")], link[link.index("/invite") :]
    page = opened(url, width=width, height=900 if width > 720 else 844, path=path)
    page.page.wait_for_selector("h2:has-text('You are invited to default')")
    page.page.fill("#invite-email", email)
    page.page.fill("#invite-password", PASSWORD)
    seen(page, f"invited-{email.partition('@')[0]}")
    page.page.click("[data-form=invite] button")
    page.page.wait_for_url(f"{url}/")
    return page


def fill(house: arenas.Arena, lab: BattlePage, folder: Path) -> None:
    """The sets, from files on the arena's machine, which its admin alone may name; then the lab's test of the field."""
    with house.admin() as admin:
        for name in clinic.SETS:
            for kind, file in zip(("prompts", "responses"), clinic.files(folder, name), strict=True):
                asked = {"kind": kind, "file": str(file)}
                begun = admin.post(f"/api/v1/prompt-sets/{name}/imports", json=asked).raise_for_status().json()
                while begun["state"] not in ("done", "failed"):
                    time.sleep(0.05)
                    begun = admin.get(f"/api/v1/prompt-sets/{name}/imports/{begun['import_id']}").json()
                assert (begun["state"], begun["outside"]) == ("done", 0), begun
    test = {"field": "medicine", "title": "Medicine", "gold_set": "care-test", "guidelines": GUIDELINES}
    ask(lab, "POST", "/qualifications", test | {"practice": 1, "items": 3, "needed": 2, "tries": 2})


def make_campaign(lab: BattlePage) -> None:
    go(lab, "/lab/new-campaign", "A new campaign")
    steps: tuple[tuple[str, dict[str, str]], ...] = (
        ("Models and pairing", {"name": CAMPAIGN, "kind": "tasks", "prompt_set": "care-questions", "criteria": "safe"}),
        ("Raters and quality", {}),
        ("Guidelines", {"overlap": "2", "gold": "0.25", "gold_set": "care-gold", "qualifications": "medicine"}),
        ("Consent, reward, limits", {"guidelines": GUIDELINES}),
        ("Check and start", {"reward": "2"}),
    )
    for number, (heading, fields) in enumerate(steps, 1):
        for key, value in fields.items():
            field = lab.page.locator(f"#field-{key}")
            if field.evaluate("field => field.tagName") == "SELECT":
                field.select_option(value)
            else:
                field.fill(value)
        seen(lab, f"new-{number}")
        lab.page.click("text=Go on")
        lab.page.wait_for_selector(f"h2:has-text('{heading}')")
    assert f"{2 * ITEMS} votes" in lab.text("h1")
    seen(lab, "new-check")
    lab.page.click("button:has-text('Start')")
    lab.page.wait_for_selector("text=Pause collecting")


def grant(lab: BattlePage, rater: BattlePage) -> None:
    """The lab knows the third rater: no test, but a reason that they read."""
    name = json.loads(ask(rater, "GET", "/me"))["id"]
    go(lab, "/lab/raters", "No vote of a rater is held.")
    lab.page.click(f"button:has-text('on {name}')")
    lab.page.select_option("#decide-field", "medicine")
    lab.page.check("input[name=standing][value=qualified]")
    lab.page.fill("#decide-until", "2030-01-01")
    lab.page.fill("#decide-reason", REASON)
    seen(lab, "granting")
    lab.page.click("[data-decide] button[type=submit]")
    lab.page.wait_for_selector("[data-decided]:not([hidden])")
    go(rater, "/me/standing", "You are qualified")
    assert REASON in rater.text("#main")
    seen(rater, "granted")


def watch_and_close(lab: BattlePage, disputed: list[str]) -> None:
    go(lab, f"/lab/campaigns/{CAMPAIGN}", f"{CAMPAIGN} has the votes it wanted.")
    told = lab.page.locator("[aria-label^='Disputed items'] tbody th span:first-child").all_inner_texts()
    assert sorted(told) == sorted(disputed) != []
    seen(lab, "progress")
    lab.page.locator("h2:has-text('Disputed items')").scroll_into_view_if_needed()
    seen(lab, "disputed")
    lab.page.click("text=Pause collecting")
    lab.page.click("text=Close for good")
    says(lab, f"{CAMPAIGN} is closed, with {2 * ITEMS} votes.")


def gold_votes(lab: BattlePage) -> int:
    go(lab, "/lab/raters", "No vote of a rater is held.")
    seen(lab, "raters")
    found = json.loads(ask(lab, "GET", "/raters"))["raters"]
    assert {one["gold_right"] for one in found} == {one["gold_seen"] for one in found}
    return sum(one["gold_seen"] for one in found)


def board_of(house: arenas.Arena) -> dict[str, Any]:
    with house.admin() as admin:
        found: dict[str, Any] = admin.get(f"/api/v1/leaderboards/overall?campaign={CAMPAIGN}").raise_for_status().json()
    return found


def released(opened: Opened, house: arenas.Arena, token: str, folder: Path) -> None:
    """A release whose rows carry the criteria of their votes."""
    page = opened(house.url, path="/data")
    offer(page, token)
    counted(page)
    page.page.check("[name=format][value=battles]")
    page.page.wait_for_function(f"document.querySelector('h1').textContent.startsWith('{2 * ITEMS} ')")
    counted(page)
    build(page)
    seen(page, "release")
    with page.page.expect_download() as fetched:
        page.page.click("[data-archive]")
    fetched.value.save_as(folder / "all.zip")
    with zipfile.ZipFile(folder / "all.zip") as archive:
        archive.extractall(folder)
    command = re.fullmatch(r"arena release verify (\S+) --key ([0-9a-f]{64})", page.text(".release .cmd >> nth=1"))
    assert command is not None
    checked = verification.release(folder / command[1], command[2])
    assert (checked.problems, checked.proven) == ((), True)
    rows = [json.loads(line) for line in (folder / command[1] / "data/train.jsonl").read_text().splitlines()]
    assert len(rows) == 2 * ITEMS, "gold is in no release"
    answered = [row for row in rows if row["criteria"]]
    assert len(answered) >= ITEMS, "the desktop asks it of every item"
    assert all(row["criteria"] == [{"name": "safe", "winner": row["winner"]}] for row in answered)


def settle(lab: BattlePage, first: BattlePage, third: BattlePage, votes: list[int]) -> None:
    """Every accepted vote earns two credits, gold too, and the cents add up."""
    path = f"/campaigns/{CAMPAIGN}/settlements"
    paid = list(csv.DictReader(io.StringIO(ask(lab, "POST", path, {"amount": CENTS}, accept="text/csv"))))
    assert sum(int(part["amount"]) for part in paid) == CENTS
    for page, number in zip((first, third), votes, strict=True):
        go(page, "/me/credits", f"{2 * number} credits: {2 * number} settled.")
        seen(page, "credits")
        own = json.loads(ask(page, "GET", "/me/credits"))
        (part,) = [part for part in paid if part["contributor"] == own["contributor"]]
        assert int(part["credits"]) == 2 * number
        assert abs(int(part["amount"]) - Fraction(CENTS * number, sum(votes))) < 1
        assert own["unpaid"] == 0


def moved(folder: Path, board: dict[str, Any]) -> None:
    """The workspace leaves while its arena runs, and is the same in an installation that never saw it."""
    left, other = folder / "left", folder / "other"
    command(folder / "data", "workspaces", "export", "default", left)
    written = command(other, "workspaces", "import", left, "--as", "clinic")
    command(other, "verify", "--workspace", "clinic")
    token = Path(written.strip()).read_text().strip()
    settings = arenas.settings_for(other, "http://127.0.0.1:9/v1", ())
    with arenas.running(settings, pages=False) as there, there.client(token) as admin:
        path = f"/w/clinic/api/v1/leaderboards/overall?campaign={CAMPAIGN}"
        found = admin.get(path).raise_for_status().json()
    assert found | {"command": ""} == board | {"command": ""}


def command(data: Path, *arguments: str | Path) -> str:
    own = {**os.environ, "ARENA_DATA_DIR": str(data)}
    done = subprocess.run([PROGRAM, *arguments], env=own, capture_output=True, text=True, cwd=data.parent, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
