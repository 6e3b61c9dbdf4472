"""What the database itself saw of leases: who took a battle of whom away, and whether its lease had run out.

Triggers note each renewal and each battle that a process ends of which another holds the lease. Times are the
database's. A renewal may be committed a moment after it was noted, so the one of the last second counts for nobody.
"""

from typing import Any, NamedTuple

SEEN = """
CREATE SCHEMA seen;
CREATE TABLE seen.renewals (process_id VARCHAR, expires_at TIMESTAMPTZ, at TIMESTAMPTZ DEFAULT clock_timestamp());
CREATE TABLE seen.broken (battle_id VARCHAR, process_id VARCHAR, at TIMESTAMPTZ DEFAULT clock_timestamp());
CREATE FUNCTION seen.renewed() RETURNS TRIGGER LANGUAGE plpgsql AS $$ BEGIN
    IF TG_OP = 'DELETE' THEN
        INSERT INTO seen.renewals (process_id, expires_at) VALUES (OLD.process_id, '-infinity');
    ELSE
        INSERT INTO seen.renewals (process_id, expires_at) VALUES (NEW.process_id, NEW.expires_at);
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION seen.ended() RETURNS TRIGGER LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO seen.broken (battle_id, process_id)
    SELECT OLD.battle_id, OLD.process_id WHERE NOT EXISTS (
        SELECT * FROM {schema}.processes
        WHERE process_id = OLD.process_id AND xmin::VARCHAR::BIGINT = txid_current() % 4294967296
    );
    RETURN NULL;
END $$;
CREATE TRIGGER seen_renewed AFTER INSERT OR UPDATE OR DELETE ON {schema}.processes
    FOR EACH ROW EXECUTE FUNCTION seen.renewed();
CREATE TRIGGER seen_ended AFTER DELETE ON {schema}.leases FOR EACH ROW EXECUTE FUNCTION seen.ended();
"""
EARLY = """
SELECT count(*), count(*) FILTER (WHERE until > at) FROM (
    SELECT broken.at, (
        SELECT expires_at FROM seen.renewals
        WHERE renewals.process_id = broken.process_id AND renewals.at < broken.at - INTERVAL '1 second'
        ORDER BY renewals.at DESC LIMIT 1
    ) AS until FROM seen.broken
) AS judged
"""


class BrokenLeases(NamedTuple):
    """Battles that another process ended."""

    broken: int
    early: int
    """Of these, while the lease of their process had not run out."""


def watch(connection: Any, schema: str) -> None:
    """Have the database note what becomes of leases from now on."""
    connection.execute(SEEN.format(schema=f'"{schema}"'))


def found(connection: Any) -> BrokenLeases:
    """What it noted."""
    return BrokenLeases(*connection.execute(EARLY).fetchone())
