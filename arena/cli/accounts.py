"""`arena accounts invite|list|role|disable|reset`."""

from typing import Annotated, Any

import typer

from arena import settings as configuration
from arena.cli import local, remote
from arena.cli.options import DataDir, Workspace
from arena.domain.principal import BY_COMMAND
from arena.services import clock

Email = Annotated[str, typer.Argument(metavar="EMAIL")]


def invite(
    role: Annotated[str, typer.Option(help="rater, reader, reviewer, trainer, lab or admin.")],
    campaign: Annotated[
        str | None, typer.Option(help="A campaign that they are let in to, also where only some raters are.")
    ] = None,
    uses: Annotated[int, typer.Option(help="How many people may use it.")] = 1,
    days: Annotated[int, typer.Option(help="How long.")] = 7,
    data_dir: DataDir = None,
    workspace: Workspace = "default",
) -> None:
    """Print a link that makes whoever follows it a member of the workspace. It is shown once, here."""
    directory = configuration.data_dir(data_dir)
    if arena := remote.find(directory, workspace):
        body: dict[str, Any] = {"role": role, "campaign": campaign, "uses": uses, "days": days}
        typer.echo(arena.call("POST", "/api/v1/invitations", body)["url"])
        return
    with local.people(directory, workspace) as (people, admin):
        made = people.inviting.invite(admin, role, clock.now(), campaign=campaign, uses=uses, days=days)
        typer.echo(f"{local.usual_address()}/invite/{made.token}")


def list_accounts(data_dir: DataDir = None, workspace: Workspace = "default") -> None:
    """Print everybody in the workspace: e-mail, role, since when, and whether they can sign in."""
    directory = configuration.data_dir(data_dir)
    if arena := remote.find(directory, workspace):
        for one in arena.every("/api/v1/accounts", "accounts"):
            typer.echo(_line(one["email"], one["role"], one["since"], disabled=one["disabled"]))
        return
    with local.people(directory, workspace) as (people, admin):
        for account, member in people.inviting.members(admin):
            typer.echo(_line(account.email, member.role, member.since.isoformat(), disabled=not account.usable))


def change_role(
    email: Email,
    role: Annotated[str, typer.Argument(metavar="ROLE", help="rater, reader, reviewer, trainer, lab or admin.")],
    reason: Annotated[str | None, typer.Option(help="Why, for the audit log.")] = None,
    data_dir: DataDir = None,
    workspace: Workspace = "default",
) -> None:
    """Let somebody be something else in the workspace, more or less; it holds at once."""
    directory = configuration.data_dir(data_dir)
    if arena := remote.find(directory, workspace):
        arena.call("POST", "/api/v1/accounts/roles", {"email": email, "role": role, "reason": reason})
        return
    with local.people(directory, workspace) as (people, admin):
        people.inviting.change_role(admin, email, role, reason, clock.now())


def disable(email: Email, data_dir: DataDir = None) -> None:
    """Let nobody sign in with an account any more, in any workspace; its sessions end at once."""
    directory = configuration.data_dir(data_dir)
    if arena := remote.find_any(directory):
        arena.call("POST", "/api/v1/accounts/disabling", {"email": email})
        return
    with local.people(directory, "default") as (people, _):
        people.signing_in.disable(email, BY_COMMAND, clock.now())


def reset(
    email: Email,
    without_second_step: Annotated[
        bool, typer.Option("--without-second-step", help="For who lost the device and the recovery codes, too.")
    ] = False,
    data_dir: DataDir = None,
) -> None:
    """Print a link by which somebody sets a new password, once, within a day."""
    directory = configuration.data_dir(data_dir)
    more = {"without_second_step": True} if without_second_step else {}
    if arena := remote.find_any(directory):
        typer.echo(arena.call("POST", "/api/v1/password-links", {"email": email} | more)["url"])
        return
    with local.people(directory, "default") as (people, _):
        token = people.signing_in.password_link(email, BY_COMMAND, clock.now(), without_second_step=without_second_step)
        typer.echo(f"{local.usual_address()}/signin?link={token}")


def _line(email: str, role: str, since: str, *, disabled: bool) -> str:
    return f"{email}\t{role}\t{since}\t{'disabled' if disabled else 'valid'}"
