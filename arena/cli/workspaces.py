"""`arena workspaces create|list|remove`."""

from typing import Annotated

import typer

from arena import settings as configuration
from arena.cli import local, remote
from arena.cli.accounts import BY_COMMAND
from arena.cli.options import DataDir, workspace_name
from arena.errors import InvalidValue
from arena.services import clock, paths, workspaces

Name = Annotated[str, typer.Argument(metavar="NAME", callback=workspace_name)]


def create(
    name: Name,
    anonymous: Annotated[bool, typer.Option("--anonymous", help="Let raters without an account in.")] = False,
    public_board: Annotated[bool, typer.Option("--public-board", help="Let raters read its boards.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Make a workspace and print the file of its admin token. Nobody of another workspace sees into it."""
    directory = configuration.data_dir(data_dir)
    rules = {"anonymous": anonymous, "public_board": public_board}
    if arena := remote.find_any(directory):
        typer.echo(arena.call("POST", "/api/v1/workspaces", {"name": name, **rules})["admin_token_file"])
        return
    with local.identity(directory, paths.DEFAULT_WORKSPACE) as (identity, _, now):
        typer.echo(workspaces.make(directory, identity.instance, name, rules, BY_COMMAND, now))


def list_workspaces(data_dir: DataDir = None) -> None:
    """Print every workspace with the bytes it takes."""
    for one in workspaces.sizes(configuration.data_dir(data_dir)):
        typer.echo(f"{one.name}\t{one.bytes}")


def remove(
    name: Name,
    yes: Annotated[bool, typer.Option("--yes", help="Nothing of it is left.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Delete a workspace and everything in it, releases and keys too."""
    if not yes:
        raise InvalidValue(f"Nothing of workspace {name} would be left. Say so with --yes, after a backup.")
    directory = configuration.data_dir(data_dir)
    if arena := remote.find_any(directory):
        arena.call("DELETE", f"/api/v1/workspaces/{name}")
        return
    if name == paths.DEFAULT_WORKSPACE:
        raise InvalidValue("The default workspace cannot be removed; delete the data folder, if that is meant.")
    with local.identity(directory, paths.DEFAULT_WORKSPACE) as (identity, _, _now):
        workspaces.remove(directory, identity.instance, name, BY_COMMAND, clock.now())
