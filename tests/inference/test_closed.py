"""A client that is closed opens nothing any more: nobody would close it."""

import asyncio
import dataclasses
from collections.abc import Iterator

import httpx
import pytest

from arena import errors, settings
from arena.domain.battle import Message
from arena.domain.ids import ModelName
from arena.domain.model import Model
from arena.inference import client
from tests.inference import misbehaving


@pytest.fixture
def server() -> Iterator[misbehaving.Server]:
    with misbehaving.serve() as running:
        yield running


def asking(server: misbehaving.Server) -> Model:
    return Model(name=ModelName("slug-under-test"), endpoint=server.endpoint, served_name="lines")


async def exhaust(models: client.ModelClient, model: Model) -> str:
    async with models.stream(model, (Message.of_text(role="user", text="Tell me a story."),)) as answer:
        return "".join([piece async for piece in answer])


async def test_a_client_that_is_closed_opens_no_connection(server: misbehaving.Server) -> None:
    """Neither to a server that it knew, nor to a new one."""
    known = asking(server)
    other = dataclasses.replace(known, endpoint=known.endpoint.replace("127.0.0.1", "localhost"))
    async with client.ModelClient(settings.Deadlines()) as models:
        assert await exhaust(models, known) == misbehaving.LINES  # the control
    server.requests.clear()
    for model in (known, other):
        with pytest.raises(errors.NotAsked, match="this arena is stopping"):
            await exhaust(models, model)
        with pytest.raises(httpx.ConnectError, match="closed"):
            await models.server(model).send(None, "GET", "models")
    assert server.requests == []
    assert models.in_use == 0


async def test_who_waits_for_a_connection_gets_none_once_the_client_is_closed(server: misbehaving.Server) -> None:
    async with client.ModelClient(settings.Deadlines(), connections=1) as models:
        first = await models.server(asking(server)).send(None, "GET", "models")
        waiting = [asyncio.create_task(models.server(asking(server)).send(None, "GET", "models")) for _ in range(2)]
        await asyncio.sleep(0)
    for one in waiting:
        with pytest.raises(httpx.ConnectError, match="closed"):
            await one
    assert models.in_use == 0
    await first.aclose()
