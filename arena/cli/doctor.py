"""`arena doctor`."""

import asyncio
import json
import os
import shutil
import socket
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from importlib import metadata
from pathlib import Path
from typing import Annotated

import typer
from packaging.requirements import Requirement

from arena import settings as configuration
from arena.cli import database_checks
from arena.cli.check_results import CheckResult, CheckState, fine, note, wrong
from arena.cli.options import DataDir
from arena.errors import ArenaError, InvalidValue, SettingsError, StoreError
from arena.inference.client import ModelClient
from arena.server import running
from arena.services import health, identity, old_layout, paths, roster
from arena.settings import Settings
from arena.store import database, heads

PACKAGE = "preference-arena"
FULL_BYTES, SCARCE_BYTES = 256 * 1024**2, 2 * 1024**3
AHEAD_SECONDS = 300
"""A file from further in the future than this means that the clock was set back."""


def doctor(
    config: Annotated[Path | None, typer.Option("--config", help="The file that the arena runs with.")] = None,
    data_dir: DataDir = None,
    format: Annotated[str, typer.Option("--format", help="table or json.")] = "table",
) -> None:
    """Find what is wrong with an installation, and say what to do. Changes nothing; exit 1 where something is wrong."""
    if format not in ("table", "json"):
        raise InvalidValue(f"--format is {format!r}; accepted: table, json.")
    findings = list(examined(config, data_dir))
    if format == "json":
        typer.echo(json.dumps({"findings": [asdict(finding) for finding in findings]}, indent=2, ensure_ascii=False))
    else:
        for finding in findings:
            typer.echo(f"{finding.state:5} {finding.check}: {finding.sentence}")
    broken = sum(finding.state is CheckState.WRONG for finding in findings)
    if broken:
        raise ArenaError(f"{broken} of {len(findings)} things looked at are wrong; each line says what to do.")


def examined(config: Path | None, data_dir: Path | None) -> Iterator[CheckResult]:
    """Everything that is looked at, in order."""
    yield from _program()
    settings = None
    if config is not None:
        try:
            settings = configuration.load(config, data_dir=data_dir)
            yield fine("configuration", f"{config} can be read.")
        except SettingsError as error:
            yield wrong("configuration", str(error))
    folder = settings.data_dir if settings else configuration.data_dir(data_dir)
    yield from _folder(folder)
    arena = running.find(folder) if folder.is_dir() else None
    if arena is not None:
        yield note("running", f"An arena runs on {folder}: process {arena.pid} at {arena.url}.")
    yield from _workspaces(folder, running=arena is not None)
    shared = configuration.database(settings.database if settings else None)
    if shared is not None:
        yield from database_checks.database(shared, folder, arena)
    elif paths.in_database(folder).exists():
        yield wrong(
            "database", f"{paths.in_database(folder)} says that this installation is in one. Name it in ARENA_DATABASE."
        )
    if settings is not None:
        yield from _address(settings, running=arena is not None)
        yield from _models(settings)


def _program() -> Iterator[CheckResult]:
    version = ".".join(map(str, sys.version_info[:3]))
    yield fine("python", f"Python {version}.")  # an older one does not get this far
    unfit = []
    for line in metadata.requires(PACKAGE) or ():
        needed = Requirement(line)
        if needed.marker is not None and not needed.marker.evaluate({"extra": ""}):
            continue
        try:
            found = metadata.version(needed.name)
        except metadata.PackageNotFoundError:
            unfit.append(f"{needed.name} is missing")
            continue
        if not needed.specifier.contains(found, prereleases=True):
            unfit.append(f"{needed.name} is {found}, and {needed.specifier} is needed")
    if unfit:
        yield wrong("packages", f"{'; '.join(unfit)}. Install {PACKAGE} again, in an environment of its own.")
    else:
        yield fine("packages", "All packages have versions that fit.")


def _folder(folder: Path) -> Iterator[CheckResult]:
    """The data folder, who may read it, its disk and its clock."""
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not there.is_dir():
        yield wrong("data folder", f"{there} is a file. Name a folder with --data-dir.")
        return
    if not os.access(there, os.W_OK | os.X_OK):
        yield wrong("data folder", f"This user cannot write in {there}. Change its owner, or name another --data-dir.")
    elif there != folder:
        yield note("data folder", f"{folder} does not exist yet; the first start makes it.")
    else:
        yield fine("data folder", f"{folder} can be written.")
    free = shutil.disk_usage(there).free
    said = f"{free / 1024**3:.1f} GB are free where {folder} lies"
    if free < FULL_BYTES:
        yield wrong("disk", f"{said}: votes will be refused. Free space, or move the folder.")
    elif free < SCARCE_BYTES:
        yield note("disk", f"{said}; releases and backups need as much again as they hold.")
    else:
        yield fine("disk", f"{said}.")
    if there != folder:
        return
    files = [path for path in folder.rglob("*") if path.is_file()]
    private = [folder, *(path for path in files if path.relative_to(folder).parts[2:3] != ("releases",))]
    shared = [path for path in private if path.stat().st_mode & 0o077]
    if shared:
        named = ", ".join(str(path) for path in shared[:5])
        yield wrong("modes", f"Other users of this machine may read {named}. Run `chmod -R go= {folder}`.")
    else:
        yield fine("modes", "No other user may read what is private.")
    ahead = [path for path in files if path.stat().st_mtime > time.time() + AHEAD_SECONDS]
    if ahead:
        yield wrong("clock", f"{ahead[0]} was written in the future: the clock was set back. Set it right.")
    if paths.instance_path(folder).exists() and not identity.admin_token_path(folder, "default").exists():
        yield note(
            "admin token", "Its file is gone. If the token is lost, `arena tokens create --role admin` makes another."
        )


def _workspaces(folder: Path, *, running: bool) -> Iterator[CheckResult]:
    """Each database beside its heads file, and whether it opens."""
    if not folder.is_dir():
        return
    earlier = dict(old_layout.databases(folder))
    if old_layout.found(folder):
        yield note("layout", f"{folder} is laid out as earlier arenas did; the next start or command moves its files.")
    today = {name: paths.workspace_path(folder, name) for name in paths.workspaces(folder)}
    for workspace, path in sorted([*today.items(), *earlier.items()]):
        name = f"workspace {workspace}"
        if not heads.beside(path).exists():
            yield wrong(
                name,
                f"{heads.beside(path)} is missing, so that lost votes would not be noticed. Put it back from a backup; "
                "the next start makes a new one of what is there.",
            )
            continue
        try:
            if not running:
                database.connect(path, read_only=True).close()
            yield fine(name, f"{path.stat().st_size / 1024**2:.0f} MB; `arena verify` checks every vote.")
        except StoreError as error:
            yield wrong(name, str(error))
    for path in sorted(paths.workspaces_folder(folder).glob("*/workspace.heads")):
        if path.parent.name not in today:
            yield wrong(
                f"workspace {path.parent.name}", f"{path} has no database beside it. Restore it with `arena restore`."
            )


def _address(settings: Settings, *, running: bool) -> Iterator[CheckResult]:
    """The port, and what browsers are told of the address."""
    if not running and settings.port:
        try:
            family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
            with socket.socket(family, socket.SOCK_STREAM) as listener:
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                listener.bind((settings.host, settings.port))
            yield fine("port", f"{settings.host}:{settings.port} is free.")
        except OSError as error:
            yield wrong(
                "port", f"{settings.host}:{settings.port} cannot be used ({error.strerror}). Choose another --port."
            )
    public = settings.public_url
    if public is not None and public.scheme == "https" and not settings.secure_cookie:
        yield wrong("cookie", f"{public} is HTTPS, and secure_cookie is false. Set secure_cookie = true.")
    elif settings.secure_cookie and (public is None or public.scheme != "https"):
        yield wrong(
            "cookie", "secure_cookie is true, and public_url names no https address: browsers keep no cookie. Set it."
        )
    else:
        yield fine("cookie", "public_url and secure_cookie go together.")


def _models(settings: Settings) -> Iterator[CheckResult]:
    """Whether each model's server answers and knows the model."""
    if len(settings.models) < 2:
        yield wrong(
            "models", f"A battle needs two models, and {len(settings.models)} stand in the file. Add [[models]]."
        )
    served = settings.model_copy(update={"models": tuple(model for model in settings.models if model.endpoint)})

    async def probe() -> list[health.Probe]:
        async with ModelClient(settings.deadlines) as client:
            return await health.probe(client, roster.configured(served))

    for answer in asyncio.run(probe()):
        if answer.problem is None:
            yield fine(f"model {answer.model}", "Its server answers.")
        else:
            yield wrong(f"model {answer.model}", answer.problem)
