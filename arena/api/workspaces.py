"""Workspaces as such, for the operator, and the rules of one workspace, for its admin."""

from pathlib import Path
from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import Field

from arena.api import lists, said
from arena.api.bodies import Body
from arena.api.lists import Limit
from arena.api.who import Arena, Who, Whole
from arena.errors import Conflict, StoreError
from arena.services import clock
from arena.services.workspace_services import Services

router = APIRouter(prefix="/api/v1", tags=["workspaces"])


class NewWorkspace(Body):
    name: said.Slug
    anonymous: bool = False
    """Whether raters without an account are let in."""
    public_board: bool = False
    """Whether raters read its boards."""


class MadeWorkspace(Body):
    name: str
    admin_token_file: str
    """On the arena's machine."""


class WorkspaceFolder(Body):
    """A folder on the arena's machine."""

    directory: said.Path


class ArrivingWorkspace(WorkspaceFolder):
    name: said.Slug | None = None
    """What it is to be called here; left out, as it was."""


class WorkspaceEntry(Body):
    name: str
    bytes: int


class WorkspaceList(Body):
    workspaces: list[WorkspaceEntry]
    next: str | None


class RulesChange(Body):
    """What is to hold from now on; what is left out stays."""

    anonymous: bool | None = None
    public_board: bool | None = None
    publish: Literal["nothing", "prompts", "battles"] | None = None
    """What the pages behind a board show of the campaign `default`, and of what was imported without a campaign; until
    it is set, `publish` of `[campaign]` in the workspace of the configuration, and `nothing` elsewhere."""
    live_battles: Annotated[int, Field(ge=1)] | None = None
    """Battles being written at the same time; never more than the configuration allows."""
    media_bytes: Annotated[int, Field(ge=1024)] | None = None
    """Largest picture, sound or film that is taken in; never more than the configuration allows."""


class RulesNow(Body):
    name: str
    anonymous: bool
    public_board: bool
    publish: str
    live_battles: int
    media_bytes: int


@router.get("/workspace")
async def rules(arena: Arena, whole: Whole, who: Who) -> RulesNow:
    """The rules of this workspace."""
    whole.demand_admin(who)
    return _rules(arena)


def _rules(arena: Services) -> RulesNow:
    return RulesNow(
        name=arena.name,
        anonymous=arena.rules.anonymous,
        public_board=arena.rules.public_board,
        publish=arena.rules.publish,
        live_battles=arena.rules.live_battles,
        media_bytes=arena.rules.media_bytes,
    )


@router.patch("/workspace")
def change_rules(arena: Arena, whole: Whole, who: Who, body: RulesChange) -> RulesNow:
    """Change the rules of this workspace."""
    whole.change_rules(who, body.model_dump(exclude_none=True), clock.now())
    return _rules(arena)


@router.post("/workspace/exports", status_code=201)
async def export_workspace(whole: Whole, who: Who, body: WorkspaceFolder) -> WorkspaceFolder:
    """Write this workspace into a new folder on the arena's machine, for another installation. For its admin who may
    name files there."""
    return WorkspaceFolder(directory=str(await whole.export(who, Path(body.directory))))


@router.get("/workspaces")
async def workspaces(whole: Whole, who: Who, after: str = "", limit: Limit = 100) -> WorkspaceList:
    """Every workspace by name, with its size. For the operator."""
    found, following = lists.by_name(await whole.workspaces(who), after, limit, lambda one: one.name)
    return WorkspaceList(workspaces=[WorkspaceEntry(name=one.name, bytes=one.bytes) for one in found], next=following)


@router.post("/workspaces", status_code=201)
async def make_workspace(whole: Whole, who: Who, body: NewWorkspace) -> MadeWorkspace:
    """Make a workspace. For the operator."""
    rules = {"anonymous": body.anonymous, "public_board": body.public_board}
    made = await whole.make(who, body.name, rules, clock.now())
    return MadeWorkspace(name=body.name, admin_token_file=str(made))


@router.post("/workspaces/imports", status_code=201)
async def take_workspace_in(whole: Whole, who: Who, body: ArrivingWorkspace) -> MadeWorkspace:
    """Take in a workspace that was exported elsewhere, once it verifies. For the operator. What is damaged, is of a
    newer arena or holds what no export does is refused: 409."""
    try:
        name, made = await whole.take_in(who, Path(body.directory), body.name, clock.now())
    except StoreError as error:
        raise Conflict(str(error)) from error
    return MadeWorkspace(name=name, admin_token_file=str(made))


@router.delete("/workspaces/{name}", status_code=204)
async def remove_workspace(whole: Whole, who: Who, name: str) -> None:
    """Delete a workspace and everything in it. For the operator."""
    await whole.remove(who, name, clock.now())
