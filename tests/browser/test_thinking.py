"""While a model thinks, the page shows both sides thinking, alike; then both answers start together."""

from collections.abc import Iterator

import pytest

from tests import arenas
from tests.browser.conftest import Opened, models
from tests.inference import misbehaving
from tests.lengths import at_length

pytestmark = pytest.mark.browser

ONE_THINKS = ("thinks-20ms", "say:Rivers bend slowly here.")


@pytest.fixture(scope="module")
def thinking(model_server: misbehaving.Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[arenas.Arena]:
    """An arena in which one of two models thinks first."""
    settings = arenas.settings_for(
        tmp_path_factory.mktemp("thinking"), model_server.endpoint, (), models=models(model_server.endpoint, ONE_THINKS)
    )
    with arenas.running(settings) as running:
        yield running


@pytest.mark.parametrize("width", [1440, *at_length(390)])
def test_both_sides_think_alike_while_one_does(
    thinking: arenas.Arena, model_server: misbehaving.Server, opened: Opened, width: int
) -> None:
    page = opened(thinking.url, width=width)
    with model_server.holding(0):
        page.ask("Tell me of rivers.")
        page.page.wait_for_function("document.body.innerText.includes('Thinking before they answer.')", timeout=20_000)
        statuses = page.page.locator("article [data-status]").all_text_contents()
        assert statuses == ["Thinking", "Thinking"]
        page.screenshot(f"thinking-{width}")
    page.wait("ready")
    assert {page.answer("a").strip(), page.answer("b").strip()} == {"Whole answer.", "Rivers bend slowly here."}
