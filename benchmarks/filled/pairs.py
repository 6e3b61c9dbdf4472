"""A workspace of preference pairs, as many as wanted, that `arena verify` finds true: a million in under two minutes.

A pair has a prompt of 400 bytes and two answers of 1,200, cut from one long text that compresses as English does. The
database writes the rows and hashes the votes: the tree of `vote_tree` is one SQL expression, and what is the same in
every vote is hashed once. Only the chain of lines is followed one by one.
"""

import contextlib
import itertools
import random
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple, cast

import duckdb
import pyarrow

from arena.domain import ledger, parts, vote_tree
from arena.domain.battle import Battle, BattleRecord, Response
from arena.domain.ids import BattleId, ConversationId, ModelName, RaterId, VoteId
from arena.domain.vote import Vote, Winner
from arena.store import database, ledger_rows, migrations

PROMPT_BYTES, ANSWER_BYTES = 400, 1200
NOW = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
RATERS = 400
SALT = "00" * ledger.SALT_BYTES
"""Of every vote, so that a leaf that is the same in all is hashed once."""
FILLED_TOGETHER = 122_880
"""A row group of DuckDB, which goes to its place in the file at once; fewer rows go through the log first."""


class Pair(NamedTuple):
    """What differs from one battle to the next; the columns of what the statements below read."""

    key: str
    """The end of its ids."""
    rater: str
    prompt: str
    left: str
    right: str
    winner: str


NAMES = Pair(*[f"{{{name}}}" for name in Pair._fields])
"""The pair whose battle shows where each value stands in what a vote commits to."""
VALUE = re.compile(r"\{(" + "|".join(Pair._fields) + r")\}")

BATTLES = """
INSERT INTO battles (
    ordinal, battle_id, conversation_id, turn, campaign, rater_id, prompt, history, model_a, model_b, draw_probability,
    created_at
)
SELECT key::BIGINT + 1, 'b_' || key, 'c_' || key, 1, 'default', rater, prompt, '[]', 'one', 'other', 1.0, $now
FROM page
"""
RESPONSES = """
INSERT INTO responses (
    battle_id, side, text, finish_reason, prompt_tokens, completion_tokens, first_token_seconds, total_seconds,
    completed_at
)
SELECT 'b_' || key, side, CASE side WHEN 'a' THEN "left" ELSE "right" END, 'stop', 100, 300, 0.1, 1.0, $now
FROM page, (VALUES ('a'), ('b')) AS sides(side)
ORDER BY key, side
"""
VOTES = f"""
INSERT INTO votes (
    sequence, vote_id, battle_id, rater_id, winner, tags, cast_at, idempotency_key, request_sha256, salt,
    commitment_version, kept
)
SELECT
    key::BIGINT + 1, 'v_' || key, 'b_' || key, rater, winner, '[]', $now, 'key ' || key, repeat('0', 64), '{SALT}',
    {ledger.VERSION}, kept
FROM page JOIN roots USING (key)
ORDER BY key
"""
LINES = "INSERT INTO ledger BY NAME SELECT * FROM lines"


def records(count: int) -> Iterator[BattleRecord]:
    """The battles with one vote each, as they would be read from the workspace."""
    return map(record, pairs(count))


def pairs(count: int) -> Iterator[Pair]:
    """So many, the same ones each time."""
    chance = random.Random(20260101)
    words = ["".join(chance.choices("etaoinshrdlucmfwypvbgk", k=chance.randint(2, 9))) for _ in range(5000)]
    text = " ".join(chance.choices(words, k=400_000))
    last = len(text) - ANSWER_BYTES
    for number in range(count):
        prompt, left, right = (int(chance.random() * last) for _ in range(3))
        yield Pair(
            key=f"{number:026}",
            rater=f"r_{number % RATERS}",
            prompt=text[prompt : prompt + PROMPT_BYTES],
            left=text[left : left + ANSWER_BYTES],
            right=text[right : right + ANSWER_BYTES],
            winner=(Winner.MODEL_A if number % 2 else Winner.MODEL_B).value,
        )


def record(pair: Pair) -> BattleRecord:
    """The battle of a pair, with its vote."""
    battle = Battle(
        battle_id=BattleId(f"b_{pair.key}"),
        conversation_id=ConversationId(f"c_{pair.key}"),
        turn=1,
        continues=None,
        continued_side=None,
        campaign="default",
        rater_id=RaterId(pair.rater),
        content=parts.of_text(pair.prompt),
        history=(),
        model_a=ModelName("one"),
        model_b=ModelName("other"),
        draw_probability=1.0,
        created_at=NOW,
    )
    vote = Vote(
        vote_id=VoteId(f"v_{pair.key}"),
        battle_id=battle.battle_id,
        rater_id=battle.rater_id,
        winner=cast(Winner, pair.winner) if pair is NAMES else Winner(pair.winner),
        cast_at=NOW,
        idempotency_key=f"key {pair.key}",
        request_sha256="0" * 64,
    )
    return BattleRecord(
        battle=battle,
        response_a=_response(pair.left),
        response_b=_response(pair.right),
        completed_at=NOW,
        void=None,
        votes=(vote,),
    )


def fill(path: Path, count: int) -> None:
    """Write them to a new workspace, many at a time."""
    rest, line, times = pairs(count), None, {"now": database.stored_time(NOW)}
    with contextlib.closing(database.connect(path)) as connection:
        migrations.migrate(connection, migrations.known("workspace"), path)
        while some := list(itertools.islice(rest, FILLED_TOGETHER)):
            connection.register("page", pyarrow.table(dict(zip(Pair._fields, zip(*some, strict=True), strict=True))))
            connection.execute("BEGIN")
            connection.execute(BATTLES, times)
            connection.execute(RESPONSES, times)
            connection.execute(f"CREATE OR REPLACE TEMP TABLE roots AS {_roots()}")
            connection.execute(VOTES, times)
            line = _follow(connection, line)
            connection.execute("COMMIT")
        connection.execute("CHECKPOINT")


def _follow(connection: duckdb.DuckDBPyConnection, line: ledger.Line | None) -> ledger.Line | None:
    """Add the lines of the votes whose `roots` are there; the last one."""
    added = []
    for vote_id, commitment in connection.execute("SELECT 'v_' || key, commitment FROM roots ORDER BY key").fetchall():
        line = ledger.follow(line, vote_id, commitment)
        added.append((line.sequence, line.subject, line.commitment, line.previous, line.hash))
    columns = dict(zip(ledger_rows.COLUMNS, map(list, zip(*added, strict=True)), strict=True))
    connection.register("lines", pyarrow.table(columns))
    connection.execute(LINES)
    return line


def _roots() -> str:
    """The query for the root of each vote on the page, and for what is kept on the way there (`vote_tree.root`)."""
    shown = record(NAMES)
    told = vote_tree.whole(shown.votes[0], vote_tree.judged(shown))
    leaves = [
        _hash(f"unhex('{(vote_tree.LEAF + salt).hex()}') || encode({_text(field.decode())})")
        for salt, field in zip(vote_tree.salts(SALT), told, strict=True)
    ]
    first, second, third = (_over(leaves[at : at + size]) for at, size in ((0, 8), *vote_tree.KEPT))
    root = _node(_node("first", "second"), "third")
    return (
        f"SELECT key, lower(hex({root})) AS commitment, lower(hex(second || third)) AS kept "
        f"FROM (SELECT key, {first} AS first, {second} AS second, {third} AS third FROM page)"
    )


def _text(told: str) -> str:
    """What a vote tells, as an expression: texts and the columns of the page that stand between them."""
    pieces = VALUE.split(told)
    return " || ".join(f'"{one}"' if place % 2 else f"'{one}'" for place, one in enumerate(pieces))


def _over(level: list[str]) -> str:
    while len(level) > 1:
        level = [_node(left, right) for left, right in zip(level[::2], level[1::2], strict=True)]
    return level[0]


def _node(left: str, right: str) -> str:
    return _hash(f"unhex('{vote_tree.NODE.hex()}') || {left} || {right}")


def _hash(of: str) -> str:
    return f"unhex(sha256({of}))"


def _response(text: str) -> Response:
    return Response(
        text=text,
        finish_reason="stop",
        prompt_tokens=100,
        completion_tokens=300,
        first_token_seconds=0.1,
        total_seconds=1.0,
    )
