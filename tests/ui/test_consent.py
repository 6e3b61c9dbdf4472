"""The page shows the text that releases name as the one raters consented under."""

from pathlib import Path

from arena import ui
from arena.domain import consent


def test_the_battle_page_shows_the_newest_text_before_a_prompt_and_before_a_follow_up() -> None:
    page = (Path(ui.__file__).parent / "static" / "battle" / "view.js").read_text()
    assert page.count(consent.TEXTS[consent.VERSION]) == 2


def test_texts_are_numbered_and_the_newest_is_shown() -> None:
    assert list(consent.TEXTS) == [str(number) for number in range(1, len(consent.TEXTS) + 1)]
    assert list(consent.TEXTS)[-1] == consent.VERSION
