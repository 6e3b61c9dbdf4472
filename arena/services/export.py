"""One export, as far as it has come."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from arena.domain.ids import ReleaseId
from arena.errors import NotFound
from arena.exports.writing import packing
from arena.services.jobs import Job, JobState

GONE = "Its texts are no longer kept here: it was made elsewhere, or a rater was erased. What proofs need is."


@dataclass(slots=True, kw_only=True)
class Export(Job):
    """One export, as far as it has come."""

    format: str
    directory: Path
    battles: int = 0
    """Read so far."""
    manifest: dict[str, Any] | None = None
    select: Mapping[str, Any] = field(default_factory=dict)
    """What was asked for."""

    def document(self) -> dict[str, Any]:
        """What other processes are told of it: they know the folder, and the manifest once it is recorded."""
        return {name: value for name, value in Job.document(self).items() if name not in ("directory", "manifest")}

    @property
    def release_id(self) -> ReleaseId:
        """What the release is called, once it is one."""
        return ReleaseId(self.job_id)

    @property
    def files(self) -> tuple[str, ...]:
        """The paths inside a finished release; empty before that."""
        return packing.names(self.directory) if self.state is JobState.DONE else ()

    def path(self, name: str) -> Path:
        """Where a file of it is, by its path inside the release."""
        if name in self.gone:
            raise NotFound(f"{name} of release {self.release_id} is not here. {GONE}")
        if name not in self.files:
            raise NotFound(f"Release {self.release_id} has no file {name}; its manifest lists them.")
        return self.directory / name

    def demand_whole(self) -> None:
        """Raise when a file of a release is gone: what is left cannot be verified or trained with."""
        if self.gone:
            raise NotFound(f"Release {self.release_id} cannot be packed. {GONE}")

    @property
    def gone(self) -> frozenset[str]:
        """The files its manifest lists that are not here: a rater was erased, or it was written elsewhere."""
        listed = (self.manifest or {}).get("files", ())
        return frozenset(file["path"] for file in listed) - frozenset(self.files)
