"""The running arena: every service, opened and closed together."""

import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from arena import settings as configuration
from arena.domain import wording
from arena.errors import SettingsError
from arena.exports.personal import names as recognisers
from arena.inference.client import ModelClient
from arena.services import clock, identity, old_layout, paths, roster
from arena.services.backups import Backups
from arena.services.battling import Battling
from arena.services.boards import Boards
from arena.services.consenting import Consenting
from arena.services.contributing import Contributing
from arena.services.exporting import Exporting
from arena.services.fair_shares import FairShares
from arena.services.health import Health
from arena.services.identity import Identity
from arena.services.importing import Importing
from arena.services.probing import Probing
from arena.services.proving import Proving
from arena.services.pseudonyms import Pseudonyms
from arena.services.roster import Roster
from arena.services.selecting import Selecting
from arena.services.settling import Settling
from arena.services.voting import Voting
from arena.services.withdrawing import Withdrawing
from arena.settings import Limits, Settings
from arena.store.instance import Instance
from arena.store.workspace import Workspace
from arena.store.writing.commands import AddModels


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """What can be done, by whom, in one workspace."""

    settings: Settings
    workspace: Workspace
    identity: Identity
    shares: FairShares
    battling: Battling
    voting: Voting
    boards: Boards
    exporting: Exporting
    importing: Importing
    selecting: Selecting
    proving: Proving
    contributing: Contributing
    settling: Settling
    consenting: Consenting
    withdrawing: Withdrawing
    health: Health
    backups: Backups
    new_admin_token: Path | None
    """Where the admin token was written, on first start only."""


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Services]:
    """Open the data, register the models and start the services; close it all on the way out."""
    contestants = roster.configured(settings)
    if len(contestants) < 2:
        raise SettingsError(
            f"{wording.counted(len(contestants), 'model')} configured, and a battle needs two; add [[models]]."
        )
    chance = random.SystemRandom()
    data_dir = settings.data_dir
    paths.make_private(data_dir)
    async with AsyncExitStack() as exits:
        old_layout.bring_over(data_dir)
        instance = exits.enter_context(Instance.open(paths.instance_path(data_dir)))
        workspace = exits.enter_context(Workspace.open(paths.workspace_path(data_dir, settings.workspace)))
        workspace.submit(AddModels(models=tuple(contestants))).result()
        new_admin_token = identity.first_admin_token(data_dir, instance, settings.workspace, clock.now())
        secret = identity.signing_secret(data_dir)
        pseudonyms = Pseudonyms(secret, settings.workspace)
        client = await exits.enter_async_context(
            ModelClient(settings.deadlines, connections=_connections(settings.limits))
        )
        signer = identity.release_signer(data_dir, settings.workspace)
        releases = paths.releases_path(data_dir, settings.workspace)
        names = recognisers.load(configuration.name_recogniser(settings.name_recogniser))
        exporting = Exporting(workspace, settings.workspace, releases, secret, signer, chance, clock.now, names)
        taking_part = Roster.of(contestants)
        probing = await exits.enter_async_context(Probing(client, taking_part))
        battling = Battling(
            workspace, client, taking_part, probing, settings.deadlines, settings.limits, chance, clock.now
        )
        await exits.enter_async_context(battling)
        await exits.enter_async_context(exporting)
        importing = await exits.enter_async_context(Importing(workspace, chance, clock.now))
        withdrawing = Withdrawing(workspace, exporting, releases, signer, pseudonyms, chance, clock.now)
        await exits.enter_async_context(withdrawing)
        yield Services(
            settings=settings,
            workspace=workspace,
            identity=Identity(instance, secret, settings.workspace, chance, withdrawing.gone),
            shares=FairShares(settings.limits, battling.is_live),
            battling=battling,
            voting=Voting(workspace, signer, chance, clock.now),
            boards=Boards(workspace, pseudonyms, public=settings.public_board),
            exporting=exporting,
            importing=importing,
            selecting=Selecting(workspace, data_dir, names),
            consenting=Consenting(workspace, chance, clock.now),
            withdrawing=withdrawing,
            contributing=Contributing(workspace, releases, signer),
            proving=Proving(workspace, settings.workspace, releases, secret),
            settling=Settling(workspace, chance, clock.now),
            health=Health(workspace, battling, client, contestants),
            backups=Backups(workspace, signer),
            new_admin_token=new_admin_token,
        )


def _connections(limits: Limits) -> int:
    """The most one server is asked for at once: both sides of every live battle, and as many probes."""
    return 4 * limits.live_battles
