"""Three processes over one database lose no acknowledged vote, whatever is taken from them while raters vote.

python -m pytest tests/faults -m postgres -s       each fault once, short leases; `make test-many` runs it beside others
python -m pytest tests/faults -m soak -s           20 minutes, real leases
"""

import os
import random
import threading
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.faults import broken_leases, faults, many
from tests.faults.broken_leases import BrokenLeases
from tests.faults.many import Many

RATERS = 60
BACK_SECONDS = 30.0
SHORT_LEASE = 6
ENDS_SECONDS = 120.0
"""Within which every battle that was open at the end has ended."""
UNENDED = (
    "SELECT count(*) FROM battles WHERE NOT EXISTS (SELECT * FROM voids WHERE voids.battle_id = battles.battle_id) "
    "AND NOT EXISTS (SELECT * FROM responses WHERE responses.battle_id = battles.battle_id)"
)
LATE = "SELECT count(*) FROM voids JOIN responses ON voids.battle_id = responses.battle_id WHERE voids.cause <> 'rater'"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What the database holds at the end, beside what raters were told."""

    acknowledged: int
    lost: int
    """Acknowledged and not there."""
    twice: int
    """Battles with two votes, and keys with two."""
    untold: int
    """There, though no rater was ever told so."""
    late: int
    """Answers that were stored although their battle was void."""
    voids_twice: int
    open: int
    broken: BrokenLeases

    @property
    def is_well(self) -> bool:
        return not (
            self.lost or self.twice or self.untold or self.late or self.voids_twice or self.open or self.broken.early
        )


def compared(told: dict[str, tuple[str, str]], session: Any) -> Found:
    """What raters were told beside what is stored."""
    stored = session.execute("SELECT idempotency_key, battle_id, vote_id FROM votes").fetchall()
    said = {(key, battle_id, vote_id) for key, (battle_id, vote_id) in told.items()}
    voids = session.execute("SELECT battle_id FROM voids").fetchall()
    return Found(
        acknowledged=len(said),
        lost=len(said - {*stored}),
        twice=sum(count > 1 for place in (0, 1) for count in Counter(row[place] for row in stored).values()),
        untold=len({*stored} - said),
        late=session.execute(LATE).fetchone()[0],
        voids_twice=len(voids) - len({*voids}),
        open=session.execute(UNENDED).fetchone()[0],
        broken=broken_leases.found(session),
    )


def wait_until_all_ended(session: Any) -> None:
    ends = time.monotonic() + ENDS_SECONDS
    while session.execute(UNENDED).fetchone()[0] and time.monotonic() < ends:
        time.sleep(0.5)


def rated(installation: Many, chance: random.Random, names: list[str], seconds: float) -> dict[str, list[float]]:
    """Let raters vote while one fault after another comes: these, then any until the time is over."""
    back: dict[str, list[float]] = {}
    working = threading.Thread(target=installation.crowd.run, name="raters")
    working.start()
    ends = time.monotonic() + seconds
    try:
        installation.served(0)
        while names or time.monotonic() < ends:
            name = names.pop() if names else chance.choice(faults.possible(installation))
            took = faults.FAULTS[name](installation, chance)
            back.setdefault(name, []).append(took.opened)
            installation.wait()
            print(
                f"{name}: back after {took.opened:.1f} s, a vote after {took.voted:.1f} s, "
                f"{len(installation.crowd.told.votes)} votes so far "
                f"(load {os.getloadavg()[0]:.1f})", flush=True,
            )  # fmt: skip
            assert installation.server.lives
            assert all(program.lives for program in (*installation.arenas, installation.proxy))
            time.sleep(chance.uniform(0, 2))
    finally:
        installation.crowd.end()
        working.join()
    return back


def held_out(folder: Path, *, seconds: float, lease_seconds: int, reading: float, seed: int) -> None:
    """The whole run, and what is checked at its end."""
    chance = random.Random(seed)
    with many.running(folder, RATERS, reading, lease_seconds, seed) as installation:
        names = faults.possible(installation)
        chance.shuffle(names)
        back = rated(installation, chance, names, seconds)
        told = installation.crowd.told
        print(f"refusals {dict(told.refusals.most_common(12))}\nvoid {dict(told.voids.most_common(8))}")
        assert told.failures == []
        with installation.session() as session:
            wait_until_all_ended(session)
            found = compared(told.votes, session)
            print(found)
            assert found.is_well, found
            assert found.broken.broken > 0, "the control: battles of a process that stood still were taken from it"
            assert installation.problems() == []
            planted_loss_is_noticed(installation, session)
        slowest = {name: max(times) for name, times in back.items()}
        assert max(slowest.values()) <= BACK_SECONDS, slowest


def planted_loss_is_noticed(installation: Many, session: Any) -> None:
    """The positive control: one acknowledged vote is taken away, and one is told that was never stored."""
    told = installation.crowd.told.votes
    session.execute("DELETE FROM votes WHERE vote_id = %s", [next(iter(told.values()))[1]])
    assert compared(told, session).lost == 1
    assert compared({**told, "never sent": ("b_never", "v_never")}, session).lost == 2
    restarted = installation.arenas[1]
    restarted.kill()
    restarted.start()
    restarted.wait()
    assert any("vote" in problem for problem in installation.problems())


@pytest.mark.postgres
@pytest.mark.slow(seconds=100)
def test_each_fault_once_loses_no_vote(tmp_path: Path) -> None:
    held_out(tmp_path, seconds=0, lease_seconds=SHORT_LEASE, reading=8.0, seed=int(os.environ.get("SEED", "16")))


@pytest.mark.postgres
@pytest.mark.soak
def test_twenty_minutes_of_faults_lose_no_vote(tmp_path: Path) -> None:
    held_out(tmp_path, seconds=1200, lease_seconds=30, reading=8.0, seed=int(os.environ.get("SEED", "16")))
