"""`arena workspaces create|list|export|import|remove`."""

from pathlib import Path
from typing import Annotated

import typer

from arena import settings as configuration
from arena.cli import local, remote
from arena.cli.options import DataDir, workspace_name
from arena.domain.principal import BY_COMMAND
from arena.errors import InvalidValue
from arena.services import backups, clock, moving, paths, workspaces

Name = Annotated[str, typer.Argument(metavar="NAME", callback=workspace_name)]

Folder = Annotated[Path, typer.Argument(metavar="DIR")]


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
    directory = configuration.data_dir(data_dir)
    if arena := remote.find_any(directory):
        for told in arena.every("/api/v1/workspaces", "workspaces"):
            typer.echo(f"{told['name']}\t{told['bytes']}")
        return
    local.refuse_database(directory)
    for one in workspaces.sizes(directory):
        typer.echo(f"{one.name}\t{one.bytes}")


def export(name: Name, directory: Folder, data_dir: DataDir = None) -> None:
    """Write all of a workspace into a new folder, also while the arena runs. No account, session or token is in it."""
    data = configuration.data_dir(data_dir)
    goal = directory.absolute()
    if arena := remote.find(data, name):
        typer.echo(arena.call("POST", "/api/v1/workspace/exports", {"directory": str(goal)})["directory"])
    else:
        backups.refuse_folder(goal)
        with local.noting(data, name) as noted, local.workspace(data, name) as opened:
            written = moving.write(opened, goal, paths.selections_path(data, name))
            noted("exported the workspace", str(written))
        typer.echo(written)
    typer.echo(
        f"{directory} holds every text of the workspace and the key that signs its releases. Its files are open to "
        "this user alone; keep copies as closed.",
        err=True,
    )


def take_in(
    directory: Folder,
    name: Annotated[
        str | None, typer.Option("--as", metavar="NAME", help="What it is called here; as it was, if left out.")
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Take in a workspace that was exported elsewhere, once all of it verifies, and print the file of its admin token.

    What exists is never overwritten.
    """
    data = configuration.data_dir(data_dir)
    if arena := remote.find_any(data):
        asked = {"directory": str(directory.absolute())} | ({"name": name} if name else {})
        typer.echo(arena.call("POST", "/api/v1/workspaces/imports", asked)["admin_token_file"])
        return
    with local.identity(data, paths.DEFAULT_WORKSPACE) as (identity, _, now):
        typer.echo(moving.take_in(data, identity.instance, directory, name, BY_COMMAND, now)[1])


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
