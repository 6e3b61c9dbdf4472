"""The contestants. A name belongs to one fingerprint for ever; where it runs may move."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from arena.domain.ids import ModelName
from arena.domain.model import Model, Sampling
from arena.store import rows
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
}


def registered(connection: Connection) -> list[Model]:
    """Every model ever added, by name, each where it was last said to run."""
    found = rows.fetched(
        connection,
        "SELECT name, endpoint, served_name, system_prompt, sampling, api_key_env FROM models "
        "WHERE ordinal IN (SELECT max(ordinal) FROM models GROUP BY name) ORDER BY name",
    )
    return [_model(row) for row in found]


def append(connection: Connection, added: Iterable[tuple[int, Model]]) -> None:
    """Add models, each with its ordinal."""
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
            )
            for ordinal, model in added
        ],
    )


def _model(row: tuple[Any, ...]) -> Model:
    return Model(
        name=ModelName(row[0]),
        endpoint=row[1],
        served_name=row[2],
        system_prompt=row[3],
        sampling=Sampling(**json.loads(row[4])),
        api_key_env=row[5],
    )
