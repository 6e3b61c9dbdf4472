"""What `arena doctor` finds of the database that several processes share."""

import socket
from collections.abc import Iterator
from pathlib import Path

from arena.cli.check_results import CheckResult, fine, note, wrong
from arena.domain import wording
from arena.errors import StoreError
from arena.server.running import RunningArena
from arena.services import paths, shared_workspaces
from arena.store import heads, opening
from arena.store.examined import ExaminedDatabase, ExaminedSchema, ExaminedWorkspace

OLDEST = 130_000
"""PostgreSQL 13."""
SLOW_COMMIT, STALLING_COMMIT = 0.1, 1.0
"""Seconds of a commit, for which each vote waits."""
CLOCKS_DIFFER, CLOCKS_MISLEAD = 2.0, 30.0
"""Seconds."""
SESSIONS_BESIDE = 2
"""That a process has, beside those for its workspaces."""
SESSIONS_OF_WORKSPACE = 4


def database(url: str, folder: Path, arena: RunningArena | None) -> Iterator[CheckResult]:
    """The server, then what the installation has in it. `arena` is the one that runs on the folder."""
    try:
        found = opening.examined(url)
    except StoreError as error:
        yield wrong("database", str(error))
        return
    yield from _server(found)
    yield from _clock(found.ahead_seconds)
    yield from _rights(found)
    yield from _accounts(found.instance)
    for workspace in found.workspaces:
        yield from _workspace(workspace, folder, arena)


def _server(found: ExaminedDatabase) -> Iterator[CheckResult]:
    name = f"PostgreSQL {found.version}"
    if found.number < OLDEST:
        yield wrong("database", f"{name} is too old. Install PostgreSQL 13 or newer.")
    elif not found.takes_writes:
        yield wrong("database", f"{name} only reads: no vote can be stored. Name the server that takes writes.")
    else:
        yield fine("database", f"{name} answers and takes writes.")
    for name in found.unsafe:
        yield wrong(
            "database settings", f"{name} is off: a power cut loses acknowledged votes. Switch it on in PostgreSQL."
        )
    if found.commit_seconds is not None:
        said = f"A commit takes {found.commit_seconds * 1000:.1f} ms"
        if found.commit_seconds > STALLING_COMMIT:
            yield wrong("commits", f"{said}, and every vote waits for one. Look at its disk, and the network to it.")
        elif found.commit_seconds > SLOW_COMMIT:
            yield note("commits", f"{said}; every vote waits for one.")
        else:
            yield fine("commits", f"{said}.")
    needed = SESSIONS_BESIDE + SESSIONS_OF_WORKSPACE * max(1, len(found.workspaces))
    said = f"{found.sessions} of {found.most_sessions} sessions are in use"
    if found.sessions + needed > found.most_sessions:
        yield note("sessions", f"{said}, and one more process needs {needed}. Raise max_connections before.")
    else:
        yield fine("sessions", f"{said}.")


def _clock(ahead: float) -> Iterator[CheckResult]:
    said = f"The database's clock is {abs(ahead):.1f} s {'ahead of' if ahead > 0 else 'behind'} this machine's"
    if abs(ahead) > CLOCKS_MISLEAD:
        yield wrong("clocks", f"{said}: deadlines and sign-ins end at other times on other machines. Set both by NTP.")
    elif abs(ahead) > CLOCKS_DIFFER:
        yield note("clocks", f"{said}; NTP sets both.")
    else:
        yield fine("clocks", "The database's clock and this machine's agree. Look on each machine that runs an arena.")


def _rights(found: ExaminedDatabase) -> Iterator[CheckResult]:
    if found.may_make_schemas:
        yield fine("rights", "The database's user may make schemas.")
    elif found.instance is None:
        yield wrong("rights", "The database's user may make no schemas: no arena can start. GRANT CREATE ON DATABASE.")
    else:
        yield note(
            "rights", "The database's user may make no schemas, so no workspace can be added. GRANT CREATE ON DATABASE."
        )


def _accounts(tables: ExaminedSchema | None) -> Iterator[CheckResult]:
    if tables is None:
        yield note("accounts", "The database holds no installation yet; the first start makes it.")
    else:
        yield _age("accounts", tables, "Accounts and tokens are there.")


def _workspace(found: ExaminedWorkspace, folder: Path, arena: RunningArena | None) -> Iterator[CheckResult]:
    name = f"workspace {found.name}"
    if not found.is_whole:
        yield wrong(name, "It was not copied to its end. Run `arena database copy` again, which goes on there.")
        return
    if found.tables is None:
        yield note(name, "It has no tables yet; the first start makes them.")
        return
    path = paths.workspace_path(folder, found.name).with_name("mirror.duckdb")
    if shared_workspaces.is_other(found.identity, shared_workspaces.told_apart(folder, found.name)):
        yield wrong(name, f"{path.parent} is of another workspace than the database has. Move it away.")
        return
    promised, kept = heads.last(heads.beside(path)), heads.beside(path)
    missing = "" if promised is None or found.head is None else heads.losses(promised, found.head)
    if missing:
        yield wrong(
            name,
            f"The database lacks {missing} that were acknowledged here: it was restored to an earlier moment, or is "
            f"another one. Name the right one; to go on without them, move {kept} away.",
        )
    else:
        held = "" if found.head is None else f"{wording.counted(found.head.votes, 'vote')}; "
        yield _age(name, found.tables, f"{held}`arena verify` checks every one.")
    yield from _processes(found, arena)


def _processes(found: ExaminedWorkspace, arena: RunningArena | None) -> Iterator[CheckResult]:
    name = f"processes of {found.name}"
    alive = [one.process for one in found.signs if one.seconds_left > 0]
    for one in found.signs:
        if one.seconds_left <= 0:
            yield note(
                f"process {one.process}",
                f"Workspace {found.name} has taken it for gone for {-one.seconds_left:.0f} s: it was killed, or cannot "
                "reach the database. Others end what it was writing.",
            )
    ours = None if arena is None else f"{socket.gethostname()}-{arena.pid}-"
    if ours is not None and not any(process.startswith(ours) for process in alive):
        yield wrong(
            name,
            "The arena that runs here gives this workspace no sign: it cannot reach the database, or runs over another "
            "one. Its log says why.",
        )
    elif alive:
        yield fine(name, f"These give signs: {', '.join(alive)}.")
    else:
        yield note(name, "None gives a sign: no arena serves it now.")


def _age(check: str, tables: ExaminedSchema, sentence: str) -> CheckResult:
    if tables.number > tables.newest:
        return wrong(
            check,
            f"Its tables have schema {tables.number}, and this arena knows schemas up to {tables.newest}. Install the "
            "newer arena that wrote it.",
        )
    if tables.number < tables.newest:
        return note(check, "Its tables are an earlier arena's; the next start brings them to the newest.")
    return fine(check, sentence)
