"""`arena audit`: what an audit of the votes of a workspace finds, and what the policy does for it."""

import json
from enum import StrEnum
from typing import Annotated, Any

import typer

from arena import settings as configuration
from arena.cli import local, remote
from arena.cli.options import DataDir, Workspace
from arena.domain import wording
from arena.services import audited_votes, sole_work, vote_audits
from arena.services.open_workspace import OpenWorkspace
from arena.services.vote_audits import VoteAudits
from arena.store.instance import Instance


class AuditFormat(StrEnum):
    """How an audit is told."""

    TABLE = "table"
    JSON = "json"


def audit(
    form: Annotated[AuditFormat, typer.Option("--format", help="For people, or for programs.")] = AuditFormat.TABLE,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be found and held; write nothing.")
    ] = False,
    data_dir: DataDir = None,
    workspace: Workspace = "default",
) -> None:
    """Find votes that cannot be trusted, and hold them as the policy says: they are kept, and left out of boards.

    Nobody is suspended by it, and what people decided stands. The same votes once more change nothing.
    """
    directory = configuration.data_dir(data_dir)
    if arena := remote.find(directory, workspace):
        told = arena.call("POST", "/api/v1/audits", {"dry_run": dry_run})
    elif (url := configuration.database()) is not None:
        with local.shared_workspace(directory, workspace, url) as (opened, instance):
            told = _made(opened, instance, dry_run=dry_run)
    else:
        local.existing(directory, workspace)
        with (
            local.identity(directory, workspace) as (identity, _, _now),
            local.workspace(directory, workspace) as opened,
        ):
            told = _made(opened, identity.instance, dry_run=dry_run)
    if form is AuditFormat.JSON:
        typer.echo(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        typer.echo("\n".join(_lines(told)))


def _made(opened: OpenWorkspace, instance: Instance, *, dry_run: bool) -> dict[str, Any]:
    """Audit when no other process does. Returns the document of what was done."""
    with sole_work.held(opened.store.others, vote_audits.WORK):
        done = VoteAudits(opened, instance, None, auditor=audited_votes.audited).made(dry_run=dry_run)
    if not dry_run:
        local.add_note(instance, opened.name, "audited votes", f"policy {done.policy}")
    return done.document()


def _lines(told: dict[str, Any]) -> list[str]:
    """The same for people."""
    votes, held, waiting = told["votes"], told["held_votes"], told["pending_votes"]
    waits = f", {waiting:,} of them waiting" if waiting else ""
    lines = [f"Policy {told['policy']}: {held:,} of {wording.counted(votes, 'vote')} held{waits}."]
    for one in told["findings"]:
        whose = one["raters"][0] if len(one["raters"]) == 1 else f"{len(one['raters']):,} raters"
        lines.append(f"{one['kind']}\t{one['strength']:.1f}\t{one['then']}\t{whose}\t{one['sentence']}")
    lines += [one["sentence"] for one in told["limits"]]
    count = {step: sum(one["step"] == step for one in told["steps"]) for step in ("probation", "hold", "lift")}
    done = ", ".join(f"{number:,} {step}" for step, number in count.items() if number)
    new = sum(one["new"] for one in told["findings"])
    lines.append(
        f"{'Would write' if told['dry_run'] else 'Wrote'}: {wording.counted(new, 'new finding')}, "
        f"{len(told['ended']):,} ended; decisions: {done or 'none'}."
    )
    return lines
