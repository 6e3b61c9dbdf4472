"""The Gradio application: two pages, no analytics, no handler but the board's, nothing for programs."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import gradio as gr
import pytest

from arena.domain.principal import Principal, Role
from arena.errors import Forbidden
from arena.services.installation import Installation
from arena.ui import app
from arena.ui.pages import leaderboard


class Closed:
    """Boards that this principal may not see."""

    async def values(self, principal: Principal) -> Any:
        raise Forbidden(f"The {principal.role} role may not see this board. Ask the admin.")


INSTALLATION = cast(Installation, SimpleNamespace(of=lambda _: SimpleNamespace(boards=Closed())))


@pytest.fixture(scope="module")
def config() -> dict[str, Any]:
    """What Gradio tells a browser about the pages."""

    async def told() -> dict[str, Any]:  # inside a loop, as in the server: Gradio opens loops of its own without one
        return dict(app.build(INSTALLATION).get_config_file())

    return asyncio.run(told())


def test_the_pages_are_those_of_the_top_bar(config: dict[str, Any]) -> None:
    assert {"/" + path for path, _, _ in config["pages"]} == app.PAGES
    assert config["analytics_enabled"] is False


def test_the_board_is_the_only_handler_and_no_program_is_offered_it(config: dict[str, Any]) -> None:
    assert len(config["dependencies"]) == 1
    assert config["dependencies"][0]["api_visibility"] == "private"
    assert config["dependencies"][0]["inputs"] == []


async def asked() -> str:
    scope = {
        "type": "http",
        "headers": [],
        "state": {"principal": Principal(id="r_1", role=Role.RATER, workspace="default")},
    }
    return await leaderboard.show(INSTALLATION, gr.Request(SimpleNamespace(scope=scope, query_params={})))  # type: ignore[arg-type]


def test_a_board_that_may_not_be_seen_says_why() -> None:
    page = asyncio.run(asked())
    assert "There is no board to show you." in page
    assert "The rater role may not see this board. Ask the admin." in page
