"""`arena qualifications create FILE.toml|list`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from arena import settings as configuration
from arena.cli import local, remote
from arena.cli.options import DataDir, Workspace
from arena.domain import wording
from arena.domain.principal import BY_COMMAND
from arena.errors import InvalidValue, Malformed
from arena.services import qualification_making
from arena.services.qualification_making import Wanted
from arena.store import qualifications


def create(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="TOML with the keys of POST /api/v1/qualifications.")],
    data_dir: DataDir = None,
    workspace: Workspace = "default",
) -> None:
    """Make the test of a field: `field` and `gold_set`, and whatever differs from the defaults."""
    table = configuration.toml_table(file)
    wanted = _wanted(file, table)
    directory = configuration.data_dir(data_dir)
    if arena := remote.find(directory, workspace):
        made = arena.call("POST", "/api/v1/qualifications", table)
        typer.echo(_line(made["field"], made))
        return
    with local.workspace(directory, workspace) as opened:
        added = qualification_making.create(opened, wanted, BY_COMMAND)
        typer.echo(_line(added.field, _numbers(added)))


def list_qualifications(data_dir: DataDir = None, workspace: Workspace = "default") -> None:
    """Print every field that has a test, with its numbers."""
    directory = configuration.data_dir(data_dir)
    if arena := remote.find(directory, workspace):
        for one in arena.every("/api/v1/qualifications", "qualifications"):
            typer.echo(_line(one["field"], one))
        return
    with local.workspace(directory, workspace) as opened, opened.store.reading() as connection:
        for found in qualifications.listed(connection):
            typer.echo(_line(found.field, _numbers(found)))


def _wanted(file: Path, table: Mapping[str, Any]) -> Wanted:
    """The keys of a file, each of its type."""
    types = {"field": str, "gold_set": str, "title": str, "guidelines": str}
    numbers = ("practice", "items", "needed", "tries", "wait_days", "valid_days")
    known: dict[str, type] = {**types, **dict.fromkeys(numbers, int)}
    for key, value in table.items():
        if key not in known:
            raise Malformed(f"{file}: there is no key {key!r}; accepted: {', '.join(known)}.")
        if type(value) is not known[key]:
            raise Malformed(f"{file}: {key} is {value!r}; it has to be {_NAMED[known[key]]}.")
    if missing := [key for key in ("field", "gold_set") if key not in table]:
        raise InvalidValue(f"{file} says no {missing[0]}; write it there.")
    return Wanted(**table)


_NAMED = {str: "a text", int: "a whole number"}


def _numbers(one: object) -> dict[str, Any]:
    return {name: getattr(one, name) for name in ("practice", "items", "needed", "tries", "wait_days", "valid_days")}


def _line(field: str, numbers: Mapping[str, Any]) -> str:
    practice = f"{numbers['practice']} of practice, then " if numbers["practice"] else ""
    tries = f"{numbers['tries']} tries" if numbers["tries"] != 1 else "1 try"
    return (
        f"{field}: {practice}{numbers['needed']} of {numbers['items']} right, {tries}, then "
        f"{wording.counted(numbers['wait_days'], 'day')} to wait; valid for "
        f"{wording.counted(numbers['valid_days'], 'day')}"
    )
