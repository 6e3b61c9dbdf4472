"""What made-up raters do beside their votes, for `quality.py` and the tests: known answers, repeats, time, shared
items, and skipped battles. Honest ones are alike as far as `differ` says; functions below make one of them careless.
"""

from dataclasses import replace

import numpy
from quality_worlds import Votes

from arena import quality
from arena.quality.log import Log

GOLD, AGAIN, SKIPPED = 0.1, 0.1, 0.05
"""Shares of votes beside which there is a known answer, a repeat, a skipped battle."""
SECONDS = 20.0


def conduct(seed: int, votes: Votes, differ: float = 1.0) -> quality.Conduct:
    """What honest raters who cast these votes do. `differ`: how much less alike they are than usual."""
    chance = numpy.random.default_rng((seed, 11))
    raters = int(votes.rater.max()) + 1
    moment = numpy.arange(len(votes.rater), dtype=float)
    known, again = (numpy.flatnonzero(chance.random(len(moment)) < share) for share in (GOLD, AGAIN))
    finds, repeats = chance.beta(16 / differ, 4 / differ, raters), chance.beta(15 / differ, 5 / differ, raters)
    same = chance.random(len(again)) < repeats[votes.rater[again]]
    pace = chance.lognormal(0, 0.4 * differ, raters)
    skipped = numpy.flatnonzero(chance.random(len(moment)) < SKIPPED)
    given = numpy.sort(numpy.concatenate([numpy.arange(len(moment)), skipped]), kind="stable")
    left_out = numpy.zeros(len(given), dtype=bool)
    left_out[1:] = given[1:] == given[:-1]
    models = chance.integers(0, int(votes.left.max()) + 1, (len(given), 2))
    voted = ~left_out
    return quality.Conduct(
        gold=quality.KnownAnswers(
            rater=votes.rater[known],
            moment=moment[known],
            item=numpy.arange(len(known)),
            right=chance.random(len(known)) < finds[votes.rater[known]],
        ),
        repeats=quality.RepeatedVotes(
            rater=votes.rater[again],
            moment=moment[again],
            same=same,
            same_side=~same & (chance.random(len(again)) < 0.6),
        ),
        given=quality.Given(
            rater=votes.rater[given],
            moment=moment[given],
            left=numpy.where(voted, votes.left[given], models[:, 0]),
            right=numpy.where(voted, votes.right[given], models[:, 1]),
            campaign=numpy.zeros(len(given), dtype=int),
            skipped=left_out,
        ),
        seconds=SECONDS * pace[votes.rater] * chance.lognormal(0, 0.8, len(moment)),
        item=items(votes),
    )


def items(votes: Votes) -> numpy.ndarray:
    """Three votes on the same two models are on one item."""
    low, high = numpy.minimum(votes.left, votes.right), numpy.maximum(votes.left, votes.right)
    pair = low * 1_000 + high
    order = numpy.argsort(pair, kind="stable")
    _, first = numpy.unique(pair[order], return_index=True)
    place = numpy.empty(len(pair), dtype=int)
    place[order] = numpy.arange(len(pair)) - first[numpy.unique(pair[order], return_inverse=True)[1]]
    found: numpy.ndarray = pair * 10_000 + place // 3
    return found


def until(done: quality.Conduct, first: int) -> quality.Conduct:
    """What was done by the time of the vote with this number."""
    assert done.gold is not None
    assert done.repeats is not None
    assert done.given is not None
    assert done.seconds is not None
    assert done.item is not None
    gold, repeats, given = done.gold, done.repeats, done.given
    known, again, had = gold.moment < first, repeats.moment < first, given.moment < first
    return quality.Conduct(
        gold=quality.KnownAnswers(
            rater=numpy.asarray(gold.rater)[known],
            moment=gold.moment[known],
            item=gold.item[known],
            right=gold.right[known],
        ),
        repeats=quality.RepeatedVotes(
            rater=numpy.asarray(repeats.rater)[again],
            moment=repeats.moment[again],
            same=repeats.same[again],
            same_side=repeats.same_side[again],
        ),
        given=quality.Given(
            rater=numpy.asarray(given.rater)[had],
            moment=given.moment[had],
            left=numpy.asarray(given.left)[had],
            right=numpy.asarray(given.right)[had],
            campaign=given.campaign[had],
            skipped=given.skipped[had],
        ),
        seconds=done.seconds[:first],
        item=done.item[:first],
    )


def log(votes: Votes) -> Log:
    """As the audit reads it, in the order of rows."""
    return quality.read(*votes.columns(), moment=numpy.arange(len(votes.rater), dtype=float))


def found(votes: Votes, done: quality.Conduct) -> dict[str, set[str]]:
    """Kinds by rater."""
    told: dict[str, set[str]] = {}
    read = log(votes)
    for sign in quality.signs(read, done):
        told.setdefault(read.raters[sign.rater], set()).add(sign.kind)
    return told


def busiest(votes: Votes) -> int:
    """Who cast most votes."""
    return int(numpy.bincount(votes.rater).argmax())


def failing_gold(done: quality.Conduct, rater: int) -> quality.Conduct:
    """The same, but for a rater who finds no known answer."""
    assert done.gold is not None
    return replace(done, gold=replace(done.gold, right=done.gold.right & (numpy.asarray(done.gold.rater) != rater)))


def contradicting(done: quality.Conduct, rater: int) -> quality.Conduct:
    """The same, but for a rater who chooses the same side whenever an item comes again."""
    assert done.repeats is not None
    mine = numpy.asarray(done.repeats.rater) == rater
    again = replace(done.repeats, same=done.repeats.same & ~mine, same_side=done.repeats.same_side | mine)
    return replace(done, repeats=again)


def hurrying(done: quality.Conduct, votes: Votes, rater: int, since: int = 0) -> quality.Conduct:
    """The same, but for a rater who votes within half a second from some vote on."""
    assert done.seconds is not None
    mine = (votes.rater == rater) & (numpy.arange(len(votes.rater)) >= since)
    return replace(done, seconds=numpy.where(mine, 0.5, done.seconds))


def always_left(votes: Votes, rater: int) -> Votes:
    """The same, but for a rater for whom left wins whatever stands there."""
    return replace(votes, outcome=numpy.where(votes.rater == rater, 0, votes.outcome))


def in_turn(votes: Votes, rater: int) -> Votes:
    """The same, but for a rater for whom left and right win in turn."""
    mine = numpy.flatnonzero(votes.rater == rater)
    outcome = votes.outcome.copy()
    outcome[mine] = numpy.arange(len(mine)) % 2
    return replace(votes, outcome=outcome)


def hunting(done: quality.Conduct, rater: int, model: int) -> quality.Conduct:
    """The same, but for a rater who skips whatever a model is not in."""
    assert done.given is not None
    mine = numpy.asarray(done.given.rater) == rater
    with_it = (numpy.asarray(done.given.left) == model) | (numpy.asarray(done.given.right) == model)
    return replace(done, given=replace(done.given, skipped=numpy.where(mine, ~with_it, done.given.skipped)))
