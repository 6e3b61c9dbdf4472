"""The page docs/routes.md: every route of the HTTP API, from its OpenAPI document and the docstrings of its bodies."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, cast

from pydantic import BaseModel

from arena.api import app
from arena.services.installation import Installation
from scripts import settings_page
from scripts.tables import table

OPENING = """# HTTP routes

Generated from the OpenAPI document by `make docs`; do not edit by hand. A running arena serves the document at
`/api/openapi.json`.

Send `Authorization: Bearer TOKEN`; [the API and its Python client](api.md) says where tokens come from, what each role
may do, and how a refusal looks. A body with a key that is not listed here is refused with 400, a value out of range
with 422.
"""

Document = Mapping[str, Any]


def page() -> str:
    """The whole page as Markdown."""
    document = app.build(cast(Installation, None)).openapi()
    by_tag: dict[str, list[tuple[str, Document]]] = {}
    for path, methods in document["paths"].items():
        for method, route in methods.items():
            by_tag.setdefault(route["tags"][0], []).append((f"`{method.upper()} {path}`", route))
    told, nested = dict[str, str](), dict[str, None]()
    parts = [OPENING]
    for tag, routes in by_tag.items():
        parts.append(f"## {tag.capitalize()}")
        for heading, route in routes:
            parts += [f"### {heading}", route.get("description", "")]
            parts += _route(heading, route, document, told, nested)
    parts.append("## Parts of bodies")
    shown: set[str] = set()
    while left := [name for name in nested if name not in shown]:  # a part may have parts
        shown.add(left[0])
        body = _body(left[0])
        parts += [f"### `{body.__name__}`", body.__doc__ or "", _fields(left[0], document, nested)]
    return "\n\n".join(part.strip("\n") for part in parts if part.strip()) + "\n"


def _route(
    heading: str, route: Document, document: Document, told: dict[str, str], nested: dict[str, None]
) -> Iterator[str]:
    given = [one for one in route.get("parameters", ()) if one["in"] != "path" and one["name"] != "accept"]
    yield table(
        ("parameter", "in", "type"),
        [(f"`{one['name']}`", one["in"], _type(one["schema"], {}) + _default(one["schema"])) for one in given],
    )
    body = route.get("requestBody", {}).get("content", {}).get("application/json")
    if body:
        yield "Takes:"
        yield _fields(body["schema"]["$ref"], document, nested)
    for status, answer in sorted(route["responses"].items()):
        if status >= "4":
            continue  # refusals, which docs/api.md tells of all routes
        schema = answer.get("content", {}).get("application/json", {}).get("schema", {})
        reference = schema.get("items", schema).get("$ref", "")
        form = "a list, each with " if schema.get("type") == "array" else ""
        if not reference:
            yield f"Answers {status}."
        elif reference in told:
            before = told[reference]
            yield f"Answers {status} with {form}the fields of [{before}](#{_anchor(before)})."
        else:
            told[reference] = heading
            yield f"Answers {status} with {form.removesuffix(' with ') or 'these fields'}:"
            yield _fields(reference, document, nested)


def _anchor(heading: str) -> str:
    """What a heading is called in an address."""
    return re.sub(r"[^\w\s-]", "", heading).strip().lower().replace(" ", "-")


def _fields(reference: str, document: Document, nested: dict[str, None]) -> str:
    """The fields of a body."""
    body = document["components"]["schemas"][reference.rpartition("/")[2]]
    meanings = settings_page.docstrings(_body(reference))
    rows = []
    for field, one in body["properties"].items():
        absent = "" if field in body.get("required", ()) else _default(one) or "; may be left out"
        rows.append((f"`{field}`", _type(one, nested) + absent, meanings.get(field, "")))
    if not any(meaning for *_, meaning in rows):
        return table(("field", "type"), [row[:2] for row in rows])
    return table(("field", "type", "meaning"), rows)


def _body(reference: str) -> type[BaseModel]:
    """The class behind a reference. FastAPI writes the module before the name where two classes bear it."""
    wanted = reference.rpartition("/")[2]
    for body in _bodies(BaseModel):
        if wanted in (body.__name__, f"{body.__module__}.{body.__name__}".replace(".", "__")):
            return body
    raise LookupError(f"no body of the API is called {wanted}")


def _bodies(kind: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for body in kind.__subclasses__():
        if body.__module__.startswith("arena.api"):
            yield body
        yield from _bodies(body)


def _type(schema: Document, nested: dict[str, None]) -> str:
    if "$ref" in schema:
        nested[schema["$ref"]] = None
        name = _body(schema["$ref"]).__name__
        return f"[`{name}`](#{name.lower()})"
    if isinstance(schema.get("type"), list):
        return " or ".join(_type({**schema, "type": one}, nested) for one in schema["type"])
    if "type" not in schema and "anyOf" in schema:
        return " or ".join(dict.fromkeys(_type(one, nested) for one in schema["anyOf"]))
    if "enum" in schema:
        return " or ".join(f"`{one}`" for one in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_type(schema['items'], nested)}" if schema.get("items") else "list"
    names = {"string": "text", "integer": "whole number", "boolean": "true or false"}
    return names.get(schema.get("type", ""), schema.get("type", "anything"))


def _default(schema: Document) -> str:
    return "" if schema.get("default") is None else f"; `{json.dumps(schema['default'])}` unless given"
