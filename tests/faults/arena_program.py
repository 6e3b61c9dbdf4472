"""The command `arena`, whose leases last so many seconds: python -m tests.faults.arena_program SECONDS serve ..."""

import sys

from arena.cli import main
from arena.services import battle_writing
from arena.store.postgres import shared_transactions


def shorten(seconds: int) -> None:
    """Let leases end after so many seconds, and everything that waits for them be as much quicker."""
    quicker = seconds / shared_transactions.LEASE_SECONDS
    shared_transactions.LEASE_SECONDS = seconds
    shared_transactions.UNTIL = f"clock_timestamp() + INTERVAL '{seconds} seconds'"
    shared_transactions.RENEWAL_SECONDS *= quicker
    battle_writing.LEFT_SECONDS *= quicker


if __name__ == "__main__":
    shorten(int(sys.argv.pop(1)))
    main()
