"""`arena campaigns create|list|show|pause|resume|close`: what a lab asks of raters."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any

import typer

from arena import settings as configuration
from arena.api import campaigns as documents
from arena.cli import local, remote
from arena.cli.options import DataDir, Workspace
from arena.domain.campaign import Campaign, CampaignState
from arena.domain.principal import BY_COMMAND, Principal, Role
from arena.pairing.draw import KnownVotes
from arena.services.admission import Admission
from arena.services.campaign_progress import CampaignProgress
from arena.services.campaigns import Campaigns
from arena.services.open_workspace import OpenWorkspace
from arena.services.task_queue import TaskQueue

Name = Annotated[str, typer.Argument(metavar="NAME")]
Reason = Annotated[str, typer.Option("--reason", help="Why, in one line; it is kept beside the change.")]
Told = dict[str, Any]


def create(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="TOML with the keys of one campaign at top level.")],
    start: Annotated[bool, typer.Option("--start", help="Let it run at once; else it is a draft.")] = False,
    data_dir: DataDir = None,
    workspace: Workspace = "default",
) -> None:
    """Make a campaign of a file, and print what it will take."""
    table = configuration.campaign_table(file)
    told = _ask(
        data_dir,
        workspace,
        ("POST", "/api/v1/campaigns", table),
        lambda campaigns, admin: campaigns.create(admin, table),
    )
    if start:
        told = _become(told["name"], CampaignState.RUNNING, "", data_dir, workspace)
    _print(told)
    for said in told["estimate"]["assumptions"]:
        typer.echo(f"  {said}")


def list_campaigns(data_dir: DataDir = None, workspace: Workspace = "default") -> None:
    """Print every campaign with its state and its votes, and how many it is to have."""
    directory = configuration.data_dir(data_dir)
    if running := remote.find(directory, workspace):
        for told in running.every("/api/v1/campaigns", "campaigns"):
            _print(told)
        return
    with local.workspace(directory, workspace) as opened:
        campaigns = Campaigns(opened)
        for campaign in campaigns.every():
            _print(_document(opened, campaign))


def show(name: Name, data_dir: DataDir = None, workspace: Workspace = "default") -> None:
    """Print a campaign as JSON, with how far it is, what it will take, and every key."""

    async def shown(campaigns: Campaigns, admin: Principal) -> Campaign:
        return campaigns.shown(admin, name)

    told = _ask(data_dir, workspace, ("GET", f"/api/v1/campaigns/{name}", None), shown)
    typer.echo(json.dumps(told, indent=2, ensure_ascii=False))


def pause(name: Name, reason: Reason = "", data_dir: DataDir = None, workspace: Workspace = "default") -> None:
    """Give out nothing new for now. What raters have begun goes on."""
    _print(_become(name, CampaignState.PAUSED, reason, data_dir, workspace))


def resume(name: Name, reason: Reason = "", data_dir: DataDir = None, workspace: Workspace = "default") -> None:
    """Let a campaign run: a draft, or one that is paused."""
    _print(_become(name, CampaignState.RUNNING, reason, data_dir, workspace))


def close(name: Name, reason: Reason = "", data_dir: DataDir = None, workspace: Workspace = "default") -> None:
    """Give out nothing any more, for good. Its votes stay."""
    _print(_become(name, CampaignState.CLOSED, reason, data_dir, workspace))


def _become(name: str, state: CampaignState, reason: str, data_dir: Path | None, workspace: str) -> Told:
    wanted = {"state": state.value, "reason": reason}
    return _ask(
        data_dir,
        workspace,
        ("PATCH", f"/api/v1/campaigns/{name}", wanted),
        lambda campaigns, admin: campaigns.change(admin, name, wanted),
    )


def _ask(
    data_dir: Path | None,
    workspace: str,
    request: tuple[str, str, Told | None],
    locally: Callable[[Campaigns, Principal], Coroutine[Any, Any, Campaign]],
) -> Told:
    """The campaign that the running arena answers with, or that is found in its data where none runs."""
    directory = configuration.data_dir(data_dir)
    if running := remote.find(directory, workspace):
        answer: Told = running.call(*request)
        return answer
    with local.workspace(directory, workspace) as opened:
        admin = Principal(id=BY_COMMAND, role=Role.ADMIN, workspace=workspace)
        return _document(opened, asyncio.run(locally(Campaigns(opened), admin)))


def _document(opened: OpenWorkspace, campaign: Campaign) -> Told:
    progress = CampaignProgress(
        opened, lambda one: TaskQueue(opened, one, Admission(opened), lambda _: KnownVotes()).size()
    )
    return documents.of_lab(campaign, asyncio.run(progress.of(campaign))).model_dump()


def _print(told: Told) -> None:
    plan = told["progress"]["plan"]
    votes = f"{told['votes']:,} votes" if plan is None else f"{told['votes']:,} of {plan:,} votes"
    typer.echo(f"{told['name']}: {told['state']}, version {told['version']}, {told['kind']}, {votes}")
