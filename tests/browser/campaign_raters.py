"""What the raters of a campaign do in their browsers: practise, sit a test, work, withdraw."""

import json
from typing import Any

from tests.browser import clinic
from tests.browser.driver import BattlePage

CAMPAIGN = "care-answers"
OTHER = {"a": "b", "b": "a"}


def go(page: BattlePage, path: str, words: str) -> None:
    """Open a page and wait for these words in its statement."""
    page.page.goto(page.url + path)
    says(page, words)
    page.styled()


def says(page: BattlePage, words: str) -> None:
    page.page.wait_for_selector(f"#main h1:has-text({json.dumps(words)})")


def seen(page: BattlePage, name: str) -> None:
    """A picture, and nothing that stands out sideways."""
    width = page.page.viewport_size["width"]  # type: ignore[index]  # every window here has a size
    page.screenshot(f"{width}-campaign-journey-{name}")
    assert page.sideways() == 0, name


def ask(page: BattlePage, method: str, path: str, body: Any = None, accept: str = "application/json") -> str:
    """Ask the API in the session of a browser."""
    answer = page.context.request.fetch(
        f"{page.url}/api/v1{path}",
        method=method,
        data=body,
        headers={"Origin": page.url, "Accept": accept},
        timeout=240_000,  # milliseconds; an audit takes some seconds, and longer on a machine at work
    )
    assert answer.ok, (path, answer.status, answer.text())
    return answer.text()


def longer(page: BattlePage, answers: str) -> str:
    """The key of the longer of two answers."""
    a, b = page.page.locator(answers).all()
    return "a" if len(a.text_content() or "") > len(b.text_content() or "") else "b"


def sit(page: BattlePage, *, right: bool) -> None:
    """Three items of a test, all right or all wrong."""
    for done in range(3):
        says(page, f"The test: {done} of 3 done")
        key = longer(page, ".mini article .pa-prose")
        page.page.click(f".vote.{'o1' if (key if right else OTHER[key]) == 'a' else 'o2'}")


def practise(page: BattlePage) -> None:
    """From My work to the test."""
    go(page, "/work", "Nothing is open to you at the moment.")
    assert "Needs two models" in page.text(".task.l .why"), "nobody is sent to ask prompts that nothing answers"
    seen(page, "work-before")
    page.page.click("text=Get qualified")
    says(page, "3 items decide whether you rate Medicine.")
    seen(page, "qualify")
    page.page.click("text=Practise on 1 item")
    says(page, "Practice: 0 of 1 done.")
    page.press(longer(page, ".mini article .pa-prose"))
    page.page.wait_for_selector("text=Go on to the test")
    seen(page, "practised")
    page.page.click("text=Go on to the test")


def qualify(page: BattlePage) -> None:
    practise(page)
    sit(page, right=False)
    says(page, "Not yet: 0 of 3 agreed with the panel, and 2 were needed.")
    seen(page, "not-yet")
    page.page.click("text=Try again")
    sit(page, right=True)
    says(page, "You are qualified for Medicine: 3 of 3 agreed with the panel.")
    seen(page, "qualified")


def fail(page: BattlePage) -> None:
    practise(page)
    sit(page, right=False)
    says(page, "Not yet: 0 of 3")
    page.page.click("text=Try again")
    sit(page, right=False)
    page.page.wait_for_selector("text=You may try again from")
    seen(page, "failed")
    go(page, "/work", "Nothing is open to you at the moment.")
    assert "Needs Medicine. You can try again from" in " ".join(page.page.locator(".task.l .why").all_inner_texts())
    seen(page, "work-locked")
    page.page.goto(f"{page.url}/campaigns/{CAMPAIGN}")
    page.page.wait_for_selector("text=Needs Medicine.")
    seen(page, "locked")


class Worker:
    """A rater at the items of the campaign."""

    def __init__(self, page: BattlePage) -> None:
        self.page = page
        self.chosen: dict[str, str] = {}
        """By question: the model that the rater preferred, as it was told after the vote."""

    def begin(self) -> None:
        go(self.page, "/work", "open to you today")
        seen(self.page, "work")
        self.page.page.click("text=Start")
        self.page.page.wait_for_selector(".battle[data-state=compose] [data-begin]:enabled")
        seen(self.page, "guidelines")
        self.page.page.click("[data-begin]")

    def vote(self) -> bool:
        """Vote on the item that is open; whether there was one."""
        page = self.page
        page.page.wait_for_selector(".battle:is([data-state=ready], [data-state=compose])")
        if page.state == "compose":
            return False
        page.wait("ready")
        page.open_unread()
        asked, number = page.text("[data-question]"), len(self.chosen)
        key = longer(page, ".ans [data-text]")
        if page.page.viewport_size == {"width": 390, "height": 844} and asked in clinic.SETS["care-questions"][::4]:
            key = OTHER[key]
        if number == 3:
            seen(page, "item")
        page.page.click(f"[data-vote=model_{key}]:enabled")
        page.wait("chosen")
        if number == 3 and page.page.is_visible("[data-more]"):
            page.page.click("[data-more]")
        if page.page.is_visible("[name=criterion-0]"):
            page.page.check(f"[name=criterion-0][value=model_{key}]")
        if number == 3:
            seen(page, "chosen")
        page.page.click("[data-rec]")
        page.wait("revealed")
        if number == 3:
            seen(page, "revealed")
        self.chosen[asked] = page.page.text_content(f"#ans-{key} [data-name]") or ""
        return True

    def go_on(self) -> None:
        """The next item."""
        before = self.page.text("[data-question]")
        self.page.press("Enter")
        self.page.page.wait_for_function(
            "before => document.querySelector('.battle').dataset.state !== 'revealed'"
            " || document.querySelector('[data-question]').innerText !== before",
            arg=before,
        )


def work(first: BattlePage, third: BattlePage) -> list[dict[str, str]]:
    """Both raters, item by item, until nothing is left; what each chose."""
    workers = [Worker(first), Worker(third)]
    for worker in workers:
        worker.begin()
    left = list(workers)
    while left := [worker for worker in left if worker.vote()]:
        left[-1].page.page.wait_for_timeout(750)  # until then the page takes a key for the one that recorded the vote
        for worker in left:
            worker.go_on()
    for worker in workers:
        seen(worker.page, "done")
    return [worker.chosen for worker in workers]


def withdraw(page: BattlePage) -> None:
    page.visit("/me")
    page.page.fill("#withdraw", "WITHDRAW")
    page.press("Enter")
    page.page.wait_for_selector("text=Your consent is withdrawn. Nothing of yours counts or is released.")
    seen(page, "withdrawn")
