"""Every service of one workspace, opened and closed together."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from arena import settings as configuration
from arena.campaign_settings import CampaignSettings
from arena.domain.model import Model
from arena.exports.personal import names as recognisers
from arena.inference.client import ModelClient
from arena.services import campaigns, open_workspace, paths
from arena.services.backups import Backups
from arena.services.battling import Battling
from arena.services.boards import Boards
from arena.services.consenting import Consenting
from arena.services.contestants import Contestants
from arena.services.contributing import Contributing
from arena.services.exporting import Exporting
from arena.services.health import Health
from arena.services.identity import Identity
from arena.services.importing import Importing
from arena.services.media_folder import MediaFolder
from arena.services.probing import Probing
from arena.services.prompt_sets import PromptSets
from arena.services.proving import Proving
from arena.services.reporting import Reporting
from arena.services.roster import Roster
from arena.services.selecting import Selecting
from arena.services.settling import Settling
from arena.services.tasks import Tasks
from arena.services.voting import Voting
from arena.services.withdrawing import Withdrawing
from arena.services.workspace_rules import WorkspaceRules
from arena.settings import Limits, Settings
from arena.store.instance import Instance
from arena.store.workspace import Workspace
from arena.store.writing.commands import AddModels


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """What can be done, by whom, in one workspace."""

    name: str
    rules: WorkspaceRules
    workspace: Workspace
    identity: Identity
    battling: Battling
    voting: Voting
    tasks: Tasks
    reporting: Reporting
    boards: Boards
    contestants: Contestants
    exporting: Exporting
    importing: Importing
    prompt_sets: PromptSets
    selecting: Selecting
    proving: Proving
    contributing: Contributing
    settling: Settling
    consenting: Consenting
    withdrawing: Withdrawing
    health: Health
    backups: Backups
    media: MediaFolder


@asynccontextmanager
async def opened(settings: Settings, instance: Instance, name: str, models: Sequence[Model]) -> AsyncIterator[Services]:
    """Open a workspace, register its models and start its services; close it all on the way out.

    `[campaign]` is of the workspace of the configuration, as its models are: it names sets, models and questions of
    one lab.
    """
    if name != settings.workspace:
        settings = settings.model_copy(update={"campaign": CampaignSettings()})
    recogniser = recognisers.load(configuration.name_recogniser(settings.name_recogniser))
    async with AsyncExitStack() as exits:
        here = exits.enter_context(open_workspace.opened(settings.data_dir, name, recogniser))
        here.store.submit(AddModels(models=tuple(models), added_at=here.now())).result()
        client = await exits.enter_async_context(
            ModelClient(settings.deadlines, connections=_connections(settings.limits))
        )
        campaign = campaigns.configured(settings.campaign)
        taking_part = Roster.of(())  # `Contestants` takes them on
        probing = await exits.enter_async_context(Probing(client, taking_part))
        rules = WorkspaceRules(instance, name, settings)
        battling = Battling(here, client, taking_part, probing, settings, rules)
        await exits.enter_async_context(battling)
        contestants = Contestants(here, client, battling, rules, settings, models)
        tasks = Tasks(here, campaign, battling)
        exporting = await exits.enter_async_context(Exporting(here))
        importing = await exits.enter_async_context(Importing(here))
        prompt_sets = await exits.enter_async_context(PromptSets(here, settings.limits.media_bytes))
        withdrawing = await exits.enter_async_context(Withdrawing(here, exporting, instance.accounts))
        yield Services(
            name=name,
            rules=rules,
            workspace=here.store,
            identity=Identity(instance, here.secret, name, here.chance, withdrawing.gone),
            battling=battling,
            voting=Voting(here, campaign),
            tasks=tasks,
            reporting=Reporting(here, tasks),
            boards=Boards(here.store, here.pseudonyms, rules),
            contestants=contestants,
            exporting=exporting,
            importing=importing,
            prompt_sets=prompt_sets,
            selecting=Selecting(here.store, paths.selections_path(settings.data_dir, name), recogniser),
            consenting=Consenting(here),
            withdrawing=withdrawing,
            contributing=Contributing(here),
            proving=Proving(here),
            settling=Settling(here),
            health=Health(here.store, battling, client, taking_part, campaign.answers),
            backups=Backups(here.store, here.signer),
            media=here.media,
        )


def _connections(limits: Limits) -> int:
    """The most one server is asked for at once: both sides of every live battle, and as many probes."""
    return 4 * limits.live_battles
