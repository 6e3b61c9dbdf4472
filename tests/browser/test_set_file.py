"""A lab brings a prompt set on the page of a new campaign: a file is sent, told row by row, and chosen."""

import json
from pathlib import Path

import pytest

from tests import arenas
from tests.browser.conftest import Opened
from tests.browser.test_standing_pages import checked
from tests.services import tasking

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("width", "dark"), [(1440, False), (390, True)], ids=["1440-light", "390-dark"])
def test_a_file_of_prompts_is_sent_and_its_set_is_chosen(
    tmp_path: Path, opened: Opened, width: int, dark: bool
) -> None:
    rows = [{"prompt_id": "p1", "prompt": "Why is the sky blue?", "language": "en"}, {"prompt_id": "p2", "prompt": ""}]
    file = tmp_path / "My Questions (2).jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    with arenas.running(tasking.settings(tmp_path / "data")) as arena, arena.admin() as admin:
        page = opened(arena.url, width=width, path="", color_scheme="dark" if dark else "light")
        link = admin.post("/api/v1/invitations", json={"role": "lab"}).raise_for_status().json()["token"]
        page.joined(link, "lab@far.example")
        page.page.goto(f"{arena.url}/lab/new-campaign")
        page.page.wait_for_selector("[data-set-file]:not([hidden])")
        page.styled()
        page.page.fill("#field-name", "sky")
        page.page.set_input_files("#set-file", file)
        assert page.page.input_value("#set-name") == "my-questions-2"
        page.page.click("[data-set-file] [type=submit]")
        page.page.wait_for_selector("[data-set-file] [data-done]:not([hidden])")
        assert page.text("[data-set-file] [data-done]") == "1 entered, 0 here already, 1 left outside."
        assert "row 2 of My Questions (2).jsonl" in page.text("[data-set-file] [data-left]")
        assert page.page.input_value("#field-prompt_set") == "my-questions-2"
        assert page.page.input_value("#field-name") == "sky", "what was typed above stays"
        checked(page, f"campaign-new-set-{width}")
        page.page.fill("#set-name", "No Set")
        page.page.click("[data-set-file] [type=submit]")
        page.page.wait_for_selector("[data-set-file] [data-note]:not([hidden])")
        assert "cannot name a prompt set" in page.text("[data-set-file] [data-note]")
        page.page.select_option("#field-kind", "live")
        page.page.click("[data-form] [type=submit]")
        page.page.wait_for_selector("[data-set-file]", state="hidden")
        assert admin.get("/api/v1/campaigns/sky").json()["prompt_set"] == "my-questions-2"
