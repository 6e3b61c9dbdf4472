"""The whole way, as a stranger goes it: ask, read, vote, follow up, vote, look at the board, take the file."""

import io
import time

import httpx
import pyarrow.parquet
import pytest

from tests import arenas
from tests.browser.conftest import LISTED, NAMES, PROSE, Opened, models
from tests.browser.driver import PROMPT, BattlePage
from tests.inference import misbehaving
from tests.lengths import at_length

pytestmark = pytest.mark.browser

FOLLOW_UP = "And in LibreOffice?"
BOTH_WRITE = """document.querySelector(".battle").dataset.state === "streaming"
  && [...document.querySelectorAll("[data-text]")].every(answer => answer.textContent.length > 20)"""
SLOW = (f"say:{PROSE}-60ms", f"say:{LISTED}-60ms")


@pytest.mark.parametrize("width", [1440, *at_length(390)])
def test_two_blind_votes_move_the_board_and_become_two_pairs(
    opened: Opened, model_server: misbehaving.Server, tmp_path_factory: pytest.TempPathFactory, width: int
) -> None:
    data_dir = tmp_path_factory.mktemp("journey")
    settings = arenas.settings_for(data_dir, model_server.endpoint, (), models=models(model_server.endpoint, SLOW))
    with arenas.running(settings) as arena:
        page = opened(arena.url, width=width, height=900 if width > 720 else 844)
        page.screenshot(f"{width}-1-compose")
        page.ask()
        page.page.wait_for_function(BOTH_WRITE)
        page.screenshot(f"{width}-2-streaming")
        preferred = vote_by_keyboard(page, width, "a", "2", "first")
        page.press("f")
        page.wait("follow")
        page.screenshot(f"{width}-5-follow-up")
        page.ask(FOLLOW_UP)
        page.wait("streaming")
        assert page.text("[data-turns] summary .q") == PROMPT
        vote_by_keyboard(page, width, "b", "1", "second")
        page.visit("/leaderboard")
        assert "2 votes on 2 models" in page.text(".lead")
        page.screenshot(f"{width}-8-leaderboard")
        pairs = exported(arena)
    first, second = sorted(pairs, key=lambda pair: len(pair["prompt"]))
    assert first["prompt"] == [{"role": "user", "content": PROMPT}]
    assert first["chosen"] != first["rejected"]
    assert second["prompt"] == [
        {"role": "user", "content": PROMPT},
        first["chosen"][0],
        {"role": "user", "content": FOLLOW_UP},
    ]
    assert "C4" in preferred or "DIV/0" in preferred


def vote_by_keyboard(page: BattlePage, width: int, side: str, strength: str, name: str) -> str:
    """Choose, say how much, record; the names appear with it. Returns the preferred answer as it was read."""
    page.wait("ready")
    page.open_unread()
    read = page.answer(side) if page.page.is_visible(f"#ans-{side}") else page.page.text_content(f"#ans-{side}") or ""
    page.press(side, strength)
    page.screenshot(f"{width}-3-chosen-{name}")
    page.press("Enter")
    page.wait("revealed")
    assert {page.page.text_content(f"#ans-{letter} .name") for letter in "ab"} == set(NAMES)
    page.screenshot(f"{width}-4-revealed-{name}")
    return read


def exported(arena: arenas.Arena) -> list[dict[str, list[dict[str, str]]]]:
    """The pairs of a fresh trl-dpo release."""
    with arena.admin() as admin:
        release = admin.post("/api/v1/exports", json={"format": "trl-dpo"}).raise_for_status().json()
        limit = time.monotonic() + 60
        while release["state"] == "building" and time.monotonic() < limit:
            time.sleep(0.1)
            release = admin.get(f"/api/v1/exports/{release['release_id']}").raise_for_status().json()
        assert release["state"] == "done", release["problem"]
        file = fetched(admin, release["release_id"], "data/train.parquet")
    pairs: list[dict[str, list[dict[str, str]]]] = pyarrow.parquet.read_table(io.BytesIO(file)).to_pylist()
    return pairs


def fetched(client: httpx.Client, release_id: str, name: str) -> bytes:
    return client.get(f"/api/v1/exports/{release_id}/files/{name}").raise_for_status().content
