"""`Client`: one call after the other."""

import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from arena.client import calls
from arena.client.calls import Answer, Call, Event


class Client:
    """An arena at an address, as whoever the token says; without one only `raters.create` and public boards answer."""

    def __init__(self, url: str, token: str | None = None) -> None:
        self.url = url.rstrip("/")
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._http = httpx.Client(
            base_url=calls.base(self.url), headers=headers, timeout=httpx.Timeout(calls.ANSWER_SECONDS)
        )
        self.raters = RaterCalls(self)
        self.battles = BattleCalls(self)
        self.tasks = TaskCalls(self)
        self.boards = BoardCalls(self)
        self.exports = ExportCalls(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def send(self, call: Call) -> Answer:
        """The JSON that a call is answered with; empty where it has none."""
        for left in reversed(range(call.tries)):
            try:
                with self.opened(call) as response:
                    content = response.read()
                    return dict(response.json()) if content else {}
            except httpx.TransportError as error:
                if not left:
                    raise calls.unreachable(self.url, error) from error
        raise AssertionError("a call is tried at least once")

    @contextmanager
    def opened(self, call: Call, seconds: float = calls.ANSWER_SECONDS) -> Iterator[httpx.Response]:
        """An answer that is read as it comes. Raises the `ArenaError` that it stands for."""
        with self._http.stream(
            call.method,
            call.path,
            json=call.body,
            params=call.parameters,
            headers=call.headers,
            timeout=httpx.Timeout(calls.ANSWER_SECONDS, read=seconds),
        ) as response:
            if not response.is_success:
                raise calls.refusal(
                    self.url, response.status_code, response.read(), response.headers.get("retry-after")
                )
            yield response


class _Part:
    def __init__(self, client: Client) -> None:
        self._client = client


class RaterCalls(_Part):
    """Raters."""

    def create(self) -> Answer:
        """Make a rater: `{rater_id, token}`. Keep the token; it is shown once."""
        return self._client.send(calls.create_rater())


class BattleCalls(_Part):
    """Battles of the rater that the token names."""

    def create(self, prompt: str, continues: str | None = None, campaign: str | None = None) -> Answer:
        """Ask two models: `{battle_id}`. `continues` is the battle to follow up on."""
        return self._client.send(calls.create_battle(prompt, continues, campaign))

    def get(self, battle_id: str) -> Answer:
        """A battle: its texts so far, and its models once it has been voted on."""
        return self._client.send(calls.get_battle(battle_id))

    def stream(self, battle_id: str) -> Iterator[Event]:
        """Both answers from their start, as they are written, until `done` or `void`."""
        events = calls.Events()
        try:
            with self._client.opened(calls.stream(battle_id), calls.STREAM_SECONDS) as response:
                for line in response.iter_lines():
                    if event := events.read(line):
                        yield event
        except httpx.TransportError as error:
            raise calls.unreachable(self._client.url, error) from error

    def vote(self, battle_id: str, winner: str, *, key: str | None = None, **details: Any) -> Answer:
        """Vote: the answer names both models and holds the receipt. `details`: strength, tags, reason, edit.

        Sent again where the connection breaks; it counts once, as it bears one key: `key`, or one of its own.
        """
        return self._client.send(calls.vote(battle_id, winner, key, details))

    def stop(self, battle_id: str) -> None:
        """Stop both answers: the battle is void."""
        self._client.send(calls.stop(battle_id))


class TaskCalls(_Part):
    """Items that a campaign gives to the rater that the token names."""

    def next(self, campaign: str) -> Answer:
        """The task that is open, or else the next one: `{battle_id, number, of, expires_at}`, a battle like any other.

        Raises `Conflict` where there is none, whose `code` says why: `done`, `limit`, `paused` or `closed`.
        """
        return self._client.send(calls.next_task(campaign))


class BoardCalls(_Part):
    """Leaderboards."""

    def get(self, board: str = "overall", **parameters: Any) -> Answer:
        """A board as `leaderboard/1`; `votes="all"` adds the votes that are held."""
        return self._client.send(calls.board(board, parameters))


class ExportCalls(_Part):
    """Releases. They need a token of a trainer, a lab or an admin."""

    def create(self, format: str, select: Mapping[str, Any] | None = None) -> Answer:
        """Begin a release; `release_id` is what `wait` and `download` take."""
        return self._client.send(calls.create_export(format, select))

    def wait(self, release_id: str) -> Answer:
        """Wait until a release is made. Raises `ReleaseFailed` where it cannot be."""
        while True:
            status = self._client.send(calls.get_export(release_id))
            if calls.built(status):
                return status
            time.sleep(calls.POLL_SECONDS)

    def download(self, release_id: str, folder: str | Path) -> Path:
        """Fetch a finished release into a folder that does not exist yet; there it is whole or not at all."""
        target = Path(folder)
        calls.refuse_folder(target)
        aside = target.with_name(f".{target.name}.aside")
        try:
            for name in self.wait(release_id)["files"]:
                call, path = calls.export_file(release_id, name), calls.inside(aside, name)
                with self._client.opened(call) as response, path.open("wb") as file:
                    file.writelines(response.iter_bytes())
            aside.rename(target)
        except httpx.TransportError as error:
            raise calls.unreachable(self._client.url, error) from error
        finally:
            shutil.rmtree(aside, ignore_errors=True)
        return target
