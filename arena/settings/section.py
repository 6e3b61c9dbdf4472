"""What tables of the configuration have in common: types of their keys, and that no other key is taken."""

import json
from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue, StringConstraints

SLUG = r"^[a-z0-9][a-z0-9._-]{1,62}[a-z0-9]$"
Slug = Annotated[str, StringConstraints(pattern=SLUG)]
EnvironmentName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
Seconds = Annotated[float, Field(gt=0, le=3600)]


def _json(value: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """Raises `ValueError` for what JSON cannot say: TOML's `inf` and `nan`."""
    try:
        json.dumps(value, allow_nan=False)
    except ValueError as error:
        raise ValueError("a number in it is infinite or not one, which JSON cannot say.") from error
    return value


JsonObject = Annotated[dict[str, JsonValue], AfterValidator(_json)]


def holds_nul(given: object) -> bool:
    """Whether any text in a value of JSON holds NUL, names of keys included."""
    waiting = [given]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str) and "\0" in one:
            return True
        if isinstance(one, Mapping):
            waiting += [*one.keys(), *one.values()]
        elif isinstance(one, list | tuple):
            waiting += one
    return False


class Section(BaseModel):
    """One table. A key that it does not have is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)
