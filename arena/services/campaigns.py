"""The campaigns of a workspace: `default` of the configuration, and those that its lab makes while it runs.

They are kept in memory as of the last change, because every task and every battle asks for one.
"""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from arena.domain import campaign_change, ids, wording
from arena.domain import permission as permissions
from arena.domain.battle import Answers, Battle
from arena.domain.campaign import (
    DEFAULT,
    Campaign,
    CampaignKind,
    CampaignState,
    Criterion,
    MeetingPair,
    Pacing,
    Publishing,
)
from arena.domain.campaign import PairingPolicy as Policy
from arena.domain.campaign_change import KEYS, REASON_LIMIT, CampaignChange
from arena.domain.ids import ModelName
from arena.domain.permission import Permission
from arena.domain.principal import Principal
from arena.errors import Conflict, InvalidValue, Malformed, NotFound
from arena.services import admission, campaign_names
from arena.services.admission import told
from arena.services.open_workspace import OpenWorkspace
from arena.services.permitting import demand
from arena.settings import campaigns as campaign_settings
from arena.settings.campaigns import CampaignKeys
from arena.store import campaigns as stored_campaigns
from arena.store import items
from arena.store.agreements import Agreement
from arena.store.shown_prompts import AskedSet
from arena.store.writing.commands import AddCampaign, Agree, CampaignChanged, ChangeCampaign

ORDINARY = Campaign()
"""A campaign without rules of its own."""
FIXED = ("kind", "answers", "prompt_set")
"""Keys that a campaign keeps once it has run: its items and battles are what these say."""


class Campaigns:
    """The campaigns of one workspace."""

    def __init__(
        self, here: OpenWorkspace, default: Campaign = ORDINARY, published: Callable[[], Publishing] | None = None
    ) -> None:
        """`published` tells what is shown of `default` now; without it that is what the campaign itself says."""
        self._here = here
        self._configured = default
        self._published = published
        self._mark: object = None
        self._reading = threading.Lock()
        """Held while they are read, or one is added to them: boards ask for them in threads of their own."""
        self._follow()
        self._changing = asyncio.Lock()

    @property
    def _default(self) -> Campaign:
        """The campaign of the configuration, which shows what the workspace's rules say."""
        publish = self._configured.publish if self._published is None else self._published()
        if publish is not self._configured.publish:
            self._configured = replace(self._configured, publish=publish)
        return self._configured

    def current(self) -> Campaign:
        """The campaign of who names none."""
        return self._default

    def named(self, name: str) -> Campaign:
        """The campaign of a name, in its newest version. Raises `NotFound`."""
        found = self.find(name)
        if found is None:
            raise _absent(name)
        return found

    def find(self, name: str) -> Campaign | None:
        """The same, or None."""
        self._follow()
        return self._default if name == self._default.name else self._now.get(name)

    def of_battle(self, battle: Battle) -> Campaign | None:
        """The version of its campaign that a battle was drawn under. None: of a campaign that is not known here."""
        if battle.campaign_version is None:
            return self._default if battle.campaign == self._default.name else None
        self._follow()
        changes = self._changes.get(battle.campaign, [])
        found = next((one for one in changes if one.version == battle.campaign_version), None)
        return None if found is None else found.campaign(changes[0].changed_at)

    def every(self) -> list[Campaign]:
        """All of them, by name."""
        self._follow()
        return sorted((self._default, *self._now.values()), key=lambda one: one.name)

    def batched(self, now: datetime) -> dict[str, datetime]:
        """The campaigns whose boards move in batches, each with the moment of its last one: whole multiples of
        `board_batch` since 1970. One that was closed before that has nothing left to wait for."""
        found = {}
        for one in self.every():
            every = one.board_batch * 3600
            if every < 1:  # at once, as earlier arenas took any number above 0
                continue
            moment = datetime.fromtimestamp(now.timestamp() // every * every, UTC)
            changes = self._changes.get(one.name)
            if one.state is CampaignState.CLOSED and changes and changes[-1].changed_at < moment:
                continue
            found[one.name] = moment
        return found

    def publishing(self, least: Publishing) -> tuple[str, ...]:
        """The campaigns that publish prompts, or battles too. Battles are published once nobody can vote on them any
        more: raters could read there which model is which."""
        if least is Publishing.BATTLES:
            return tuple(one.name for one in self.every() if one.publish is Publishing.BATTLES and not one.asks_again)
        return tuple(one.name for one in self.every() if one.publish is not Publishing.NOTHING)

    def still_asking(self) -> tuple[AskedSet, ...]:
        """The sets whose stored answers campaigns give to raters, or will, as items or as gold."""
        found = {
            AskedSet(campaign=one.name, set_name=name)
            for one in self.every()
            if one.kind is CampaignKind.TASKS and one.state is not CampaignState.CLOSED
            for name in (one.prompt_set if one.answers is Answers.STORED else None, one.gold_set)
            if name is not None
        }
        return tuple(sorted(found, key=lambda one: (one.campaign, one.set_name)))

    async def listed_now(self, principal: Principal) -> list[Campaign]:
        """Those that a principal may know of, by name, once those are closed that are over: all of them a lab, those
        that run whoever may enter, and a token for one campaign that one to its end."""
        found = [await self._as_it_stands(one) for one in self.every()]
        return [one for one in found if _may_know(principal, one)]

    async def shown_now(self, principal: Principal, name: str) -> Campaign:
        """One of them, closed if it is over."""
        found = await self._as_it_stands(self.named(name))
        if not _may_know(principal, found):
            raise _absent(name)
        return found

    def may_enter(self, principal: Principal, campaign: Campaign) -> bool:
        """Whether somebody who takes part may be told of a campaign: of any but a draft."""
        is_draft = campaign.state is CampaignState.DRAFT
        return not is_draft or permissions.may(principal, Permission.CONDUCT)

    def entered(self, principal: Principal, name: str) -> Campaign:
        """The campaign that somebody would take part in; a draft is absent to whoever may not know of it."""
        found = self.named(name)
        if not self.may_enter(principal, found):
            raise _absent(name)
        return found

    def shown(self, principal: Principal, name: str) -> Campaign:
        """One of those."""
        found = self.named(name)
        if not _may_know(principal, found):
            raise _absent(name)
        return found

    async def create(self, principal: Principal, table: Mapping[str, Any], *, start: bool = False) -> Campaign:
        """Make a campaign of its keys: a draft, unless it is to start."""
        demand(principal, Permission.CONDUCT)
        made = configured(campaign_settings.parsed(table))
        if made.name == DEFAULT:
            raise Conflict(f"{DEFAULT} is the campaign of the configuration; give this one another name.")
        await asyncio.to_thread(campaign_names.refuse_unknown, self._here, made)
        made = replace(made, state=CampaignState.RUNNING if start else CampaignState.DRAFT)
        async with self._changing:
            return await self._submit(AddCampaign(change=self._change(principal.id, made, "")))

    async def change(self, principal: Principal, name: str, wanted: Mapping[str, Any]) -> Campaign:
        """Give a campaign another state, other keys, or both; `wanted` holds them with, perhaps, a `reason`.

        Raises `Conflict` for one that is over, also where nobody has asked for it since and it closes only now: its end
        says when credits are settled, so it is never moved once it has come.
        """
        demand(principal, Permission.CONDUCT)
        keys = {key: value for key, value in wanted.items() if key not in ("state", "reason")}
        reason = _reason(wanted.get("reason", ""))
        if name == self._default.name:
            raise Conflict(
                "The campaign default is what the configuration says; change it there, or make another one. Its "
                "publish is a rule of the workspace, which its admin changes: PATCH /api/v1/workspace."
            )
        async with self._changing:
            await self._close_due(self.named(name))
            before = self.named(name)
            after = before
            if keys:
                after = await self._with(before, keys)
            if "state" in wanted:
                after = replace(after, state=_state(wanted["state"]))
            return await self._submit(ChangeCampaign(change=self._change(principal.id, after, reason)))

    async def close_due(self, name: str) -> None:
        """Close a campaign that has ended, or that has the votes it wanted. `default` is closed without a line."""
        if name == self._default.name:
            return
        async with self._changing:
            await self._close_due(self.named(name))

    async def _close_due(self, now: Campaign) -> None:
        if now.state not in (CampaignState.RUNNING, CampaignState.PAUSED):
            return
        reason = await asyncio.to_thread(self._why_closed, now)
        if reason is not None:
            closed = replace(now, state=CampaignState.CLOSED)
            with contextlib.suppress(Conflict):  # another process was quicker
                await self._submit(ChangeCampaign(change=self._change("arena", closed, reason)))

    async def agree(self, principal: Principal, name: str, text: str) -> None:
        """Record that a rater agrees to what a campaign asks, in its own words."""
        demand(principal, Permission.TAKE_PART)
        campaign = self.shown(principal, name)
        if text != campaign.consent:
            raise Conflict(
                "This is not what the campaign asks to agree to; read `consent` again, and send it as it is."
            )
        made = Agreement(
            rater_id=principal.rater_id,
            campaign=name,
            text_sha256=admission.digest(text),
            agreed_at=self._here.now(),
        )
        await asyncio.wrap_future(self._here.store.submit(Agree(agreement=made)))

    async def _as_it_stands(self, campaign: Campaign) -> Campaign:
        """A campaign as of now. `default` is closed while its rules say so; the others are closed by a line."""
        if campaign.name != self._default.name:
            await self.close_due(campaign.name)
            return self.named(campaign.name)
        over = await asyncio.to_thread(self._why_closed, campaign)
        return campaign if over is None else replace(campaign, state=CampaignState.CLOSED)

    def _why_closed(self, campaign: Campaign) -> str | None:
        if campaign.ends is not None and self._here.now() >= campaign.ends:
            return f"It ended on {told(campaign.ends)}."
        if campaign.target_votes is None:
            return None
        with self._here.store.reading() as connection:
            votes = items.votes_of_campaign(connection, campaign.name)
        return f"It has the {votes:,} votes that were wanted." if votes >= campaign.target_votes else None

    async def _with(self, before: Campaign, keys: Mapping[str, Any]) -> Campaign:
        """A campaign with other keys, as its next version where one differs."""
        if "name" in keys:
            raise InvalidValue("name is never changed; make another campaign.")
        after = configured(campaign_settings.parsed({**_given(before), **keys}))
        moved = [key for key in FIXED if getattr(after, key) != getattr(before, key)]
        if moved and before.state is not CampaignState.DRAFT:
            raise Conflict(f"{moved[0]} stays as it is once a campaign has started; make another campaign.")
        await asyncio.to_thread(campaign_names.refuse_unknown, self._here, after)
        version = before.version + (campaign_change.spelt(after) != campaign_change.spelt(before))
        return replace(after, version=version, state=before.state, created_at=before.created_at)

    async def _submit(self, command: AddCampaign | ChangeCampaign) -> Campaign:
        done: CampaignChanged = await asyncio.wrap_future(self._here.store.submit(command))
        name = done.change.name
        with self._reading:
            changes = self._changes.setdefault(name, [])
            if done.line is not None and done.change not in changes:
                changes.append(done.change)
                self._now[name] = _last(changes)
            return self._now[name]

    def _follow(self) -> None:
        """Read them, at the start and when another process changed one."""
        mark = self._here.store.marks.of("campaigns")
        if mark is self._mark:
            return
        with self._reading:
            changes: dict[str, list[CampaignChange]] = {}
            with self._here.store.reading() as connection:
                for change in stored_campaigns.changes(connection):
                    changes.setdefault(change.name, []).append(change)
            self._now = {name: _last(one) for name, one in changes.items()}
            self._changes, self._mark = changes, mark

    def _change(self, who: str, campaign: Campaign, reason: str) -> CampaignChange:
        now = self._here.now()
        return CampaignChange(
            change_id=ids.mint("cc", now, self._here.chance),
            name=campaign.name,
            version=campaign.version,
            state=campaign.state,
            keys=campaign_change.spelt(campaign),
            reason=reason,
            changed_by=who,
            changed_at=now,
        )


def configured(given: CampaignKeys) -> Campaign:
    """The campaign that these keys make."""
    stored, tasks = given.answers == "stored", given.kind == "tasks"
    name = given.name if isinstance(given, campaign_settings.CampaignFile) else DEFAULT
    plain = given.model_dump(include={key for key in KEYS if key in PLAIN})
    return Campaign(
        **plain,
        name=name,
        kind=CampaignKind(given.kind),
        answers=Answers(given.answers),
        models=tuple(ModelName(one) for one in given.models),
        pairing=Policy(given.pairing),
        pairs=tuple(
            MeetingPair(first=ModelName(first), second=ModelName(second), weight=weight)
            for first, second, weight in given.weighted_pairs
        ),
        focus=None if given.focus is None else ModelName(given.focus),
        publish=Publishing(given.publish),
        criteria=tuple(Criterion(name=one.name, question=one.question) for one in given.asked),
        anonymous=(name == DEFAULT or not tasks) if given.anonymous is None else given.anonymous,
        pace=Pacing(given.pace) if given.pace else Pacing.COMPLETE if stored else Pacing.COMMON,
    )


PLAIN = (
    frozenset(KEYS)
    - {"name", "kind", "answers", "models", "pairing", "pairs", "focus", "criteria"}
    - {"anonymous", "pace", "publish"}
)
"""Keys that are in a campaign as they are given."""


def _absent(name: str) -> NotFound:
    return NotFound(f"There is no campaign {name} here; GET /api/v1/campaigns lists those there are.")


def _may_know(principal: Principal, campaign: Campaign) -> bool:
    if permissions.may(principal, Permission.CONDUCT) or campaign.state is CampaignState.RUNNING:
        return True
    return principal.campaign == campaign.name and campaign.state is not CampaignState.DRAFT


def _last(changes: list[CampaignChange]) -> Campaign:
    return changes[-1].campaign(changes[0].changed_at)


def _given(campaign: Campaign) -> dict[str, Any]:
    """The keys of a campaign as a file would give them."""
    return {key: value for key, value in campaign_change.told_keys(campaign).items() if value is not None}


def _state(given: object) -> CampaignState:
    if not isinstance(given, str):
        raise Malformed("state has to be a text.")
    try:
        return CampaignState(given)
    except ValueError:
        raise InvalidValue(f"state is {given!r}; accepted: running, paused, closed.") from None


def _reason(given: object) -> str:
    if not isinstance(given, str):
        raise Malformed("reason has to be a text.")
    if len(given) > REASON_LIMIT or not wording.in_one_line(given):
        raise InvalidValue(f"reason is one line of at most {REASON_LIMIT} characters.")
    return given
