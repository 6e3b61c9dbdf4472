"""Where the writer's batches go: what a database has to give it. `file_transactions` is that of a DuckDB file."""

from collections.abc import Collection
from typing import Protocol

from arena.domain.ids import BattleId
from arena.store.connections import Connection
from arena.store.heads import WorkspaceHead
from arena.store.writing.vote_counts import VoteCounts
from arena.store.writing.writer_cache import WriterCache


class Again(Exception):
    """Nothing of the transaction is there, and it may be done once more."""


class DurableRows(Protocol):
    """The rows of a transaction, as the writer's batch has them."""

    @property
    def begun(self) -> Collection[BattleId]:
        """Battles that this process writes from now on."""

    @property
    def ended(self) -> Collection[BattleId]:
        """Battles that nobody writes any more: they have their answers, or are void."""

    def remember(self) -> WorkspaceHead:
        """Take over what is now durable; the head after it."""


class Transactions(Protocol):
    """One transaction after another, by one thread, and what is known between them."""

    shared: bool
    """Whether other processes write, too."""
    unfit: tuple[type[BaseException], ...]
    """What the database raises where one command's values are not for it."""

    @property
    def known(self) -> WriterCache:
        """What is kept in memory as of the last commit; inside a transaction, as of its beginning."""

    @property
    def looking(self) -> Connection:
        """For look-ups, inside a transaction."""

    @property
    def writing(self) -> Connection:
        """For the rows of a transaction."""

    def counted(self) -> VoteCounts:
        """The votes, counted anew. After a commit."""

    def left(self, unfinished: Collection[BattleId]) -> Collection[BattleId]:
        """Those of these battles that no other process writes. Inside a transaction."""

    def has_work(self, work: str) -> bool:
        """Whether this process does a work of `OtherProcesses`, until the end of the transaction. Inside it."""

    def begin(self) -> None:
        """Begin a transaction."""

    def commit(self, written: DurableRows) -> None:
        """Make durable what was written, and remember it."""

    def rollback(self) -> None:
        """Take the transaction back."""

    def unfit_told(self, error: BaseException) -> BaseException:
        """What is told of a command whose values are not for the database."""

    def recovered(self, error: BaseException) -> Exception | None:
        """After an error that speaks of no command: what those who wait are told where the writer may go on, with
        nothing of the transaction there. None: it has to stop."""

    @property
    def patience(self) -> float | None:
        """Seconds without a command after which `rest` is worth while; None: never."""

    def rest(self, *, idle: bool) -> None:
        """What is to be done between transactions."""

    def close(self) -> None:
        """Let go of the database."""
