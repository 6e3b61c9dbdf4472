"""An arena that gives out items of a prompt set, with a clock that a test moves on."""

import dataclasses
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

from arena.domain.ids import RaterId
from arena.domain.principal import Principal, Role
from arena.domain.vote import RaterKind
from arena.services import workspace_services
from arena.services.open_workspace import OpenWorkspace
from arena.services.workspace_services import Services
from arena.settings import Settings
from arena.store.workspace import Workspace
from arena.store.writing import commands
from tests import arenas
from tests.store import making

SET = "questions"
MODELS = ("first", "second", "third")


class Clock:
    """The time of an arena."""

    def __init__(self, now: datetime = making.NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def campaign(**changes: Any) -> dict[str, Any]:
    return {"kind": "tasks", "answers": "stored", "prompt_set": SET, **changes}


def settings(data_dir: Path, **changes: Any) -> Settings:
    return Settings.model_validate({"port": 0, "data_dir": data_dir, "campaign": campaign(**changes)})


def fill(store: Workspace, prompts: int = 2, models: Sequence[str] = MODELS[:2], **changes: Any) -> None:
    """Put prompts into the set, each answered by these models."""
    asked = [making.stored_prompt(f"p{number:03}", f"Question {number}?", **changes) for number in range(prompts)]
    said = [
        making.stored_answer(one.prompt_id, model, f"An answer to {one.prompt_id}, number {place}.")
        for one in asked
        for place, model in enumerate(models)
    ]
    store.submit(commands.AddPrompts(set_name=SET, prompts=tuple(asked), added_at=making.NOW)).result()
    store.submit(commands.AddAnswers(set_name=SET, answers=tuple(said), added_at=making.NOW)).result()


@contextmanager
def timed(clock: Clock) -> Iterator[None]:
    """Workspaces that are opened here have this clock."""
    real = workspace_services.open_workspace.opened

    @contextmanager
    def opened(*given: Any) -> Iterator[OpenWorkspace]:
        with real(*given) as here:
            yield dataclasses.replace(here, now=clock)

    with mock.patch.object(workspace_services.open_workspace, "opened", opened):
        yield


@asynccontextmanager
async def opened(data_dir: Path, clock: Clock, **changes: Any) -> AsyncIterator[Services]:
    with timed(clock):
        async with arenas.opened(settings(data_dir, **changes)) as services:
            yield services


def rater(number: int) -> Principal:
    """A program that is a rater."""
    return Principal(id=RaterId(f"r_{number:026}"), role=Role.RATER, workspace="default", kind=RaterKind.PROGRAM)


def principal(role: str) -> Principal:
    """Whoever holds a token of this role."""
    return Principal(id=f"token-{role}", role=Role(role), workspace="default", kind=RaterKind.PROGRAM)
