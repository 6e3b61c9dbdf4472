"""Standing where browsers become one account, and where a move takes an account apart: nothing decided is lost."""

import asyncio
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import numpy
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from quality_worlds import World

from arena import errors, quality
from arena.domain import holding_policy, standing
from arena.domain.account import Account, Member
from arena.domain.finding import PolicyUse, RecordedFinding, SpeakingVotes
from arena.domain.ids import AccountId, RaterId
from arena.domain.principal import Principal, Role
from arena.domain.removal import RemovalKind, hashed
from arena.domain.standing import Standing, StandingDecision, VoteHold
from arena.services import moving, paths
from arena.services.audited_votes import AuditedVotes
from arena.services.deciding_standing import DecisionAsked
from arena.services.standing_states import FieldState
from arena.services.vote_audits import VoteAudits
from arena.store import holding, rows, standing_decisions
from arena.store.workspace import Workspace
from arena.store.writing import commands
from tests.services import voting_rings
from tests.services.test_vote_audits import LAB, REVIEWER, Office, opened
from tests.store import making

BROWSER, ACCOUNT, OTHER = (voting_rings.rater(number) for number in range(3))
RELEASE_KEY = (
    Ed25519PrivateKey.from_private_bytes(b"a key for tests, and nobody else")
    .private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    .decode()
)
"""Of `making.SIGNER`."""
SUSPENDED = DecisionAsked(standing="suspended", reason="Bought.")
QUALIFIED = DecisionAsked(standing="qualified", reason="Read by two of us.")


@pytest.fixture(scope="module")
def voted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a workspace with votes of three raters."""
    folder = tmp_path_factory.mktemp("voted")
    with Workspace.open(folder / "ours.duckdb") as workspace:
        voting_rings.enter(workspace, World(seed=1, models=4, raters=3, votes=60).clean())
    return folder


@pytest.fixture
def office(voted: Path, tmp_path: Path) -> Iterator[Office]:
    shutil.copytree(voted, tmp_path, dirs_exist_ok=True)
    with opened(tmp_path) as found:
        yield found


def decide(office: Office, rater_id: RaterId, asked: DecisionAsked) -> None:
    office.clock.pass_by(60)
    office.deciding.make(LAB, office.named(rater_id), asked)


def merge(office: Office) -> None:
    """The browser signs in to the account."""
    office.clock.pass_by(60)
    office.deciding.bring((ACCOUNT, BROWSER))
    account_id = AccountId("ac_1")
    office.instance.accounts.add(
        Account(account_id=account_id, email="one@x.org", name="", password="", created_at=office.clock.now)
    )
    office.instance.accounts.join(
        Member(
            account_id=account_id,
            workspace=office.here.name,
            role=Role.RATER,
            rater_id=ACCOUNT,
            others=(BROWSER,),
            since=office.clock.now,
        )
    )


@contextmanager
def moved(office: Office, folder: Path) -> Iterator[Office]:
    """The same workspace in another installation, which knows no accounts."""
    (office.here.store.path.parent / paths.RELEASE_KEY).write_text(RELEASE_KEY)
    moving.write(office.here, folder / "out", folder / "no-selections")
    with moving.arriving(folder, folder / "out", "elsewhere"):
        pass
    path = paths.workspace_path(folder, "elsewhere")
    for file in path.parent.glob(f"{path.stem}.*"):
        file.rename(folder / f"ours{file.suffix}")
    with opened(folder) as there:
        there.clock.now = office.clock.now
        yield there


def person(*raters: RaterId) -> Principal:
    return Principal(id=raters[-1], role=Role.RATER, workspace="default", others=raters[:-1])


def stands(office: Office, *raters: RaterId) -> FieldState:
    (general, *_) = asyncio.run(office.deciding.mine(person(*raters)))
    return general


def held(office: Office) -> dict[str, bool]:
    """Of whom votes are held: all, or none."""
    with office.here.store.reading() as connection:
        query = (
            "SELECT rater_id, bool_and(held_for IS NOT NULL), bool_or(held_for IS NOT NULL) "
            f"FROM ({holding.votes(connection)}) GROUP BY rater_id"
        )
        found = rows.fetched(connection, query)
    assert all(every == some for _, every, some in found)
    return {rater_id: every for rater_id, every, _ in found}


def problems(office: Office) -> tuple[str, ...]:
    return tuple(office.here.store.verify().problems)


@pytest.mark.parametrize(
    ("first", "second", "holds"),
    [
        ((BROWSER, SUSPENDED), (ACCOUNT, QUALIFIED), False),
        ((ACCOUNT, QUALIFIED), (BROWSER, SUSPENDED), True),
        ((ACCOUNT, SUSPENDED), (BROWSER, QUALIFIED), False),
        ((BROWSER, QUALIFIED), (ACCOUNT, SUSPENDED), True),
    ],
)
def test_of_two_that_become_one_the_last_decision_holds_for_both(
    office: Office, first: tuple[RaterId, DecisionAsked], second: tuple[RaterId, DecisionAsked], holds: bool
) -> None:
    decide(office, *first)
    decide(office, *second)
    assert sorted(held(office).values()) == [False, False, True], "the control: before, one of them is held"
    merge(office)
    assert stands(office, BROWSER, ACCOUNT).now.standing is (Standing.SUSPENDED if holds else Standing.QUALIFIED)
    assert held(office) == {BROWSER: holds, ACCOUNT: holds, OTHER: False}
    asyncio.run(office.deciding.undo(LAB, office.named(ACCOUNT)))
    assert held(office) == {BROWSER: not holds, ACCOUNT: not holds, OTHER: False}, "what held before holds again"
    assert problems(office) == ()


def test_who_brings_a_browser_along_once_more_is_decided_on_no_further(office: Office) -> None:
    decide(office, BROWSER, SUSPENDED)
    decide(office, ACCOUNT, QUALIFIED)
    merge(office)
    lines = office.lines()
    office.deciding.bring((ACCOUNT, BROWSER))
    assert office.lines() == lines


def test_an_open_appeal_stays_open_where_browsers_become_one_account(office: Office) -> None:
    decide(office, ACCOUNT, QUALIFIED)
    decide(office, BROWSER, SUSPENDED)
    appeal = asyncio.run(office.appealing.appeal(person(BROWSER), "I read them.", None)).appeal_id
    merge(office)
    (listed,) = asyncio.run(office.appealing.listed(REVIEWER, "", 10))
    assert listed.answer is None
    with pytest.raises(errors.Conflict, match="once"):
        asyncio.run(office.appealing.appeal(person(BROWSER, ACCOUNT), "I did.", None))
    office.clock.pass_by(60)
    asyncio.run(office.appealing.answer(REVIEWER, appeal, "suspended", "The log says otherwise."))
    with pytest.raises(errors.Conflict, match="answered already"):
        asyncio.run(office.appealing.answer(REVIEWER, appeal, "qualified", "Yes."))
    state = stands(office, BROWSER, ACCOUNT)
    assert state.appeal is not None
    assert state.appeal.answered == "The log says otherwise."
    assert held(office) == {BROWSER: True, ACCOUNT: True, OTHER: False}


def test_an_appeal_of_an_account_is_listed_and_answered_where_its_raters_are_people_of_their_own(
    office: Office, tmp_path: Path
) -> None:
    decide(office, BROWSER, SUSPENDED)
    merge(office)
    appeal = asyncio.run(office.appealing.appeal(person(BROWSER, ACCOUNT), "I read them.", None)).appeal_id
    with moved(office, tmp_path / "there") as there:
        (listed,) = asyncio.run(there.appealing.listed(REVIEWER, "", 10))
        assert (listed.appeal.appeal_id, listed.answer, listed.by) == (appeal, None, there.named(ACCOUNT))
        own = stands(there, ACCOUNT).appeal
        assert own is not None
        assert own.answer is None
        there.clock.pass_by(60)
        asyncio.run(there.appealing.answer(REVIEWER, appeal, "qualified", "You are right."))
        assert held(there) == {BROWSER: True, ACCOUNT: False, OTHER: False}
        (listed,) = asyncio.run(there.appealing.listed(REVIEWER, "", 10))
        assert listed.answered == "You are right."
        assert problems(there) == ()


def test_an_appeal_goes_through_no_decisions_on_others(office: Office) -> None:
    for rater_id in (BROWSER, ACCOUNT, OTHER):
        decide(office, rater_id, SUSPENDED)
        asyncio.run(office.appealing.appeal(person(rater_id), "I read them.", None))
    with mock.patch.object(standing, "in_force", wraps=standing.in_force) as in_force:
        listed = asyncio.run(office.appealing.listed(REVIEWER, "", 10))
        assert [one.by for one in listed] == [office.named(one) for one in (BROWSER, ACCOUNT, OTHER)]
        in_force.assert_called()
        assert max(len(call.args[0]) for call in in_force.call_args_list) == 1
    with mock.patch.object(standing_decisions, "_decision", wraps=standing_decisions._decision) as read:
        asyncio.run(office.appealing.listed(REVIEWER, "", 1))
        assert read.call_count == 1, "none on others is read"
    office.clock.pass_by(60)
    asyncio.run(office.appealing.answer(REVIEWER, listed[1].appeal.appeal_id, "qualified", "You are right."))
    listed = asyncio.run(office.appealing.listed(REVIEWER, "", 10))
    assert [one.answered for one in listed] == [None, "You are right.", None]


def test_what_was_undone_of_an_account_is_undone_of_each_of_its_raters_elsewhere(
    office: Office, tmp_path: Path
) -> None:
    decide(office, BROWSER, SUSPENDED)
    merge(office)
    appeal = asyncio.run(office.appealing.appeal(person(BROWSER, ACCOUNT), "I read them.", None)).appeal_id
    with moved(office, tmp_path / "before") as before:
        assert [stands(before, one).now.standing.value for one in (BROWSER, ACCOUNT)] == ["suspended"] * 2
        with pytest.raises(errors.Conflict, match="decided on others, too"):
            asyncio.run(before.deciding.undo(LAB, before.named(ACCOUNT)))
        assert stands(before, ACCOUNT).undone_until is None
    asyncio.run(office.deciding.undo(LAB, office.named(ACCOUNT)))
    with moved(office, tmp_path / "there") as there:
        assert [stands(there, one).now.standing.value for one in (BROWSER, ACCOUNT)] == ["qualified"] * 2
        assert held(there) == {BROWSER: False, ACCOUNT: False, OTHER: False}
        (listed,) = asyncio.run(there.appealing.listed(REVIEWER, "", 10))
        assert listed.answered == "The decision was undone."
        there.here.store.submit(
            commands.Remove(removal_id="x_1", rater_id=BROWSER, kind=RemovalKind.ERASED, removed_at=there.clock.now)
        ).result()
        assert stands(there, ACCOUNT).now.standing is Standing.QUALIFIED
        (listed,) = asyncio.run(there.appealing.listed(REVIEWER, "", 10))
        assert (listed.appeal.appeal_id, listed.answered) == (appeal, "The decision was undone.")


def by_policy(office: Office, rater_id: RaterId, standing: Standing | None, number: int = 1) -> StandingDecision:
    """What a policy decided for a finding."""
    office.clock.pass_by(60)
    found = RecordedFinding(
        finding_id=f"f_{number}",
        kind="ring",
        model=None,
        strength=20.0,
        since=None,
        votes=1,
        pending=False,
        sentence="Accounts deviate in one and the same way.",
        raters=(
            SpeakingVotes(
                rater_id=rater_id, rater_sha256=hashed(rater_id), votes=1, first_at=making.NOW, last_at=making.NOW
            ),
        ),
        policy=holding_policy.DEFAULT.version,
        found_at=office.clock.now,
    )
    decision = StandingDecision(
        decision_id=f"sd_policy_{number}",
        rater_id=rater_id,
        field="general",
        standing=standing,
        reason=found.sentence,
        hold=VoteHold(),
        finding=found.finding_id,
        decided_by=holding_policy.DEFAULT.name,
        decided_at=office.clock.now,
    )
    use = PolicyUse(use_id=f"po_{number}", policy=holding_policy.DEFAULT, used_at=office.clock.now)
    office.here.store.submit(
        commands.RecordAudit(weighed_at=office.lines(), use=use, findings=(found,), decisions=(decision,))
    ).result()
    return decision


def finding_nothing(votes: AuditedVotes, _looks: int) -> quality.Audit:
    none = numpy.zeros(len(votes), dtype=bool)
    return quality.Audit(
        findings=(), holds=(), held=none, pending=none, spreads=quality.Spreads(), ring_bar=None, limits=()
    )


def steps(office: Office) -> list[dict[str, Any]]:
    """What an audit that finds nothing decides."""
    found: list[dict[str, Any]] = (
        VoteAudits(office.here, office.instance, None, auditor=finding_nothing).made().document()["steps"]
    )
    return found


def test_an_audit_elsewhere_undoes_nothing_that_is_undone(office: Office, tmp_path: Path) -> None:
    by_policy(office, BROWSER, Standing.PROBATION)
    merge(office)
    with moved(office, tmp_path / "before") as before:
        assert {one["step"] for one in steps(before)} == {"lift"}, "the control: it holds there until then"
    asyncio.run(office.deciding.undo(LAB, office.named(ACCOUNT)))
    assert steps(office) == []
    with moved(office, tmp_path / "there") as there:
        assert steps(there) == []


def test_a_hold_comes_with_the_browser_and_goes_with_its_finding(office: Office) -> None:
    by_policy(office, BROWSER, None)
    merge(office)
    assert held(office) == {BROWSER: True, ACCOUNT: True, OTHER: False}
    assert [one["step"] for one in steps(office)] == ["lift"]
    assert held(office) == {BROWSER: False, ACCOUNT: False, OTHER: False}
    assert steps(office) == []


def test_what_a_policy_held_is_not_carried_over_an_erasure_and_what_a_person_decided_is(office: Office) -> None:
    again = {}
    for number, erased in enumerate((BROWSER, ACCOUNT)):
        if erased == ACCOUNT:
            decide(office, erased, SUSPENDED)
        by_policy(office, erased, Standing.PROBATION if erased == BROWSER else None, number)
        office.here.store.submit(
            commands.Remove(
                removal_id=f"x_{number}", rater_id=erased, kind=RemovalKind.ERASED, removed_at=office.clock.now
            )
        ).result()
        again[erased] = voting_rings.rater(10 + number)
        office.deciding.carry([hashed(erased)], again[erased])
    assert stands(office, again[BROWSER]).now.standing is Standing.QUALIFIED
    assert stands(office, again[ACCOUNT]).now.standing is Standing.SUSPENDED


async def test_a_vote_that_comes_while_an_audit_runs_is_read_by_the_next_one(office: Office) -> None:
    read: list[int] = []

    def auditor(votes: AuditedVotes, looks: int) -> quality.Audit:
        read.append(len(votes))
        if len(read) == 1:
            more = World(seed=2, models=4, raters=3, votes=5).clean()
            voting_rings.enter(office.here.store, more, since=office.clock.now + timedelta(hours=1), first=1_000)
        return finding_nothing(votes, looks)

    audits = VoteAudits(office.here, office.instance, None, auditor=auditor)
    for hour in range(4):
        await audits._audit(hour)
    assert read[0] == 60
    assert read[1:3] == [65] * len(read[1:3])
    assert 1 < len(read) < 4, "where nothing came, nobody reads"


def test_a_copy_that_comes_late_makes_nobody_milder(office: Office) -> None:
    """As where the browser was brought along while a policy decided."""
    first = by_policy(office, ACCOUNT, Standing.PROBATION)
    merge(office)
    decide(office, ACCOUNT, SUSPENDED)
    late = replace(first, decision_id="sd_late", follows=first.decision_id, rater_id=OTHER, standing=None)
    office.here.store.submit(commands.DecideStanding(decisions=(late,))).result()
    assert stands(office, BROWSER, OTHER, ACCOUNT).now.standing is Standing.SUSPENDED


def audited_by(office: Office, auditor: Callable[[AuditedVotes, int], quality.Audit], **given: Any) -> dict[str, Any]:
    return VoteAudits(office.here, office.instance, None, auditor=auditor).made(**given).document()


def read(office: Office) -> set[RaterId]:
    """Whose votes an audit reads."""
    found: set[RaterId] = set()

    def auditor(votes: AuditedVotes, looks: int) -> quality.Audit:
        found.update(votes.raters[number] for number in numpy.unique(votes.rater))
        return finding_nothing(votes, looks)

    audited_by(office, auditor, dry_run=True)
    return found


def against(office: Office, rater_id: RaterId, first: int = 0) -> Callable[[AuditedVotes, int], quality.Audit]:
    """Finds that somebody was careless from one of their votes on."""

    def auditor(votes: AuditedVotes, looks: int) -> quality.Audit:
        number = [one.name for one in votes.people].index(office.named(rater_id))
        rows = numpy.flatnonzero(votes.person == number)[first:]
        since = float(votes.moment[rows].min()) if first else None
        finding = quality.Finding(
            kind="careless",
            raters=(str(number),),
            model=None,
            strength=20.0,
            rows=rows,
            since=since,
            pending=False,
            sentence="Votes do not depend on the answers.",
        )
        hold = quality.Hold(rater=str(number), since=since, model=None, votes=len(rows), pending=False)
        return replace(finding_nothing(votes, looks), findings=(finding,), holds=(hold,))

    return auditor


def test_what_a_person_let_count_are_votes_of_whom_they_looked_at(office: Office) -> None:
    assert read(office) == {BROWSER, ACCOUNT, OTHER}
    decide(office, ACCOUNT, QUALIFIED)
    assert read(office) == {BROWSER, OTHER}
    merge(office)
    assert read(office) == {BROWSER, OTHER}, "of the browser that came along nobody looked at any vote"
    decide(office, ACCOUNT, QUALIFIED)
    assert read(office) == {OTHER}, "now somebody did"
    by_policy(office, OTHER, Standing.PROBATION)
    asyncio.run(office.deciding.undo(LAB, office.named(OTHER)))
    assert read(office) == set(), "a click that undoes what a policy decided is a look, too"


def test_nobody_gets_out_of_a_hold_by_an_account_that_a_person_let_count(office: Office) -> None:
    office.clock.now = making.NOW + timedelta(days=1)
    audited_by(office, against(office, BROWSER))
    assert held(office) == {BROWSER: True, ACCOUNT: False, OTHER: False}, "the control"
    decide(office, ACCOUNT, QUALIFIED)
    merge(office)
    done = audited_by(office, against(office, ACCOUNT))
    assert {one["step"] for one in done["steps"]} == {"probation"}
    assert held(office) == {BROWSER: True, ACCOUNT: False, OTHER: False}, "the votes that somebody looked at count"
    assert audited_by(office, against(office, ACCOUNT))["steps"] == []
    assert problems(office) == ()


def test_an_audit_that_finds_more_leaves_an_open_review_open(office: Office) -> None:
    assert [one["step"] for one in audited_by(office, against(office, OTHER, 5))["steps"]] == ["probation"]
    asked = asyncio.run(office.appealing.appeal(person(OTHER), "I read them.", None))
    office.clock.pass_by(60)
    assert [one["step"] for one in audited_by(office, against(office, OTHER))["steps"]] == ["hold"]
    assert held(office)[OTHER], "all of their votes"
    state = stands(office, OTHER)
    assert (state.now.standing, state.appeal and state.appeal.answer) == (Standing.PROBATION, None)
    (listed,) = asyncio.run(office.appealing.listed(REVIEWER, "", 10))
    assert listed.answer is None, "no audit answers what a person was asked"
    office.clock.pass_by(60)
    asyncio.run(office.appealing.answer(REVIEWER, asked.appeal_id, "qualified", "You did."))
    assert not held(office)[OTHER]
    assert audited_by(office, finding_nothing)["steps"] == []
    assert problems(office) == ()


def test_who_was_restored_may_ask_again_where_votes_are_held_anew(office: Office) -> None:
    decide(office, OTHER, SUSPENDED)
    asked = asyncio.run(office.appealing.appeal(person(OTHER), "I read them.", None))
    office.clock.pass_by(60)
    asyncio.run(office.appealing.answer(REVIEWER, asked.appeal_id, "qualified", "You did."))
    with pytest.raises(errors.Conflict, match="against you"):
        asyncio.run(office.appealing.appeal(person(OTHER), "Thank you.", None))
    by_policy(office, OTHER, None)
    assert stands(office, OTHER).appeal is None, "the hold is another decision"
    asyncio.run(office.appealing.appeal(person(OTHER), "I read these, too.", None))
    state = stands(office, OTHER).appeal
    assert state is not None
    assert (state.appeal.text, state.answer) == ("I read these, too.", None)
    with pytest.raises(errors.Conflict, match="once"):
        asyncio.run(office.appealing.appeal(person(OTHER), "Once more.", None))
    assert problems(office) == ()


async def test_a_finding_is_decided_on_in_every_field_in_which_votes_are_held_for_it(office: Office) -> None:
    """Votes of a campaign that asks for a field are of that field, not of `general`."""
    for number, field in enumerate(("law", "medicine")):
        first = by_policy(office, OTHER, Standing.PROBATION, number)
        again = replace(first, decision_id=f"sd_{field}", field=field)
        office.here.store.submit(commands.DecideStanding(decisions=(again,))).result()
        await office.deciding.undo(LAB, office.named(OTHER))
    names, fields = await office.deciding.decide_on_finding(LAB, "f_1", SUSPENDED)
    assert (names, fields) == ([office.named(OTHER)], ["law", "medicine"])
    states = {one.now.field: one.now.standing for one in await office.deciding.mine(person(OTHER))}
    assert states == {"general": Standing.QUALIFIED, "law": Standing.SUSPENDED, "medicine": Standing.SUSPENDED}
    _, fields = await office.deciding.decide_on_finding(LAB, "f_1", QUALIFIED, "law")
    assert fields == ["law"], "who names a field decides in that one"
    states = {one.now.field: one.now.standing for one in await office.deciding.mine(person(OTHER))}
    assert (states["law"], states["medicine"]) == (Standing.QUALIFIED, Standing.SUSPENDED)
    assert problems(office) == ()
