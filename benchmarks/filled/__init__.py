"""A data folder with as many battles as wanted, written by the database itself: two million in about a minute.

Every battle but the last `ready` is voted on; those wait for the vote of the rater whose token is returned. One in
fifty is void. The rows hold together as the store reads them; the commitments in the ledger are made up, so that
`arena verify` would not find them true.
"""

import contextlib
import random
import secrets
from datetime import UTC, datetime
from pathlib import Path

from arena.domain import ids
from arena.services import identity, paths
from arena.services.identity import Identity
from arena.store import database, migrations
from arena.store.instance import Instance

MODELS = 20
VOTES_OF_A_RATER = 50
WORDS = "the river keeps its own account of every stone it has carried and forgets none of them on the way down. " * 12

SECONDS_BETWEEN = 5
BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)

FIRST, STEP = int(BEGINNING.timestamp() * 1000), SECONDS_BETWEEN * 1000

ULIDS = f"""
CREATE TEMP MACRO ulid(number) AS list_reduce(
    list_transform(
        range(9, -1, -1),
        lambda place: substr(
            '{ids.CROCKFORD}',
            1 + ((({FIRST} + number * {STEP}) >> (5 * place)) & 31)::BIGINT,
            1
        )
    ),
    lambda begun, sign: begun || sign
) || lpad(number::VARCHAR, 16, '0')
"""
BATTLES = """
INSERT INTO battles (
    ordinal, battle_id, conversation_id, turn, continues, continued_side, campaign, rater_id, prompt, history, model_a,
    model_b, draw_probability, created_at
)
SELECT
    number, 'b_' || ulid(number), 'c_' || ulid(number), 1, NULL, NULL, 'default',
    CASE WHEN number > $voted THEN $rater ELSE 'r_' || ulid(number // $each) END,
    substr($words, 1 + (number * 7) % 400, 40 + number % 160), [],
    format('model-{:02d}', number % $models),
    format('model-{:02d}', (number % $models + 1 + (number // $models) % ($models - 1)) % $models),
    1.0 / $models, $beginning::TIMESTAMP + to_seconds(number * $between)
FROM range(1, $voted + $ready + 1) AS numbers(number)
"""
VOIDS = """
INSERT INTO voids (battle_id, cause, failed_side, detail, voided_at)
SELECT battle_id, 'model', 'a', 'it hung', created_at FROM battles WHERE ordinal <= $voted AND ordinal % 50 = 0
"""
RESPONSES = """
INSERT INTO responses (
    battle_id, side, text, finish_reason, prompt_tokens, completion_tokens, first_token_seconds, total_seconds,
    completed_at
)
SELECT
    battle_id, side, substr($words, 1 + (ordinal * 11 + ascii(side)) % 500, 100 + ordinal % 400), 'stop', 100, 100,
    0.1, 1.0, created_at + INTERVAL 2 SECONDS
FROM battles, (VALUES ('a'), ('b')) AS sides(side)
WHERE ordinal > $voted OR ordinal % 50 <> 0
ORDER BY ordinal, side
"""
VOTES = """
INSERT INTO votes (
    sequence, vote_id, battle_id, rater_id, winner, strength, tags, reason, edit, reading_seconds, cast_at,
    idempotency_key, request_sha256, salt
)
SELECT
    row_number() OVER (ORDER BY ordinal), 'v_' || ulid(ordinal), battle_id, rater_id,
    ['model_a', 'model_b', 'model_a', 'tie', 'model_b', 'both_bad'][(1 + hash(ordinal) % 6)::BIGINT],
    NULL, [], NULL, NULL, 3.0,
    created_at + INTERVAL 9 SECONDS, 'key ' || ordinal, sha256(ordinal::VARCHAR), md5(ordinal::VARCHAR)
FROM battles WHERE ordinal <= $voted AND ordinal % 50 <> 0
"""
LEDGER = """
INSERT INTO ledger (sequence, subject, commitment, previous, hash)
SELECT sequence, vote_id, sha256('c' || vote_id), sha256('h' || (sequence - 1)), sha256('h' || sequence)
FROM votes ORDER BY sequence
"""


def names() -> list[str]:
    """The models of such a folder."""
    return [f"model-{number:02}" for number in range(MODELS)]


def battle_id(number: int) -> str:
    """The id of a battle by its number, from 1."""
    moment = FIRST + number * STEP
    return "b_" + "".join(ids.CROCKFORD[(moment >> (5 * place)) & 31] for place in range(9, -1, -1)) + f"{number:016}"


def fill(data_dir: Path, voted: int, ready: int, models: int = MODELS) -> str:
    """Make the folder; the token of the rater whose battles wait for a vote."""
    path = paths.workspace_path(data_dir, paths.DEFAULT_WORKSPACE)
    database.make_folder(path.parent)
    with Instance.open(paths.instance_path(data_dir)) as instance:
        secret = identity.signing_secret(data_dir)
        raters = Identity(instance, secret, paths.DEFAULT_WORKSPACE, random.SystemRandom())
        token = raters.new_rater(datetime.now(UTC)).token
        rater = raters.rater(token)
    if rater is None or not ids.ours(battle_id(1)):
        raise AssertionError("these are no ids of the arena")
    given = {"words": WORDS, "voted": voted, "ready": ready, "rater": rater.rater_id}
    given |= {"models": models, "each": VOTES_OF_A_RATER, "between": SECONDS_BETWEEN}
    given |= {"beginning": database.stored_time(BEGINNING)}
    with contextlib.closing(database.connect(path)) as connection:
        migrations.migrate(connection, migrations.known("workspace"), path)
        connection.execute(ULIDS)
        for statement in (BATTLES, VOIDS, RESPONSES, VOTES, LEDGER):
            connection.execute(statement, {name: value for name, value in given.items() if f"${name}" in statement})
        connection.execute("CHECKPOINT")
    return token


def key() -> str:
    """A fresh Idempotency-Key."""
    return secrets.token_hex(8)
