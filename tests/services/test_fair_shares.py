"""Fair shares: what one key takes is refused beyond its limit, given back at the end, and nobody else's."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest

from arena.domain.ids import BattleId
from arena.errors import TooMany
from arena.services.fair_shares import BattlePlaces, FairShares, Places
from arena.services.rates import Rate
from arena.settings.tables import Limits


@dataclass
class Clock:
    """A time that stands until it is moved."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Alive:
    """Which battles are being written."""

    battles: set[BattleId] = field(default_factory=set)

    def __call__(self, battle_id: BattleId) -> bool:
        return battle_id in self.battles


def refused_of(places: Places | Rate | BattlePlaces, key: str, asked: int) -> int:
    """How many of so many takings are refused."""
    refused = 0
    for _ in range(asked):
        try:
            places.take(key)
        except TooMany:
            refused += 1
    return refused


def test_places_beyond_the_limit_are_refused_to_their_key_alone_and_come_back() -> None:
    places = Places(3, "Full.", 7)
    assert refused_of(places, "one", 5) == 2
    assert refused_of(places, "another", 3) == 0
    places.free("one")
    assert refused_of(places, "one", 2) == 1
    with pytest.raises(TooMany, match=r"^Full\. Try again in 7 seconds\.$") as refusal:
        places.take("one")
    assert (refusal.value.retry_seconds, refusal.value.code) == (7, "limit")


def test_places_that_came_back_leave_nothing_in_memory() -> None:
    places = Places(3, "Full.", 7)
    for number in range(100):
        places.take(number)
        places.free(number)
    assert not places._taken


def test_a_minute_has_its_share_and_the_next_one_too() -> None:
    clock = Clock()
    rate = Rate(5, clock, "Too many.")
    assert refused_of(rate, "one", 8) == 3
    assert refused_of(rate, "another", 5) == 0
    clock.now += 59.5
    with pytest.raises(TooMany, match="Try again in a second") as refusal:
        rate.take("one")
    assert refusal.value.retry_seconds == 1
    clock.now += 0.5
    assert refused_of(rate, "one", 8) == 3


def test_a_rate_says_how_long_its_minute_still_lasts_and_forgets_it_afterwards() -> None:
    clock = Clock()
    rate = Rate(1, clock, "Too many.")
    for number in range(100):
        rate.take(str(number))
    clock.now += 20
    with pytest.raises(TooMany) as refusal:
        rate.take("7")
    assert refusal.value.retry_seconds == 40
    clock.now += 40
    rate.take("8")
    assert (list(rate._since), list(rate._count)) == (["8"], ["8"])


def test_a_battle_holds_its_place_while_it_is_written_and_no_longer() -> None:
    alive = Alive()
    places = BattlePlaces(2, alive)
    for name in ("b_1", "b_2"):
        alive.battles.add(BattleId(name))
        place = places.take("one")
        place.hand_to(BattleId(name))
        place.free()
    assert refused_of(places, "one", 1) == 1
    assert refused_of(places, "another", 2) == 0
    alive.battles.remove(BattleId("b_1"))
    assert refused_of(places, "one", 2) == 1


def test_requests_that_ask_for_battles_hold_places_and_give_them_back_when_refused() -> None:
    """Sixty-four requests at the same moment must not all pass because none has a battle yet."""
    places = BattlePlaces(2, Alive())
    first, second = places.take("one"), places.take("one")
    assert refused_of(places, "one", 1) == 1
    first.free()
    first.free()
    assert refused_of(places, "one", 2) == 1
    second.free()
    places.take("one").free()


@pytest.mark.parametrize(("live", "share"), [(64, 48), (2, 1), (1, 1), (300, 225)])
def test_an_address_has_three_quarters_of_the_battles_where_nothing_else_is_said(live: int, share: int) -> None:
    assert Limits(live_battles=live).battles_of_one_address == share
    assert Limits(live_battles=live, battles_per_address=5).battles_of_one_address == 5


def test_the_limits_of_the_settings_are_those_that_hold() -> None:
    limits = Limits(
        requests_per_address=2,
        listeners_per_address=3,
        streams_per_battle=4,
        battles_per_address=5,
        raters_per_minute=6,
        failed_tokens_per_minute=7,
    )
    shares = FairShares(limits, Alive(), Clock())
    named = (
        shares.requests,
        shares.listeners,
        shares.streams,
        shares.battles,
        shares.raters,
        shares.failed_tokens,
    )
    assert [10 - refused_of(one, "key", 10) for one in named] == [2, 3, 4, 5, 6, 7]


def test_a_rate_lets_no_more_through_where_many_threads_ask() -> None:
    def clock() -> float:
        time.sleep(0.001)  # others ask meanwhile
        return 1000.0

    rate = Rate(5, clock, "Too many.")
    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(lambda _: refused_of(rate, "one", 2), range(8))) == 16 - 5
