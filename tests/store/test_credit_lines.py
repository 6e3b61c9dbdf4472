"""Credits in the store: what is held back and paid are lines of the ledger; an erased vote is still owed."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from arena import errors
from arena.domain import purpose
from arena.domain.assignment import Assignment
from arena.domain.battle import Side
from arena.domain.campaign_settlement import SettledCredits
from arena.domain.credit import CreditTerms, HoldBack, TermsLine
from arena.domain.ids import RaterId
from arena.domain.purpose import Purpose
from arena.domain.removal import RemovalKind, hashed
from arena.store import campaign_payments, credit_lines, ledger, ledger_rows
from arena.store.workspace import Workspace
from arena.store.writing import commands
from tests.store import making

ASKER, OTHER = RaterId("r_asker"), RaterId("r_other")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "default.duckdb"


@pytest.fixture
def workspace(path: Path) -> Iterator[Workspace]:
    with Workspace.open(path) as opened:
        yield opened


def holding_back(name: str, amount: int, most: int = 500, rater: RaterId = ASKER) -> commands.HoldBackCredits:
    decision = HoldBack(
        decision_id=f"cd_{name}",
        rater_sha256=hashed(rater),
        campaign="open",
        amount=amount,
        reason="A second person looks.",
        decided_by="t_lab",
        decided_at=making.NOW,
    )
    return commands.HoldBackCredits(parts=((decision, most),))


def terms_line(name: str, **changes: int) -> commands.SetCreditTerms:
    terms = replace(CreditTerms(since=making.NOW), **changes)
    return commands.SetCreditTerms(terms=TermsLine(terms_id=f"ct_{name}", campaign="open", terms=terms))


def settling_campaign(name: str, amount: int, unit: str = "EUR-cent", **credits_of: int) -> commands.SettleCampaign:
    shares = tuple(
        SettledCredits(rater_sha256=hashed(RaterId(f"r_{one}")), contributor=f"r_name_of_{one}", credits=earned)
        for one, earned in credits_of.items()
    )
    return commands.SettleCampaign(
        settlement_id=f"s_{name}", campaign="open", amount=amount, unit=unit, shares=shares, settled_at=making.NOW
    )


def erase(workspace: Workspace, rater: RaterId = ASKER) -> None:
    workspace.submit(
        commands.Remove(removal_id=f"x_{rater}", rater_id=rater, kind=RemovalKind.ERASED, removed_at=making.NOW)
    ).result()


def filled(path: Path) -> None:
    with Workspace.open(path) as workspace:
        making.cast(workspace)
        making.cast(workspace, OTHER, edit=None)
        workspace.submit(terms_line("1", reward=250)).result()
        workspace.submit(holding_back("1", 200)).result()
        workspace.submit(settling_campaign("1", 1001, asker=300, other=100)).result()
        making.cast(workspace, OTHER)
        workspace.submit(holding_back("2", 100, rater=OTHER)).result()
        erase(workspace, OTHER)


def test_a_vote_s_own_line_is_that_of_its_credit(workspace: Workspace) -> None:
    cast = [making.cast(workspace), making.cast(workspace, OTHER), making.cast(workspace, edit=None)]
    with workspace.reading() as connection:
        found = credit_lines.votes_of(connection, [ASKER])
        assert ledger_rows.count(connection) == 3
    assert [(one.sequence, one.vote_id, one.edited) for one in found] == [
        (1, cast[0].vote.vote_id, True),
        (3, cast[2].vote.vote_id, False),
    ]
    assert {(one.campaign, one.given_at, one.rater_sha256) for one in found} == {("open", making.NOW, hashed(ASKER))}


def test_gold_and_repeats_earn_and_what_qualifies_does_not(workspace: Workspace) -> None:
    earning = {}
    for place, why in enumerate((None, *Purpose)):
        record = making.completed(workspace)
        rater = RaterId(f"r_of_turn_{place}")
        assignment_id, nonce = purpose.mint(why, making.NOW, making.CHANCE)
        given = Assignment(
            assignment_id=assignment_id,
            battle_id=record.battle.battle_id,
            rater_id=rater,
            since=making.NOW + timedelta(hours=1),
            purpose=why,
            nonce=nonce,
        )
        workspace.submit(commands.Assign(assignment=given)).result()
        vote = making.vote(
            record.battle.battle_id, rater, assignment_id=assignment_id, shown_left=Side.A, purpose=why, edit=None
        )
        workspace.submit(commands.CastVote(vote=vote, record=record)).result()
        with workspace.reading() as connection:
            earning[why] = [one.given_at for one in credit_lines.votes_of(connection, [rater])]
        erase(workspace, rater)
        with workspace.reading() as connection:
            assert [one.given_at for one in credit_lines.votes_of(connection, [rater])] == earning[why]
    given_at = [making.NOW + timedelta(hours=1)]
    assert earning == {
        None: given_at, Purpose.GOLD: given_at, Purpose.REPEAT: given_at, Purpose.PRACTICE: [], Purpose.TEST: [],
    }  # fmt: skip
    assert workspace.verify().problems == ()


def test_votes_are_counted_by_rater_edit_and_the_terms_of_their_turn(workspace: Workspace) -> None:
    making.cast(workspace)
    for hours in (1, 2, 3):
        later = making.completed(workspace, created_at=making.NOW + timedelta(hours=hours))
        vote = making.vote(later.battle.battle_id, OTHER, edit=None)
        workspace.submit(commands.CastVote(vote=vote, record=later)).result()
    early, late = CreditTerms(), CreditTerms(since=making.NOW + timedelta(hours=2), reward=500)
    with workspace.reading() as connection:
        found = credit_lines.counted(connection, "open", (early, late))
        assert credit_lines.counted(connection, "another", (early,)) == {}
    assert found == {hashed(ASKER): {(early, True): 1}, hashed(OTHER): {(early, False): 1, (late, False): 2}}


def test_what_an_erased_rater_earned_is_kept_without_texts(path: Path) -> None:
    with Workspace.open(path) as workspace:
        making.cast(workspace)
        making.cast(workspace, edit=None)
        making.cast(workspace, OTHER)
        terms = (CreditTerms(),)
        with workspace.reading() as connection:
            before = credit_lines.votes_of(connection, [ASKER])
            counted = credit_lines.counted(connection, "open", terms)
        erase(workspace)
        with workspace.reading() as connection:
            assert credit_lines.votes_of(connection, [ASKER]) == before
            assert credit_lines.counted(connection, "open", terms) == counted, "the other rater's vote, too"
            assert set(credit_lines.kept_raters(connection)) == {hashed(ASKER), hashed(OTHER)}
    assert ledger.verify(path).problems == ()
    assert b"A better answer." not in path.read_bytes()


def test_a_withdrawn_rater_s_credits_stay(workspace: Workspace) -> None:
    making.cast(workspace)
    removal = commands.Remove(removal_id="x_1", rater_id=ASKER, kind=RemovalKind.WITHDRAWN, removed_at=making.NOW)
    workspace.submit(removal).result()
    with workspace.reading() as connection:
        assert len(credit_lines.votes_of(connection, [ASKER])) == 1


def test_terms_are_written_only_where_they_change(workspace: Workspace) -> None:
    sent = [terms_line("1"), terms_line("2", reward=300), terms_line("3", reward=300), terms_line("4")]
    assert [workspace.submit(one).result() for one in sent] == [False, True, False, True]
    with workspace.reading() as connection:
        assert [one.reward for one in credit_lines.terms_of(connection, "open")] == [100, 300, 100]
        assert credit_lines.terms_of(connection, "another") == [CreditTerms()]
        assert ledger_rows.count(connection) == 2


def test_a_decision_is_a_line_and_no_more_is_held_back_than_there_is(workspace: Workspace) -> None:
    (made,) = workspace.submit(holding_back("1", 300)).result()
    assert made.line.subject == "cd_1"
    with pytest.raises(errors.Conflict, match="2 are held"):
        workspace.submit(holding_back("2", 201)).result()
    workspace.submit(holding_back("3", 200)).result()
    with pytest.raises(errors.Conflict, match="5 are held back"):
        workspace.submit(holding_back("4", -501)).result()
    workspace.submit(holding_back("5", -500, most=0)).result()
    with workspace.reading() as connection:
        assert credit_lines.held_back(connection, "open") == {hashed(ASKER): 0}
        assert [one.amount for _, one in credit_lines.decisions_on(connection, [ASKER])] == [300, 200, -500]
    assert workspace.verify().problems == ()


def test_decisions_of_one_moment_see_each_other(workspace: Workspace) -> None:
    with making.holding(workspace):
        futures = [workspace.submit(holding_back(str(number), 300)) for number in range(3)]
    refused = [future.exception() for future in futures]
    assert [type(one) for one in refused] == [type(None), errors.Conflict, errors.Conflict]


def test_a_decision_of_several_parts_is_whole_or_not_at_all(workspace: Workspace) -> None:
    fits, too_much = holding_back("1", 100), holding_back("2", 100, most=99, rater=OTHER)
    with pytest.raises(errors.Conflict):
        workspace.submit(commands.HoldBackCredits(parts=fits.parts + too_much.parts)).result()
    with workspace.reading() as connection:
        assert ledger_rows.count(connection) == 0


def test_two_settlements_at_once_pay_once(workspace: Workspace) -> None:
    futures = [workspace.submit(settling_campaign(str(number), 10, asker=100)) for number in range(20)]
    refusals = [future.exception() for future in futures]
    assert all(refusal is None or isinstance(refusal, errors.Conflict) for refusal in refusals)
    paid = [one for future in futures if future.exception() is None for one in future.result().lines]
    assert [one.entry.amount for one in paid] == [10]
    assert workspace.verify().problems == ()


def test_each_payment_is_a_line_and_is_found_by_who_is_paid(workspace: Workspace) -> None:
    settled = workspace.submit(settling_campaign("1", 1001, asker=300, other=100)).result()
    assert [one.line.subject for one in settled.lines] == ["s_1-1", "s_1-2"]
    assert [one.entry.commitment(one.salt) for one in settled.lines] == [one.line.commitment for one in settled.lines]
    with workspace.reading() as connection:
        (own,) = campaign_payments.received(connection, [ASKER])
        before = campaign_payments.paid_before(connection, "open")
    assert (own.sequence, own.entry) == (1, settled.lines[0].entry)
    assert (before.unit, before.amount) == ("EUR-cent", 1001)
    assert before.credits == {hashed(ASKER): 300, hashed(OTHER): 100}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE credit_terms SET reward = 1000",
        "UPDATE credit_terms SET audit_window = 30",
        "DELETE FROM credit_terms",
        "INSERT INTO credit_terms SELECT sequence, terms_id || 'x', campaign, 9, 9, 9, salt, since FROM credit_terms",
        "UPDATE credit_decisions SET amount = amount + 1 WHERE decision_id = 'cd_1'",
        "UPDATE credit_decisions SET reason = 'Another.' WHERE decision_id = 'cd_1'",
        "UPDATE credit_decisions SET reason = '', salt = '' WHERE decision_id = 'cd_1'",
        "UPDATE credit_decisions SET rater_sha256 = repeat('0', 64) WHERE decision_id = 'cd_1'",
        "UPDATE credit_decisions SET salt = 'not hexadecimal' WHERE decision_id = 'cd_1'",
        "DELETE FROM credit_decisions WHERE decision_id = 'cd_1'",
        "DELETE FROM kept_credits",
        "INSERT INTO kept_credits SELECT * FROM kept_credits",
        "UPDATE kept_credits SET sequence = 1",
        "UPDATE kept_credits SET edited = NOT edited",
        "UPDATE kept_credits SET rater_sha256 = repeat('0', 64)",
        "INSERT INTO kept_credits SELECT line, subject, 1, 'v_1', rater_sha256, campaign, true, given_at, cast_at "
        "FROM kept_credits",
        "UPDATE campaign_payments SET amount = amount + 1 WHERE subject = 's_1-1'",
        "UPDATE campaign_payments SET credits = credits + 1 WHERE subject = 's_1-1'",
        "UPDATE campaign_payments SET contributor = 'r_me' WHERE subject = 's_1-1'",
        "UPDATE campaign_payments SET rater_sha256 = repeat('0', 64) WHERE subject = 's_1-1'",
        "UPDATE campaign_payments SET total = 1002",
        "UPDATE campaign_payments SET salt = 'not hexadecimal' WHERE subject = 's_1-1'",
        "DELETE FROM campaign_payments WHERE subject = 's_1-1'",
        "INSERT INTO campaign_payments SELECT * FROM campaign_payments",
        "DELETE FROM ledger WHERE subject = 's_1-2'",
    ],
)
def test_whatever_is_changed_past_the_writer_is_found(path: Path, statement: str) -> None:
    filled(path)
    assert ledger.verify(path).problems == (), "positive control"
    with duckdb.connect(str(path)) as connection:
        connection.execute(statement)
    assert ledger.verify(path).problems


def test_an_erased_rater_s_reasons_are_gone_and_the_amounts_stay(path: Path) -> None:
    filled(path)
    with Workspace.open(path) as workspace, workspace.reading() as connection:
        assert credit_lines.held_back(connection, "open") == {hashed(ASKER): 200, hashed(OTHER): 100}
        assert [one.reason for _, one in credit_lines.decisions_on(connection, [OTHER])] == [""]
    assert ledger.verify(path).problems == ()
