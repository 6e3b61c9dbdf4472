"""`arena export`, `arena backup`, `arena restore`, `arena verify`."""

import random
import sys
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from arena import exports
from arena import settings as configuration
from arena.cli import local, remote, selecting
from arena.cli.options import DataDir, Workspace
from arena.cli.remote import Remote
from arena.domain import ids
from arena.domain.ids import ReleaseId
from arena.domain.selection import Selection
from arena.errors import ArenaError, InvalidValue, StoreCorrupt
from arena.exports.personal import names as recognisers
from arena.services import arena, exporting, identity, keeping
from arena.store import backup as backups
from arena.store import ledger
from arena.store.commands import RecordRelease

POLL_SECONDS = 0.2


def export(
    format_name: Annotated[str, typer.Option("--format", help=f"One of: {', '.join(exports.FORMATS)}.")],
    out: Annotated[Path, typer.Option("--out", help="A folder that does not exist yet.")],
    select: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME|FILE|KEY=VALUE",
            help="A stored selection, such as strict; a TOML file; or a key, such as test_share=0.1. May be repeated. "
            "held_out_share (at most 0.5) binds every later release: one that holds out less is refused.",
        ),
    ] = None,
    data_dir: DataDir = None,
    workspace: Workspace = "default",
) -> None:
    """Write the votes as a data set that a trainer loads as it is."""
    directory = configuration.data_dir(data_dir)
    selection = selecting.read(select or [], directory)
    if out.exists():
        raise InvalidValue(f"{out} exists already; name a folder that does not.")
    if running := remote.find(directory, workspace):
        manifest = _export_remote(running, format_name, selection, out)
    else:
        manifest = _export_local(directory, workspace, format_name, selection, out)
    counts, left_out = manifest["counts"], sum(manifest["counts"]["left_out"].values())
    typer.echo(
        f"{out}: {sum(counts['rows'].values())} rows from {counts['votes']} votes; {left_out} left out", err=True
    )


def backup(
    directory: Annotated[Path, typer.Argument(metavar="DIR")],
    data_dir: DataDir = None,
    workspace: Workspace = "default",
) -> None:
    """Write a consistent copy into a new folder, also while the arena runs."""
    data = configuration.data_dir(data_dir)
    if running := remote.find(data, workspace):
        typer.echo(running.call("POST", "/api/v1/backups", {"directory": str(directory.resolve())})["directory"])
        return
    keeping.refuse_folder(directory.absolute())
    with local.workspace(data, workspace) as opened:
        typer.echo(backups.backup(opened, directory))


def restore(
    directory: Annotated[Path, typer.Argument(metavar="DIR")],
    data_dir: DataDir = None,
    workspace: Workspace = "default",
) -> None:
    """Put a backup in place of a workspace that does not exist; what exists is never overwritten."""
    data = configuration.data_dir(data_dir)
    target = arena.workspace_path(data, workspace)
    target.parent.mkdir(parents=True, exist_ok=True)
    backups.restore(directory, target)
    typer.echo(target)


def verify(data_dir: DataDir = None, workspace: Workspace = "default") -> None:
    """Recompute the ledger against every vote, and say what does not match."""
    data = configuration.data_dir(data_dir)
    if running := remote.find(data, workspace):
        report = running.call("GET", "/api/v1/verification")
        lines, problems = report["lines"], report["problems"]
    else:
        found = ledger.verify(local.existing(data, workspace))
        lines, problems = found.lines, list(found.problems)
    for problem in problems:
        typer.echo(problem, err=True)
    if problems:
        raise StoreCorrupt(f"{len(problems)} problems found; restore the last backup that verifies.")
    typer.echo(f"ledger of {lines} lines: every vote is as it was recorded")


def _progress(battles: int) -> None:
    """Say how far an export is, on one line of a terminal; a file or a pipe gets nothing."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{battles:,} battles read ")
        sys.stderr.flush()


def _export_remote(running: Remote, format_name: str, selection: Selection, out: Path) -> dict[str, Any]:
    status = running.call("POST", "/api/v1/exports", {"format": format_name, "select": selection.to_mapping()})
    path = f"/api/v1/exports/{status['release_id']}"
    while status["state"] == "building":
        time.sleep(POLL_SECONDS)
        status = running.call("GET", path)
        _progress(status["battles"])
    if status["state"] == "failed":
        raise ArenaError(status["problem"])
    aside = out.with_name(f".{out.name}.aside")
    for name in status["files"]:
        (aside / name).parent.mkdir(parents=True, exist_ok=True)
        running.download(f"{path}/files/{name}", aside / name)
    aside.rename(out)
    manifest: dict[str, Any] = status["manifest"]
    return manifest


def _export_local(data: Path, workspace: str, format_name: str, selection: Selection, out: Path) -> dict[str, Any]:
    exports.named(format_name)
    now = arena.now()
    release_id = ReleaseId(ids.mint("rel", now, random.SystemRandom()))
    with local.workspace(data, workspace) as opened:
        secret, signer = identity.signing_secret(data), identity.release_signer(data)
        names = recognisers.load(configuration.name_recogniser())
        manifest = exporting.build(
            opened, workspace, out, format_name, selection, secret, signer, release_id, _progress, names
        )
        exporting.keep_ids(out, arena.releases_path(data) / release_id)
        opened.submit(
            RecordRelease(release_id=release_id, format=format_name, manifest=manifest, created_at=now)
        ).result()
    return manifest
