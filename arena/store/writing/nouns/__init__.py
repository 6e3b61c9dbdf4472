"""What one transaction adds, a noun a file: each decides commands, writes its rows, and remembers what became durable.

A noun knows those that are decided before it: a vote asks the battles of the same transaction, a battle asks nobody.
"""

from typing import Any, ClassVar, Protocol

from arena.domain.assignment import Assignment
from arena.domain.ids import ReportId
from arena.domain.ledger import Line
from arena.domain.qualification import QualificationResult
from arena.store.connections import Connection
from arena.store.writing import commands

Result = (
    commands.CastResult
    | commands.DurableRemoval
    | commands.Chosen
    | commands.Settled
    | commands.ModelChanged
    | commands.CampaignChanged
    | commands.StandingDecided
    | tuple[commands.HeldBack, ...]
    | commands.CampaignSettled
    | Assignment
    | Line
    | QualificationResult
    | ReportId
    | int
    | None
)


class Noun(Protocol):
    """The rows of one kind that a transaction adds."""

    takes: ClassVar[tuple[type, ...]]
    """Prepared commands that this noun decides."""

    def decide(self, command: Any) -> Result:
        """The result of a command that is accepted. Raises an `ArenaError` for one that is not, which adds nothing."""

    @property
    def empty(self) -> bool:
        """Whether there is nothing to write."""

    def write(self, connection: Connection) -> None:
        """Add the rows, inside the transaction of the connection."""

    def remember(self) -> None:
        """Take over what is now durable into the writer's memory."""
