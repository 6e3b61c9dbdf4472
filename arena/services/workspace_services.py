"""Every service of one workspace, opened and closed together."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractContextManager, AsyncExitStack, ExitStack, asynccontextmanager
from dataclasses import dataclass

from arena import settings as configuration
from arena.domain import holding_policy
from arena.domain.holding_policy import HoldingPolicy
from arena.domain.model import Model
from arena.exports.personal import names as recognisers
from arena.inference.client import ModelClient
from arena.services import campaigns, open_workspace, paths
from arena.services.admission import Admission
from arena.services.aliases import Aliases
from arena.services.appealing import Appealing
from arena.services.asking_sql import AskingSql
from arena.services.audit_log import AuditLog
from arena.services.auditing import Auditing
from arena.services.backups import Backups
from arena.services.battle_draws import BattleDraws
from arena.services.battle_writing import BattleWriting
from arena.services.battling import Battling
from arena.services.board_details import BoardDetails
from arena.services.board_prompts import BoardPrompts
from arena.services.boards import Boards
from arena.services.campaign_progress import CampaignProgress
from arena.services.campaign_settling import SettlingCampaigns
from arena.services.campaigns import Campaigns
from arena.services.consenting import Consenting
from arena.services.contestants import Contestants
from arena.services.contributing import Contributing
from arena.services.crediting import Crediting
from arena.services.deciding_standing import DecidingStanding
from arena.services.exporting import Exporting
from arena.services.feed import Feed
from arena.services.gold_marking import GoldMarking
from arena.services.health import Health
from arena.services.identity import Identity
from arena.services.importing import Importing
from arena.services.keyed_answers import KeyedAnswers
from arena.services.media_folder import MediaFolder
from arena.services.open_work import OpenWork
from arena.services.open_workspace import OpenWorkspace
from arena.services.own_history import OwnHistory
from arena.services.pair_designs import PairDesigns
from arena.services.probing import Probing
from arena.services.prompt_sets import PromptSets
from arena.services.proving import Proving
from arena.services.publication import Publication
from arena.services.qualifying import Qualifying
from arena.services.reporting import Reporting
from arena.services.roster import Roster
from arena.services.selecting import Selecting
from arena.services.settling import Settling
from arena.services.standing_states import StandingStates
from arena.services.tasks import Tasks
from arena.services.trials import NamedTrials
from arena.services.vote_audits import VoteAudits
from arena.services.voting import Voting
from arena.services.waiting_counts import WaitingForPeople
from arena.services.webhooks import Webhooks
from arena.services.withdrawing import Withdrawing
from arena.services.workspace_rules import WorkspaceRules
from arena.settings import Settings
from arena.settings.campaigns import CampaignSettings
from arena.settings.tables import Limits
from arena.store import model_changes
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
    campaigns: Campaigns
    progress: CampaignProgress
    tasks: Tasks
    qualifying: Qualifying
    open_work: OpenWork
    reporting: Reporting
    boards: Boards
    board_details: BoardDetails
    board_prompts: BoardPrompts
    contestants: Contestants
    trials: NamedTrials
    feed: Feed
    webhooks: Webhooks
    exporting: Exporting
    importing: Importing
    prompt_sets: PromptSets
    gold_marking: GoldMarking
    selecting: Selecting
    asking_sql: AskingSql
    proving: Proving
    contributing: Contributing
    settling: Settling
    standing: DecidingStanding
    audits: VoteAudits
    waiting: WaitingForPeople
    appealing: Appealing
    settling_campaigns: SettlingCampaigns
    crediting: Crediting
    own_history: OwnHistory
    consenting: Consenting
    withdrawing: Withdrawing
    health: Health
    backups: Backups
    media: MediaFolder
    aliases: Aliases
    audit_log: AuditLog
    keyed_answers: KeyedAnswers


@asynccontextmanager
async def opened(
    settings: Settings,
    instance: Instance,
    name: str,
    models: Sequence[Model],
    queries: asyncio.Semaphore,
    process: str | None = None,
) -> AsyncIterator[Services]:
    """Open a workspace, register its models and start its services; close it all on the way out. `queries` are the
    places that all workspaces have for SQL together, and `process` is what other processes know this one by.

    `[campaign]` is of the workspace of the configuration, as its models are: it names sets, models and questions of
    one lab.
    """
    if name != settings.workspace:
        settings = settings.model_copy(update={"campaign": CampaignSettings()})
    recogniser = recognisers.load(configuration.name_recogniser(settings.name_recogniser))
    async with AsyncExitStack() as exits:
        found = open_workspace.opened(settings.data_dir, name, recogniser, settings.database, process)
        here = dataclasses.replace(await exits.enter_async_context(_in_threads(found)), auditing=Auditing(instance))
        await asyncio.wrap_future(here.store.submit(AddModels(models=tuple(models), added_at=here.now())))
        client = await exits.enter_async_context(
            ModelClient(settings.deadlines, connections=_connections(settings.limits))
        )
        rules = WorkspaceRules(instance, name, settings)
        every_campaign = Campaigns(here, campaigns.configured(settings.campaign), lambda: rules.publish)
        taking_part = Roster.of(())  # `Contestants` takes them on
        probing = await exits.enter_async_context(Probing(client, taking_part))
        admission = Admission(here)
        designs = await exits.enter_async_context(PairDesigns(here, every_campaign))
        draws = BattleDraws(taking_part, designs, here.chance)
        writing = await exits.enter_async_context(
            BattleWriting(here, client, taking_part, probing, settings, rules, every_campaign, draws)
        )
        battling = Battling(here, taking_part, every_campaign, admission, draws, writing)
        with here.store.reading() as connection:
            aliases = Aliases(here.name_key, [one.change for one in model_changes.recorded(connection)])
        contestants = Contestants(here, client, writing, rules, settings, models, aliases)
        trials = await exits.enter_async_context(NamedTrials(here, client, contestants))
        tasks = Tasks(here, every_campaign, admission, designs, battling)
        exporting = await exits.enter_async_context(Exporting(here, aliases))
        importing = await exits.enter_async_context(Importing(here))
        prompt_sets = await exits.enter_async_context(PromptSets(here, rules))
        withdrawing = await exits.enter_async_context(Withdrawing(here, exporting, instance.accounts))
        states = StandingStates(here, instance, every_campaign)
        deciding = DecidingStanding(here, states, admission)
        audits = await exits.enter_async_context(
            VoteAudits(here, instance, configured_policy(settings), hours=settings.audit_hours)
        )
        crediting = Crediting(here, every_campaign, instance)
        crediting.record_terms()
        publication = Publication(here.store, every_campaign.publishing, every_campaign.still_asking)
        boards = Boards(
            here.store, here.pseudonyms, rules, here.name, lambda: every_campaign.batched(here.now()), publication
        )
        news = await exits.enter_async_context(Feed(here, boards, contestants, every_campaign, rules))
        webhooks = await exits.enter_async_context(Webhooks(here, instance, news, settings))
        yield Services(
            name=name,
            rules=rules,
            workspace=here.store,
            identity=Identity(instance, here.secret, name, here.chance, withdrawing.gone, here.name_key),
            battling=battling,
            voting=Voting(here, every_campaign),
            campaigns=every_campaign,
            progress=CampaignProgress(here, lambda campaign: tasks.queue(campaign).size()),
            tasks=tasks,
            qualifying=Qualifying(here),
            open_work=OpenWork(here, every_campaign, admission, tasks),
            reporting=Reporting(here, tasks),
            boards=boards,
            board_details=BoardDetails(boards, aliases),
            board_prompts=BoardPrompts(here.store, boards, aliases, publication),
            contestants=contestants,
            trials=trials,
            feed=news,
            webhooks=webhooks,
            exporting=exporting,
            importing=importing,
            prompt_sets=prompt_sets,
            gold_marking=GoldMarking(here),
            selecting=Selecting(here.store, paths.selections_path(settings.data_dir, name), recogniser),
            asking_sql=AskingSql(here, queries),
            consenting=Consenting(here),
            withdrawing=withdrawing,
            contributing=Contributing(here),
            proving=Proving(here),
            settling=Settling(here),
            standing=deciding,
            audits=audits,
            waiting=WaitingForPeople(here, states, audits, every_campaign),
            appealing=Appealing(here, states, deciding),
            settling_campaigns=SettlingCampaigns(here, every_campaign, instance.accounts),
            crediting=crediting,
            own_history=OwnHistory(here),
            health=Health(here.store, battling, client, taking_part, every_campaign.current().answers),
            backups=Backups(here, paths.selections_path(settings.data_dir, name)),
            media=here.media,
            aliases=aliases,
            audit_log=AuditLog(here, instance),
            keyed_answers=KeyedAnswers(here.now),
        )


@asynccontextmanager
async def _in_threads(opening: AbstractContextManager[OpenWorkspace]) -> AsyncIterator[OpenWorkspace]:
    """Opened and closed in threads: all of a workspace is read, and other workspaces are answered meanwhile."""
    held = ExitStack()
    entering = asyncio.create_task(asyncio.to_thread(held.enter_context, opening))
    try:
        yield await asyncio.shield(entering)
    finally:
        await asyncio.wait([entering])  # whoever is cancelled meanwhile lets go of it, too
        await asyncio.to_thread(held.close)


def configured_policy(settings: Settings) -> HoldingPolicy:
    """The policy of the configuration."""
    if settings.policy is None:
        return holding_policy.DEFAULT
    told = configuration.policy(settings.policy)
    rules = {kind: {"then": rule.then, "strength": rule.strength} for kind, rule in told.kinds.items()}
    return HoldingPolicy.from_json({"version": told.version, "looks": told.looks, "rules": rules})


def _connections(limits: Limits) -> int:
    """The most one server is asked for at once: both sides of every live battle, and as many probes."""
    return 4 * limits.live_battles
