"""Audits of a workspace: a ring is found and held, the board moves back, and what people decide stands above it."""

import asyncio
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any
from unittest import mock

import duckdb
import numpy
import pytest
from quality_worlds import Votes, World

from arena import errors, quality
from arena.domain import holding_policy
from arena.domain.account import Account, Member, Session
from arena.domain.holding_policy import Consequence, HoldingPolicy, PolicyRule
from arena.domain.ids import AccountId, RaterId, ReleaseId
from arena.domain.principal import Principal, Role
from arena.domain.removal import RemovalKind
from arena.domain.selection import Selection
from arena.domain.standing import Standing
from arena.exports.proofs import verification
from arena.services import audited_votes, exporting
from arena.services.admission import Admission
from arena.services.appealing import Appealing
from arena.services.audited_votes import AuditedVotes
from arena.services.campaigns import Campaigns
from arena.services.deciding_standing import DecidingStanding, DecisionAsked
from arena.services.exporting import Order
from arena.services.open_workspace import OpenWorkspace
from arena.services.people_named import RatingPerson
from arena.services.standing_states import StandingStates
from arena.services.vote_audits import VoteAudits
from arena.store import findings, holding, ledger_rows, rater_facts, rows, standing_decisions
from arena.store.instance import Instance
from arena.store.workspace import Workspace
from arena.store.writing import commands
from tests.services import making as at_hand
from tests.services import voting_rings
from tests.services.tasking import Clock, principal
from tests.store import making

VOTES = voting_rings.ringed()
BAD = voting_rings.bad(VOTES)
LAB, REVIEWER = principal("lab"), principal("reviewer")
BOUGHT = DecisionAsked(standing="suspended", reason="Bought.")
AFTER = making.NOW + timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Office:
    """A workspace with everything that decides on standing."""

    here: OpenWorkspace
    clock: Clock
    instance: Instance
    audits: VoteAudits
    deciding: DecidingStanding
    appealing: Appealing

    def audit(self, **given: Any) -> dict[str, Any]:
        return self.audits.made(**given).document()

    def named(self, rater_id: RaterId) -> str:
        return self.here.pseudonyms.name(rater_id)

    def held(self) -> set[RaterId]:
        """Whose votes are held."""
        with self.here.store.reading() as connection:
            query = f"SELECT DISTINCT rater_id FROM ({holding.votes(connection)}) WHERE held_for = 'finding'"
            return {RaterId(row[0]) for row in rows.fetched(connection, query)}

    def held_votes(self) -> int:
        with self.here.store.reading() as connection:
            query = f"SELECT count(*) FROM ({holding.votes(connection)}) WHERE held_for = 'finding'"
            return rows.number(connection, query)

    def lines(self) -> int:
        with self.here.store.reading() as connection:
            return ledger_rows.count(connection)

    def strength(self, model: int) -> float:
        """The share of its decided battles that a model won, over the votes that count."""
        with self.here.store.reading() as connection:
            found = rows.fetched(
                connection,
                "SELECT CASE WHEN model_a = $model THEN winner = 'model_a' ELSE winner = 'model_b' END "
                f"FROM ({holding.votes(connection)}) WHERE held_for IS NULL AND winner IN ('model_a', 'model_b') "
                "AND $model IN (model_a, model_b)",
                {"model": f"model-{model}"},
            )
        return sum(won for (won,) in found) / len(found)


@pytest.fixture(scope="module")
def ringed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a workspace with a ring among people."""
    path = tmp_path_factory.mktemp("ringed") / "ours.duckdb"
    with Workspace.open(path) as workspace:
        voting_rings.enter(workspace, VOTES)
    return path


@pytest.fixture(scope="module")
def audited(ringed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the same workspace after an audit, sound."""
    folder = tmp_path_factory.mktemp("audited")
    shutil.copytree(ringed.parent, folder, dirs_exist_ok=True)
    with opened(folder) as office:
        office.audit()
        assert office.here.store.verify().problems == ()
    return folder


@contextmanager
def opened(folder: Path, policy: HoldingPolicy | None = None) -> Iterator[Office]:
    clock = Clock(AFTER)
    with Workspace.open(folder / "ours.duckdb") as store, Instance.open(folder / "instance.duckdb") as instance:
        here = at_hand.here(store, folder, now=clock)
        states = StandingStates(here, instance, Campaigns(here))
        deciding = DecidingStanding(here, states, Admission(here))
        yield Office(
            here=here,
            clock=clock,
            instance=instance,
            audits=VoteAudits(here, instance, policy, auditor=audited_votes.audited),
            deciding=deciding,
            appealing=Appealing(here, states, deciding),
        )


@pytest.fixture
def office(ringed: Path, tmp_path: Path) -> Iterator[Office]:
    for file in ringed.parent.iterdir():
        shutil.copy(file, tmp_path)
    with opened(tmp_path) as found:
        yield found


def test_what_an_audit_could_not_have_found_is_said_until_another_audit(office: Office) -> None:
    ring = quality.AuditLimit(kind="ring", deviation=2.5)
    limits: list[tuple[quality.AuditLimit, ...]] = [(ring,), ()]

    def auditor(votes: AuditedVotes, _looks: int) -> quality.Audit:
        none = numpy.zeros(len(votes), dtype=bool)
        spreads = quality.Spreads()
        return quality.Audit(
            findings=(), holds=(), held=none, pending=none, spreads=spreads, ring_bar=None, limits=limits[0]
        )

    audits = VoteAudits(office.here, office.instance, None, auditor=auditor)
    (told,) = audits.made(dry_run=True).document()["limits"]
    assert (told["kind"], told["deviation"]) == ("ring", 2.5)
    assert "by 2.5 logits" in told["sentence"]
    assert audits.limits(REVIEWER) == (), "a dry run writes nothing"
    audits.made()
    assert office.audits.limits(REVIEWER) == (ring,)
    with pytest.raises(errors.Forbidden):
        audits.limits(principal("rater"))
    office.instance.workspaces._read()  # as after a start
    assert office.audits.limits(REVIEWER) == (ring,)
    limits.pop(0)
    audits.made()
    assert office.audits.limits(REVIEWER) == ()
    office.instance.workspaces.change(office.here.name, {"audit_limits": ["as an earlier arena kept it"]}, making.NOW)
    assert office.audits.limits(REVIEWER) == ()


def mistaken(office: Office) -> RaterId:
    """The honest rater who is taken for one of the ring."""
    (one,) = office.held() - BAD
    return one


def test_a_ring_is_found_explained_and_held_and_the_board_moves_back(office: Office) -> None:
    before = {number: office.strength(number) for number in range(10)}
    clean = {number: _share(VOTES, number, ~VOTES.bad) for number in range(10)}
    done = office.audit()
    (finding,) = done["findings"]
    assert (finding["kind"], finding["then"], finding["policy"]) == ("ring", "probation", "2")
    assert {office.named(one) for one in BAD} <= set(finding["raters"])
    assert "deviate from everybody else in one and the same way" in finding["sentence"]
    assert done["held_votes"] == finding["votes"] == office.held_votes()
    assert office.held() >= BAD
    after = {number: office.strength(number) for number in range(10)}
    moved = {number: abs(before[number] - clean[number]) for number in clean}
    assert max(moved.values()) > 0.05, "the ring moved the board"
    assert max(abs(after[number] - clean[number]) for number in clean) < max(moved.values()) / 2


def test_the_same_votes_audited_again_change_nothing(office: Office) -> None:
    office.audit()
    lines = office.lines()
    again = office.audit()
    assert (again["steps"], again["ended"], [one["new"] for one in again["findings"]]) == ([], [], [False])
    assert office.lines() == lines


async def test_what_waits_is_counted_as_it_is_listed_and_without_the_names_of_everybody(office: Office) -> None:
    async def counted() -> int:
        listed = sum(one.waits for one in await office.audits.listed(REVIEWER, "", 100))
        with (
            office.here.store.reading() as connection,
            mock.patch.object(rater_facts, "every", side_effect=AssertionError),
        ):
            assert office.audits.waiting(connection) == listed
        return listed

    assert await counted() == 0
    office.audit()
    assert await counted() == 1
    erased, *left = sorted(office.held())
    office.here.store.submit(
        commands.Remove(removal_id="x_1", rater_id=erased, kind=RemovalKind.ERASED, removed_at=office.clock.now)
    ).result()
    assert await counted() == 1
    kept = DecisionAsked(standing="probation", reason="Looked at.")
    office.clock.pass_by(60)
    for rater_id in left:
        office.deciding.make(LAB, office.named(rater_id), kept)
    assert await counted() == 0


def test_a_dry_run_says_the_same_and_writes_nothing(office: Office) -> None:
    lines = office.lines()
    tried = office.audit(dry_run=True)
    assert (office.lines(), office.held()) == (lines, set())
    with office.here.store.reading() as connection:
        assert findings.policy(connection) is None
    done = office.audit()
    assert office.lines() > lines, "the control: without it, lines are written"
    volatile = ("finding_id", "found_at")
    assert [_without(one, *volatile) for one in tried["findings"]] == [
        _without(one, *volatile) for one in done["findings"]
    ]
    assert [_without(one, "finding_id") for one in tried["steps"]] == [
        _without(one, "finding_id") for one in done["steps"]
    ]


def test_each_step_is_a_line_and_names_the_policy(office: Office) -> None:
    before = office.lines()
    done = office.audit()
    assert office.lines() - before == 1 + len(done["findings"]) + len(done["steps"]), "policy, findings, decisions"
    with office.here.store.reading() as connection:
        decided = standing_decisions.every(connection)
        (stored,) = findings.every(connection)
    assert {one.decided_by for one in decided} == {"policy 2"}
    assert {one.finding for one in decided} == {stored.finding.finding_id}
    assert all(one.hold is not None and one.reason == stored.finding.sentence for one in decided)


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE findings SET strength = 1",
        "UPDATE finding_raters SET votes = votes + 1",
        "UPDATE policies SET rules = replace(rules, 'probation', 'note')",
        "UPDATE standing_decisions SET finding_id = NULL WHERE finding_id IS NOT NULL",
        "UPDATE holds SET model = 'model-1'",
        "UPDATE holds SET held_for = 'probation'",
        "DELETE FROM findings",
    ],
)
def test_what_was_changed_past_the_writer_is_found(audited: Path, tmp_path: Path, tampering: str) -> None:
    for file in audited.iterdir():
        shutil.copy(file, tmp_path)
    path = tmp_path / "ours.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(tampering)
    with Workspace.open(path) as workspace, workspace.reading() as connection:
        found = [*findings.problems(connection), *standing_decisions.problems(connection)]
        expected = {**findings.expected_lines(connection), **standing_decisions.expected_lines(connection)}
        lines = ledger_rows.about(connection, sorted(expected))
    assert found or any(lines[one].commitment != told.commitment for one, told in expected.items())


async def test_an_honest_rater_appeals_is_restored_and_not_held_again_by_the_same_votes(office: Office) -> None:
    office.audit()
    rater_id = mistaken(office)
    who = Principal(id=rater_id, role=Role.RATER, workspace="default")
    (general, *_) = await office.deciding.mine(who)
    assert general.now.standing is Standing.PROBATION
    assert general.votes.held > 0
    assert general.reason is not None
    assert "in one and the same way" in general.reason
    appeal = await office.appealing.appeal(who, "I read every answer.", None)
    with pytest.raises(errors.Conflict, match="once"):
        await office.appealing.appeal(who, "I did.", None)
    office.clock.pass_by(3600)
    await office.appealing.answer(REVIEWER, appeal.appeal_id, "qualified", "Your votes differ from theirs.")
    assert office.held() == BAD
    for _ in range(2):
        done = office.audit()
        assert office.named(rater_id) not in done["held_raters"]
        assert office.held() == BAD
    assert office.here.store.verify().problems == ()
    (general, *_) = await office.deciding.mine(who)
    assert (general.now.standing, general.votes.held, general.held_by) == (Standing.QUALIFIED, 0, None)


async def test_votes_cast_after_a_person_decided_speak_for_themselves(office: Office) -> None:
    """The control of the test before: whoever was restored by mistake is found again by what they do next."""
    office.audit()
    one = sorted(BAD)[0]
    await office.deciding.decide(
        LAB, office.named(one), DecisionAsked(standing="qualified", reason="Somebody believed them.")
    )
    assert one not in office.held()
    office.audit()
    assert one not in office.held(), "by the same votes nobody is held again"
    number = int(one.removeprefix("r_"))
    later = _only(VOTES, VOTES.rater == number)
    office.clock.pass_by(24 * 3600.0)
    for turn in range(2):
        voting_rings.enter(office.here.store, later, since=AFTER + timedelta(hours=turn + 1), first=10_000 * (turn + 1))
    office.audit()
    assert one in office.held()
    with office.here.store.reading() as connection:
        first = f"SELECT min(cast_at) FROM ({holding.votes(connection)}) WHERE held_for IS NOT NULL AND rater_id = ?"
        assert rows.fetched(connection, first, [one])[0][0] >= AFTER.replace(tzinfo=None)


async def test_a_finding_that_votes_no_longer_bear_out_lifts_its_holds(office: Office) -> None:
    office.audit()
    assert office.held() >= BAD
    for one in sorted(BAD)[:-1]:
        office.here.store.submit(
            commands.Remove(removal_id=f"x_{one}", rater_id=one, kind=RemovalKind.WITHDRAWN, removed_at=AFTER)
        ).result()
    done = office.audit()
    assert {one["step"] for one in done["steps"]} == {"lift"}
    assert done["ended"]
    assert office.held() == set()
    with office.here.store.reading() as connection:
        (stored,) = findings.every(connection)
    assert stored.ended_at is not None


async def test_everybody_of_a_finding_is_decided_on_alike_and_each_may_be_restored(office: Office) -> None:
    (finding,) = office.audit()["findings"]
    one, lines = mistaken(office), office.lines()
    with pytest.raises(errors.NotFound, match="no finding f_none"):
        await office.deciding.decide_on_finding(REVIEWER, "f_none", BOUGHT)
    with pytest.raises(errors.InvalidValue, match="standing is 'king'"):
        await office.deciding.decide_on_finding(REVIEWER, finding["finding_id"], replace(BOUGHT, standing="king"))
    assert office.lines() == lines, "none is decided on where one cannot be"
    decided, fields = await office.deciding.decide_on_finding(REVIEWER, finding["finding_id"], BOUGHT)
    assert fields == ["general"]
    assert sorted(decided) == sorted(finding["raters"])
    assert office.lines() == lines + len(decided)
    with office.here.store.reading() as connection:
        for bad in sorted(BAD):
            state = standing_decisions.standing_of(connection, [bad], "general", office.clock.now)
            assert (state.standing, state.reason) == (Standing.SUSPENDED, "Bought.")
    appeal = await office.appealing.appeal(
        Principal(id=one, role=Role.RATER, workspace="default"), "I read every answer.", None
    )
    with pytest.raises(errors.Conflict):
        await office.appealing.answer(REVIEWER, appeal.appeal_id, "suspended", "No.")
    await office.appealing.answer(LAB, appeal.appeal_id, "qualified", "Yours differ.")
    with office.here.store.reading() as connection:
        held = f"SELECT DISTINCT rater_id FROM ({holding.votes(connection)}) WHERE held_for IS NOT NULL"
        assert {row[0] for row in rows.fetched(connection, held)} == BAD
    assert office.here.store.verify().problems == ()


async def test_what_a_person_decided_is_not_softened(office: Office) -> None:
    one = office.named(sorted(BAD)[0])
    await office.deciding.decide(LAB, one, BOUGHT)
    done = office.audit()
    (step,) = [step for step in done["steps"] if step["rater_id"] == one]
    assert step["step"] == "hold", "votes are held, and the standing stays what a person made it"
    with office.here.store.reading() as connection:
        found = standing_decisions.standing_of(connection, [sorted(BAD)[0]], "general", AFTER)
    assert found.standing is Standing.SUSPENDED


async def test_a_click_undoes_what_a_policy_decided_and_it_stays_undone(office: Office) -> None:
    office.audit()
    one = sorted(BAD)[0]
    await office.deciding.undo(LAB, office.named(one))
    assert one not in office.held()
    office.audit()
    assert one not in office.held()


async def test_a_decision_meanwhile_makes_the_audit_weigh_anew(office: Office) -> None:
    asked = []

    def interrupted(votes: audited_votes.AuditedVotes, looks: int) -> Any:
        if not asked:
            office.deciding.make(LAB, office.named(sorted(BAD)[0]), BOUGHT)
        asked.append(len(votes))
        return audited_votes.audited(votes, looks)

    VoteAudits(office.here, office.instance, None, auditor=interrupted).made()
    assert len(asked) == 2
    assert office.held() >= BAD - {sorted(BAD)[0]}


def test_a_policy_decides_what_findings_lead_to(ringed: Path, tmp_path: Path) -> None:
    for file in ringed.parent.iterdir():
        shutil.copy(file, tmp_path)
    rules = holding_policy.DEFAULT.rules
    noting = HoldingPolicy(version="2", looks=20, rules={**rules, "ring": PolicyRule(then=Consequence.NOTE)})
    with opened(tmp_path, noting) as office:
        done = office.audit()
        assert [(one["then"], one["policy"]) for one in done["findings"]] == [("note", "2")]
        assert (done["steps"], office.held()) == ([], set())
        holding_it = replace(noting, version="3", rules={"ring": PolicyRule(then=Consequence.HOLD)})
        again = VoteAudits(office.here, office.instance, holding_it, auditor=audited_votes.audited).made().document()
        assert {one["step"] for one in again["steps"]} == {"hold"}
        assert office.held() >= BAD
        changed = replace(noting, rules=MappingProxyType({}))
        with pytest.raises(errors.InvalidValue, match="used in this workspace with other rules"):
            VoteAudits(office.here, office.instance, changed, auditor=audited_votes.audited).made()
        with office.here.store.reading() as connection:
            assert json.dumps(findings.policies(connection)["2"].to_json()) == json.dumps(noting.to_json())


def test_the_process_beside_says_what_this_one_says(office: Office) -> None:
    beside = VoteAudits(office.here, office.instance, None, auditor=audited_votes.audited_beside)
    found = beside.made(dry_run=True).document()["findings"]
    assert [_without(one, "finding_id") for one in found] == [
        _without(one, "finding_id") for one in office.audit(dry_run=True)["findings"]
    ]


@pytest.mark.slow
def test_a_release_says_by_which_policy_votes_were_held(office: Office, tmp_path: Path) -> None:
    def made(name: str, **select: str) -> tuple[dict[str, Any], str]:
        order = Order(release_id=ReleaseId(f"rel_{name}"), format="battles", selection=Selection.from_mapping(select))
        manifest = exporting.build(office.here, order, tmp_path / name)
        assert verification.release(tmp_path / name).problems == ()
        return manifest, (tmp_path / name / "README.md").read_text(encoding="utf-8")

    manifest, card = made("before")
    assert "policy" not in manifest
    assert "policy" not in card
    held = office.audit()["held_votes"]
    manifest, card = made("after")
    assert manifest["policy"] == "2"
    assert manifest["counts"]["not_selected"]["votes"] == {"held": held}
    assert "policy `2` says which are held for what they find. Held votes are left out here." in card
    _, card = made("with-all", votes="all")
    assert "Held votes are among those that may be selected here." in card


async def test_the_arena_audits_by_itself_at_whole_hours(office: Office) -> None:
    office.clock.now = AFTER.replace(hour=23, minute=59, second=59, microsecond=900_000)
    async with VoteAudits(office.here, office.instance, None, hours=24, auditor=audited_votes.audited):
        assert office.held() == set()
        for _ in range(200):
            await asyncio.sleep(0.05)
            if office.held():
                break
            office.clock.now = AFTER.replace(hour=0, minute=1) + timedelta(days=1)
    assert office.held() >= BAD


async def test_only_labs_ask_and_reviewers_read(office: Office) -> None:
    for nobody in (REVIEWER, principal("reader"), principal("rater")):
        with pytest.raises(errors.Forbidden):
            await office.audits.run(nobody)
    with pytest.raises(errors.Forbidden):
        await office.audits.listed(principal("reader"), "", 10)
    await office.audits.run(LAB)
    (found,) = await office.audits.listed(REVIEWER, "", 10)
    whole, spoken = await office.audits.find(REVIEWER, found.finding.finding_id, 500)
    assert len(spoken) == 500
    assert {name for name, _ in spoken} <= {one.name for one in whole.raters}
    with pytest.raises(errors.NotFound):
        await office.audits.find(REVIEWER, "f_none", 1)


def _without(document: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in document.items() if key not in keys}


def _only(votes: Votes, which: numpy.ndarray) -> Votes:
    return Votes(**{name: getattr(votes, name)[which] for name in ("rater", "left", "right", "outcome", "bad")})


def _share(votes: Votes, model: int, which: numpy.ndarray) -> float:
    """The share of its decided battles that a model won, over some of the votes."""
    won = ((votes.left == model) & (votes.outcome == 0)) | ((votes.right == model) & (votes.outcome == 1))
    met = ((votes.left == model) | (votes.right == model)) & (votes.outcome != 2)
    return float((won & met & which).sum() / (met & which).sum())


def test_accounts_that_sign_in_with_a_program_are_looked_at_as_a_group_and_those_with_a_browser_are_not(
    ringed: Path, tmp_path: Path
) -> None:
    shutil.copytree(ringed.parent, tmp_path / "asked")
    asked: list[AuditedVotes] = []

    def auditor(votes: AuditedVotes, looks: int) -> quality.Audit:
        asked.append(votes)
        return audited_votes.audited(votes, looks)

    with opened(tmp_path / "asked") as office:
        with office.here.store.reading() as connection:
            people = [rater for rater, *_ in rows.fetched(connection, "SELECT DISTINCT rater_id FROM votes ORDER BY 1")]
        clients = dict(zip(people[:3], ("python-httpx", "Firefox on Linux", "Edge on Windows"), strict=True))
        for place, (rater_id, client) in enumerate(clients.items()):
            account_id = AccountId(f"ac_{place}")
            office.instance.accounts.join(
                Member(
                    account_id=account_id,
                    workspace=office.here.name,
                    role=Role.RATER,
                    rater_id=RaterId(rater_id),
                    since=AFTER,
                )
            )
            office.instance.accounts.add(
                Account(account_id=account_id, email=f"{place}@x.org", name="", password="", created_at=AFTER)
            )
            for seconds, used in enumerate(("curl", client)):
                moment = AFTER + timedelta(seconds=seconds)
                office.instance.sessions.add(
                    Session(
                        session_id=f"se_{place}{seconds}",
                        account_id=account_id,
                        hash=f"{place}{seconds}",
                        client=used,
                        created_at=moment,
                        last_used_at=moment,
                        expires_at=moment + timedelta(days=30),
                        proved_at=moment,
                    )
                )
        VoteAudits(office.here, office.instance, None, auditor=auditor).made(dry_run=True)
        programs = {asked[0].people[place].name: program for place, program in asked[0].program.items()}
        assert programs == {office.named(RaterId(people[0])): "python-httpx"}


def test_accounts_of_one_program_that_differ_together_wait() -> None:
    votes = World(seed=2, models=12, raters=150, votes=6_000).attacked("target", 0.05, 30)
    sent = votes.rater >= 150
    named = [RatingPerson(name=f"r{rater}", raters=(RaterId(f"r{rater}"),)) for rater in range(180)]
    read = AuditedVotes(
        people=tuple(named),
        raters=tuple(one.raters[0] for one in named),
        person=votes.rater,
        rater=votes.rater,
        left=votes.left.astype(str),
        right=votes.right.astype(str),
        outcome=votes.outcome,
        moment=numpy.arange(len(votes.rater)),
        fields=(("general",),) * len(votes.rater),
        invitation={},
        program={},
        conduct=quality.Conduct(),
    )
    apart = replace(read, program=dict.fromkeys(range(150, 180), "python-httpx"))
    assert not audited_votes.audited(read, 1).pending.any()
    found = audited_votes.audited(apart, 1)
    assert (found.pending == sent).all()
    assert any(audited_votes.PROGRAM in one.sentence for one in found.findings)
