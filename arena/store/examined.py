"""What a database that several processes share says of itself and of the installation in it."""

from dataclasses import dataclass

from arena.store.heads import WorkspaceHead


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessSign:
    """A process as a workspace knows it."""

    process: str
    seconds_left: float
    """Until it is taken for gone; less than 0: for how long it has been."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExaminedSchema:
    """How new the tables of a schema are."""

    number: int
    """Of the last migration that ran."""
    newest: int
    """Of the last one that this program knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExaminedWorkspace:
    """One workspace of the installation."""

    name: str
    identity: str
    """The hash of its secret; empty where the database has none."""
    tables: ExaminedSchema | None
    """None: there are none yet."""
    is_whole: bool
    """Whether no copy into it was broken off."""
    head: WorkspaceHead | None
    """How much it holds; None where its tables are not those of this program."""
    signs: tuple[ProcessSign, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExaminedDatabase:
    """The server, and what it holds."""

    version: str
    number: int
    """The version as PostgreSQL counts: 150004 for 15.4."""
    takes_writes: bool
    unsafe: tuple[str, ...]
    """Settings that are off without which a power cut loses what was acknowledged."""
    may_make_schemas: bool
    sessions: int
    """Of everybody, now."""
    most_sessions: int
    commit_seconds: float | None
    """The median of a few; None where that cannot be measured."""
    ahead_seconds: float
    """Its clock before this machine's."""
    instance: ExaminedSchema | None
    """The tables of accounts and tokens; None: there are none yet."""
    workspaces: tuple[ExaminedWorkspace, ...]
