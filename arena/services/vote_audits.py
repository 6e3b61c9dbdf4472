"""Audits of the votes of a workspace: what is found is kept, a policy holds votes for it, and people decide the rest.

An audit runs when a lab asks, and every so many hours, never for a vote: whoever could ask after each of theirs would
learn how to vote unseen. The same votes give the same findings, so that asking again changes nothing.
"""

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Self

from arena import quality
from arena.domain import browsers, holding_policy, ids, standing
from arena.domain.finding import PolicyUse, RecordedFinding
from arena.domain.holding_policy import HoldingPolicy
from arena.domain.ids import RaterId
from arena.domain.permission import Permission
from arena.domain.principal import Principal
from arena.domain.standing import PassedTest, StandingDecision
from arena.errors import Conflict, DoesNotFit, NotFound
from arena.services import audit_plan, audit_report, audited_votes
from arena.services.audit_plan import Planner, StandingNow
from arena.services.audit_report import AuditDone, ToldFinding
from arena.services.audited_votes import AuditedVotes
from arena.services.open_workspace import OpenWorkspace
from arena.services.people_named import PeopleNamed, RatingPerson
from arena.services.permitting import demand
from arena.services.sole_work import SoleWork
from arena.store import audit_votes, findings, ledger_rows, standing_decisions
from arena.store.audit_votes import SpokenVote
from arena.store.connections import Analytical
from arena.store.instance import Instance
from arena.store.writing.commands import RecordAudit

log = logging.getLogger(__name__)

WORK = "audits"
"""The name under which processes take turns at it."""
TRIES = 3
"""How often an audit is weighed anew, where people decide meanwhile."""
LIMITS = "audit_limits"
"""Under which a workspace keeps what its last audit could not have found."""
JOINED = "joined as "
"""How the audit log begins what somebody did who accepted an invitation."""

Auditor = Callable[[AuditedVotes, int], quality.Audit]


class VoteAudits:
    """The audits of one workspace; an async context manager, which audits every so many hours."""

    def __init__(
        self,
        here: OpenWorkspace,
        instance: Instance,
        policy: HoldingPolicy | None,
        *,
        hours: float = 0,
        auditor: Auditor = audited_votes.audited_beside,
    ) -> None:
        """Without a policy, that of the last audit holds, or else the default. `hours` 0: never by itself."""
        self._here = here
        self._instance = instance
        self._people = PeopleNamed(here, instance)
        self._policy = policy
        self._hours = hours
        self._auditor = auditor
        self._alone = SoleWork(here.store.others, WORK)
        self._keeping: asyncio.Task[None] | None = None
        self._read_up_to: str | None = None

    async def __aenter__(self) -> Self:
        if self._hours:
            self._keeping = asyncio.create_task(self._keep())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.gather(self._keeping, return_exceptions=True)

    async def run(self, principal: Principal, *, dry_run: bool = False) -> AuditDone:
        """Audit now. A dry run writes nothing."""
        demand(principal, Permission.CONDUCT)
        async with self._alone.turn():
            done = await asyncio.to_thread(self.made, dry_run=dry_run)
        if not dry_run:
            await asyncio.to_thread(self._here.note, principal, "audited votes", f"policy {done.policy}")
        return done

    async def listed(self, principal: Principal, after: str, limit: int, *, ended: bool = False) -> list[ToldFinding]:
        """What was found, oldest first: what stands, or with what ended."""
        demand(principal, Permission.REVIEW)

        def load() -> list[ToldFinding]:
            with self._here.store.reading() as connection:
                stored = findings.every(connection)
                known = findings.policies(connection)
                names = self._names(connection)
                waits = standing_decisions.undecided(connection) & names.keys()
            picked = [one for one in stored if (ended or one.ended_at is None) and one.finding.finding_id > after]
            return [audit_report.waiting(audit_report.told(one, known, names), waits) for one in picked[:limit]]

        return await asyncio.to_thread(load)

    def limits(self, principal: Principal) -> tuple[quality.AuditLimit, ...]:
        """What the last audit that wrote could not have found if it were there."""
        demand(principal, Permission.REVIEW)
        return self._limits()

    def waiting(self, connection: Analytical) -> int:
        """How many findings wait for a person."""
        undecided = standing_decisions.undecided(connection)
        if not undecided:
            return 0
        stand = [one for one in findings.every(connection) if one.ended_at is None]
        stand = [one for one in stand if any(rater.rater_id in undecided for rater in one.finding.raters)]
        raters = {rater.rater_id for one in stand for rater in one.finding.raters}
        known, names = findings.policies(connection), self._people.names_among(connection, raters)
        waits = undecided & names.keys()
        return sum(audit_report.waiting(audit_report.told(one, known, names), waits).waits for one in stand)

    async def find(
        self, principal: Principal, finding_id: str, limit: int
    ) -> tuple[ToldFinding, list[tuple[str, SpokenVote]]]:
        """One finding, and the votes that speak for it, each with its rater's name."""
        demand(principal, Permission.REVIEW)

        def load() -> tuple[ToldFinding, list[tuple[str, SpokenVote]]]:
            with self._here.store.reading() as connection:
                stored = {one.finding.finding_id: one for one in findings.every(connection)}
                if finding_id not in stored:
                    raise NotFound(f"There is no finding {finding_id} here; GET /api/v1/findings lists them.")
                spoken = audit_votes.of_finding(connection, finding_id, limit)
                names = self._names(connection)
                told = audit_report.told(stored[finding_id], findings.policies(connection), names)
            return told, [(names[one.rater_id], one) for one in spoken]

        return await asyncio.to_thread(load)

    def made(self, *, dry_run: bool = False) -> AuditDone:
        """Audit, for who waits in a thread."""
        started = time.perf_counter()
        for left in reversed(range(TRIES)):
            try:
                return self._weighed(started, dry_run=dry_run)
            except Conflict:
                if not left:
                    raise
        raise AssertionError("an audit is weighed, or refused")

    def _weighed(self, started: float, *, dry_run: bool) -> AuditDone:
        now = self._here.now()
        with self._here.store.scanning() as connection:
            policy, used = self._policy_now(connection)
            last = ledger_rows.last(connection)
            people = self._people.every(connection)
            states = _States(people, connection, now)
            votes = audited_votes.prepared(
                audit_votes.read(connection),
                people,
                states.let_count(),
                self._invited(people),
                self._programs(people, now),
            )
            stored = [one for one in findings.every(connection) if one.ended_at is None]
        names = {rater_id: one.name for one in people for rater_id in one.raters}
        known: dict[audit_plan.Identity, RecordedFinding] = {
            (
                one.finding.kind,
                one.finding.model,
                frozenset(names[spoken.rater_id] for spoken in one.finding.raters if spoken.rater_id in names),
            ): one.finding
            for one in stored
        }
        audit = self._auditor(votes, policy.looks)
        plan = Planner(votes, policy, known, states.of, now, self._here.chance).plan(audit, states.decided_by_policy())
        use = None if used else PolicyUse(use_id=ids.mint("po", now, self._here.chance), policy=policy, used_at=now)
        if not dry_run and (use is not None or not plan.empty):
            self._here.store.submit(
                RecordAudit(
                    weighed_at=last.sequence if last else 0,
                    use=use,
                    findings=plan.findings,
                    ends=plan.ends,
                    decisions=plan.decisions,
                )
            ).result()
        if not dry_run and audit.limits != self._limits():
            kept = [{"kind": one.kind, "deviation": one.deviation} for one in audit.limits]
            self._instance.workspaces.change(self._here.name, {LIMITS: kept}, now)
        seconds = round(time.perf_counter() - started, 3)
        return audit_report.done(policy, plan, names, audit.limits, dry_run=dry_run, seconds=seconds)

    def _limits(self) -> tuple[quality.AuditLimit, ...]:
        """What the last audit that wrote could not have found. Sentences are of an earlier arena: the next audit tells
        of the same votes."""
        kept = self._instance.workspaces.of(self._here.name).get(LIMITS, ())
        return tuple(quality.AuditLimit(**one) for one in kept if isinstance(one, dict))

    def _policy_now(self, connection: Analytical) -> tuple[HoldingPolicy, bool]:
        """The policy that holds, and whether it did before. Raises `InvalidValue` where its rules changed."""
        known, last = findings.policies(connection), findings.policy(connection)
        policy = self._policy or last or holding_policy.DEFAULT
        before = known.get(policy.version)
        if before is not None and before != policy:
            raise DoesNotFit(
                f"Policy {policy.version} was used in this workspace with other rules. Give the changed rules a new "
                "version."
            )
        return policy, policy == last

    def _invited(self, people: Sequence[RatingPerson]) -> dict[str, str]:
        """The invitation by which people joined, by their names."""
        joined = {
            entry.who: entry.subject
            for entry in self._instance.audit.of(self._here.name)
            if entry.did.startswith(JOINED)
        }
        by_rater = {
            rater_id: joined[member.account_id]
            for member in self._instance.accounts.members_of(self._here.name)
            if member.account_id in joined
            for rater_id in member.raters
        }
        return {one.name: by_rater[one.raters[0]] for one in people if one.raters[0] in by_rater}

    def _programs(self, people: Sequence[RatingPerson], now: datetime) -> dict[str, str]:
        """The program that people used last, by their names, where it is no browser."""
        by_rater: dict[RaterId, str] = {}
        for member in self._instance.accounts.members_of(self._here.name):
            sessions = self._instance.sessions.of(member.account_id, now)
            last = max(sessions, key=lambda one: one.last_used_at, default=None)
            if last is not None and not browsers.is_browser(last.client):
                by_rater |= dict.fromkeys(member.raters, last.client)
        return {one.name: by_rater[one.raters[0]] for one in people if one.raters[0] in by_rater}

    def _names(self, connection: Analytical) -> dict[RaterId, str]:
        """The names of everybody who rated, by every stored id."""
        return {rater_id: one.name for one in self._people.every(connection) for rater_id in one.raters}

    def _wait(self) -> float:
        """Seconds until the next of the hours at which audits run: whole multiples since 1970, so that an arena that is
        started again misses none."""
        every = self._hours * 3600
        return every - self._here.now().timestamp() % every

    async def _keep(self) -> None:
        while True:
            wait = self._wait()
            hour = round(self._here.now().timestamp() + wait)
            await asyncio.sleep(wait)
            try:
                await self._audit(hour)
            except Exception:  # the last findings go on; the next round tries again
                log.exception("the votes of workspace %s could not be audited", self._here.name)

    async def _audit(self, hour: int) -> None:
        """Audit for one of the hours, unless nothing was written since or another process did it."""
        async with self._alone.round(hour) as wanted:
            head = self._here.store.head.hash
            if not wanted or head == self._read_up_to:
                return
            done = await asyncio.to_thread(self.made)
            self._read_up_to = head  # of before it read: a vote that came meanwhile is a matter of the next one
            log.info(
                "audited %d votes of workspace %s: %d held, %d steps",
                done.plan.read,
                self._here.name,
                done.plan.held,
                len(done.steps),
            )


class _States:
    """What was decided of everybody, read once."""

    def __init__(self, people: Sequence[RatingPerson], connection: Analytical, now: datetime) -> None:
        self._now = now
        person = {rater_id: one.name for one in people for rater_id in one.raters}
        self._decisions: dict[audit_plan.Place, list[StandingDecision]] = defaultdict(list)
        decided = standing_decisions.every(connection)
        places: dict[str, set[audit_plan.Place]] = defaultdict(set)
        for one in decided:
            if one.rater_id in person:
                places[one.root].add((person[one.rater_id], one.field))
        for one in decided:
            of_it = {(person[one.rater_id], one.field)} if one.rater_id in person else set()
            for place in of_it | places.get(one.undoes or "", set()):
                self._decisions[place].append(one)
        self._passed: dict[audit_plan.Place, PassedTest] = {
            (person[rater_id], field): test
            for rater_id, field, test in (standing_decisions.passes(connection, sorted(person)) if person else ())
        }

    def of(self, place: audit_plan.Place) -> StandingNow:
        """Of one person in one field."""
        decisions = self._decisions.get(place, [])
        return StandingNow(
            decisions=decisions,
            now=standing.standing(place[1], decisions, self._passed.get(place), self._now),
        )

    def let_count(self) -> dict[tuple[RaterId, str], datetime]:
        """Until when a person let votes count, by who cast them and their field."""
        return {
            (rater_id, field): until
            for (_, field), decisions in self._decisions.items()
            for rater_id, until in standing.let_count(decisions).items()
        }

    def decided_by_policy(self) -> list[audit_plan.Place]:
        """Whose votes a policy holds."""
        return [place for place, decisions in self._decisions.items() if standing.held_by_findings(decisions)]
