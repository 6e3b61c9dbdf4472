"""Answers to prompts of a set that were made beforehand."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from arena.domain import parts
from arena.domain.ids import ModelName
from arena.domain.prompt_set import StoredAnswer
from arena.store import database, rows
from arena.store.connections import Connection

COLUMNS = {
    "set_name": "VARCHAR",
    "prompt_id": "VARCHAR",
    "model": "VARCHAR",
    "sample": "INTEGER",
    "text": "VARCHAR",
    "finish_reason": "VARCHAR",
    "prompt_tokens": "BIGINT",
    "completion_tokens": "BIGINT",
    "seconds": "DOUBLE PRECISION",
    "generated_at": "TIMESTAMP",
    "fingerprint": "VARCHAR",
    "media": "VARCHAR",
    "digest": "VARCHAR",
    "added_at": "TIMESTAMP",
}
READ = (
    "prompt_id, model, sample, text, finish_reason, prompt_tokens, completion_tokens, seconds, generated_at, "
    "fingerprint, media"
)
SAID = "(text <> '' OR media IS NOT NULL)"
"""Of an answer that is not empty."""


def digests(connection: Connection, set_name: str, prompt_ids: Sequence[str]) -> dict[tuple[str, str, int], str]:
    """What each answer to these prompts says, as a hash, by its key."""
    if not prompt_ids:
        return {}
    listed, ids = rows.among("prompt_id", prompt_ids)
    found = rows.fetched(
        connection,
        f"SELECT prompt_id, model, sample, digest FROM stored_answers WHERE set_name = ? AND {listed}",
        [set_name, *ids],
    )
    return {(row[0], row[1], row[2]): row[3] for row in found}


def of_prompt(connection: Connection, set_name: str, prompt_id: str) -> list[StoredAnswer]:
    """The answers to a prompt that are not empty, by model and sample."""
    found = rows.fetched(
        connection,
        f"SELECT {READ} FROM stored_answers WHERE set_name = ? AND prompt_id = ? AND {SAID} ORDER BY model, sample",
        [set_name, prompt_id],
    )
    return [_answer(row) for row in found]


def append(connection: Connection, set_name: str, added: Iterable[StoredAnswer], added_at: datetime) -> None:
    """Add answers."""
    rows.append(
        connection,
        "stored_answers",
        COLUMNS,
        [
            (
                set_name,
                one.prompt_id,
                one.model,
                one.sample,
                one.text,
                one.finish_reason,
                one.prompt_tokens,
                one.completion_tokens,
                one.seconds,
                None if one.generated_at is None else database.stored_time(one.generated_at),
                one.fingerprint,
                parts.media_to_text(one.media),
                one.digest,
                database.stored_time(added_at),
            )
            for one in added
        ],
    )


def _answer(row: tuple[Any, ...]) -> StoredAnswer:
    return StoredAnswer(
        prompt_id=row[0],
        model=ModelName(row[1]),
        sample=row[2],
        text=row[3],
        finish_reason=row[4],
        prompt_tokens=row[5],
        completion_tokens=row[6],
        seconds=row[7],
        generated_at=None if row[8] is None else database.read_time(row[8]),
        fingerprint=row[9],
        media=parts.media_from_text(row[10]),
    )
