"""A workspace as a folder that leaves, and its way into another installation.

    DIRECTORY/workspace.json            what it was called, its head, its public key
    DIRECTORY/tables/NAME.parquet       every table of its database
    DIRECTORY/workspace.heads           what was acknowledged, head by head
    DIRECTORY/ledger.jsonl              the ledger, signed: `arena ledger verify`
    DIRECTORY/releases/, media/, selections/
    DIRECTORY/names, release-key        what its raters' names hang on; what signs its releases
    DIRECTORY/workspace.sha256          of every other file, as `sha256sum --check` reads it

There is no account, password, session or token in it, and nothing to make one with. Raters keep their names; whoever
was one through an account, or by a cookie, is one without an account in the new place. From the same head, the same
bytes.
"""

import itertools
import json
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from arena import __version__
from arena.domain import campaign, wording
from arena.domain.ledger import GENESIS
from arena.domain.name_key import NameKey
from arena.domain.removal import hashed
from arena.errors import Conflict, DoesNotFit, NotFound, StoreCorrupt
from arena.exports.proofs import chain, verification
from arena.exports.proofs.signing import Signer
from arena.services import checked_folder, paths, secret_files, workspaces
from arena.services.open_workspace import OpenWorkspace
from arena.store import database, heads, ledger, ledger_rows, releases, removals, table_files
from arena.store.connections import Connection
from arena.store.instance import Instance

SCHEMA = "workspace/1"
ABOUT = "workspace.json"
SUMS = "workspace.sha256"
TABLES = "tables"
LEDGER = "ledger.jsonl"
DATABASE = "workspace.duckdb"
"""Beside it are the heads, as a database of that name has them."""
MIRRORED = "mirror.heads"
"""What an earlier arena over PostgreSQL called them."""
COPIED = ("release-key", "media/[0-9a-f]*", "releases/rel_*")
BELONGS = re.compile(
    r"workspace\.(json|heads)|mirror\.heads|ledger\.jsonl|names|release-key|tables/[a-z0-9_]+\.parquet|media/[0-9a-f]+(\.[a-z0-9]+)?"
    r"|selections/[^/]+\.toml|releases/rel_[^/]+/.+"
)
"""Paths of what is written. A database among them would bring views of its own, which the arena would ask."""
UNREADABLE = (ValueError, TypeError, LookupError, AttributeError, RecursionError)
"""What is raised where a value is none of those that stand in its place: a word that none of ours is, JSON that is
none."""
LINES_AT_A_TIME = 1000
AGAIN = "export it again"


def write(here: OpenWorkspace, directory: Path, selections: Path) -> Path:
    """Write a workspace into a new folder as it is at one moment; returns the folder. Keep its releases from being
    swept meanwhile. `selections` is where its stored ones are."""
    with checked_folder.becoming(directory, "the workspace") as folder:
        (folder / TABLES).mkdir()
        with here.store.scanning() as connection:
            now = table_files.head(connection)
            table_files.write(connection, folder / TABLES)
            lines = chain.text(ledger_rows.lines(connection), here.signer)
            with (folder / LEDGER).open("wb") as opened:
                while some := b"".join(itertools.islice(lines, LINES_AT_A_TIME)):
                    opened.write(some)
            (folder / paths.NAMES).write_text(_name_key(here, connection))
            about = {
                "schema": SCHEMA,
                "workspace": here.name,
                "public_key": here.signer.public_key,
                "head": asdict(now),
                "migrations": table_files.steps(connection),
                "arena": __version__,
            }
        database_path = here.store.path
        table_files.write_heads(database_path, heads.beside(folder / DATABASE), now)
        checked_folder.copy(database_path.parent, COPIED, folder)
        about["release_problems"] = _release_problems(folder)
        (folder / ABOUT).write_text(json.dumps(about, indent=2) + "\n")
        for file in sorted(selections.glob("*.toml")):
            shutil.copyfile(file, checked_folder.place(folder, folder / paths.SELECTIONS / file.name))
        checked_folder.write_sums(folder, SUMS)
    return directory


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrivingWorkspace:
    """A workspace that was exported elsewhere, verified."""

    name: str
    """What it is called here."""
    path: Path
    """Its database, in a folder that is the workspace's at the end."""
    told: str
    """Of what it is a copy, for the audit log."""


def take_in(
    data_dir: Path, instance: Instance, directory: Path, name: str | None, who: str, now: datetime
) -> tuple[str, Path]:
    """Take in what `write` wrote, under the name it had or another; returns the name and the file of its admin token.

    All of it is verified before it appears. Raises `Conflict` for a name that is taken, and `StoreCorrupt` where
    something is wrong.
    """
    with arriving(data_dir, directory, name) as found:
        return found.name, entered(data_dir, instance, found, who, now)


def entered(data_dir: Path, instance: Instance, found: ArrivingWorkspace, who: str, now: datetime) -> Path:
    """Let the installation know of one that arrived; returns the file of its admin token."""
    return workspaces.enter(
        data_dir, instance, found.name, workspaces.CLOSED, who, "took in workspace", now, found.told
    )


@contextmanager
def arriving(data_dir: Path, directory: Path, name: str | None) -> Iterator[ArrivingWorkspace]:
    """What `write` wrote, verified; it appears in the data folder when the block ends, unless that fails. Raises
    `Conflict` for a name that is taken there, and `StoreCorrupt` where something is wrong."""
    about = _about(directory)
    name = name or about["workspace"]
    workspaces.refuse_name(name)
    goal = paths.workspace_path(data_dir, name)
    if goal.parent.exists():
        raise Conflict(taken(name))
    database.make_folder(goal.parent.parent)
    with checked_folder.becoming(goal.parent, "the workspace") as folder:
        checked_folder.copy_listed(directory, SUMS, folder, AGAIN, BELONGS)
        path = folder / goal.name
        if (mirrored := folder / MIRRORED).exists():
            mirrored.rename(heads.beside(path))
        for needed in (heads.beside(path).name, LEDGER, paths.NAMES, paths.RELEASE_KEY):
            if not (folder / needed).is_file():
                raise StoreCorrupt(f"{directory} has no {needed}; {AGAIN}.")
        try:
            table_files.load(path, folder / TABLES, about["migrations"])
            problem = _problem(folder, path, about)
        except UNREADABLE as error:
            problem = f"it holds what no arena writes ({error!r:.200})."
        if problem:
            raise StoreCorrupt(f"{directory} is not what was exported, nothing was taken in: {problem}")
        shutil.rmtree(folder / TABLES)
        for done in (ABOUT, LEDGER):
            (folder / done).unlink()
        secret_files.write(folder / paths.SECRET, f"{secrets.token_hex(32)}\n".encode("ascii"))
        told = f"{about['workspace']}, {wording.counted(about['votes'], 'line')} of its ledger"
        yield ArrivingWorkspace(name=name, path=path, told=told)


def taken(name: str) -> str:
    """What is told of a name that a workspace has already."""
    return f"There is a workspace {name} already, and nothing is put over it; name another with --as."


def _about(directory: Path) -> dict[str, Any]:
    try:
        there = (directory / SUMS).is_file()
    except OSError as error:
        raise DoesNotFit(f"{str(directory)[:200]!r} can be no folder ({error.strerror}); name another.") from error
    if not there:
        raise NotFound(f"{directory} is no workspace: it has no {SUMS}. Name one that `arena workspaces export` made.")
    try:
        about = json.loads((directory / ABOUT).read_text(encoding="utf-8"))
        if about["schema"] != SCHEMA:
            raise StoreCorrupt(f"{directory / ABOUT} is of another kind ({about['schema']}); install a newer arena.")
        return {
            "workspace": str(about["workspace"]),
            "head": dict(about["head"]),
            "votes": int(about["head"]["votes"]),
            "migrations": [int(number) for number in about["migrations"]],
            "release_problems": dict(about["release_problems"]),
        }
    except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise StoreCorrupt(f"{directory / ABOUT} cannot be read ({error!r}); {AGAIN}.") from error


def _problem(folder: Path, path: Path, about: dict[str, Any]) -> str | None:
    """The first thing that is not as it was exported."""
    if problems := ledger.verify(path).problems:
        return problems[0]
    key = Signer((folder / paths.RELEASE_KEY).read_text()).public_key
    signed = chain.check(folder / LEDGER, key)
    if signed.checked.problems:
        return f"{LEDGER}: {signed.checked.problems[0]}"
    with database.connect(path, read_only=True) as connection:
        found = table_files.head(connection)
    if asdict(found) != about["head"] or found.hash != (signed.head.hash if signed.head else GENESIS):
        return "its tables, its ledger and its head are of different moments."
    NameKey.from_json((folder / paths.NAMES).read_text())
    for file in sorted((folder / paths.MEDIA).glob("*")):
        if checked_folder.digest(file) != file.stem:
            return f"{paths.MEDIA}/{file.name} is not the file of this hash."
    before = about["release_problems"]
    for release, told in _release_problems(folder).items():
        if told != before.get(release):
            return f"{paths.RELEASES}/{release}: {told[0]}"
    return None


def _release_problems(folder: Path) -> dict[str, list[str]]:
    """What is wrong with releases, by their ids. Where an early arena took the texts out, that is so before they leave,
    too."""
    found = {
        release.name: list(verification.release(release).problems) for release in (folder / paths.RELEASES).glob("*")
    }
    return {release: problems for release, problems in sorted(found.items()) if problems}


def _name_key(here: OpenWorkspace, connection: Connection) -> str:
    """What says the same names elsewhere. A workspace that has a key of its own takes that along; of another one, whose
    names hang on a secret which signs more than them, what it says of those who are there."""
    own = here.store.path.with_name(paths.NAMES)
    if own.exists():
        return own.read_text()
    known = {hashed(rater_id) for rater_id in table_files.raters(connection)} | removals.erased(connection)
    made = [
        (
            one.manifest["selection"],
            None if (at := one.manifest["ledger_head"]) is None else [at["sequence"], at["hash"]],
        )
        for one in releases.recorded(connection)
    ]
    return here.name_key.portable(known, made, {campaign.DEFAULT, *table_files.campaigns(connection)}).to_json()
