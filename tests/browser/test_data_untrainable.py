"""The data page: what should not train is left out with a click, and the release has its licence."""

import json
from collections.abc import Iterator

import pytest

from tests import arenas
from tests.browser import trainer
from tests.browser.conftest import Opened
from tests.browser.trainer import build, counted, offer, waterfall
from tests.inference import misbehaving

pytestmark = pytest.mark.browser
VOTES: tuple[trainer.Given, ...] = (
    ("No.", {"winner": "model_a"}),
    ("<think>So, so.</think>It is blue.", {"winner": "model_b"}),
    ("How long should I boil a fresh egg?", {"winner": "model_b"}),
)
"""One model repeats the prompt, the other says "No.": two answers of one text, one with thoughts, and a plain one."""


@pytest.fixture(scope="module")
def voted(model_server: misbehaving.Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[arenas.Arena]:
    with trainer.voted(model_server, tmp_path_factory.mktemp("data"), VOTES) as running:
        yield running


def test_untrainable_answers_leave_and_the_release_has_a_licence(voted: arenas.Arena, opened: Opened) -> None:
    page = opened(voted.url, path="/data")
    offer(page, voted.admin_token)
    counted(page)
    assert waterfall(page)["One side won, and both answers have the same text"] == -1
    assert page.text("h1") == "2 preference pairs for TRL DPO."

    page.page.check("[name=thinking][value=drop]", force=True)
    page.page.uncheck("[data-keep=finished]")
    page.page.uncheck("[data-keep=duplicates]")
    page.page.fill("[data-text=license]", "CC BY 4.0")
    page.press("Tab")
    page.page.wait_for_selector("[data-refused]:visible")
    assert "cc-by-4.0" in page.text("[data-refused]")
    assert page.page.get_attribute("[data-text=license]", "aria-invalid") == "true"
    page.page.fill("[data-text=license]", "cc-by-4.0")
    page.press("Tab")
    page.page.wait_for_selector("text=1 preference pair for TRL DPO.")
    counted(page)
    assert waterfall(page)["An answer holds what a model thought before it answered"] == -1
    assert page.axe() == []
    address = page.page.evaluate("location.search")
    for said in ("duplicates=first", "finished=ended", "license=cc-by-4.0", "thinking=drop"):
        assert said in address

    build(page)
    with voted.client(voted.admin_token) as asking:
        (made,) = asking.get("/api/v1/exports").json()["exports"]
        manifest = asking.get(f"/api/v1/exports/{made['release_id']}").json()["manifest"]
    assert manifest["license"] == "cc-by-4.0"
    assert json.loads(json.dumps(manifest["selection"])) == {
        "duplicates": "first",
        "finished": "ended",
        "license": "cc-by-4.0",
        "thinking": "drop",
    }
