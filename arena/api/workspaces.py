"""Workspaces as such, for the operator, and the rules of one workspace, for its admin."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from arena.api.bodies import Body
from arena.api.who import Arena, Who, Whole
from arena.services import clock

router = APIRouter(prefix="/api/v1", tags=["workspaces"])


class NewWorkspace(Body):
    name: str
    anonymous: bool = False
    """Whether raters without an account are let in."""
    public_board: bool = False
    """Whether raters read its boards."""


class MadeWorkspace(Body):
    name: str
    admin_token_file: str
    """On the arena's machine."""


class WorkspaceEntry(Body):
    name: str
    bytes: int


class WorkspaceList(Body):
    workspaces: list[WorkspaceEntry]


class RulesChange(Body):
    """What is to hold from now on; what is left out stays."""

    anonymous: bool | None = None
    public_board: bool | None = None
    live_battles: Annotated[int, Field(ge=1)] | None = None
    """Battles being written at the same time; never more than the configuration allows."""


class RulesNow(Body):
    name: str
    anonymous: bool
    public_board: bool
    live_battles: int


@router.get("/workspace")
async def rules(arena: Arena, whole: Whole, who: Who) -> RulesNow:
    """The rules of this workspace."""
    whole.demand_admin(who)
    return RulesNow(
        name=arena.name,
        anonymous=arena.rules.anonymous,
        public_board=arena.rules.public_board,
        live_battles=arena.rules.live_battles,
    )


@router.patch("/workspace")
async def change_rules(arena: Arena, whole: Whole, who: Who, body: RulesChange) -> RulesNow:
    """Change the rules of this workspace."""
    whole.change_rules(who, body.model_dump(exclude_none=True), clock.now())
    return await rules(arena, whole, who)


@router.get("/workspaces")
async def workspaces(whole: Whole, who: Who) -> WorkspaceList:
    """Every workspace with its size. For the operator."""
    found = await whole.workspaces(who)
    return WorkspaceList(workspaces=[WorkspaceEntry(name=one.name, bytes=one.bytes) for one in found])


@router.post("/workspaces", status_code=201)
async def make_workspace(whole: Whole, who: Who, body: NewWorkspace) -> MadeWorkspace:
    """Make a workspace. For the operator."""
    rules = {"anonymous": body.anonymous, "public_board": body.public_board}
    made = await whole.make(who, body.name, rules, clock.now())
    return MadeWorkspace(name=body.name, admin_token_file=str(made))


@router.delete("/workspaces/{name}", status_code=204)
async def remove_workspace(whole: Whole, who: Who, name: str) -> None:
    """Delete a workspace and everything in it. For the operator."""
    await whole.remove(who, name, clock.now())
