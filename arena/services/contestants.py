"""Models that are added, paused and retired while the arena runs, and what is known of each.

Models of the configuration come from there at every start. What is added here is stored, with a line of the ledger, and
is there again after a restart. Battles that are being written go on with the models they began with.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from typing import Any

from arena import settings as configuration
from arena.domain import ids, wording
from arena.domain import permission as permissions
from arena.domain.ids import ModelName
from arena.domain.model import Model
from arena.domain.model_state import FIRST, REASON_LIMIT, ModelChange, ModelState
from arena.domain.permission import Permission
from arena.domain.principal import Principal
from arena.errors import Conflict, DoesNotFit, InvalidValue, SettingsError, UnknownName
from arena.inference import failures
from arena.inference.allowed import Allowed, origin
from arena.inference.client import ModelClient
from arena.services import roster, trying
from arena.services.aliases import Aliases
from arena.services.battle_writing import BattleWriting
from arena.services.health import Probe
from arena.services.model_health import ModelHealth
from arena.services.open_workspace import OpenWorkspace
from arena.services.permitting import demand
from arena.services.server_figures import ServerFigures, ServerLoad
from arena.services.trying import TryOut
from arena.services.workspace_rules import WorkspaceRules
from arena.settings import Settings
from arena.settings.models import ModelSettings
from arena.store import model_changes, model_facts
from arena.store import models as registry
from arena.store.heads import WorkspaceHead
from arena.store.model_changes import RecordedChange
from arena.store.model_facts import ModelFacts
from arena.store.writing.commands import AddModel, ChangeModel, ModelChanged

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contestant:
    """What may be known of one model."""

    facts: ModelFacts
    state: ModelState
    since: datetime | None
    """From when on it is in that state; None where nobody noted it."""
    figures: ServerLoad | None
    """How busy its servers are, where whoever asks may know."""
    health: Probe | None = None
    """Whether its server answers, where whoever asks may know; None where nobody asks it any more."""


class Kept(Enum):
    """What is not said stays as it was."""

    AS_IT_WAS = "as it was"


KEPT = Kept.AS_IT_WAS


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is stored about models at one moment."""

    facts: list[ModelFacts]
    changes: list[RecordedChange]


class Contestants:
    """The models of one workspace."""

    def __init__(
        self,
        here: OpenWorkspace,
        client: ModelClient,
        writing: BattleWriting,
        rules: WorkspaceRules,
        settings: Settings,
        models: Sequence[Model],
        aliases: Aliases,
    ) -> None:
        """`models` are those of the configuration; the others that were added are taken on from the workspace."""
        self._here = here
        self._client = client
        self._writing = writing
        self._rules = rules
        self._aliases = aliases
        self._figures, self._health = ServerFigures(client), ModelHealth(client)
        self._configured = {model.name: model for model in models}
        try:
            self._allowed = Allowed.of(
                settings.endpoints.of(here.name), [one for model in models for one in model.endpoints]
            )
        except ValueError as error:
            raise SettingsError(f"[endpoints], allow: {error}; write HOST, HOST:PORT or a network.") from error
        self._askable = dict(self._configured)
        """Every model that can be asked, whatever its state."""
        self._changing, self._reading = asyncio.Lock(), asyncio.Lock()
        self._kept: tuple[WorkspaceHead, Known] | None = None
        self._mark = here.store.marks.of("models")
        changes = self._recorded()
        self._taken = len(changes)
        writing.looks.append(self.follow)
        states = {one.change.model: one.change.state for one in changes}
        for name, model in self._askable.items():
            if states.get(name, ModelState.ACTIVE) is ModelState.ACTIVE:
                writing.take_on(model)

    async def listed(self, principal: Principal) -> list[Contestant]:
        """Every model that this principal may know of, by name; announced ones are the lab's."""
        self._demand_reading(principal)
        known = await self._read()
        lab = permissions.may(principal, Permission.CONDUCT)
        last = {one.change.model: one.change for one in known.changes}
        found = [self._contestant(one, last.get(one.model.name)) for one in known.facts]
        if not lab:
            return [
                one for one in found if one.state is not ModelState.ANNOUNCED or self._aliases.of(one.facts.model.name)
            ]
        if any(map(self._writing.writes_for, principal.raters)):
            return found  # how busy each model is would tell which two are writing
        asked = [
            self._askable[one.facts.model.name]
            for one in found
            if one.facts.model.name in self._askable and one.state is not ModelState.RETIRED
        ]
        figures, probes = await asyncio.gather(self._figures.of(asked), self._health.of(asked))
        busy = {model.name: figure for model, figure in zip(asked, figures, strict=True)}
        answering = {probe.model: probe for probe in probes}
        return [
            replace(
                one,
                figures=busy.get(one.facts.model.name, ServerLoad()),
                health=answering.get(one.facts.model.name),
            )
            for one in found
        ]

    async def changes(self, principal: Principal) -> list[RecordedChange]:
        """What was done to models, in the order of the ledger; those of announced models are the lab's."""
        self._demand_reading(principal)
        changes = (await self._read()).changes
        if permissions.may(principal, Permission.CONDUCT):
            return changes
        last = {one.change.model: one.change.state for one in changes}
        return [one for one in changes if last[one.change.model] is not ModelState.ANNOUNCED]

    def askable(self, name: ModelName) -> Model:
        """A model of this workspace that can be asked, whatever its state. Raises `UnknownName` for any other."""
        found = self._askable.get(name)
        if found is None:
            raise UnknownName(f"No model {name} can be asked here; GET /api/v1/models lists those there are.")
        return found

    async def try_out(self, principal: Principal, table: Mapping[str, Any]) -> TryOut:
        """Ask a model one question as a battle would; nothing of it is kept."""
        demand(principal, Permission.CONDUCT)
        return await trying.try_out(self._client, self._model(configuration.model(table)))

    async def add(
        self, principal: Principal, table: Mapping[str, Any], state: str, reason: str, alias: str | None = None
    ) -> ModelChanged:
        """Add a model, given as a `[[models]]` table. It takes part from the next battle on, if it is active."""
        demand(principal, Permission.CONDUCT)
        if state not in FIRST:
            raise InvalidValue(f"state is {state!r}; a model is added as {' or '.join(FIRST)}.")
        reason = reason if reason.strip() else ""
        if reason:
            _check_reason(reason)
        model = self._model(configuration.model(table))
        await self._check_alias(alias, model.name)
        change = self._change(principal, model.name, model.fingerprint(), ModelState(state), reason, alias, added=True)
        async with self._changing:
            done = await asyncio.wrap_future(self._here.store.submit(AddModel(model=model, change=change)))
            self._askable[model.name] = model
            self._take_over(done)
        return done

    async def change(
        self, principal: Principal, name: str, state: str, reason: str, alias: str | Kept | None = KEPT
    ) -> ModelChanged:
        """Let a model be in another state, or under another alias, for a reason that is published. None for an alias
        tells its name from now on."""
        demand(principal, Permission.CONDUCT)
        accepted = [one for one in ModelState if one is not ModelState.STORED]
        if state not in accepted:
            raise InvalidValue(f"state is {state!r}; accepted: {', '.join(accepted)}.")
        _check_reason(reason)
        model = self._askable.get(ModelName(name)) or await self._registered(name)
        if state == ModelState.ACTIVE and model is not None and model.name not in self._askable:
            raise Conflict(f"Nobody can ask {name}: put it back into the configuration, or add it under another name.")
        fingerprint = "" if model is None else model.fingerprint()
        called = self._aliases.of(ModelName(name)) if isinstance(alias, Kept) else alias
        await self._check_alias(called, ModelName(name))
        change = self._change(principal, ModelName(name), fingerprint, ModelState(state), reason, called)
        async with self._changing:
            done = await asyncio.wrap_future(self._here.store.submit(ChangeModel(change=change)))
            self._take_over(done)
        return done

    def follow(self) -> None:
        """Take over what another process did to models."""
        mark = self._here.store.marks.of("models")
        if mark is self._mark:
            return
        changes = self._recorded()
        for one in changes[self._taken :]:
            self._apply(one.change)
        self._mark, self._taken = mark, len(changes)

    def _recorded(self) -> list[RecordedChange]:
        """Every change, once the models that were added can be asked."""
        with self._here.store.reading() as connection:
            registered, changes = registry.registered(connection), model_changes.recorded(connection)
        self._askable |= {model.name: model for model in self._added(registered, changes)}
        return changes

    def _take_over(self, done: ModelChanged) -> None:
        if done.line is not None:  # else it is as it was
            self._apply(done.change)

    def _apply(self, change: ModelChange) -> None:
        self._aliases.take_over(change)
        if change.state is not ModelState.ACTIVE:
            self._writing.leave_out(change.model)
        elif change.model in self._askable:
            self._writing.take_on(self._askable[change.model])

    def _contestant(self, facts: ModelFacts, last: ModelChange | None) -> Contestant:
        model = facts.model
        if model.imported:
            return Contestant(facts=facts, state=ModelState.STORED, since=None, figures=None)
        if last is not None and not (last.state is ModelState.ACTIVE and model.name not in self._askable):
            return Contestant(facts=facts, state=last.state, since=last.changed_at, figures=None)
        if model.name in self._askable:
            return Contestant(facts=facts, state=ModelState.ACTIVE, since=facts.added_at, figures=None)
        return Contestant(facts=facts, state=ModelState.PAUSED, since=None, figures=None)  # out of the configuration

    def _change(
        self,
        principal: Principal,
        name: ModelName,
        fingerprint: str,
        state: ModelState,
        reason: str,
        alias: str | None = None,
        *,
        added: bool = False,
    ) -> ModelChange:
        now = self._here.now()
        return ModelChange(
            change_id=ids.mint("mc", now, self._here.chance),
            model=name,
            fingerprint=fingerprint,
            added=added,
            state=state,
            reason=reason,
            changed_by=principal.id,
            changed_at=now,
            alias=alias,
        )

    async def _check_alias(self, alias: str | None, model: ModelName) -> None:
        if alias is not None:
            self._aliases.refuse_taken(alias, model, [one.model.name for one in (await self._read()).facts])

    def _model(self, entry: ModelSettings) -> Model:
        """The model of a table. Raises `InvalidValue` for one that the arena must not, or cannot, ask."""
        if entry.serve is not None or entry.served_by is not None:
            raise InvalidValue(
                "serve and served_by are for the configuration, which `arena models up` reads. Give the endpoint of a "
                "server that runs."
            )
        if not entry.servers:
            raise DoesNotFit("The model has no endpoint; give the address of its server, ending in /v1.")
        model = roster.model(entry)
        self._refuse_servers(model)
        return model

    def _refuse_servers(self, model: Model) -> None:
        for endpoint in model.endpoints:
            self._refuse_unlisted(endpoint)
            self._refuse_key(model, endpoint)

    def _refuse_unlisted(self, endpoint: str) -> None:
        if not self._allowed.has(endpoint):
            raise DoesNotFit(
                f"{failures.address(endpoint)} is not on this arena's list of allowed hosts. An admin adds it in the "
                "configuration under [endpoints], allow."
            )

    def _refuse_key(self, model: Model, endpoint: str) -> None:
        """A key goes to no server but those that the configuration sends it to: nobody can have it sent elsewhere."""
        key = model.api_key_env
        sent = {
            origin(one) for known in self._configured.values() if known.api_key_env == key for one in known.endpoints
        }
        if key is not None and origin(endpoint) not in sent:
            raise DoesNotFit(
                f"api_key_env is {key!r}, and no model of the configuration has this key at "
                f"{failures.address(endpoint)}. An admin configures one there first."
            )

    def _added(self, registered: Sequence[Model], changes: Sequence[RecordedChange]) -> list[Model]:
        """Models that were added here, as far as the configuration does not have them and still allows them."""
        names = {one.change.model for one in changes if one.change.added} - self._configured.keys()
        found = []
        for model in registered:
            if model.name not in names:
                continue
            try:
                self._refuse_servers(model)
            except InvalidValue as refusal:
                log.warning("model %s was added earlier and is left out: %s", model.name, refusal)
                continue
            found.append(model)
        return found

    async def _registered(self, name: str) -> Model | None:
        """A model that is known here, and more than a name."""
        known = await self._read()
        return next((one.model for one in known.facts if one.model.name == name and not one.model.imported), None)

    async def _read(self) -> Known:
        """From the workspace, unless nothing was written since the last time."""

        def read() -> Known:
            with self._here.store.reading() as connection:
                return Known(facts=model_facts.read(connection), changes=model_changes.recorded(connection))

        async with self._reading:
            head, kept = self._here.store.head, self._kept
            if kept is None or (kept[0].hash, kept[0].voids, kept[0].models) != (head.hash, head.voids, head.models):
                kept = self._kept = head, await asyncio.to_thread(read)
            return kept[1]

    def _demand_reading(self, principal: Principal) -> None:
        if not self._rules.public_board:
            demand(principal, Permission.READ_BOARDS)


def _check_reason(reason: str) -> None:
    if not reason.strip() or len(reason) > REASON_LIMIT or not wording.in_one_line(reason):
        raise InvalidValue(f"reason is one line of 1 to {REASON_LIMIT} characters: it is published.")
