"""`arena tokens create|list|revoke`."""

from typing import Annotated

import typer

from arena import settings as configuration
from arena.cli import local, remote
from arena.cli.options import DataDir, Workspace


def create(
    role: Annotated[str, typer.Option(help="reader, reviewer, trainer, lab or admin.")],
    campaign: Annotated[str | None, typer.Option(help="One campaign, for a trainer or a reader of it alone.")] = None,
    data_dir: DataDir = None,
    workspace: Workspace = "default",
) -> None:
    """Issue a token. It is shown once, here."""
    directory = configuration.data_dir(data_dir)
    if arena := remote.find(directory, workspace):
        text = arena.call("POST", "/api/v1/tokens", {"role": role, "campaign": campaign})["token"]
    else:
        with local.tokens(directory, workspace) as (identity, admin, now):
            text = identity.create_token(admin, role, now, campaign).text
    typer.echo(text)
    only = f", campaign {campaign} alone" if campaign else ""
    typer.echo(f"It opens the arena on {directory.resolve()}, workspace {workspace}{only}, as {role}.", err=True)


def list_tokens(data_dir: DataDir = None, workspace: Workspace = "default") -> None:
    """Print every token's id, role, workspace and dates."""
    directory = configuration.data_dir(data_dir)
    if arena := remote.find(directory, workspace):
        for token in arena.every("/api/v1/tokens", "tokens"):
            state = f"revoked {token['revoked_at']}" if token["revoked_at"] else "valid"
            typer.echo(f"{token['id']}\t{token['role']}\t{token['workspace']}\t{token['created_at']}\t{state}")
        return
    with local.tokens(directory, workspace) as (identity, admin, _):
        for issued in identity.tokens(admin):
            state = f"revoked {issued.revoked_at.isoformat()}" if issued.revoked_at else "valid"
            typer.echo(
                f"{issued.token_id}\t{issued.role}\t{issued.workspace}\t{issued.created_at.isoformat()}\t{state}"
            )


def revoke(
    token_id: Annotated[str, typer.Argument(metavar="ID")], data_dir: DataDir = None, workspace: Workspace = "default"
) -> None:
    """Make a token worthless from now on."""
    directory = configuration.data_dir(data_dir)
    if arena := remote.find(directory, workspace):
        arena.call("DELETE", f"/api/v1/tokens/{token_id}")
        return
    with local.tokens(directory, workspace) as (identity, admin, now):
        identity.revoke_token(admin, token_id, now)
