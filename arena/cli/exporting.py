"""`arena export`: the votes as a release, by the arena that runs or on the files."""

import time
from pathlib import Path
from typing import Annotated, Any

import typer

from arena import exports
from arena import settings as configuration
from arena.cli import local, remote, selecting
from arena.cli.options import DataDir, Workspace
from arena.cli.progress import Progress
from arena.cli.remote import Remote
from arena.domain import wording
from arena.domain.ids import ReleaseId
from arena.domain.selection import Selection
from arena.errors import ArenaError, InvalidValue
from arena.exports.personal import names as recognisers
from arena.exports.writing import atomic_folder
from arena.services import exporting, paths

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
    license_name: Annotated[
        str | None,
        typer.Option(
            "--license",
            metavar="NAME",
            help="The licence of the release, by the Hugging Face hub's name for it, such as cc-by-4.0; the same as "
            "--select license=NAME.",
        ),
    ] = None,
    data_dir: DataDir = None,
    workspace: Workspace = "default",
) -> None:
    """Write the votes as a data set that a trainer loads as it is."""
    directory = configuration.data_dir(data_dir)
    said = [] if license_name is None else [f"license={license_name}"]
    selection = selecting.read([*(select or []), *said], paths.selections_path(directory, workspace))
    if out.exists():
        raise InvalidValue(f"{out} exists already; name a folder that does not.")
    if running := remote.find(directory, workspace):
        manifest = _export_remote(running, directory, workspace, format_name, selection, out)
    else:
        manifest = _export_local(directory, workspace, format_name, selection, out)
    counts, left_out = manifest["counts"], sum(manifest["counts"]["left_out"].values())
    rows, votes = wording.counted(sum(counts["rows"].values()), "row"), wording.counted(counts["votes"], "vote")
    typer.echo(f"{out}: {rows} from {votes}; {wording.counted(left_out, counts['unit'])} left out", err=True)
    if not_carried := manifest.get("not_carried"):
        named = ", ".join(f"{name} {count:,}" for name, count in not_carried.items())
        typer.echo(
            f"Not carried by {format_name}, in {counts['unit']}s (the card says what each is): {named}.", err=True
        )
    if not_selected := counts["not_selected"]["votes"]:
        reasons = ", ".join(f"{reason} {count:,}" for reason, count in sorted(not_selected.items()))
        of = wording.counted(counts["counted"]["votes"], "vote")
        typer.echo(f"The selection left out {sum(not_selected.values()):,} of {of} that count: {reasons}.", err=True)
    if private := manifest.get("private"):
        kept = wording.counted(private, "vote")
        typer.echo(
            f"Keep it to yourselves: the raters of {kept} do not agree to publication; --select consent=public "
            "leaves them out.",
            err=True,
        )


def _export_remote(
    running: Remote, data: Path, workspace: str, format_name: str, selection: Selection, out: Path
) -> dict[str, Any]:
    status = running.call("POST", "/api/v1/exports", {"format": format_name, "select": selection.to_mapping()})
    path = f"/api/v1/exports/{status['release_id']}"
    with Progress("battles read") as far:
        while status["state"] == "building":
            time.sleep(POLL_SECONDS)
            status = running.call("GET", path)
            far.say(status["battles"])
    if status["state"] == "failed":
        raise ArenaError(status["problem"])
    with atomic_folder.becoming(out, ReleaseId(status["release_id"]), paths.releases_path(data, workspace)) as folder:
        for name in status["files"]:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            running.download(f"{path}/files/{name}", folder / name)
    manifest: dict[str, Any] = status["manifest"]
    return manifest


def _export_local(data: Path, workspace: str, format_name: str, selection: Selection, out: Path) -> dict[str, Any]:
    exports.named(format_name)
    recogniser = recognisers.load(configuration.name_recogniser())
    with Progress("battles read") as far, local.workspace(data, workspace, recogniser) as opened:
        wanted = exporting.order(opened, format_name, selection)
        local.note(data, workspace, f"began release as {format_name}", wanted.release_id)
        return exporting.export_once(opened, wanted, far.say, out)
