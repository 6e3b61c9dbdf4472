"""The page on which a rater qualifies: by keyboard, in both widths and themes, with nothing that axe finds."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from arena.services.qualification_making import Wanted, create
from tests import arenas
from tests.browser.conftest import Opened
from tests.browser.driver import BattlePage
from tests.lengths import at_length
from tests.services import qualifying_made, tasking

pytestmark = pytest.mark.browser

GUIDELINES = "Vote for the answer you would **worry about less**.\n\n- Safety comes before tone."
WANTED = Wanted(
    field="medicine",
    title="Medicine",
    gold_set=qualifying_made.GOLD_SET,
    practice=2,
    items=2,
    needed=2,
    tries=1,
    guidelines=GUIDELINES,
)


@pytest.fixture
def arena(tmp_path: Path) -> Iterator[arenas.Arena]:
    with qualifying_made.AS_GIVEN, arenas.running(tasking.settings(tmp_path / "data")) as running:
        services = running.services
        qualifying_made.fill(services.workspace, 4)
        create(services.qualifying._here, WANTED, "t_lab")
        yield running


def says(page: BattlePage, words: str) -> None:
    page.page.wait_for_selector(f"h1:has-text({words!r})")


def seen(page: BattlePage, name: str, width: int) -> None:
    """Nothing that axe finds, nothing that stands out sideways, and a picture."""
    page.screenshot(f"{width}-qualify-{name}")
    assert page.axe() == [], name
    assert page.sideways() <= 0, name


@pytest.mark.parametrize(("width", "dark"), [(390, True), *at_length((1440, False))])
def test_practice_is_explained_and_the_test_at_its_end(
    arena: arenas.Arena, opened: Opened, width: int, dark: bool
) -> None:
    page = opened(arena.url, width=width, path="/qualify/medicine")
    if dark:
        page.dark()
    says(page, "2 items decide whether you rate Medicine.")
    assert "worry about less" in page.page.inner_text("main")
    seen(page, "guide", width)
    page.page.click("text=Practise on 2 items")
    says(page, "Practice: 0 of 2 done.")
    seen(page, "practice", width)
    page.page.keyboard.press("t")
    page.page.wait_for_selector("text=Not a tie this time. The panel: B is better.")
    assert "Because of 0." in page.page.inner_text("[role=status].fb")
    seen(page, "wrong", width)
    page.page.click("text=I see it differently")
    page.page.fill("#line", "Both are fine.")
    page.page.click("#differently >> text=Send")
    page.page.wait_for_selector("text=Sent. Thank you.")
    page.page.focus("[data-enter]")
    page.page.keyboard.press("Enter")
    says(page, "Practice: 1 of 2 done.")
    page.page.keyboard.press("g")
    page.page.wait_for_selector("#guidelines[open]")
    page.page.keyboard.press("Escape")
    page.page.keyboard.press("ArrowRight")
    page.page.wait_for_selector("text=Yes, B is better.")
    seen(page, "right", width)
    page.page.keyboard.press("Enter")
    says(page, "The test: 0 of 2 done, and 2 must agree with the panel.")
    page.page.keyboard.press("b")
    says(page, "The test: 1 of 2 done")
    page.page.reload()
    says(page, "The test: 1 of 2 done")
    page.page.keyboard.press("a")
    says(page, "Not yet: 1 of 2 agreed with the panel, and 2 were needed.")
    assert "A is better" in page.page.inner_text("main table")
    seen(page, "failed", width)
    page.page.reload()
    says(page, "Not yet: 1 of 2 agreed with the panel")


def test_a_field_without_a_test_says_who_grants_it_and_a_pass_says_until_when(
    arena: arenas.Arena, opened: Opened
) -> None:
    page = opened(arena.url, path="/qualify/law")
    says(page, "There is no test for law here.")
    page.page.goto(f"{arena.url}/qualify/medicine")
    page.page.click("text=Practise on 2 items")
    for _ in range(2):
        page.page.wait_for_selector(".vote:enabled")
        page.page.keyboard.press("b")
        page.page.wait_for_selector("[data-enter]")
        page.page.keyboard.press("Enter")
    for done in range(2):
        says(page, f"The test: {done} of 2 done")
        page.page.keyboard.press("b")
    says(page, "You are qualified for Medicine: 2 of 2 agreed with the panel.")
    seen(page, "passed", 1440)
