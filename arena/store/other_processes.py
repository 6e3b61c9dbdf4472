"""What processes that share a workspace settle among themselves beside its rows: who does a work that one at a time may
do, and how far the jobs of each have come. A DuckDB file has one process, and so nothing to settle.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class NotedJob:
    """A job as its process noted it."""

    document: str
    """JSON; what is in it is the services' matter."""
    alive: bool
    """Whether its process gives signs."""
    told: Sequence[str] = ()
    """Its sentences, where one job is asked for."""


class OtherProcesses(Protocol):
    """The others, as one process sees them. All may raise `Overloaded` while they cannot be asked."""

    shared: bool
    """Whether there may be any."""

    def take(self, work: str) -> bool:
        """Whether this process does a work from now on, until `free` or its end: no other does it then."""

    def free(self, work: str) -> None:
        """Do it no more."""

    def done(self, work: str) -> int:
        """The round of a work that was done last, by whomever; -1 before the first."""

    def finish(self, work: str, done: int) -> None:
        """Note that a round is done. For who has taken the work."""

    def note(
        self, kind: str, job_id: str, document: str, told: Sequence[str] = (), before: int = 0, *, over: bool = False
    ) -> None:
        """Let the others know how far a job of this process has come, and whether it is over; `told` are its sentences
        from number `before` on: those before are known. What waits or runs is kept, and of what is over the newest."""

    def noted(self, kind: str) -> Sequence[NotedJob]:
        """The jobs of a kind that are kept, of every process, oldest first."""

    def find(self, kind: str, job_id: str) -> NotedJob | None:
        """One of them."""

    def ask_to_stop(self, job_id: str) -> None:
        """Ask the process of a job to end it."""

    def asked_to_stop(self, job_id: str) -> bool:
        """Whether anybody did."""

    def close(self) -> None:
        """Ask nothing any more."""


class NoOthers:
    """This process is the only one."""

    shared = False

    def take(self, work: str) -> bool:
        return True

    def free(self, work: str) -> None:
        return

    def done(self, work: str) -> int:
        return -1

    def finish(self, work: str, done: int) -> None:
        return

    def note(
        self, kind: str, job_id: str, document: str, told: Sequence[str] = (), before: int = 0, *, over: bool = False
    ) -> None:
        return

    def noted(self, kind: str) -> Sequence[NotedJob]:
        return ()

    def find(self, kind: str, job_id: str) -> NotedJob | None:
        return None

    def ask_to_stop(self, job_id: str) -> None:
        return

    def asked_to_stop(self, job_id: str) -> bool:
        return False

    def close(self) -> None:
        return


ALONE = NoOthers()
