"""What raters did beside the votes that count, as an audit takes it: known answers, repeats, and battles left out.

Each row names its rater as stored, the moment in microseconds since 1970 (UTC), and what it was drawn under, as the
rows of `audit_votes` do.
"""

from dataclasses import dataclass

import pyarrow

from arena.store.connections import Analytical

UNDER = "battles.campaign || ' ' || coalesce(CAST(battles.campaign_version AS VARCHAR), '') AS drawn_under"
KNOWN = (
    "SELECT votes.rater_id AS rater, epoch_us(votes.cast_at) AS moment, votes.battle_id AS item, "
    f"votes.winner = prompts.gold_winner AS found, {UNDER} "
    "FROM votes JOIN battles ON battles.battle_id = votes.battle_id "
    "JOIN items ON items.battle_id = votes.battle_id AND items.gold "
    "JOIN prompts ON prompts.set_name = items.set_name AND prompts.prompt_id = items.prompt_id "
    "WHERE votes.purpose = 'gold' AND votes.rater_id <> '' ORDER BY votes.sequence"
)
_LEFT_WON = "(({0}.winner = 'model_a') = (coalesce({0}.shown_left, 'a') = 'a'))"
AGAIN = (
    "SELECT again.rater_id AS rater, epoch_us(again.cast_at) AS moment, again.winner = before.winner AS same, "
    "again.winner IN ('model_a', 'model_b') AND before.winner IN ('model_a', 'model_b') "
    "AND again.shown_left IS NOT NULL AND before.shown_left IS NOT NULL "
    f"AND {_LEFT_WON.format('again')} = {_LEFT_WON.format('before')} AS same_side, {UNDER} "
    "FROM votes AS again JOIN battles ON battles.battle_id = again.battle_id "
    "JOIN votes AS before ON before.battle_id = again.battle_id "
    "AND before.rater_id = again.rater_id AND before.purpose IS NULL "
    "WHERE again.purpose = 'repeat' AND again.rater_id <> '' ORDER BY again.sequence"
)
LEFT_OUT = (
    "SELECT assignments.rater_id AS rater, epoch_us(ends.ended_at) AS moment, battles.model_a, battles.model_b, "
    f"{UNDER} FROM assignment_ends AS ends JOIN assignments ON assignments.assignment_id = ends.assignment_id "
    "JOIN battles ON battles.battle_id = ends.battle_id "
    "WHERE ends.cause = 'skipped' AND assignments.purpose IS NULL AND assignments.rater_id <> '' "
    f"UNION ALL SELECT battles.rater_id, epoch_us(voids.voided_at), battles.model_a, battles.model_b, {UNDER} "
    "FROM voids JOIN battles ON battles.battle_id = voids.battle_id "
    "WHERE voids.cause = 'rater' AND battles.rater_id <> '' ORDER BY moment, rater"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConductRows:
    """Tables, in an order that does not change."""

    known: pyarrow.Table
    """Votes on gold: `rater, moment, item, found, drawn_under`."""
    again: pyarrow.Table
    """Repeats: `rater, moment, same, same_side, drawn_under`."""
    left_out: pyarrow.Table
    """Battles skipped or stopped: `rater, moment, model_a, model_b, drawn_under`."""


def read(connection: Analytical) -> ConductRows:
    """All of it."""
    return ConductRows(
        known=connection.sql(KNOWN).to_arrow_table(),
        again=connection.sql(AGAIN).to_arrow_table(),
        left_out=connection.sql(LEFT_OUT).to_arrow_table(),
    )
