"""`AsyncClient`: the same for programs that await."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from arena.client import calls
from arena.client.calls import Answer, Call, Event


class AsyncClient:
    """An arena at an address, as whoever the token says; without one only `raters.create` and public boards answer."""

    def __init__(self, url: str, token: str | None = None) -> None:
        self.url = url.rstrip("/")
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._http = httpx.AsyncClient(base_url=calls.base(self.url), headers=headers)
        self.raters = AsyncRaterCalls(self)
        self.battles = AsyncBattleCalls(self)
        self.tasks = AsyncTaskCalls(self)
        self.boards = AsyncBoardCalls(self)
        self.exports = AsyncExportCalls(self)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def send(self, call: Call) -> Answer:
        """The JSON that a call is answered with; empty where it has none."""
        for left in reversed(range(call.tries)):
            try:
                async with self.opened(call) as response:
                    content = await response.aread()
                    return dict(response.json()) if content else {}
            except httpx.TransportError as error:
                if not left:
                    raise calls.unreachable(self.url, error) from error
        raise AssertionError("a call is tried at least once")

    @asynccontextmanager
    async def opened(self, call: Call, seconds: float = calls.ANSWER_SECONDS) -> AsyncIterator[httpx.Response]:
        """An answer that is read as it comes. Raises the `ArenaError` that it stands for."""
        async with self._http.stream(
            call.method,
            call.path,
            json=call.body,
            params=call.parameters,
            headers=call.headers,
            timeout=httpx.Timeout(calls.ANSWER_SECONDS, read=seconds),
        ) as response:
            if not response.is_success:
                raise calls.refusal(
                    self.url, response.status_code, await response.aread(), response.headers.get("retry-after")
                )
            yield response


class _Part:
    def __init__(self, client: AsyncClient) -> None:
        self._client = client


class AsyncRaterCalls(_Part):
    """Raters."""

    async def create(self) -> Answer:
        """Make a rater: `{rater_id, token}`. Keep the token; it is shown once."""
        return await self._client.send(calls.create_rater())


class AsyncBattleCalls(_Part):
    """Battles of the rater that the token names."""

    async def create(self, prompt: str, continues: str | None = None, campaign: str | None = None) -> Answer:
        """Ask two models: `{battle_id}`. `continues` is the battle to follow up on."""
        return await self._client.send(calls.create_battle(prompt, continues, campaign))

    async def get(self, battle_id: str) -> Answer:
        """A battle: its texts so far, and its models once it has been voted on."""
        return await self._client.send(calls.get_battle(battle_id))

    async def stream(self, battle_id: str) -> AsyncIterator[Event]:
        """Both answers from their start, as they are written, until `done` or `void`."""
        events = calls.Events()
        try:
            async with self._client.opened(calls.stream(battle_id), calls.STREAM_SECONDS) as response:
                async for line in response.aiter_lines():
                    if event := events.read(line):
                        yield event
        except httpx.TransportError as error:
            raise calls.unreachable(self._client.url, error) from error

    async def vote(self, battle_id: str, winner: str, *, key: str | None = None, **details: Any) -> Answer:
        """Vote: the answer names both models and holds the receipt. `details`: strength, tags, reason, edit.

        Sent again where the connection breaks; it counts once, as it bears one key: `key`, or one of its own.
        """
        return await self._client.send(calls.vote(battle_id, winner, key, details))

    async def stop(self, battle_id: str) -> None:
        """Stop both answers: the battle is void."""
        await self._client.send(calls.stop(battle_id))


class AsyncTaskCalls(_Part):
    """Items that a campaign gives to the rater that the token names."""

    async def next(self, campaign: str) -> Answer:
        """The task that is open, or else the next one: `{battle_id, number, of, expires_at}`, a battle like any other.

        Raises `Conflict` where there is none, whose `code` says why: `done`, `limit`, `paused` or `closed`.
        """
        return await self._client.send(calls.next_task(campaign))


class AsyncBoardCalls(_Part):
    """Leaderboards."""

    async def get(self, board: str = "overall", **parameters: Any) -> Answer:
        """A board as `leaderboard/1`; `votes="all"` adds the votes that are held."""
        return await self._client.send(calls.board(board, parameters))


class AsyncExportCalls(_Part):
    """Releases. They need a token of a trainer, a lab or an admin."""

    async def create(self, format: str, select: Mapping[str, Any] | None = None) -> Answer:
        """Begin a release; `release_id` is what `wait` and `download` take."""
        return await self._client.send(calls.create_export(format, select))

    async def wait(self, release_id: str) -> Answer:
        """Wait until a release is made. Raises `ReleaseFailed` where it cannot be."""
        while True:
            status = await self._client.send(calls.get_export(release_id))
            if calls.built(status):
                return status
            await asyncio.sleep(calls.POLL_SECONDS)

    async def download(self, release_id: str, folder: str | Path) -> Path:
        """Fetch a finished release into a folder that does not exist yet; there it is whole or not at all."""
        target = Path(folder)
        await asyncio.to_thread(calls.refuse_folder, target)
        aside = target.with_name(f".{target.name}.aside")
        try:
            for name in (await self.wait(release_id))["files"]:
                await self._fetch(release_id, name, aside)
            await asyncio.to_thread(aside.rename, target)
        except httpx.TransportError as error:
            raise calls.unreachable(self._client.url, error) from error
        finally:
            await asyncio.to_thread(shutil.rmtree, aside, ignore_errors=True)
        return target

    async def _fetch(self, release_id: str, name: str, folder: Path) -> None:
        """One file, a piece at a time."""
        async with self._client.opened(calls.export_file(release_id, name)) as response:
            file = await asyncio.to_thread(calls.inside(folder, name).open, "wb")
            try:
                async for piece in response.aiter_bytes():
                    await asyncio.to_thread(file.write, piece)
            finally:
                await asyncio.to_thread(file.close)
