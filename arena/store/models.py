"""The contestants. A name belongs to one fingerprint for ever; where it runs may move."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from arena.domain.ids import ModelName
from arena.domain.model import Api, Model, Sampling
from arena.store import database, rows
from arena.store.connections import Connection

COLUMNS = {
    "ordinal": "BIGINT",
    "name": "VARCHAR",
    "fingerprint": "VARCHAR",
    "endpoint": "VARCHAR",
    "served_name": "VARCHAR",
    "system_prompt": "VARCHAR",
    "sampling": "VARCHAR",
    "api_key_env": "VARCHAR",
    "api": "VARCHAR",
    "plain_template": "VARCHAR",
    "chat_template_kwargs": "VARCHAR",
    "extra_body": "VARCHAR",
    "replicas": "VARCHAR",
    "strict_name": "BOOLEAN",
    "added_at": "TIMESTAMP",
}
STORED = ", ".join(list(COLUMNS)[3:-1])
"""What a model is made of, beside its name."""


def registered(connection: Connection) -> list[Model]:
    """Every model ever added, by name, each where it was last said to run."""
    found = rows.fetched(
        connection,
        f"SELECT name, {STORED} FROM models "
        "WHERE ordinal IN (SELECT max(ordinal) FROM models GROUP BY name) ORDER BY name",
    )
    return [_model(row) for row in found]


def append(connection: Connection, added: Iterable[tuple[int, Model, datetime | None]]) -> None:
    """Add models, each with its ordinal and, where it is known, the time."""
    rows.append(
        connection,
        "models",
        COLUMNS,
        [
            (
                ordinal,
                model.name,
                model.fingerprint(),
                model.endpoint,
                model.served_name,
                model.system_prompt,
                json.dumps(asdict(model.sampling)),
                model.api_key_env,
                model.api,
                model.plain_template,
                _json(model.chat_template_kwargs),
                _json(model.extra_body),
                _json(model.replicas),
                model.strict_name,
                None if added_at is None else database.stored_time(added_at),
            )
            for ordinal, model, added_at in added
        ],
    )


def _json(value: Any) -> str | None:
    return json.dumps(value) if value else None


def _model(row: tuple[Any, ...]) -> Model:
    sampling = json.loads(row[4])
    sampling["stop"] = tuple(sampling.get("stop", ()))
    return Model(
        name=ModelName(row[0]),
        endpoint=row[1],
        served_name=row[2],
        system_prompt=row[3],
        sampling=Sampling(**sampling),
        api_key_env=row[5],
        api=Api(row[6]),
        plain_template=row[7],
        chat_template_kwargs=json.loads(row[8] or "{}"),
        extra_body=json.loads(row[9] or "{}"),
        replicas=tuple(json.loads(row[10] or "[]")),
        strict_name=bool(row[11]),
    )
