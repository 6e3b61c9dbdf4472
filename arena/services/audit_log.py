"""The audit log as admins read it: changes of people, roles, tokens and settings, which the installation's file keeps,
with what people decided of raters, reports, campaigns and models, which the workspace keeps.

Decisions are read where they are, not noted twice: so what was decided before is in it, nothing can be decided past it,
and the reason of a decision on an erased rater is gone here, too. Where they were sent from is not kept.
"""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from arena.domain import credit, ids, removal
from arena.domain.account import AuditEntry
from arena.domain.campaign_change import CampaignChange
from arena.domain.credit import HoldBack
from arena.domain.ids import RaterId
from arena.domain.permission import Permission
from arena.domain.principal import Principal
from arena.domain.qualification import Qualification
from arena.domain.report import ReportAnswer
from arena.domain.standing import StandingDecision
from arena.services.open_workspace import OpenWorkspace
from arena.services.permitting import demand
from arena.store import campaigns, credit_lines, model_changes, qualifications, reports, standing_decisions
from arena.store.instance import Instance
from arena.store.model_changes import RecordedChange


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPage:
    """Entries, newest first."""

    entries: Sequence[AuditEntry]
    following: int | None
    """What to ask for the next page after; None on the last one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Act:
    """Something that the workspace keeps with who did it, by a stored id."""

    at: datetime
    by: str
    did: str
    subject: str
    reason: str = ""


class AuditLog:
    """The log of one workspace."""

    def __init__(self, here: OpenWorkspace, instance: Instance) -> None:
        self._here = here
        self._instance = instance

    async def page(self, principal: Principal, after: int | None, limit: int) -> AuditPage:
        """Entries before that which `after` numbers, counted from the oldest; the newest where it is None."""
        demand(principal, Permission.ADMINISTER)
        every = await asyncio.to_thread(self._every)
        end = len(every) if after is None else min(after, len(every))
        begin = max(0, end - limit)
        called = self._instance.accounts.called
        page = [replace(one, who=called(one.who), subject=called(one.subject)) for one in every[begin:end][::-1]]
        return AuditPage(entries=page, following=begin or None)

    def _every(self) -> list[AuditEntry]:
        """All of them, oldest first."""
        with self._here.store.reading() as connection:
            decided = standing_decisions.first_ones(connection)
            held_back = credit_lines.decisions(connection)
            acts = [
                *_campaigns(campaigns.changes(connection)),
                *map(_model, model_changes.recorded(connection)),
                *map(_report, reports.answers(connection)),
                *map(_qualification, qualifications.listed(connection)),
            ]
        found = [*self._instance.audit.of(self._here.name), *self._decided(decided), *self._held_back(held_back)]
        found += [self._entry(one) for one in acts]
        return sorted(found, key=lambda one: (one.noted_at, one.did, one.subject))

    def _decided(self, decided: Sequence[tuple[str, StandingDecision]]) -> Iterator[AuditEntry]:
        invited = {
            removal.hashed(RaterId(one.invitation_id)): one.invitation_id
            for one in self._instance.invitations.of(self._here.name)
        }
        for digest, one in decided:
            did = f"undid a decision on standing in {one.field}"
            if one.standing is not None:
                did = f"decided standing in {one.field}: {one.standing}"
            if one.hold is not None:
                narrowed = f" with {one.hold.model}" if one.hold.model else ""
                since = f" from {one.hold.since:%Y-%m-%d %H:%M} UTC on" if one.hold.since else ""
                did += f", held votes{narrowed}{since}"
            if one.answers is not None:
                did = f"answered appeal {one.answers}; {did}"
            yield AuditEntry(
                noted_at=one.decided_at,
                workspace=self._here.name,
                who=self._called(one.decided_by),
                did=did,
                subject=invited.get(digest) or self._here.pseudonyms.of_digest(digest),
                reason=one.reason or None,
                sent_from=None,
            )

    def _held_back(self, decided: Sequence[HoldBack]) -> Iterator[AuditEntry]:
        for one in decided:
            did = "held back" if one.amount > 0 else "gave back"
            yield AuditEntry(
                noted_at=one.decided_at,
                workspace=self._here.name,
                who=self._who(one.decided_by),
                did=f"{did} {credit.told(abs(one.amount))} credits in campaign {one.campaign}",
                subject=self._here.pseudonyms.of_digest(one.rater_sha256),
                reason=one.reason or None,
                sent_from=None,
            )

    def _entry(self, act: _Act) -> AuditEntry:
        return AuditEntry(
            noted_at=act.at,
            workspace=self._here.name,
            who=self._who(act.by),
            did=act.did,
            subject=act.subject,
            reason=act.reason or None,
            sent_from=None,
        )

    def _who(self, stored: str) -> str:
        """The id of the account or token of somebody who is stored by the id that they acted under. A rater whom no
        account here has any more, because it was closed or left, is told by their name."""
        is_rater = stored.startswith(f"{ids.PREFIXES[RaterId]}_")
        return self._called(self._here.pseudonyms.name(RaterId(stored)) if is_rater else stored)

    def _called(self, name: str) -> str:
        """The id of the account of a rater, by the name that answers show; any other id stays as it is."""
        named = self._here.pseudonyms.name
        member = self._instance.accounts.member_of(self._here.name, lambda one: named(one) == name)
        return name if member is None else member.account_id


def _campaigns(changes: Sequence[CampaignChange]) -> Iterator[_Act]:
    """Changes of campaigns, each told beside the one before it."""
    before: dict[str, CampaignChange] = {}
    for one in changes:
        was = before.get(one.name)
        did = "made a campaign"
        if was is not None:
            told = [f"version {one.version}"] if one.version != was.version else []
            told += [one.state] if one.state is not was.state else []
            did = f"changed a campaign: {', '.join(told)}"
        yield _Act(at=one.changed_at, by=one.changed_by, did=did, subject=one.name, reason=one.reason)
        before[one.name] = one


def _model(recorded: RecordedChange) -> _Act:
    one = recorded.change
    did = f"added a model, {one.state}" if one.added else f"changed a model: {one.state}"
    did += f", shown as {one.alias}" if one.alias else ""
    return _Act(at=one.changed_at, by=one.changed_by, did=did, subject=one.model, reason=one.reason)


def _report(one: ReportAnswer) -> _Act:
    did = f"answered a report: the item {'goes on' if one.keep else 'stays out'}"
    return _Act(at=one.answered_at, by=one.answered_by, did=did, subject=one.report_id, reason=one.reason)


def _qualification(one: Qualification) -> _Act:
    return _Act(at=one.created_at, by=one.created_by, did="made a qualification", subject=one.field)
