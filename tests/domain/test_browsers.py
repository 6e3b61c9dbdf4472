"""People are grouped by no browser, whatever it calls itself."""

import pytest

from arena.domain import browsers
from arena.server.recognition import client_of

OF_PEOPLE = (
    "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142 Safari/537 Edg/142",
    "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0 Mobile",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
    "Mozilla/5.0",
    "",
)
"""The fourth is a browser inside another app, which names neither itself nor the browser that it is made of."""


@pytest.mark.parametrize("agent", OF_PEOPLE)
def test_what_people_use_is_taken_for_a_browser(agent: str) -> None:
    assert browsers.is_browser(client_of(agent))


@pytest.mark.parametrize("agent", ["python-httpx/0.28.1", "curl/8.5.0", "Go-http-client/2.0", "PostmanRuntime/7.43"])
def test_programs_are_not(agent: str) -> None:
    assert not browsers.is_browser(client_of(agent))
