"""What the writer keeps in memory, so that the common case is decided and answered without a query.

Only the writer's thread changes it, and only after a commit; readers look at `openers`, `counts`, `recent`, `turns` and
`marks`.
"""

from dataclasses import dataclass, field

from arena.domain import ledger
from arena.domain.battle import BattleState
from arena.domain.ids import BattleId, ModelName
from arena.domain.model import Model
from arena.store import battles, heads, ledger_rows, models, removals, rows
from arena.store.connections import Analytical, Connection
from arena.store.writing import stored_turns
from arena.store.writing.kept_turns import KeptTurns
from arena.store.writing.key_hashes import Presence
from arena.store.writing.opened_battles import OpenedBattles
from arena.store.writing.recent import Recent
from arena.store.writing.unique_keys import UniqueKeys
from arena.store.writing.vote_counts import VoteCounts

NEWEST = 512
"""Battles that are read when the file is opened."""


class Marks:
    """What changed since somebody looked. While a mark is the same, so is what it stands for; look at it first."""

    def __init__(self) -> None:
        self._now: dict[str, object] = {}

    def of(self, name: str) -> object:
        """The mark of a prompt set (`set NAME`), of `removals`, of `reports` and what was decided of them, and of what
        other processes did to `campaigns` and `models`, or decided of somebody's `standing`."""
        return self._now.setdefault(name, object())

    def change(self, name: str) -> None:
        """Something of that was written."""
        self._now[name] = object()


@dataclass(slots=True, kw_only=True)
class WriterCache:
    """Everything the next batch is decided against."""

    head: heads.WorkspaceHead
    line: ledger.Line | None
    """The ledger's last."""
    models: dict[ModelName, Model]
    unfinished: set[BattleId]
    stopped: set[BattleId]
    """Complete battles that their raters stopped since the start: a vote may be under way that knows nothing of it."""
    unique: UniqueKeys
    openers: Presence
    """Raters who ever opened a battle."""
    erased: set[str]
    """Hashes of the raters who were erased."""
    counts: VoteCounts
    recent: Recent
    turns: KeptTurns
    marks: Marks = field(default_factory=Marks)
    opened: OpenedBattles = field(default_factory=OpenedBattles)


def load(connection: Analytical) -> WriterCache:
    """Read it from the file; about two seconds for a million votes."""
    line = ledger_rows.last(connection)
    return WriterCache(
        head=head(connection, line),
        line=line,
        models={model.name: model for model in models.registered(connection)},
        unfinished=set(battles.unfinished(connection)),
        stopped=set(),
        unique=UniqueKeys.of(connection),
        openers=Presence.of(connection, "battles", "rater_id", distinct=True),
        erased=set(removals.erased(connection)),
        counts=VoteCounts.of(connection),
        recent=_recent(connection),
        turns=stored_turns.load(connection),
    )


def _recent(connection: Analytical) -> Recent:
    """The newest battles that wait for a vote: who asked them comes back after a restart."""
    kept = Recent()
    count = rows.number(connection, "SELECT count(*) FROM battles")
    for record in battles.newest(connection, count - NEWEST):
        if record.origin is None and record.state is BattleState.READY:
            kept.start(record)
    return kept


def head(connection: Connection, line: ledger.Line | None) -> heads.WorkspaceHead:
    """How much the tables hold."""
    return heads.WorkspaceHead(
        votes=line.sequence if line else 0,
        hash=line.hash if line else ledger.GENESIS,
        **{
            table: rows.number(connection, f"SELECT count(*) FROM {table}")
            for table in ("models", "battles", "responses", "voids", "releases")
        },
    )
