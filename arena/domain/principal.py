"""Who acts: every action of a service is done by a principal."""

from dataclasses import dataclass
from enum import StrEnum

from arena.domain.ids import RaterId
from arena.domain.vote import RaterKind


class Role(StrEnum):
    """A rater votes; a lab reads boards; a trainer exports; an admin does all of it and issues tokens."""

    RATER = "rater"
    LAB = "lab"
    TRAINER = "trainer"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Who asks, in which role, inside which workspace."""

    id: str
    """A rater's id, or the id of the token."""
    role: Role
    workspace: str
    kind: RaterKind = RaterKind.PERSON
    """What acts: a program where a token came instead of a cookie."""

    @property
    def rater_id(self) -> RaterId:
        """The id under which this principal's battles and votes are recorded."""
        return RaterId(self.id)
