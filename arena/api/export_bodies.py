"""Bodies of the requests about releases, and of their answers."""

from typing import Annotated, Any, Literal

from pydantic import Field

from arena.api import said
from arena.api.bodies import Body
from arena.api.select_schema import Select
from arena.exports import FORMATS
from arena.exports.writing import packing
from arena.services import proving
from arena.services.export import Export
from arena.services.jobs import JobState
from arena.store.releases import ReleaseSummary

ExportState = Literal["building", "done", "failed"]
STATES: dict[JobState, ExportState] = {JobState.RUNNING: "building", JobState.DONE: "done", JobState.FAILED: "failed"}


class ExportRequest(Body):
    """What to export, and in which format."""

    format: Annotated[str, said.one_of(FORMATS)]
    select: Select = Field(default_factory=dict)


class Entry(Body):
    """One release or unfinished export in the list."""

    release_id: str
    format: str
    state: ExportState
    number: int | None
    """Of a release, from 1 in the order made."""
    rows: int | None
    created_at: str | None
    battles: int | None
    """Read so far, while it is no release."""
    problem: str | None


class EntryList(Body):
    exports: list[Entry]
    next: int | None


class Status(Body):
    """How far an export is; its manifest and files once it is done."""

    release_id: str
    format: str
    state: ExportState
    number: int | None
    created_at: str | None
    battles: int
    problem: str | None
    manifest: dict[str, Any] | None
    manifest_sha256: str | None
    files: list[str]
    left_since: int
    """Votes in it that were erased or withdrawn after it was made; build a new release."""


class PublicKey(Body):
    """What a release is checked with: `arena release verify DIR --key KEY`."""

    algorithm: str
    key: str


class Inclusion(Body):
    """A `proof/1` document; the rest only for the rater of the vote."""

    proof: dict[str, Any]
    contributor: str | None
    salt: str | None
    content: dict[str, Any] | None


def entries(recorded: list[ReleaseSummary], others: list[Export]) -> list[Entry]:
    """Releases, oldest first, then what is none."""
    return [*map(_recorded, recorded), *map(_unfinished, others)]


def status(export: Export, listed: ReleaseSummary | None, left_since: int = 0) -> Status:
    """How far an export has come. One that ended after the list was asked has no number here, so it is not done yet."""
    ended_since = listed is None and export.state is JobState.DONE
    return Status(
        release_id=export.release_id,
        format=export.format,
        state=STATES[JobState.RUNNING if ended_since else export.state],
        number=None if listed is None else listed.number,
        created_at=None if listed is None else listed.created_at.isoformat(),
        battles=export.battles,
        problem=export.problem,
        manifest=export.manifest,
        manifest_sha256=None if listed is None else packing.manifest_sha256(export.directory),
        files=[] if listed is None else list(export.files),
        left_since=left_since,
    )


def inclusion(found: proving.Inclusion, contributor: bool) -> Inclusion:
    """A proof as it is sent."""
    return Inclusion(
        proof=found.proof.to_dict(),
        contributor=found.contributor if contributor else None,
        salt=found.salt,
        content=found.content,
    )


def _recorded(release: ReleaseSummary) -> Entry:
    return Entry(
        release_id=release.release_id,
        format=release.format,
        state="done",
        number=release.number,
        rows=release.rows,
        created_at=release.created_at.isoformat(),
        battles=None,
        problem=None,
    )


def _unfinished(export: Export) -> Entry:
    return Entry(
        release_id=export.release_id,
        format=export.format,
        state=STATES[export.state],
        number=None,
        rows=None,
        created_at=None,
        battles=export.battles,
        problem=export.problem,
    )
