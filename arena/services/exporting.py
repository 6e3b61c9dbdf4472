"""Exporting a release: select votes, write a hidden folder, record the release. One at a time, in a thread."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from arena import __version__, exports
from arena.domain import ids
from arena.domain.ids import ReleaseId
from arena.domain.permission import Permission
from arena.domain.principal import Principal
from arena.domain.selection import UNDETERMINED, Selection
from arena.errors import Conflict, NotFound
from arena.exports.folder import id_tables
from arena.exports.writing import atomic_folder, packing, plain, release
from arena.exports.writing.release_inputs import ReleaseFacts, RemovedVote
from arena.services import held_out, one_campaign, selecting
from arena.services.aliases import Aliases
from arena.services.export import Export
from arena.services.jobs import Jobs, JobState
from arena.services.open_workspace import OpenWorkspace
from arena.services.permitting import demand
from arena.store import findings, ledger, models, releases, removals, selection
from arena.store.releases import ReleaseSummary
from arena.store.writing.commands import KeepClusters, RecordRelease

WHAT_THEN = "No release was made."
"""Told of an export that failed or was stopped."""
WORK = "exports"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A release that is to be made."""

    release_id: ReleaseId
    format: str
    selection: Selection


class Exporting:
    """Releases of one workspace."""

    def __init__(self, here: OpenWorkspace, aliases: Aliases) -> None:
        self._here = here
        self._aliases = aliases
        self._workspace = here.store
        self._jobs = Jobs[Export](WHAT_THEN, WORK, here.store.others, self._told)

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(atomic_folder.remove_unfinished, self._here.releases)
        await asyncio.to_thread(self._here.folder.share_all)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._jobs.__aexit__()

    async def start(self, principal: Principal, format_name: str, select: Mapping[str, Any]) -> Export:
        """Begin a release; it is visible in the releases folder only once it is whole. What earlier releases promised
        is asked here, to refuse at once, and again when it is built: another one may be recorded in between."""
        demand(principal, Permission.EXPORT)
        models = await asyncio.to_thread(self._models)
        select = self._aliases.within(principal, one_campaign.within(principal, select), models)
        wanted = order(self._here, format_name, Selection.from_mapping(select))
        await asyncio.to_thread(self._keep_promises, wanted.selection)
        directory = self._here.releases / wanted.release_id
        export = Export(job_id=wanted.release_id, format=format_name, directory=directory, select=select)

        def read(battles: int) -> None:
            export.battles = battles
            export.check()

        def work() -> None:
            export.manifest = export_once(self._here, wanted, read)

        started = self._jobs.start(export, work)
        await asyncio.to_thread(self._here.note, principal, f"began release as {format_name}", wanted.release_id)
        return started

    def find(self, principal: Principal, release_id: str) -> Export:
        """An export, finished or not."""
        demand(principal, Permission.EXPORT)
        found = self._jobs.find(release_id) or self._recorded(ReleaseId(release_id)) or self._jobs.elsewhere(release_id)
        if found is None or not self._may_know(principal, found):
            raise NotFound(f"There is no export {release_id}. Start one with POST /api/v1/exports.")
        return found

    async def kept(self, principal: Principal, release_id: str) -> Export:
        """The same, with the files of a finished one in the folder of this process."""
        found = await asyncio.to_thread(self.find, principal, release_id)
        if found.state is JobState.DONE:
            await asyncio.to_thread(self._here.folder.bring, found.release_id)
        return found

    def all(self, principal: Principal) -> tuple[list[ReleaseSummary], list[Export]]:
        """Releases that were recorded, oldest first, and the exports since the start that are none."""
        demand(principal, Permission.EXPORT)
        with self._workspace.reading() as connection:
            recorded = releases.listed(connection)
        unfinished = [export for export in self._jobs.all() if export.state is not JobState.DONE]
        if principal.campaign is not None:
            own = {one.release_id for one in recorded if self._is_of(principal, one.release_id)}
            recorded = [one for one in recorded if one.release_id in own]
            unfinished = [one for one in unfinished if one_campaign.may_know(principal, self._selection(one))]
        return recorded, unfinished

    def listed(self, export: Export) -> ReleaseSummary | None:
        """What the list says of one release; None while it is none."""
        if export.state is not JobState.DONE:
            return None
        with self._workspace.reading() as connection:
            return next((one for one in releases.listed(connection) if one.release_id == export.release_id), None)

    def left_since(self, export: Export) -> int:
        """Votes in a release that were erased or withdrawn after it was made: they must be dropped from it."""
        if export.state is not JobState.DONE:
            return 0
        with self._workspace.reading() as connection:
            left = {vote_id for _, vote_id in removals.published(connection)}
        return sum(vote_id in left for vote_id in id_tables.vote_ids(export.directory)) if left else 0

    def stop(self, principal: Principal, release_id: str) -> Export:
        """Ask for an end of an export; it is over when its state says so, and leaves nothing."""
        export = self.find(principal, release_id)
        if export.state is JobState.DONE:
            raise Conflict(f"Export {release_id} is done already. A release that was made stays.")
        self._jobs.stop(export)
        self._here.note(principal, "stopped release", release_id)
        return export

    def between(self) -> AbstractAsyncContextManager[None]:
        """Held while no release is written, at any process."""
        return self._jobs.between()

    async def bring_all(self) -> None:
        """Have everything that other processes keep in the folder of this one, for a copy of all."""
        await asyncio.to_thread(self._here.folder.bring_all)

    @property
    def public_key(self) -> str:
        """What releases of this arena are checked with."""
        return self._here.signer.public_key

    async def file(self, principal: Principal, release_id: str, name: str) -> Path:
        """A file of a finished release, by its path inside the release as the manifest lists it."""
        return (await self.kept(principal, release_id)).path(name)

    async def archive(self, principal: Principal, release_id: str) -> tuple[Export, str, Iterator[bytes]]:
        """A finished release as one zip, with the name of the folder it unpacks to, and its bytes."""
        export = await self.kept(principal, release_id)
        listed = await asyncio.to_thread(self.listed, export)
        if listed is None:
            raise NotFound(f"Export {release_id} is no release ({export.state}). GET /api/v1/exports lists them.")
        export.demand_whole()
        folder = f"release-{listed.number}"
        return export, folder, packing.zipped(export.directory, folder)

    def _keep_promises(self, chosen: Selection) -> None:
        with self._workspace.reading() as connection:
            held_out.refuse_to_break(chosen, releases.promises(connection))

    def _may_know(self, principal: Principal, export: Export) -> bool:
        told = self._aliases.may_know(principal, export.manifest or self._selection(export))
        return told and one_campaign.may_know(principal, self._selection(export))

    def _models(self) -> list[str]:
        with self._workspace.reading() as connection:
            return [model.name for model in models.registered(connection)]

    def _is_of(self, principal: Principal, release_id: ReleaseId) -> bool:
        found = self._recorded(release_id)
        return found is not None and one_campaign.may_know(principal, self._selection(found))

    def _selection(self, export: Export) -> Mapping[str, Any]:
        """What an export was asked for; a release says it itself."""
        return export.select if export.manifest is None else export.manifest["selection"]

    def _told(self, told: Mapping[str, Any]) -> Export:
        """What another process makes, as it said."""
        return Export(**told, directory=self._here.releases / told["job_id"])

    def _recorded(self, release_id: ReleaseId) -> Export | None:
        """A release of this workspace as it was recorded."""
        with self._workspace.reading() as connection:
            recorded = releases.load(connection, release_id)
        if recorded is None:
            return None
        return Export(
            job_id=release_id,
            format=recorded.format,
            directory=self._here.releases / release_id,
            state=JobState.DONE,
            battles=recorded.manifest["counts"]["battles"],
            manifest=recorded.manifest,
        )


def order(here: OpenWorkspace, format_name: str, chosen: Selection) -> Order:
    """A release under a new id. Refuses a format that does not exist before anything is read."""
    exports.named(format_name)
    release_id = ReleaseId(ids.mint("rel", here.now(), here.chance))
    return Order(release_id=release_id, format=format_name, selection=chosen)


def export_once(
    here: OpenWorkspace, wanted: Order, progress: Callable[[int], None] | None = None, out: Path | None = None
) -> dict[str, Any]:
    """Make a release and record it; returns its manifest. Without a record nothing of it stays.

    `out` is a folder of somebody's own for it; then only what proofs need is kept among the releases.
    """
    kept = here.releases / wanted.release_id
    manifest = build(here, wanted, kept if out is None else out, progress)
    with atomic_folder.kept_if_all_goes_well(kept, out or kept):
        if out is not None:
            release.keep_ids(out, kept, wanted.release_id, here.signer)
        here.folder.share(wanted.release_id, WORK)
        record = RecordRelease(
            release_id=wanted.release_id,
            format=wanted.format,
            manifest=manifest,
            created_at=here.now(),
            work=WORK,
        )
        here.store.submit(record).result()
    return manifest


def build(
    here: OpenWorkspace, wanted: Order, directory: Path, progress: Callable[[int], None] | None = None
) -> dict[str, Any]:
    """Write a release folder from one consistent reading of the workspace; returns its manifest."""
    chosen = wanted.selection
    with (
        here.store.scanning() as connection,
        selection.frugal(connection),
        selection.Ahead(connection) as ahead,
    ):
        held_out.refuse_to_break(chosen, releases.promises(connection))
        known = selecting.asked_of(connection, chosen)
        facts = ReleaseFacts(
            release_id=wanted.release_id,
            selection=chosen,
            known=known,
            ledger_head=ledger.head(connection),
            code_version=__version__,
            workspace=here.name,
            name_key=here.name_key,
            signer=here.signer,
            lines=ahead.lines,
            openers=ahead.openers,
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
            names=here.recogniser,
            policy=findings.policy_version(connection),
            license=chosen.license,
            languages=tuple(code for code in chosen.languages if code != UNDETERMINED),
        )
        as_columns = plain.suffice(exports.named(wanted.format), chosen)
        records = ahead.plain_first(known.private) if as_columns else ahead.records()
        manifest = release.write(directory, wanted.format, records, facts, progress, here.releases)
    if known.clusters is not None and known.clusters.new:
        with atomic_folder.kept_if_all_goes_well(directory):
            here.store.submit(KeepClusters(founders=known.clusters.new)).result()
    return manifest.to_dict()
