"""Reads battles that differ in little but texts as columns, in less than half of the time that records take.

DuckDB says which these are and puts them in groups, and gives columns by way of Arrow: other threads run meanwhile.
"""

import itertools
from collections.abc import Collection, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from arena.domain import ledger
from arena.domain.battle import Side
from arena.domain.ids import BattleId, RaterId, VoteId
from arena.domain.plain_battles import PlainBattles
from arena.store import battles, ledger_rows, rows
from arena.store.connections import Analytical

CHOSEN = f"""
    WITH apart AS (SELECT unnest(CAST(? AS VARCHAR[])) AS rater_id),
    cast_votes AS (
        SELECT *, count(*) OVER (PARTITION BY battle_id) AS on_battle FROM votes
        WHERE battle_id BETWEEN ? AND ? AND battle_id IN (SELECT unnest(CAST(? AS VARCHAR[])))
    )
    SELECT
        battle.battle_id, vote.vote_id, vote.rater_id, battle.model_a, battle.model_b,
        vote.sequence, line.commitment, vote.salt, vote.kept,
        min(battle.battle_id) OVER (
            PARTITION BY
                battle.turn, battle.campaign, battle.language, battle.category, battle.draw_probability IS NULL,
                battle.opens_first IS NULL, vote.winner, vote.strength, vote.tags = '[]', vote.reason IS NULL,
                vote.criteria IS NULL, vote.rater_kind, left_one.leak IS NULL OR right_one.leak IS NULL,
                coalesce(left_one.finish_reason, right_one.finish_reason) IS NULL,
                coalesce(left_one.completion_tokens, right_one.completion_tokens) IS NULL
        ) AS first
    FROM cast_votes AS vote
    JOIN battles AS battle ON battle.battle_id = vote.battle_id
    JOIN responses AS left_one ON left_one.battle_id = vote.battle_id AND left_one.side = 'a'
    JOIN responses AS right_one ON right_one.battle_id = vote.battle_id AND right_one.side = 'b'
    JOIN ({ledger_rows.COMMITMENTS}) AS line ON line.sequence = vote.sequence AND line.subject = vote.vote_id
    WHERE vote.on_battle = 1 AND vote.edit IS NULL
    AND vote.commitment_version = {ledger.VERSION} AND vote.kept IS NOT NULL
    AND vote.vote_id NOT IN (SELECT unnest(CAST(? AS VARCHAR[])))
    AND vote.rater_id NOT IN (SELECT rater_id FROM apart) AND battle.rater_id NOT IN (SELECT rater_id FROM apart)
    AND battle.battle_id BETWEEN ? AND ? AND battle.history = '{battles.NO_HISTORY}' AND battle.parts IS NULL
    AND left_one.battle_id BETWEEN ? AND ? AND left_one.media IS NULL AND left_one.leak IS DISTINCT FROM true
    AND right_one.battle_id BETWEEN ? AND ? AND right_one.media IS NULL AND right_one.leak IS DISTINCT FROM true
    AND right_one.total_seconds IS NOT NULL
    ORDER BY vote.sequence
"""
"""An answer without its time was imported (`battles.read`)."""


def read(
    connection: Analytical,
    battle_ids: Sequence[BattleId],
    held: Collection[VoteId],
    apart: Collection[RaterId],
) -> PlainBattles:
    """Those of these battles, each with a vote that counts, that are plain, in the ledger order of their votes; none
    with a held vote, and none that a rater of `apart` asked or voted on."""
    between = [min(battle_ids), max(battle_ids)]
    parameters = [list(apart), *between, list(battle_ids), list(held), *between * 3]
    chosen = rows.table(connection, CHOSEN, parameters)
    ids, vote_ids, raters, models_a, models_b, *of_votes, groups = map(rows.listed, chosen.columns)
    texts = _texts(connection, chosen["battle_id"])
    columns = [ids, vote_ids, raters, models_a, models_b, *texts, *of_votes, groups]
    telling = list(map(_tell_apart, *texts))
    if not all(telling):
        columns = [list(itertools.compress(column, telling)) for column in columns]
    return PlainBattles(columns=columns, firsts=battles.records(connection, sorted(set(columns[-1]))))


def _texts(connection: Analytical, battle_ids: pa.ChunkedArray) -> list[list[str]]:
    """What was asked and the answers of each side, in the order of these battles. Arrow puts ids in order, and no text:
    copies of texts would cost as much as reading them."""
    ids = battle_ids.to_pylist()
    if not ids:
        return [[], [], []]
    condition, parameters = rows.among("battle_id", ids)
    asked = rows.table(connection, f"SELECT battle_id, prompt FROM battles WHERE {condition}", parameters)
    answers = rows.table(connection, f"SELECT battle_id, text, side FROM responses WHERE {condition}", parameters)
    texts = rows.listed(answers["text"])
    found = [_in_order(rows.listed(asked["prompt"]), pc.index_in(battle_ids, value_set=asked["battle_id"]))]
    for side in Side:
        of_side = pc.indices_nonzero(pc.equal(answers["side"], side.value))
        places = pc.index_in(battle_ids, value_set=answers["battle_id"].take(of_side))
        found.append(_in_order(texts, of_side.take(places)))
    return found


def _in_order(texts: Sequence[str], places: pa.ChunkedArray) -> list[str]:
    return [texts[place] for place in places.to_pylist()]


def _tell_apart(prompt: str, text_a: str, text_b: str) -> bool:
    """Whether all three can be seen, and the answers are different."""
    shown_a, shown_b = text_a.strip(), text_b.strip()
    return bool(shown_a and shown_b and shown_a != shown_b and prompt.strip())
