"""One export, as far as it has come."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from arena.domain.ids import ReleaseId
from arena.exports import packing


class ExportState(StrEnum):
    """Where an export is."""

    BUILDING = "building"
    DONE = "done"
    FAILED = "failed"


@dataclass(slots=True, kw_only=True)
class Export:
    """One export, as far as it has come."""

    release_id: ReleaseId
    format: str
    directory: Path
    state: ExportState = ExportState.BUILDING
    battles: int = 0
    """Read so far."""
    stopped: bool = False
    """Somebody asked for an end of it."""
    problem: str | None = None
    manifest: dict[str, Any] | None = None

    @property
    def files(self) -> tuple[str, ...]:
        """The paths inside a finished release; empty before that."""
        return packing.names(self.directory) if self.state is ExportState.DONE else ()
