"""Groups battles that a selection cannot tell apart, so that what is counted for one counts for all of its group.

Filters look at few things in most battles, so there are far fewer groups than battles. The texts stay in the database:
DuckDB says of each text whether it is empty, or long enough, and whether anything in it is peculiar. A battle with a
peculiar text, a picture, a sound, a film or a corrected answer is in a group of its own. Services decide what counts;
this module only says which battles differ.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from arena.domain.ids import BattleId, ModelName, RaterId
from arena.store import database, holding, rows
from arena.store.connections import Connection

PLAIN = r"[!-~\p{L}]"
"""A text with one of these signs is visible. Of all other texts, only empty ones are grouped."""

BLANK = (
    "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
"""The signs that `str.strip` removes: answers that differ only by these at their ends are the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What tells battles apart, besides what always does: campaign, origin, turn, roles, outcomes, strengths, and
    whether both answers are the same."""

    models: bool = False
    raters: bool = False
    private: tuple[RaterId, ...] = ()
    """Votes and prompts by these raters are told apart from those by others."""
    moments: tuple[datetime, ...] = ()
    """Votes before each of these are told apart from votes after it."""
    prompt_characters: tuple[int, ...] = ()
    """Prompts shorter than each of these are told apart from longer ones; the same for answers."""
    answer_characters: tuple[int, ...] = ()
    finished: bool = False
    """Whether it matters how each answer ended."""
    held: bool = False
    """Whether it matters which votes are held."""
    reserved: tuple[str, ...] = ()
    """Words that make a text peculiar."""
    around: str = ""
    """An answer whose first line occurs in this text is peculiar."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredGroup:
    """Battles that cannot be told apart, in the order of the ledger."""

    battle_ids: Sequence[BattleId]
    models_a: Sequence[ModelName]
    """The model on the left of each battle."""
    models_b: Sequence[ModelName]


def groups(connection: Connection, asked: Asked) -> list[StoredGroup]:
    """Every battle with a vote that counts, in its group."""
    found = rows.fetched(
        connection,
        """
        WITH private AS (SELECT unnest($private::VARCHAR[]) AS rater_id),
        cast_votes AS (
            SELECT
                battle_id,
                min(sequence) AS place,
                bool_or(edit IS NOT NULL) AS peculiar,
                string_agg(
                    concat_ws(
                        ' ', winner, coalesce(strength, '-'), CASE WHEN $raters THEN rater_id END,
                        CASE WHEN rater_id IN (SELECT rater_id FROM private) THEN 'private' END,
                        CASE WHEN $held AND vote_id IN (SELECT unnest($held_votes::VARCHAR[])) THEN 'held' END,
                        list_transform($moments::TIMESTAMP[], lambda moment: cast_at < moment)::VARCHAR
                    ),
                    ',' ORDER BY sequence
                ) AS votes
            FROM votes
            WHERE vote_id IN (SELECT vote_id FROM counted_votes)
            GROUP BY battle_id
        ),
        answered AS (
            SELECT
                battle_id,
                bool_or(
                    media IS NOT NULL
                    OR text <> '' AND (
                        NOT regexp_matches(text, $plain)
                        OR contains($around, split_part(text, chr(10), 1))
                        OR ($reserved <> '' AND regexp_matches(text, $reserved))
                    )
                ) AS peculiar,
                string_agg(
                    concat_ws(
                        ' ', side, text = '', CASE WHEN $finished THEN coalesce(finish_reason, '') END,
                        CASE WHEN $held AND leak THEN 'held' END,
                        list_transform($answer_characters::BIGINT[], lambda bound: length(text) < bound)::VARCHAR
                    ),
                    ',' ORDER BY side
                ) AS answers,
                min(said) = max(said) AS same
            FROM (
                SELECT
                    *,
                    hash(
                        CASE
                            WHEN contains($blank, left(text, 1)) OR contains($blank, right(text, 1))
                            THEN trim(text, $blank) ELSE text
                        END
                    ) AS said
                FROM responses
            )
            GROUP BY battle_id
        ),
        described AS (
            SELECT
                battles.battle_id, battles.model_a, battles.model_b, cast_votes.place,
                battles.campaign, battles.turn, cast_votes.votes, answered.answers, answered.same,
                array_to_string(
                    list_transform(
                        from_json(battles.history, '[{"role": "VARCHAR", "content": "VARCHAR"}]'),
                        lambda message:
                            CASE
                                WHEN message.role = 'system' AND trim(message.content, $blank) = ''
                                THEN 'silent' ELSE message.role
                            END
                    ),
                    ' '
                ) AS roles,
                list_transform($prompt_characters::BIGINT[], lambda bound: length(prompt) < bound) AS prompt_lengths,
                origins.source, coalesce(origins.category, battles.category) AS category,
                coalesce(origins.language, battles.language) AS language, origins.timed,
                battles.rater_id IN (SELECT rater_id FROM private) AS private,
                CASE WHEN $models THEN battles.model_a END AS asked_a,
                CASE WHEN $models THEN battles.model_b END AS asked_b,
                CASE
                    WHEN cast_votes.peculiar OR answered.peculiar OR battles.parts IS NOT NULL OR (
                        $reserved <> '' AND (
                            regexp_matches(prompt, $reserved) OR regexp_matches(history::VARCHAR, $reserved)
                        )
                    ) THEN battles.battle_id
                END AS alone
            FROM cast_votes
            JOIN battles ON battles.battle_id = cast_votes.battle_id
            LEFT JOIN answered ON answered.battle_id = battles.battle_id
            LEFT JOIN origins ON origins.battle_id = battles.battle_id AND origins.source <> ''
        )
        SELECT
            list(battle_id ORDER BY place), list(model_a ORDER BY place), list(model_b ORDER BY place),
            min(place) AS first
        FROM described
        GROUP BY
            campaign, turn, votes, answers, same, roles, prompt_lengths, source, category, language, timed,
            private, asked_a, asked_b, alone
        ORDER BY first
        """,
        {
            "raters": asked.raters,
            "private": list(asked.private),
            "moments": [database.stored_time(moment) for moment in asked.moments],
            "plain": PLAIN,
            "blank": BLANK,
            "finished": asked.finished,
            "held": asked.held,
            "held_votes": list(holding.by_people(connection)) if asked.held else [],
            "around": asked.around,
            "reserved": "|".join(asked.reserved),
            "prompt_characters": list(asked.prompt_characters),
            "answer_characters": list(asked.answer_characters),
            "models": asked.models,
        },
    )
    return [StoredGroup(battle_ids=row[0], models_a=row[1], models_b=row[2]) for row in found]


def untold(connection: Connection) -> list[BattleId]:
    """The battles with a vote that counts whose language no source says."""
    found = rows.fetched(
        connection,
        "SELECT DISTINCT battle_id FROM counted_votes WHERE battle_id NOT IN "
        "(SELECT battle_id FROM origins WHERE source <> '' AND language IS NOT NULL) "
        "AND battle_id NOT IN (SELECT battle_id FROM battles WHERE language IS NOT NULL)",
    )
    return [row[0] for row in found]
