"""`arena import prompts|responses FILE --set NAME`: prompts under a name, and answers that were made beforehand."""

import time
from pathlib import Path
from typing import Annotated, Any

import typer

from arena import settings as configuration
from arena.cli import local, remote
from arena.cli.options import DataDir, Workspace
from arena.cli.remote import Remote
from arena.domain import wording
from arena.errors import ArenaError, InvalidValue
from arena.services import prompt_sets
from arena.services.prompt_sets import Kind, SetFile, SetImport

POLL_SECONDS = 0.2
COUNTED = ("entered", "here", "empty", "outside", "told", "unkept")
"""What an arena says of an import."""

File = Annotated[Path, typer.Argument(metavar="FILE", help="JSONL, CSV or Parquet, each also .gz or .zst.")]
SetName = Annotated[str, typer.Option("--set", help="Name of the prompt set.")]


def prompts(file: File, set_name: SetName, data_dir: DataDir = None, workspace: Workspace = "default") -> None:
    """Store prompts under the name of a set; the same file twice changes nothing."""
    asked = SetFile(kind="prompts", path=file, set_name=set_name)
    _import(asked, configuration.data_dir(data_dir), workspace)


def responses(
    file: File,
    set_name: SetName,
    model: Annotated[
        str | None,
        typer.Option(help="Whose answers they are, whatever the file says.", show_default=False),
    ] = None,
    data_dir: DataDir = None,
    workspace: Workspace = "default",
) -> None:
    """Store answers to the prompts of a set, also what a batch API answered; the same file twice changes nothing."""
    asked = SetFile(kind="responses", path=file, set_name=set_name, model=model)
    _import(asked, configuration.data_dir(data_dir), workspace)


def _import(file: SetFile, directory: Path, workspace: str) -> None:
    if running := remote.find(directory, workspace):
        done = _remote(running, file)
    else:
        done = SetImport(job_id="", set_name=file.set_name)
        prompt_sets.refuse_name(file.set_name)
        with local.made(directory, workspace) as opened:
            did = (f"began import of {file.kind}", f"set {file.set_name}", file.path.name[:200])
            local.note(directory, workspace, *did)
            prompt_sets.import_once(opened, done, file, lambda: None)
    for sentence in done.told:
        typer.echo(sentence, err=True)
    if done.outside > len(done.told):
        typer.echo(
            f"{wording.counted(done.outside - len(done.told), 'more row')} left outside and not listed.", err=True
        )
    if not done.entered + done.here:
        raise InvalidValue(f"Nothing was imported: {_counts(file.kind, done)}.")
    typer.echo(_counts(file.kind, done))
    if done.empty:
        typer.echo(f"{wording.counted(done.empty, 'empty answer')}: no pair is made of them.", err=True)
    if done.unkept:
        named = ", ".join(f"{path} ({wording.counted(rows, 'row')})" for path, rows in sorted(done.unkept.items()))
        typer.echo(f"Not kept: {named}.", err=True)


def _remote(running: Remote, file: SetFile) -> SetImport:
    """Have the arena read the file: it runs on this machine."""
    path = f"/api/v1/prompt-sets/{file.set_name}/imports"
    prompt_sets.refuse_name(file.set_name)
    asked = {"kind": file.kind, "file": str(file.path.resolve()), "model": file.model}
    status: dict[str, Any] = running.call("POST", path, asked)
    while status["state"] == "reading":
        time.sleep(POLL_SECONDS)
        status = running.call("GET", f"{path}/{status['import_id']}")
    if status["state"] == "failed":
        refused = InvalidValue if status["refused"] else ArenaError
        raise refused(status["problem"])
    return SetImport(job_id=status["import_id"], set_name=file.set_name, **{name: status[name] for name in COUNTED})


def _counts(kind: Kind, done: SetImport) -> str:
    noun = "prompt" if kind == "prompts" else "answer"
    return f"{wording.counted(done.entered, noun)} entered, {done.here:,} here already, {done.outside:,} left outside"
