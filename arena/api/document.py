"""The OpenAPI document, completed by what FastAPI does not know of this API: how it refuses, and who may ask.

What a route answers, and what a body takes, stands at the route and the body (`said.py`). `tests/api/test_document.py`
sends requests that the document allows, and others, and holds every answer against it.
"""

from collections.abc import Iterator
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from arena.api import described, problems, said

OF_ALL: Final = (400, 401, 403, 404, 413, 422, 429, 503)
"""How any request may be refused: it cannot be read, who asks is not known or may not, what it names is not there, it
is too large, a value is out of range, one asks too much, or the arena is full."""
CHANGING: Final = ("post", "put", "patch", "delete")
IN_CONFLICT: Final = 409
"""Beside those, where something may be in another state than the request needs."""
KEYED: Final = "/api/v1/battles/{battle_id}/votes"
"""Where an Idempotency-Key has to be sent."""
PROBLEM: Final = "application/problem+json"
REFERENCE: Final = {"$ref": "#/components/schemas/Problem"}


def install(app: FastAPI) -> None:
    """Let the application answer with the completed document."""

    def made() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _completed(get_openapi(title=app.title, version=app.version, routes=app.routes))
        return app.openapi_schema

    app.openapi = made  # type: ignore[method-assign]  # as FastAPI's documentation has it


def _completed(document: dict[str, Any]) -> dict[str, Any]:
    parts = document["components"]
    for name in ("HTTPValidationError", "ValidationError"):
        parts["schemas"].pop(name, None)
    described.describe(parts["schemas"])
    parts["schemas"]["Problem"] = problems.SCHEMA
    parts["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer", "description": "A token of any kind; docs/api.md has them."},
    }
    document["security"] = [{"bearer": []}, {}]
    for path, method, operation in operations(document):
        for parameter in operation.get("parameters", []):
            _complete(parameter, required=path == KEYED)
        _add_refusals(operation["responses"], changing=method in CHANGING)
    return document


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Path, method and operation of each route."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def _complete(parameter: dict[str, Any], *, required: bool) -> None:
    """A parameter that is left out is no null; a key is needed where something is counted once by it."""
    schema = parameter["schema"]
    kinds = [one for one in schema.get("anyOf", []) if one.get("type") != "null"]
    if len(kinds) == 1:
        schema.pop("anyOf")
        schema.update(kinds[0])
    if parameter["name"] == "Idempotency-Key":
        parameter["required"] = required
        schema["pattern"] = said.KEY


def _add_refusals(responses: dict[str, Any], *, changing: bool) -> None:
    """How a request may be refused, each in the same form; what a route says of its own refusals stays."""
    if "HTTPValidationError" in str(responses.get("422", "")):
        del responses["422"]
    for status in (*OF_ALL, *([IN_CONFLICT] if changing else [])):
        responses.setdefault(str(status), {"description": problems.MEANINGS[status]})
    for told, response in responses.items():
        if "text/event-stream" in response.get("content", {}):
            response["content"].pop("application/json", None)  # which FastAPI adds where a route names no class
        if told >= "4":
            response.setdefault("content", {PROBLEM: {"schema": REFERENCE}})
