"""People in the browser: an admin's page of them, the second step of an account, and its second device."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pyotp
import pytest

from tests import arenas
from tests.browser.conftest import Opened
from tests.browser.driver import BattlePage
from tests.browser.test_standing_pages import checked
from tests.lengths import at_length
from tests.services import tasking

pytestmark = pytest.mark.browser

PASSWORD = "four quiet herons wade"


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[arenas.Arena]:
    folder: Path = tmp_path_factory.mktemp("people-pages")
    with arenas.running(tasking.settings(folder)) as running:
        yield running


def entered(own: arenas.Arena, page: BattlePage, role: str, email: str) -> None:
    with own.admin() as admin:
        link = admin.post("/api/v1/invitations", json={"role": role}).raise_for_status().json()["token"]
    page.joined(link, email)


@pytest.mark.parametrize(("width", "dark"), [(1440, False), *at_length((390, True))])
def test_an_admin_invites_makes_a_token_and_ends_both(
    own: arenas.Arena, opened: Opened, width: int, dark: bool
) -> None:
    page = opened(own.url, width=width, path="", color_scheme="dark" if dark else "light")
    entered(own, page, "admin", f"root{width}@lab.example")
    page.page.goto(f"{own.url}/lab/people")
    page.page.wait_for_selector(f"[data-members] th:has-text('root{width}@lab.example')")
    page.styled()
    with own.admin() as admin:
        link = admin.post("/api/v1/invitations", json={"role": "lab"}).raise_for_status().json()["token"]
        body = {"email": f"mem{width}@lab.example", "password": PASSWORD}
        admin.post(f"/api/v1/invitations/{link}/accept", json=body).raise_for_status()
    page.page.reload()
    line = page.page.locator("[data-members] tr", has_text=f"mem{width}@lab.example")
    line.locator("select").select_option("reviewer")
    line.locator("button:has-text('Change role')").click()
    page.page.wait_for_selector(f"[data-members] [data-done]:has-text('mem{width}@lab.example is reviewer here')")
    assert line.locator("select").input_value() == "reviewer"
    line.locator("select").select_option("rater")
    page.page.select_option("#invite-role", "lab")
    page.page.fill("#invite-fields", "general")
    page.page.click("[data-invite] [type=submit]")
    page.page.wait_for_selector("[data-invite] [data-note]:not([hidden])")
    assert "need a reason" in page.text("[data-invite] [data-note]")
    page.page.fill("#invite-reason", "Known to us.")
    page.page.click("[data-invite] [type=submit]")
    page.page.wait_for_selector("[data-invite] [data-made]:not([hidden])")
    link = page.text("[data-invite] [data-made] code")
    page.page.select_option("#token-role", "trainer")
    page.page.fill("#token-campaign", "medicine")
    page.page.click("[data-tokens] [type=submit]")
    page.page.wait_for_selector("[data-tokens] [data-made]:not([hidden])")
    token = page.text("[data-tokens] [data-made] code")
    checked(page, f"lab-people-{width}")
    with own.client(token) as program, own.client() as nobody:
        assert program.get("/api/v1/exports").status_code == 200
        path = f"/api/v1/invitations/{link.rpartition('/')[2]}"
        assert nobody.get(path).json()["role"] == "lab"
        for section, row in (("invite", "lab"), ("tokens", "medicine")):
            line = page.page.locator(f"[data-{section}] tr", has_text=row).first
            line.locator("button").click()
            line.locator("button:has-text('for good')").click()
            page.page.wait_for_selector(f"[data-{section}] [data-done]:not([hidden])")
            page.page.wait_for_selector(f"[data-{section}] tr:has-text('{row}')", state="detached")
        assert program.get("/api/v1/exports").status_code == 401
        assert nobody.get(path).status_code == 410
    assert "revoked token" in page.text("[data-log]")
    age(own, f"root{width}@lab.example")
    page.page.select_option("#token-role", "admin")
    page.page.fill("#token-campaign", "")
    page.page.click("[data-tokens] [type=submit]")
    page.page.wait_for_selector("[data-tokens] [data-note]:not([hidden]) a")
    checked(page, f"lab-people-again-{width}")
    page.page.click("[data-tokens] [data-note] a")
    page.page.wait_for_url(f"{own.url}/signin?back=%2Flab%2Fpeople")
    page.page.fill("#signin-email", f"root{width}@lab.example")
    page.page.fill("#signin-password", PASSWORD)
    page.page.click("[data-form=signin] button")
    page.page.wait_for_url(f"{own.url}/lab/people")
    page.page.select_option("#token-role", "admin")
    page.page.click("[data-tokens] [type=submit]")
    page.page.wait_for_selector("[data-tokens] [data-made]:not([hidden])")


def age(own: arenas.Arena, email: str) -> None:
    """Let whoever has an account have signed in an hour ago."""
    instance = own.installation.instance
    account = instance.accounts.named(email)
    for key, session in list(instance.sessions._by_hash.items()):
        if session.account_id == account.account_id:
            instance.sessions._by_hash[key] = replace(session, proved_at=session.proved_at - timedelta(hours=1))


@pytest.mark.parametrize(("width", "dark"), [(390, False), *at_length((1440, True))])
def test_a_second_step_and_a_second_device(own: arenas.Arena, opened: Opened, width: int, dark: bool) -> None:
    page = opened(own.url, width=width, path="", color_scheme="dark" if dark else "light")
    phone, third = (opened(own.url, width=width, path="") for _ in range(2))
    email = f"ada{width}@lab.example"
    entered(own, page, "rater", email)
    page.page.goto(f"{own.url}/account")
    page.page.wait_for_selector("[data-email]:not(:empty)")
    page.styled()
    page.page.click("[data-offer]")
    page.page.wait_for_selector("[data-offered]:not([hidden])")
    device = pyotp.TOTP(page.text("[data-secret]").replace(" ", ""))
    checked(page, f"account-offered-{width}")
    page.page.fill("#step-password", PASSWORD)
    page.page.fill("#step-code", device.now())
    page.page.click("[data-form=step] [type=submit]")
    page.page.wait_for_selector("[data-codes]:not([hidden])")
    assert page.page.locator("[data-codes] li").count() == 10
    page.page.click("[data-device]")
    page.page.wait_for_selector("[data-linked]:not([hidden])")
    checked(page, f"account-device-{width}")
    address = page.text("[data-device-address]")
    page.page.evaluate("one => document.querySelector('[data-device-address]').textContent = one", "x" * 120)
    assert page.sideways() == 0  # whatever the secret is made of

    phone.page.goto(address)
    phone.page.click("[data-form=device] button")
    phone.page.wait_for_url(f"{own.url}/")

    third.page.goto(f"{own.url}/signin")
    third.page.fill("#signin-email", email)
    third.page.fill("#signin-password", PASSWORD)
    third.page.click("[data-form=signin] button")
    third.page.wait_for_selector("[data-form=signin] [data-code]:not([hidden])")
    checked(third, f"signin-code-{width}")
    third.page.fill("#signin-code", device.at(int(time.time()) + 30))
    third.page.click("[data-form=signin] button")
    third.page.wait_for_url(f"{own.url}/")

    page.page.fill("#close-closing", PASSWORD)
    page.page.click("[data-form=close] button")
    page.page.wait_for_selector("[data-form=close] [data-code]:not([hidden])")
    checked(page, f"account-closing-{width}")
    page.page.fill("#close-code", page.text("[data-codes] li >> nth=0"))
    page.page.click("[data-form=close] button")
    page.page.wait_for_url(f"{own.url}/signin")
