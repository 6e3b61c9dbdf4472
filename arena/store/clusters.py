"""Which cluster of prompts each battle's conversation is in, as decided for releases."""

from collections.abc import Mapping

from arena.domain.ids import BattleId
from arena.store import rows
from arena.store.connections import Connection

COLUMNS = {"battle_id": "VARCHAR", "founder": "VARCHAR"}


def founders(connection: Connection) -> dict[BattleId, BattleId]:
    """The battle that founded each battle's cluster, where that was decided."""
    found: dict[BattleId, BattleId] = {}
    for battle_id, founder in rows.fetched(connection, "SELECT battle_id, founder FROM clusters ORDER BY rowid"):
        found.setdefault(battle_id, founder)
    return found


def append(connection: Connection, decided: Mapping[BattleId, BattleId]) -> None:
    """Add what was decided."""
    rows.append(connection, "clusters", COLUMNS, list(decided.items()))
