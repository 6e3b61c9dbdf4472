"""What audits find in the browser: a planted ring is told, drawn, laid beside the board without it, and decided on."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from arena.domain import holding_policy
from tests import arenas
from tests.browser.conftest import Opened
from tests.browser.driver import BattlePage
from tests.browser.test_languages import left_in_english
from tests.browser.test_standing_pages import checked, look
from tests.lengths import at_length
from tests.services import tasking, voting_rings

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def ringed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[arenas.Arena]:
    """An arena with a ring among its raters, not audited yet."""
    folder: Path = tmp_path_factory.mktemp("finding-pages")
    with arenas.running(tasking.settings(folder)) as running:
        tasking.fill(running.services.workspace, 2)
        voting_rings.enter(running.services.workspace, voting_rings.ringed())
        yield running


def reviewing(ringed: arenas.Arena, opened: Opened, email: str, **look: object) -> BattlePage:
    """The browser of a reviewer."""
    page = opened(ringed.url, path="", **look)
    with ringed.admin() as admin:
        link = admin.post("/api/v1/invitations", json={"role": "reviewer"}).raise_for_status().json()["token"]
    page.joined(link, email)
    return page


def audited(ringed: arenas.Arena) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """The finding of an audit, with the boards with and without the votes that are held for it."""
    with ringed.admin() as admin:
        (told,) = admin.post("/api/v1/audits", json={}, timeout=120).raise_for_status().json()["findings"]
        whole = admin.get(f"/api/v1/findings/{told['finding_id']}?limit=500").raise_for_status().json()
        without, everything = (
            admin.get(f"/api/v1/leaderboards/overall?votes={votes}").raise_for_status().json()
            for votes in ("counted", "all")
        )
    return whole, without, everything


def rows(page: BattlePage, label: str) -> list[list[str]]:
    """The texts of a table's cells."""
    lines = page.page.locator(f"[aria-label^='{label},'] tbody tr")
    return [lines.nth(number).locator("th, td").all_inner_texts() for number in range(lines.count())]


def both_themes(page: BattlePage, name: str) -> None:
    """Sound to axe and not wider than the window, in both themes and widths."""
    for seen in page.in_each_look():
        checked(page, f"{name}-{seen}")


def test_the_page_of_raters_says_what_an_audit_could_not_have_found(tmp_path: Path, opened: Opened) -> None:
    with arenas.running(tasking.settings(tmp_path)) as running:
        tasking.fill(running.services.workspace, 2)
        voting_rings.enter(running.services.workspace, voting_rings.by(voting_rings.ringed(), (0, 1)))
        page = reviewing(running, opened, "one@lab.example")
        look(page, "/lab/raters")
        assert "could not have found" not in page.text("#main"), "the control: before the audit"
        with running.admin() as admin:
            (limit,) = admin.post("/api/v1/audits", json={}, timeout=120).raise_for_status().json()["limits"]
        look(page, "/lab/raters")
        assert f"What the last audit could not have found: {limit['sentence']}" in page.text("#main")
        assert page.page.locator("#main [lang=en]").count() == 0
        checked(page, "lab-raters-limits")
        page = reviewing(running, opened, "two@lab.example", locale="de")
        look(page, "/lab/raters")
        assert "Die Bewerter wurden hier nicht verglichen." in page.text("#main")
        assert page.page.locator("#main [lang=en]").count() == 0


def test_a_ring_is_told_drawn_and_decided_on(ringed: arenas.Arena, opened: Opened) -> None:
    page = reviewing(ringed, opened, "one@lab.example")
    look(page, "/lab/raters")
    assert "Nothing that stands." in page.text("#main"), "the control: before the audit"
    finding, without, everything = audited(ringed)
    names = finding["raters"]

    look(page, "/lab/raters")
    assert page.text("h1").startswith(f"Votes of {len(names)} raters are held.")
    (line,) = rows(page, "Findings")
    assert finding["sentence"] in line[0]
    assert line[2:4] == [f"{finding['votes']:,}", str(len(names))]
    assert page.page.locator("tbody .found").count() == len(names), "beside each of them, and beside nobody else"
    both_themes(page, "lab-raters-findings")

    look(page, "/leaderboard/transparency#held")
    (reason,) = rows(page, "Votes held, by reason")
    held = everything["votes"] - without["votes"]
    assert reason[:2] == ["Votes that move together", f"{held:,}"]
    page.page.click("#held button:has-text('Show all')")
    on = rows(page, "Votes held, by model")
    assert sum(int(line[1].replace(",", "")) for line in on) == 2 * held
    assert not any(name in page.text("#held") for name in names)
    both_themes(page, "transparency-held")
    look(page, "/lab/raters")

    page.page.focus("section.sec a:has-text('Look')")
    page.page.keyboard.press("Enter")
    page.page.wait_for_url(f"**/lab/findings/{finding['finding_id']}")
    page.page.wait_for_selector("[aria-label^='Board with and without'] tbody tr")
    page.styled()
    assert page.text("h1") == finding["sentence"]
    assert f"Policy {finding['policy']}" in page.text(".facts")
    assert {row[1] for row in rows(page, "Raters of the finding")} == {
        str(one["votes"]) for one in finding["of_raters"]
    }
    assert len(rows(page, "Raters of the finding")) == len(names)
    votes = rows(page, "Votes")
    assert len(votes) == 50
    first = finding["spoken"][0]
    assert votes[0][2:4] == [first["model_a"], first["model_b"]]
    assert [row[5] for row in votes] == ["Held back" if vote["held"] else "Counts" for vote in finding["spoken"][:50]]

    assert page.page.locator("#main svg[aria-describedby=strips-desc] .tick").count() == len(finding["spoken"])
    assert page.page.text_content("#strips-title") == "Votes over time, a strip for each rater"
    assert "votes from" in (page.page.text_content("#strips-desc") or "")
    assert page.page.locator("#main svg[aria-describedby=ring-desc] circle").count() == len(names)
    lifted = page.page.locator("#main svg[aria-describedby=ring-desc] text.ink").all_text_contents()[len(names) :]
    assert lifted[0] in finding["sentence"], "the model that the sentence names is drawn"
    assert page.page.locator("svg .lifts").count() > len(names) / 2

    boards = {row[0]: row for row in rows(page, "Board with and without the held votes")}
    for column, board in ((2, everything), (4, without)):
        assert {model: row[column] for model, row in boards.items()} == {
            entry["model"]: f"{round(entry['rating']):,}" for entry in board["entries"]
        }
    assert any(row[5] not in ("0", "\u2013") for row in boards.values()), "the held votes moved the board"
    counting = without["counting"]
    assert f"{counting['counted']:,} of {counting['counted'] + counting['held']:,} votes count" in page.text("#main")
    both_themes(page, "lab-finding")

    page.page.locator("[aria-label^='Raters of the finding'] a").first.focus()
    page.page.keyboard.press("Enter")
    page.page.wait_for_selector("[data-decide]:not([hidden])")
    assert page.page.evaluate("document.activeElement.id") == "decide-title"
    assert finding["sentence"] in page.text("[data-found]")
    both_themes(page, "lab-raters-evidence")
    page.page.check("input[value=qualified]")
    page.page.fill("#decide-reason", "Read again: this is taste.")
    page.page.click("[data-decide] button[type=submit]")
    page.page.wait_for_selector("[data-decided]:not([hidden])")
    look(page, "/lab/raters")
    assert page.text("h1").startswith(f"Votes of {len(names) - 1} raters are held.")


@pytest.mark.parametrize(("code", "width"), [("ar", 390), *at_length(("ar", 1440), ("de", 390))])
def test_a_finding_is_read_from_the_right_and_in_long_words(
    ringed: arenas.Arena, opened: Opened, code: str, width: int
) -> None:
    with ringed.admin() as admin:
        admin.post("/api/v1/audits", json={}, timeout=120).raise_for_status()
        found = admin.get("/api/v1/findings").raise_for_status().json()["findings"]
    page = reviewing(ringed, opened, f"{code}-{width}@lab.example", width=width, locale=code)
    look(page, f"/lab/findings/{found[0]['finding_id']}")
    page.page.wait_for_selector("table.reasons tbody tr")
    assert page.page.evaluate("document.documentElement.dir") == ("rtl" if code == "ar" else "ltr")
    checked(page, f"lab-finding-{code}-{width}")


def test_what_policies_hold_votes_for_is_told_in_the_language_of_the_page(ringed: arenas.Arena, opened: Opened) -> None:
    with ringed.admin() as admin:
        admin.post("/api/v1/audits", json={}, timeout=120).raise_for_status()
    page = opened(ringed.url, path="", locale="zh")
    look(page, "/leaderboard/transparency")
    kinds = page.page.locator("[aria-label^='政策的各个版本'] li").all_inner_texts()
    assert len(kinds) == len(holding_policy.DEFAULT.rules)
    assert "同步变动的投票" in kinds
    assert left_in_english(page) == []
    assert page.page.locator("#main [lang=en]").count() == 0
    page = opened(ringed.url, path="", locale="de")
    page.page.route("**/api/v1/changes*", lambda route: route.fulfill(json={"changes": [LATER], "next": None}))
    look(page, "/leaderboard/transparency")
    assert page.page.locator("[aria-label^='Die Richtlinie'] li").all_inner_texts() == [
        "Stimmen, die sich gemeinsam bewegen: Stimmen werden zurückgehalten, ab 270.000 zu 1; vorher: Stimmen werden "
        "zurückgehalten, und ein Mensch sieht nach.",
        "Die Wahrscheinlichkeit einer falschen Absprache verteilt sich auf 30 Prüfungen; vorher auf 20.",
    ]


LATER = {
    "at": "2026-11-30T10:00:00.000Z",
    "what": "policy",
    "subject": "3",
    "text": "Votes are held by policy 3 in place of 2: ring: hold from strength 12.5, before probation; looks: 30.",
    "line": 12,
    "model": None,
    "policy": {
        "before": "2",
        "looks": 30,
        "looks_before": 20,
        "rules": [
            {"kind": "ring", "then": "hold", "strength": 12.5, "then_before": "probation", "strength_before": 0.0}
        ],
    },
}
"""A policy that followed another."""


def test_a_finding_that_is_not_there_is_said_so(ringed: arenas.Arena, opened: Opened) -> None:
    page = reviewing(ringed, opened, "two@lab.example")
    page.page.goto(f"{page.url}/lab/findings/f_none")
    page.page.wait_for_selector("[data-part] [role=alert]")
    assert "There is no finding f_none here" in page.text("[data-part] [role=alert]")
