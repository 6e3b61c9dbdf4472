"""What each policy draws: the probability that is told is the frequency with which the pair comes."""

import itertools
import random
from collections import Counter

import pytest

from arena.domain.campaign import MeetingPair, PairingPolicy
from arena.domain.ids import ModelName
from arena.pairing import POLICIES
from arena.pairing.draw import EXPLORED, KnownVotes, Pair, chances, drawn

RIVER, LANTERN, ORCHARD, HERON = (ModelName(name) for name in ("river", "lantern", "orchard", "heron"))
PAIRS: list[Pair] = [frozenset(two) for two in itertools.combinations((RIVER, LANTERN, ORCHARD, HERON), 2)]
FEW, MANY = frozenset((RIVER, LANTERN)), frozenset((ORCHARD, HERON))
SEEN = KnownVotes(
    votes=dict.fromkeys(PAIRS, 90) | {FEW: 10, MANY: 400},
    floor=40,
    design=dict.fromkeys(PAIRS, 0.1) | {MANY: 0.5},
)
RULES: list[tuple[tuple[MeetingPair, ...], ModelName | None]] = [
    ((), None),
    ((), HERON),
    ((MeetingPair(first=RIVER, second=HERON), MeetingPair(first=LANTERN, second=RIVER, weight=3.0)), None),
    ((MeetingPair(first=RIVER, second=HERON), MeetingPair(first=LANTERN, second=RIVER, weight=3.0)), HERON),
]
DRAWS = 20_000


@pytest.mark.parametrize("policy", list(PairingPolicy))
@pytest.mark.parametrize(("pairs", "focus"), RULES)
@pytest.mark.parametrize("floor", [0, 40])
def test_the_probability_told_is_the_frequency(
    policy: PairingPolicy, pairs: tuple[MeetingPair, ...], focus: ModelName | None, floor: int
) -> None:
    chance = random.Random(11)
    seen = KnownVotes(votes=SEEN.votes, floor=floor, design=SEEN.design)
    given = chances(POLICIES[policy](PAIRS, seen), pairs, focus)
    assert sum(given.values()) == pytest.approx(1)
    told, first = Counter[tuple[Pair, float]](), Counter[ModelName]()
    for _ in range(DRAWS):
        one = drawn(given, chance)
        told[frozenset((one.model_a, one.model_b)), one.probability] += 1
        first[one.model_a] += 1
    assert {pair for pair, _ in told} == set(given)
    for (_, probability), count in told.items():
        spread = (probability * (1 - probability) / DRAWS) ** 0.5
        assert count / DRAWS == pytest.approx(probability, abs=4.5 * spread)
    for model, count in first.items():
        drawn_share = sum(probability for pair, probability in given.items() if model in pair)
        assert count / DRAWS == pytest.approx(drawn_share / 2, abs=0.02)


@pytest.mark.parametrize("policy", list(PairingPolicy))
@pytest.mark.parametrize("floor", [0, 40])
def test_what_a_policy_says_sums_to_one(policy: PairingPolicy, floor: int) -> None:
    shares = POLICIES[policy](PAIRS, KnownVotes(votes=SEEN.votes, floor=floor, design=SEEN.design))
    assert set(shares) == set(PAIRS)
    assert sum(shares.values()) == pytest.approx(1)


def test_a_draw_that_told_another_probability_would_be_noticed() -> None:
    """The control of the test above: uniform probabilities told for draws by coverage."""
    chance, given = random.Random(11), chances(POLICIES[PairingPolicy.COVERAGE](PAIRS, SEEN))
    found = Counter(frozenset((one.model_a, one.model_b)) for one in (drawn(given, chance) for _ in range(DRAWS)))
    assert abs(found[FEW] / DRAWS - 1 / len(PAIRS)) > 0.1


def test_a_pair_below_the_floor_comes_first_and_none_is_impossible() -> None:
    for policy in (PairingPolicy.COVERAGE, PairingPolicy.INFORMATIVE):
        given = chances(POLICIES[policy](PAIRS, SEEN))
        assert given[FEW] > 1 - EXPLORED
        assert min(given.values()) == pytest.approx(EXPLORED / len(PAIRS))


def test_above_the_floor_coverage_prefers_few_votes_and_informative_what_tells_most() -> None:
    seen = KnownVotes(votes=SEEN.votes, floor=5, design=SEEN.design)
    coverage = chances(POLICIES[PairingPolicy.COVERAGE](PAIRS, seen))
    informative = chances(POLICIES[PairingPolicy.INFORMATIVE](PAIRS, seen))
    assert max(coverage, key=coverage.__getitem__) == FEW
    assert max(informative, key=informative.__getitem__) == MANY


def test_without_a_board_informative_draws_alike() -> None:
    given = chances(POLICIES[PairingPolicy.INFORMATIVE](PAIRS, KnownVotes()))
    assert given == pytest.approx(chances(POLICIES[PairingPolicy.UNIFORM](PAIRS, KnownVotes())))


def test_the_model_in_focus_is_in_half_of_the_draws() -> None:
    for policy in PairingPolicy:
        given = chances(POLICIES[policy](PAIRS, SEEN), (), HERON)
        assert sum(probability for pair, probability in given.items() if HERON in pair) == pytest.approx(0.5)


def test_pairs_that_may_not_meet_have_no_chance() -> None:
    given = chances(POLICIES[PairingPolicy.UNIFORM](PAIRS, SEEN), (MeetingPair(first=RIVER, second=HERON, weight=2.0),))
    assert given == {frozenset((RIVER, HERON)): 1.0}
