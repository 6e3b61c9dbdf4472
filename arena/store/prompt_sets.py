"""Prompts that are stored under the name of a set."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from arena.domain import parts, prompt_set
from arena.domain.battle import Message
from arena.domain.ids import ModelName, RaterId
from arena.domain.prompt_set import Gold, PromptSetSummary, StoredPrompt, messages_json
from arena.domain.vote import Winner
from arena.store import database, rows, stored_answers
from arena.store.connections import Connection

COLUMNS = {
    "set_name": "VARCHAR",
    "ordinal": "BIGINT",
    "prompt_id": "VARCHAR",
    "messages": "VARCHAR",
    "language": "VARCHAR",
    "language_detected": "BOOLEAN",
    "category": "VARCHAR",
    "tags": "VARCHAR",
    "gold_winner": "VARCHAR",
    "gold_model_a": "VARCHAR",
    "gold_model_b": "VARCHAR",
    "gold_explanation": "VARCHAR",
    "digest": "VARCHAR",
    "added_at": "TIMESTAMP",
}
READ = (
    "prompt_id, messages, language, language_detected, category, tags, "
    "gold_winner, gold_model_a, gold_model_b, gold_explanation, digest"
)


def prompts(
    connection: Connection, set_name: str, *, after: int = 0, limit: int | None = None
) -> list[tuple[int, StoredPrompt]]:
    """The prompts of a set in its order, each with its number in the set; those after a number, and so many of them."""
    bound = "" if limit is None else f" LIMIT {int(limit)}"
    found = rows.fetched(
        connection,
        f"SELECT ordinal, {READ} FROM prompts WHERE set_name = ? AND ordinal > ? ORDER BY ordinal{bound}",
        [set_name, after],
    )
    return [(row[0], _prompt(row[1:])) for row in found]


def find(connection: Connection, set_name: str, prompt_id: str) -> StoredPrompt | None:
    """One prompt of a set, or None."""
    found = rows.fetched(
        connection, f"SELECT {READ} FROM prompts WHERE set_name = ? AND prompt_id = ?", [set_name, prompt_id]
    )
    return _prompt(found[0]) if found else None


def exists(connection: Connection, set_name: str) -> bool:
    """Whether there is a set of this name. A set has at least one prompt."""
    return size(connection, set_name) > 0


def size(connection: Connection, set_name: str) -> int:
    """How many prompts a set has."""
    return rows.number(connection, "SELECT count(*) FROM prompts WHERE set_name = ?", [set_name])


def digests(connection: Connection, set_name: str, prompt_ids: Sequence[str] | None = None) -> dict[str, str]:
    """What each prompt of a set says, as a hash, by id; of these ids, where they are given."""
    if prompt_ids is not None and not prompt_ids:
        return {}
    listed, ids = ("TRUE", []) if prompt_ids is None else rows.among("prompt_id", prompt_ids)
    found = rows.fetched(
        connection, f"SELECT prompt_id, digest FROM prompts WHERE set_name = ? AND {listed}", [set_name, *ids]
    )
    return {row[0]: row[1] for row in found}


def summaries(connection: Connection) -> list[PromptSetSummary]:
    """Every set, by name."""
    answers: dict[str, dict[ModelName, int]] = {}
    for name, model, count in rows.fetched(
        connection,
        f"SELECT set_name, model, count(*) FROM stored_answers WHERE {stored_answers.SAID} "
        "GROUP BY set_name, model ORDER BY model",
    ):
        answers.setdefault(name, {})[ModelName(model)] = count
    empty: Mapping[str, int] = {
        row[0]: row[1]
        for row in rows.fetched(
            connection,
            f"SELECT set_name, count(*) FROM stored_answers WHERE NOT {stored_answers.SAID} GROUP BY set_name",
        )
    }
    return [
        PromptSetSummary(name=name, prompts=count, gold=gold, answers=answers.get(name, {}), empty=empty.get(name, 0))
        for name, count, gold in rows.fetched(
            connection, "SELECT set_name, count(*), count(gold_winner) FROM prompts GROUP BY set_name ORDER BY set_name"
        )
    ]


def owners(connection: Connection) -> frozenset[RaterId]:
    """The ids under which the prompts of sets are asked."""
    found = rows.fetched(connection, "SELECT DISTINCT set_name FROM prompts")
    return frozenset(prompt_set.owner(name) for (name,) in found)


def append(
    connection: Connection, set_name: str, added: Iterable[tuple[int, StoredPrompt]], added_at: datetime
) -> None:
    """Add prompts, each with its number in the set."""
    rows.append(connection, "prompts", COLUMNS, [_row(set_name, number, one, added_at) for number, one in added])


def _row(set_name: str, number: int, prompt: StoredPrompt, added_at: datetime) -> tuple[Any, ...]:
    gold = prompt.gold
    known = (None,) * 4 if gold is None else (gold.winner, gold.model_a, gold.model_b, gold.explanation)
    return (
        set_name,
        number,
        prompt.prompt_id,
        json.dumps(messages_json(prompt.messages), ensure_ascii=False),
        prompt.language,
        prompt.language_detected,
        prompt.category,
        json.dumps(prompt.tags, ensure_ascii=False),
        *known,
        prompt.digest,
        database.stored_time(added_at),
    )


def _prompt(row: Sequence[Any]) -> StoredPrompt:
    prompt_id, messages, language, detected, category, tags, winner, model_a, model_b, explanation, digest = row
    return StoredPrompt(
        prompt_id=prompt_id,
        messages=tuple(
            Message(role=one["role"], content=parts.from_json(one["content"])) for one in json.loads(messages)
        ),
        language=language,
        language_detected=detected,
        category=category,
        tags=tuple(json.loads(tags)),
        gold=None
        if winner is None
        else Gold(
            winner=Winner(winner), model_a=ModelName(model_a), model_b=ModelName(model_b), explanation=explanation
        ),
        digest=digest,
    )
