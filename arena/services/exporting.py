"""Exporting a release: select votes, write a hidden folder, record the release. One at a time, in a thread."""

import asyncio
import logging
import random
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from arena import __version__, exports
from arena.domain import ids
from arena.domain.ids import ReleaseId
from arena.domain.principal import Principal, Role
from arena.domain.selection import UNDETERMINED, Selection
from arena.errors import ArenaError, Conflict, InvalidValue, NotFound
from arena.exports.folder import id_tables
from arena.exports.personal import Recogniser
from arena.exports.proofs.signing import Signer
from arena.exports.writing import atomic_folder, packing, release
from arena.exports.writing.release_inputs import ReleaseFacts, RemovedVote
from arena.services import held_out, selecting
from arena.services.export import Export, ExportState
from arena.services.identity import demand
from arena.store import ledger, releases, removals, selection
from arena.store.releases import ReleaseSummary
from arena.store.workspace import Workspace
from arena.store.writing.commands import KeepClusters, RecordRelease

log = logging.getLogger(__name__)


class ExportStopped(Exception):
    """The arena is stopping, or the export is asked to."""


class Exporting:
    """Releases of one workspace."""

    def __init__(
        self,
        workspace: Workspace,
        name: str,
        directory: Path,
        secret: bytes,
        signer: Signer,
        chance: random.Random,
        now: Callable[[], datetime],
        names: Recogniser | None = None,
    ) -> None:
        self._workspace = workspace
        self._name = name
        self._directory = directory
        self._secret = secret
        self._signer = signer
        self._chance = chance
        self._now = now
        self._names = names
        self._exports: dict[ReleaseId, Export] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._one_at_a_time = asyncio.Lock()
        self._stopping = False

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(atomic_folder.remove_unfinished, self._directory)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._stopping = True
        await asyncio.gather(*self._tasks)

    async def start(self, principal: Principal, format_name: str, select: Mapping[str, Any]) -> Export:
        """Begin a release; it is visible in the releases folder only once it is whole. What earlier releases promised
        is asked here, to refuse at once, and again when it is built: another one may be recorded in between."""
        demand(principal, Role.TRAINER)
        chosen = check(format_name, select)
        await asyncio.to_thread(self._keep_promises, chosen)
        release_id = ReleaseId(ids.mint("rel", self._now(), self._chance))
        export = Export(release_id=release_id, format=format_name, directory=self._directory / release_id)
        self._exports[release_id] = export
        task = asyncio.create_task(self._run(export, chosen), name=release_id)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return export

    def find(self, principal: Principal, release_id: str) -> Export:
        """An export, finished or not."""
        demand(principal, Role.TRAINER)
        found = self._exports.get(ReleaseId(release_id)) or self._recorded(ReleaseId(release_id))
        if found is None:
            raise NotFound(f"There is no export {release_id}. Start one with POST /api/v1/exports.")
        return found

    def all(self, principal: Principal) -> tuple[list[ReleaseSummary], list[Export]]:
        """Releases that were recorded, oldest first, and the exports since the start that are none."""
        demand(principal, Role.TRAINER)
        with self._workspace.reading() as connection:
            recorded = releases.listed(connection)
        return recorded, [export for export in self._exports.values() if export.state is not ExportState.DONE]

    def listed(self, export: Export) -> ReleaseSummary | None:
        """What the list says of one release; None while it is none."""
        if export.state is not ExportState.DONE:
            return None
        with self._workspace.reading() as connection:
            return next((one for one in releases.listed(connection) if one.release_id == export.release_id), None)

    def left_since(self, export: Export) -> int:
        """Votes in a release that were erased or withdrawn after it was made: they must be dropped from it."""
        if export.state is not ExportState.DONE:
            return 0
        with self._workspace.reading() as connection:
            left = {vote_id for _, vote_id in removals.published(connection)}
        return sum(vote_id in left for vote_id in id_tables.vote_ids(export.directory)) if left else 0

    def stop(self, principal: Principal, release_id: str) -> Export:
        """Ask for an end of an export; it is over when its state says so, and leaves nothing."""
        export = self.find(principal, release_id)
        if export.state is not ExportState.BUILDING:
            raise Conflict(f"Export {release_id} is {export.state} already. A release that was made stays.")
        export.stopped = True
        return export

    def between(self) -> asyncio.Lock:
        """Held while no release is written."""
        return self._one_at_a_time

    @property
    def public_key(self) -> str:
        """What releases of this arena are checked with."""
        return self._signer.public_key

    def file(self, principal: Principal, release_id: str, name: str) -> Path:
        """A file of a finished release, by its path inside the release as the manifest lists it."""
        return self.find(principal, release_id).path(name)

    def archive(self, principal: Principal, release_id: str) -> tuple[str, Iterator[bytes]]:
        """A finished release as one zip: the name of the folder it unpacks to, and its bytes."""
        export = self.find(principal, release_id)
        listed = self.listed(export)
        if listed is None:
            raise NotFound(f"Export {release_id} is no release ({export.state}). GET /api/v1/exports lists them.")
        export.demand_whole()
        folder = f"release-{listed.number}"
        return folder, packing.zipped(export.directory, folder)

    def _keep_promises(self, chosen: Selection) -> None:
        with self._workspace.reading() as connection:
            held_out.refuse_to_break(chosen, releases.promises(connection))

    def _recorded(self, release_id: ReleaseId) -> Export | None:
        """A release of this workspace as it was recorded."""
        with self._workspace.reading() as connection:
            recorded = releases.load(connection, release_id)
        if recorded is None:
            return None
        return Export(
            release_id=release_id,
            format=recorded.format,
            directory=self._directory / release_id,
            state=ExportState.DONE,
            battles=recorded.manifest["counts"]["battles"],
            manifest=recorded.manifest,
        )

    async def _run(self, export: Export, chosen: Selection) -> None:
        def progress(battles: int) -> None:
            export.battles = battles
            if self._stopping or export.stopped:
                raise ExportStopped

        async with self._one_at_a_time:
            try:
                progress(0)
                export.manifest = await asyncio.to_thread(
                    build,
                    self._workspace,
                    self._name,
                    export.directory,
                    export.format,
                    chosen,
                    self._secret,
                    self._signer,
                    export.release_id,
                    progress,
                    self._names,
                )
                command = RecordRelease(
                    release_id=export.release_id, format=export.format, manifest=export.manifest, created_at=self._now()
                )
                with atomic_folder.kept_if_all_goes_well(export.directory):
                    await asyncio.wrap_future(self._workspace.submit(command))
                export.state = ExportState.DONE
            except ExportStopped:
                why = "The arena stopped. Start the export again." if self._stopping else "It was stopped."
                export.state, export.problem = ExportState.FAILED, f"{why} No release was made."
            except InvalidValue as error:  # what was asked for, not what the arena did
                log.warning("release %s was refused: %s", export.release_id, error)
                export.state, export.problem = ExportState.FAILED, f"{error} No release was made."
            except (ArenaError, OSError) as error:
                log.exception("release %s failed", export.release_id)
                export.state, export.problem = ExportState.FAILED, f"{error} No release was made."


def check(format_name: str, select: Mapping[str, Any]) -> Selection:
    """Read a selection. Refuses it, or a format that does not exist, before anything is read."""
    exports.named(format_name)
    return Selection.from_mapping(select)


def build(
    workspace: Workspace,
    name: str,
    directory: Path,
    format_name: str,
    chosen: Selection,
    secret: bytes,
    signer: Signer,
    release_id: ReleaseId,
    progress: Callable[[int], None] | None = None,
    names: Recogniser | None = None,
    noted: Path | None = None,
) -> dict[str, Any]:
    """Write a release folder from one consistent reading of the workspace; returns its manifest."""
    with (
        workspace.reading() as connection,
        selection.frugal(connection),
        selection.Ahead(connection) as ahead,
    ):
        held_out.refuse_to_break(chosen, releases.promises(connection))
        known = selecting.asked_of(connection, chosen)
        facts = ReleaseFacts(
            release_id=release_id,
            selection=chosen,
            known=known,
            ledger_head=ledger.head(connection),
            code_version=__version__,
            workspace=name,
            rater_secret=secret,
            signer=signer,
            lines=ahead.lines,
            removed=[
                RemovedVote(
                    battle_id=left.battle_id,
                    vote_id=left.vote_id,
                    removal_id=left.removal_id,
                    kind=left.kind,
                    line=left.line,
                )
                for left in removals.listed(connection)
            ],
            names=names,
            license=chosen.license,
            languages=tuple(code for code in chosen.languages if code != UNDETERMINED),
        )
        manifest = release.write(directory, format_name, ahead.records(), facts, progress, noted)
    if known.clusters is not None and known.clusters.new:
        with atomic_folder.kept_if_all_goes_well(directory):
            workspace.submit(KeepClusters(founders=known.clusters.new)).result()
    return manifest.to_dict()
