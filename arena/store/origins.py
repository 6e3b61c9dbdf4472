"""Where imported battles came from."""

from collections.abc import Iterable, Sequence

from arena.domain.ids import BattleId, RaterId
from arena.domain.origin import Origin
from arena.store import rows
from arena.store.connections import Connection

COLUMNS = {
    "battle_id": "VARCHAR",
    "source": "VARCHAR",
    "item": "VARCHAR",
    "language": "VARCHAR",
    "category": "VARCHAR",
    "timed": "BOOLEAN",
    "digest": "VARCHAR",
}


def of_battles(connection: Connection, battle_ids: Sequence[BattleId]) -> dict[BattleId, Origin]:
    """The origins of those of these battles that were imported. A forgotten one is none."""
    condition, parameters = rows.among("battle_id", battle_ids)
    found = rows.fetched(
        connection, f"SELECT {', '.join(COLUMNS)} FROM origins WHERE {condition} AND source <> ''", parameters
    )
    return {
        BattleId(row[0]): Origin(
            source=row[1], item=row[2], language=row[3], category=row[4], timed=row[5], digest=row[6]
        )
        for row in found
    }


def find(connection: Connection, digests: Sequence[str]) -> dict[str, BattleId]:
    """The battles that have these digests, by digest; those not known here are left out."""
    found = rows.fetched(
        connection,
        "SELECT digest, battle_id FROM origins WHERE digest IN (SELECT unnest(CAST(? AS VARCHAR[])))",
        [list(digests)],
    )
    return {row[0]: BattleId(row[1]) for row in found}


def append(connection: Connection, imported: Iterable[tuple[BattleId, Origin]]) -> None:
    """Add the origins of battles."""
    rows.append(
        connection,
        "origins",
        COLUMNS,
        [
            (battle_id, origin.source, origin.item, origin.language, origin.category, origin.timed, origin.digest)
            for battle_id, origin in imported
        ],
    )


def forget(connection: Connection, author: RaterId) -> None:
    """Of the battles whose prompt is this rater's, keep the digests alone: the file cannot bring them back."""
    connection.execute(
        "UPDATE origins SET source = '', item = '', language = NULL, category = NULL "
        "WHERE battle_id IN (SELECT battle_id FROM battles WHERE rater_id = ?)",
        [author],
    )
