"""Raters as programs: each opens a battle, reads it to its end and votes, and sends again what was not answered."""

import asyncio
import random
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field

import httpx

from tests import arenas

PATIENCE = 150.0
"""Seconds after which a rater gives up on a request, which is a failure."""
SILENCE = 12.0
"""Seconds without a word after which a request is sent again: a page would be loaded anew."""
PASSING = (429, 502, 503, 504)
"""Answers that ask for another try."""


@dataclass(slots=True)
class Told:
    """What all raters were told."""

    votes: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Battle and vote id by key, for every vote that was acknowledged."""
    refusals: Counter[str] = field(default_factory=Counter)
    """What was said instead of an answer, and how often."""
    voids: Counter[str] = field(default_factory=Counter)
    """Battles that were void, by their cause."""
    failures: list[str] = field(default_factory=list)
    """What nobody may be told."""


class Rater:
    """One program, with a connection of its own."""

    def __init__(self, url: str, token: str, told: Told, chance: random.Random) -> None:
        self.token = token
        self._told, self._chance = told, chance
        self._client = httpx.AsyncClient(
            base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=SILENCE, verify=arenas.PLAIN
        )

    async def work(self, over: asyncio.Event, reading: float) -> None:
        """Rate until it is over, reading each battle for so many seconds on average; then end what was begun."""
        try:
            while not over.is_set():
                await asyncio.sleep(self._chance.uniform(0, 2 * reading))
                await self.rate()
        except Exception as error:
            self._told.failures.append(f"{type(error).__name__}: {error}")
        finally:
            await self.close()

    async def rate(self, opened_at: list[float] | None = None) -> bool:
        """One battle, from the prompt to the vote. Whether it was there to be voted on. When it was opened is added."""
        body, key = {"prompt": "Tell me of the river."}, uuid.uuid4().hex
        opened = await self._insisted("POST", "/api/v1/battles", key, body)
        battle_id = opened.json()["battle_id"]
        if opened_at is not None:
            opened_at.append(time.monotonic())
        state = await self._read(battle_id)
        while state is None:
            await asyncio.sleep(self._chance.uniform(0.1, 0.5))
            state = await self._read(battle_id)
        if state == "done":
            await self._vote(battle_id)
        return state == "done"

    async def close(self) -> None:
        await self._client.aclose()

    async def _vote(self, battle_id: str) -> None:
        key = uuid.uuid4().hex
        winner = self._chance.choice(("model_a", "model_b", "tie"))
        answer = await self._insisted("POST", f"/api/v1/battles/{battle_id}/votes", key, {"winner": winner})
        self._told.votes[key] = (battle_id, answer.json()["vote_id"])

    async def _read(self, battle_id: str) -> str | None:
        """How the stream of a battle ended: `done`, `void`, or None where it broke."""
        name = ""
        try:
            async with self._client.stream("GET", f"/api/v1/battles/{battle_id}/stream") as response:
                if response.status_code != 200:
                    await response.aread()
                    self._refused(response)
                    return None
                async for line in response.aiter_lines():
                    if line.startswith("event: "):
                        name = line.removeprefix("event: ")
                    elif line.startswith("data: ") and name == "void":
                        self._told.voids[line] += 1
        except httpx.TransportError as error:
            self._told.refusals[type(error).__name__] += 1
            return None
        return name if name in ("done", "void") else None

    async def _insisted(self, method: str, path: str, key: str, body: object) -> httpx.Response:
        """The answer to a request that is sent until there is one."""
        ends, headers = time.monotonic() + PATIENCE, {"Idempotency-Key": key}
        while time.monotonic() < ends:
            try:
                answer = await self._client.request(method, path, json=body, headers=headers)
                if answer.is_success:
                    return answer
                self._refused(answer)
            except httpx.TransportError as error:
                self._told.refusals[type(error).__name__] += 1
            await asyncio.sleep(self._chance.uniform(0.2, 0.8))
        raise AssertionError(f"{method} {path} had no answer for {PATIENCE:.0f} s")

    def _refused(self, answer: httpx.Response) -> None:
        """Count a refusal that asks for another try; any other is a failure."""
        try:
            said = str(answer.json().get("detail", ""))
        except ValueError:
            said = "no process is ready"
        self._told.refusals[f"{answer.status_code} {said.partition(' (')[0]}"] += 1
        if answer.status_code not in PASSING:
            raise AssertionError(f"{answer.request.method} {answer.request.url.path}: {answer.status_code} {said}")


class Crowd:
    """Raters in a loop of their own, until they are told to stop."""

    def __init__(self, url: str, tokens: list[str], reading: float, seed: int) -> None:
        self.told = Told()
        self._url, self._tokens, self._reading, self._seed = url, tokens, reading, seed
        self._loop = asyncio.new_event_loop()
        self._over = asyncio.Event()

    def run(self) -> None:
        """What its thread does: returns once every rater has ended."""
        self._loop.run_until_complete(self._all())
        self._loop.close()

    def end(self) -> None:
        """Begin no further battle."""
        self._loop.call_soon_threadsafe(self._over.set)

    def served(self, token: str, give_up: float) -> tuple[float, float]:
        """When a battle that a rater opens now was there, and when they had voted, as the clock goes here."""
        opened_at: list[float] = []

        async def probe() -> None:
            rater = Rater(self._url, token, self.told, random.Random(0))
            while not await rater.rate(opened_at):
                pass
            await rater.close()

        async def waited() -> None:
            await asyncio.wait_for(probe(), give_up)

        asyncio.run_coroutine_threadsafe(waited(), self._loop).result()
        return opened_at[0], time.monotonic()

    async def _all(self) -> None:
        await asyncio.gather(
            *(
                Rater(self._url, token, self.told, random.Random(f"{self._seed} {place}")).work(
                    self._over, self._reading
                )
                for place, token in enumerate(self._tokens)
            )
        )
