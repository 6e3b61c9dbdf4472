"""What both clients send and how they read the answers; nothing here touches the network."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple
from urllib.parse import quote

import httpx

from arena import errors

Answer = dict[str, Any]
"""The JSON object that a route answers with."""
ANSWER_SECONDS = 60
"""How long an answer may take; a stream may be silent for as long as a model may think."""
STREAM_SECONDS = 3600
POLL_SECONDS = 0.5
TRIES = 3
"""How often a call that makes something is sent where the connection breaks. It bears the same key each time, so that
it makes it once."""


class Event(NamedTuple):
    """One event of a battle: `start`, `delta` with the text to add to each side, then `done` or `void`."""

    name: str
    data: Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request."""

    method: str
    path: str
    body: Answer | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    tries: int = 1


# -- what is sent --------------------------------------------------------------------------------------------------


def base(url: str) -> httpx.URL:
    """What the path of every call is added to. Raises `InvalidValue` for what is no address."""
    try:
        found = httpx.URL(f"{url}/api/v1")
        found.raw_host.decode().encode("idna")  # which fails for a name that no resolver takes
        host, port = found.host, 80 if found.port is None else found.port
    except (httpx.InvalidURL, ValueError) as error:
        raise errors.InvalidValue(
            f"{url!r} is no address ({error}); name one such as http://127.0.0.1:7860."
        ) from error
    if found.scheme not in ("http", "https") or not host or not 0 < port < 65_536:
        raise errors.InvalidValue(f"{url!r} is no address of an arena; name one such as http://127.0.0.1:7860.")
    return found


def create_rater() -> Call:
    return Call(method="POST", path="/raters", headers=_key(), tries=TRIES)


def create_battle(prompt: str, continues: str | None, campaign: str | None) -> Call:
    given = {"prompt": prompt, "continues": continues, "campaign": campaign}
    body = {key: value for key, value in given.items() if value is not None}
    return Call(method="POST", path="/battles", body=body, headers=_key(), tries=TRIES)


def next_task(campaign: str) -> Call:
    return Call(method="POST", path=f"/campaigns/{_part(campaign)}/tasks", headers=_key(), tries=TRIES)


def get_battle(battle_id: str) -> Call:
    return Call(method="GET", path=f"/battles/{_part(battle_id)}")


def stream(battle_id: str) -> Call:
    return Call(method="GET", path=f"/battles/{_part(battle_id)}/stream")


def stop(battle_id: str) -> Call:
    return Call(method="POST", path=f"/battles/{_part(battle_id)}/stop")


def vote(battle_id: str, winner: str, key: str | None, details: Mapping[str, Any]) -> Call:
    return Call(
        method="POST",
        path=f"/battles/{_part(battle_id)}/votes",
        body={"winner": winner, **details},
        headers=_key(key),
        tries=TRIES,
    )


def _key(key: str | None = None) -> dict[str, str]:
    """What makes a call that is sent again the same call."""
    return {"Idempotency-Key": key or uuid.uuid4().hex}


def board(name: str, parameters: Mapping[str, Any]) -> Call:
    return Call(method="GET", path=f"/leaderboards/{_part(name)}", parameters=parameters)


def create_export(format_name: str, select: Mapping[str, Any] | None) -> Call:
    return Call(method="POST", path="/exports", body={"format": format_name, "select": dict(select or {})})


def get_export(release_id: str) -> Call:
    return Call(method="GET", path=f"/exports/{_part(release_id)}")


def export_file(release_id: str, name: str) -> Call:
    return Call(method="GET", path=f"/exports/{_part(release_id)}/files/{quote(name)}")


def _part(name: str) -> str:
    """One part of a path, whatever is in it."""
    return quote(name, safe="")


# -- what comes back -----------------------------------------------------------------------------------------------


def refusal(url: str, status: int, content: bytes, wait: str | None) -> errors.ArenaError:
    """The error that an answer with an error status stands for; `wait` is its Retry-After."""
    try:
        problem = json.loads(content)
        detail, code = str(problem["detail"]), problem.get("code")
    except (ValueError, KeyError, TypeError, AttributeError):
        return errors.ArenaError(f"What answers at {url} is no arena: it sent status {status}. Check the address.")
    if status == 429:
        sentence, _, _ = detail.partition(" Try again in ")  # the error says it, too
        return errors.TooMany(sentence, retry_seconds=int(wait or 1))
    error = errors.BY_STATUS.get(status, errors.ArenaError)(detail)
    error.code = code
    return error


def unreachable(url: str, error: Exception) -> errors.ArenaError:
    """The error where no answer came."""
    return errors.ArenaError(f"The arena at {url} does not answer ({error}). Is it running, and is this its address?")


def built(status: Answer) -> bool:
    """Whether an export has become a release. Raises `ReleaseFailed` where it never will."""
    if status["state"] == "failed":
        raise errors.ReleaseFailed(str(status["problem"]))
    return bool(status["state"] == "done")


def refuse_folder(folder: Path) -> None:
    """Raise `InvalidValue` for a folder that is there already."""
    if folder.exists():
        raise errors.InvalidValue(f"{folder} exists already; name a folder that does not.")


def inside(folder: Path, name: str) -> Path:
    """Where a file of a release goes; a name that leads out of the folder is refused."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or not path.parts:
        raise errors.NotAsSigned(f"A release cannot hold a file called {name!r}; whatever answered is no arena.")
    target = folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    return target


class Events:
    """Reads server-sent events, line by line."""

    def __init__(self) -> None:
        self._name = ""

    def read(self, line: str) -> Event | None:
        """The event that this line completes, if any."""
        key, _, value = line.partition(": ")
        if key == "event":
            self._name = value
        elif key == "data":
            return Event(self._name, json.loads(value))
        return None
