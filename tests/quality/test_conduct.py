"""What raters do beside their votes: who does not look is found, told and held, and honest raters are not."""

import re
from dataclasses import replace

import numpy
import pytest
import quality_conduct as conducting
from quality_worlds import Votes

from arena import quality
from arena.quality import conduct
from tests.quality import conftest

VOTES = conftest.world(1).clean()
DONE = conducting.conduct(1, VOTES)
BUSY = conducting.busiest(VOTES)


def _found(votes: Votes, done: quality.Conduct) -> dict[str, set[str]]:
    """Kinds by rater."""
    log, told = conducting.log(votes), dict[str, set[str]]()
    for sign in quality.signs(log, done):
        told.setdefault(log.raters[sign.rater], set()).add(sign.kind)
    return told


@pytest.mark.parametrize("differ", [1.0, 2.0])
def test_of_honest_raters_nothing_is_said_whenever_one_looks(differ: float) -> None:
    for seed in range(2):
        votes = conftest.world(seed, votes=3_000).clean()
        done = conducting.conduct(seed, votes, differ)
        for until in range(1_000, 3_001, 1_000):
            some = Votes(**{name: getattr(votes, name)[:until] for name in Votes.__dataclass_fields__})
            assert _found(some, conducting.until(done, until)) == {}


@pytest.mark.parametrize(
    ("kind", "votes", "done", "words"),
    [
        ("gold", VOTES, conducting.failing_gold(DONE, BUSY), r"0 of \d+ known answers were found; others find about"),
        ("repeat", VOTES, conducting.contradicting(DONE, BUSY), r"came twice, .* 0 got .* the same side won again"),
        ("quick", VOTES, conducting.hurrying(DONE, VOTES, BUSY), r"\d+ of \d+ votes came within 1\.0 seconds"),
        ("straight", conducting.in_turn(VOTES, BUSY), DONE, r"for the other side than the vote before"),
        ("skip", VOTES, conducting.hunting(DONE, BUSY, 3), r"without 3 were skipped or stopped, and 0 of \d+ with it"),
    ],
)
def test_who_does_not_look_is_found_alone_and_told(kind: str, votes: Votes, done: quality.Conduct, words: str) -> None:
    assert _found(votes, done) == {str(BUSY): {kind}}
    (sign,) = quality.signs(conducting.log(votes), done)
    assert sign.strength > numpy.log(200)
    assert re.search(words, sign.sentence), sign.sentence


def test_always_left_in_half_a_second_is_found_by_its_time_and_by_its_side() -> None:
    votes = conducting.always_left(VOTES, BUSY)
    log = conducting.log(votes)
    done = conducting.hurrying(DONE, votes, BUSY)
    found = quality.joined(quality.audit(log), log, quality.signs(log, done))
    assert {one.kind for one in found.findings} == {"lopsided", "quick"}
    assert found.held_raters == (str(BUSY),)
    assert found.held.sum() == (votes.rater == BUSY).sum()


def test_votes_are_held_from_when_somebody_began_to_hurry() -> None:
    log = conducting.log(VOTES)
    found = quality.joined(quality.audit(log), log, quality.signs(log, conducting.hurrying(DONE, VOTES, BUSY, 3_000)))
    (finding,), (hold,) = found.findings, found.holds
    mine = numpy.flatnonzero(VOTES.rater == BUSY)
    assert finding.since == hold.since
    assert finding.since is not None
    assert mine[64] < finding.since <= mine[mine < 3_000][-1] + 1
    assert hold.votes == found.held.sum() == (mine >= finding.since).sum()
    assert (numpy.flatnonzero(found.held) == finding.rows).all()


def test_a_known_answer_that_is_wrong_accuses_nobody() -> None:
    assert DONE.gold is not None
    raters = numpy.asarray(DONE.gold.rater)
    wrong = numpy.isin(raters, numpy.unique(raters)[:20])
    item = numpy.where(wrong, 1_000_000 + numpy.arange(len(raters)) % 4, DONE.gold.item)
    done = replace(DONE, gold=replace(DONE.gold, item=item, right=DONE.gold.right & ~wrong))
    assert _found(VOTES, done) == {}
    alone = replace(DONE, gold=replace(DONE.gold, right=DONE.gold.right & ~wrong))
    assert _found(VOTES, alone), "the control: of items that nobody else met, each is the rater's own failure"


def test_to_differ_from_others_is_noted_and_nothing_is_held() -> None:
    chance = numpy.random.default_rng(5)
    mine = VOTES.rater == BUSY
    votes = replace(VOTES, outcome=numpy.where(mine, chance.permutation(VOTES.outcome), VOTES.outcome))
    strong = replace(votes, outcome=numpy.where(mine, votes.outcome, (VOTES.left > VOTES.right).astype(int)))
    log = conducting.log(strong)
    signs = quality.signs(log, quality.Conduct(item=conducting.items(strong)))
    assert [(log.raters[one.rater], one.kind) for one in signs] == [(str(BUSY), "apart")]
    before = quality.audit(log)
    after = quality.joined(before, log, signs)
    assert (after.holds, after.held.sum()) == (before.holds, before.held.sum())
    assert len(after.findings) == len(before.findings) + 1
    assert "To differ is no fault" in signs[0].sentence


def test_a_hold_of_the_audit_grows_and_what_waits_is_held_once() -> None:
    log = conducting.log(VOTES)
    mine, half = numpy.flatnonzero(VOTES.rater == BUSY), numpy.median(numpy.flatnonzero(VOTES.rater == BUSY))
    later = mine[mine >= half]
    on_model = mine[(VOTES.left[mine] == 0) | (VOTES.right[mine] == 0)]
    flags = numpy.zeros(len(VOTES.rater), dtype=bool)
    before = replace(
        quality.audit(log),
        holds=(
            quality.Hold(rater=str(BUSY), since=float(later[0]), model=None, votes=len(later), pending=False),
            quality.Hold(rater=str(BUSY), since=None, model="0", votes=len(on_model), pending=False),
            quality.Hold(rater=str(BUSY), since=None, model=None, votes=len(mine), pending=True),
        ),
        held=numpy.isin(numpy.arange(len(flags)), mine),
        pending=numpy.isin(numpy.arange(len(flags)), numpy.setdiff1d(mine, [*later, *on_model])),
    )
    rater = log.raters.index(str(BUSY))
    sign = conduct.Sign(
        kind="gold", rater=rater, strength=9.0, since=-numpy.inf, model=None, sentence="None was found."
    )
    whole = quality.joined(before, log, [sign])
    assert whole.holds == (quality.Hold(rater=str(BUSY), since=None, model=None, votes=len(mine), pending=False),)
    assert whole.pending.sum() == 0
    late = quality.joined(before, log, [replace(sign, since=float(mine[-3]))])
    (first, second, waiting) = late.holds
    assert (first.since, first.votes) == (float(later[0]), len(later)), "the earlier beginning stays"
    assert (second.model, second.votes) == ("0", int((on_model < later[0]).sum()))
    assert (waiting.pending, waiting.votes) == (True, len(mine) - len(later))


def test_a_rater_without_a_vote_that_counts_is_left_alone() -> None:
    gold = quality.KnownAnswers(
        rater=numpy.full(40, 9_999),
        moment=numpy.arange(40.0),
        item=numpy.arange(40),
        right=numpy.zeros(40, dtype=bool),
    )
    assert quality.signs(conducting.log(VOTES), quality.Conduct(gold=gold)) == []
