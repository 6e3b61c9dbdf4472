"""How many battles each campaign got, so that who counted its places can be told whether others took them meanwhile."""

from collections import Counter
from dataclasses import dataclass


class OpenedBattles:
    """Counts since this was made. Where the writer's memory is read anew it is made anew, and comparing is over."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def add(self, campaign: str) -> None:
        """A battle was opened."""
        self._counts[campaign] += 1

    def of(self, campaign: str) -> "OpenedSoFar":
        """How it stands now."""
        return OpenedSoFar(counted_by=self, count=self._counts[campaign])

    def since(self, seen: "OpenedSoFar", campaign: str) -> int | None:
        """How many were opened since; None where nobody knows."""
        return self._counts[campaign] - seen.count if seen.counted_by is self else None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedSoFar:
    """The battles of one campaign at a moment."""

    counted_by: OpenedBattles
    count: int
