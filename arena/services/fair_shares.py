"""Fair shares: how much of the arena one address, or one rater, may take while others want it too.

A request, a listener, a stream or a battle being written takes a place and gives it back at its end; a rate counts what
happens within a minute, and tries count what fails. A refusal costs one look into a dictionary, so refusing stays cheap
when it matters. Everything is in memory. Rates may be asked by any thread; places and tries belong to the thread of
the event loop.
"""

import time
from collections import Counter
from collections.abc import Callable, Hashable

from arena.domain.ids import BattleId
from arena.errors import TooMany
from arena.services.rates import Rate
from arena.services.tries import Tries
from arena.settings.tables import Limits

SIGN_IN_SECONDS = 900.0
"""How long failed sign-ins are counted."""
SIGN_INS_OF_AN_EMAIL = 5
SIGN_INS_OF_AN_ADDRESS = 50


class FairShares:
    """The shares of every address and rater in one arena."""

    def __init__(
        self, limits: Limits, alive: Callable[[BattleId], bool], clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`alive` says whether a battle is being written."""
        self.requests = Places(
            limits.requests_per_address, "Your address has as many requests open as one address may.", 1
        )
        self.listeners = Places(
            limits.listeners_per_address, "Your address has as many pages open as one address may. Close some.", 5
        )
        self.streams = Places(
            limits.streams_per_battle, "You read this battle in as many places as one may. Close some.", 2
        )
        self.battles = BattlePlaces(limits.battles_of_one_address, alive)
        self.raters = Rate(limits.raters_per_minute, clock, "Too many new raters came from your address.")
        self.failed_tokens = Rate(
            limits.failed_tokens_per_minute, clock, "Too many tokens that are not valid here came from your address."
        )
        self.sign_ins_of_email = Tries(
            SIGN_INS_OF_AN_EMAIL, clock, "Too many tries to sign in with this e-mail failed.", SIGN_IN_SECONDS
        )
        self.sign_ins_of_address = Tries(
            SIGN_INS_OF_AN_ADDRESS, clock, "Too many tries to sign in from your address failed.", SIGN_IN_SECONDS
        )


class Places:
    """A number of places for each key: so many things at the same time."""

    def __init__(self, limit: int, sentence: str, retry_seconds: int) -> None:
        self._limit = limit
        self._sentence = sentence
        self._retry_seconds = retry_seconds
        self._taken: Counter[Hashable] = Counter()

    def take(self, key: Hashable) -> None:
        """Take a place until `free`; raises `TooMany` when all of this key's are taken."""
        if self._taken[key] >= self._limit:
            raise TooMany(self._sentence, retry_seconds=self._retry_seconds)
        self._taken[key] += 1

    def free(self, key: Hashable) -> None:
        """Give a place back."""
        if self._taken[key] > 1:
            self._taken[key] -= 1
        else:
            del self._taken[key]


class BattlePlaces:
    """A number of battles being written for each address. A battle holds a place from its request to its end."""

    def __init__(self, limit: int, alive: Callable[[BattleId], bool]) -> None:
        self._limit = limit
        self._alive = alive
        self._asked: Counter[str] = Counter()
        self._written: dict[BattleId, str] = {}

    def take(self, address: str) -> "BattlePlace":
        """A place for the battle that a request of this address opens; raises `TooMany` when all are taken."""
        self._written = {battle_id: owner for battle_id, owner in self._written.items() if self._alive(battle_id)}
        taken = self._asked[address] + sum(owner == address for owner in self._written.values())
        if taken >= self._limit:
            raise TooMany("Your address has as many battles being written as one address may.", retry_seconds=5)
        self._asked[address] += 1
        return BattlePlace(self, address)

    def hold(self, address: str, battle_id: BattleId) -> None:
        """Note that a battle was opened: it holds a place of this address as long as it is being written."""
        self._written[battle_id] = address

    def free(self, address: str) -> None:
        """A request that asked for a battle has ended."""
        self._asked[address] -= 1
        if not self._asked[address]:
            del self._asked[address]


class BattlePlace:
    """The place of one request that opens a battle, handed to the battle once there is one."""

    def __init__(self, places: BattlePlaces, address: str) -> None:
        self._places = places
        self._address: str | None = address

    def hand_to(self, battle_id: BattleId) -> None:
        """Let the battle hold the place."""
        if self._address is not None:
            self._places.hold(self._address, battle_id)
            self.free()

    def free(self) -> None:
        """Give the place back, unless a battle holds it. May be called twice."""
        if self._address is not None:
            self._places.free(self._address)
            self._address = None
