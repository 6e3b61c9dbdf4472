"""Requests that are answered past FastAPI's layers (docs/decisions/0064-usual-requests-are-answered-directly.md).

FastAPI passes each request through eight layers and solves its dependencies anew, which costs more than most endpoints.
What a route needs is known when the arena starts, so here the endpoint itself is called, with the same arguments.
Whatever is not usual goes on to FastAPI, untouched: an unknown path, another method, a query, a body that is not of the
route's shape. So only FastAPI says what is wrong with a request.
"""

import inspect
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from fastapi import APIRouter, FastAPI, Request, Response, params
from fastapi.datastructures import DefaultPlaceholder
from fastapi.routing import APIRoute
from pydantic import BaseModel, TypeAdapter, ValidationError
from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope, Send

from arena import errors
from arena.api import problems, who
from arena.imports import jsonkeys
from arena.imports.imported_vote import RowFault

JSON = "application/json"
ASKED = (who.services, who.installation, who.session, who.visitor, who.principal, who.battle_place)
"""What endpoints depend on; each takes the request and nothing else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How the endpoint of one route is called."""

    endpoint: Callable[..., Awaitable[Any]]
    status: int
    answer: TypeAdapter[Any] | None
    """None: the endpoint makes its response itself."""
    asked: Mapping[str, Callable[[Request], Awaitable[Any]]]
    headers: Mapping[str, tuple[str, Any]]
    """The header of an argument, and what stands for a missing one."""
    body: tuple[str, TypeAdapter[Any]] | None


class Direct:
    """An ASGI layer in front of the API."""

    def __init__(self, app: FastAPI, routers: Iterable[APIRouter]) -> None:
        """`routers` are those of the application, in the order in which it has them."""
        self._app = app
        self._known: dict[tuple[str, int], list[tuple[re.Pattern[str], Plan | None]]] = {}
        """Routes by method and by the slashes in their paths, in the order in which FastAPI tries them."""
        for route in (route for router in routers for route in router.routes):
            if isinstance(route, APIRoute) and ":path}" not in route.path:
                plan = planned(route)
                for method in route.methods or ():
                    known = self._known.setdefault((method, route.path.count("/")), [])
                    known.append((route.path_regex, plan))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = self._find(scope) if scope["type"] == "http" else None
        if found is None:
            await self._app(scope, receive, send)
            return
        plan, arguments = found
        if plan.body is not None:
            body = await _read(receive)
            if body is None:
                return  # whoever asked is gone, or the gate refuses what is too large
            try:
                value = _of_shape(plan.body[1], scope, body)
            except errors.Malformed as refusal:
                await problems.response(refusal)(scope, receive, send)
                return
            if value is None:
                await self._app(scope, _again(body, receive), send)
                return
            arguments[plan.body[0]] = value
        scope["app"] = self._app
        try:
            answer = await _called(plan, arguments, Request(scope))
        except errors.ArenaError as error:
            answer = problems.response(error)
        await answer(scope, receive, send)

    def _find(self, scope: Scope) -> tuple[Plan, dict[str, Any]] | None:
        """The plan for a request and what its path gives; None where FastAPI has to look."""
        if scope["query_string"]:
            return None
        path = scope["path"]
        for pattern, plan in self._known.get((scope["method"], path.count("/")), ()):
            found = pattern.match(path)
            if found is not None:
                return None if plan is None else (plan, found.groupdict())
        return None


async def _called(plan: Plan, arguments: dict[str, Any], request: Request) -> Response:
    for name, ask in plan.asked.items():
        arguments[name] = await ask(request)
    for name, (header, missing) in plan.headers.items():
        arguments[name] = request.headers.get(header, missing)
    made = await plan.endpoint(**arguments)
    if isinstance(made, Response):
        return made
    if plan.answer is None:
        raise TypeError(f"{plan.endpoint.__name__} made {type(made).__name__} and no response")
    content = plan.answer.dump_json(plan.answer.validate_python(made), by_alias=True)
    return Response(content, plan.status, media_type=JSON)


async def _read(receive: Receive) -> bytes | None:
    """The whole body; None where it did not come whole."""
    parts = []
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)


def _of_shape(shape: TypeAdapter[Any], scope: Scope, body: bytes) -> Any:
    """The body of a request; None where it is of another shape or no JSON. Raises `Malformed` for a key named twice."""
    kind = Headers(scope=scope).get("content-type", "").lower()
    if kind != JSON and not kind.startswith(f"{JSON};"):
        return None
    try:
        return shape.validate_python(jsonkeys.loads(body))
    except RowFault as fault:
        raise errors.Malformed(f"The body is ambiguous: {fault} Name each key once.") from fault
    except (ValidationError, ValueError, RecursionError):
        return None


def _again(body: bytes, receive: Receive) -> Receive:
    """A body that was read, to be read again."""
    read: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def first() -> Message:
        return read.pop() if read else await receive()

    return first


def planned(route: APIRoute) -> Plan | None:
    """How to call the endpoint of a route; None for one that needs what only FastAPI does."""
    answer = _answer(route)
    if answer is None or not inspect.iscoroutinefunction(route.endpoint) or route.dependencies:
        return None
    hints = get_type_hints(route.endpoint, include_extras=True)
    asked: dict[str, Callable[[Request], Awaitable[Any]]] = {}
    headers: dict[str, tuple[str, Any]] = {}
    body: tuple[str, TypeAdapter[Any]] | None = None
    for name, parameter in inspect.signature(route.endpoint).parameters.items():
        of, *notes = get_args(hints[name]) if get_origin(hints[name]) is Annotated else (hints[name],)
        note = next((one for one in notes if isinstance(one, params.Depends | params.Param | params.Body)), None)
        if isinstance(note, params.Depends) and note.dependency in ASKED:
            asked[name] = note.dependency
        elif name in route.param_convertors and of is str and not notes:
            continue
        elif _is_header(note) and of == (str | None) and parameter.default is None:
            headers[name] = (getattr(note, "alias", None) or name.replace("_", "-"), None)
        elif isinstance(of, type) and issubclass(of, BaseModel) and not notes and body is None:
            body = (name, TypeAdapter(of))
        elif _of_query(note, name, parameter, route.param_convertors):
            continue  # it has its default
        else:
            return None
    return Plan(
        endpoint=route.endpoint,
        status=route.status_code or 200,
        answer=answer[0],
        asked=asked,
        headers=headers,
        body=body,
    )


def _is_header(note: object) -> bool:
    """Whether an argument is a header as it comes, of whatever length and form."""
    return isinstance(note, params.Header) and not note.metadata


def _of_query(note: object, name: str, parameter: inspect.Parameter, in_path: Mapping[str, object]) -> bool:
    """Whether an argument comes from a query, and has its plain default without one."""
    is_query = isinstance(note, params.Query) or (note is None and name not in in_path)
    default = parameter.default
    return is_query and default is not inspect.Parameter.empty and not isinstance(default, params.Param)


def _answer(route: APIRoute) -> Sequence[TypeAdapter[Any] | None] | None:
    """A sequence of one: what writes the answer of an endpoint, or None where the endpoint writes it itself. None in
    place of the sequence: only FastAPI can write it."""
    usual = (
        isinstance(route.response_class, DefaultPlaceholder)
        and route.response_model_by_alias
        and not (route.response_model_exclude_unset or route.response_model_exclude_defaults)
        and not (route.response_model_exclude_none or route.response_model_include or route.response_model_exclude)
    )
    if not usual:
        return None
    if route.response_model is not None:
        return (TypeAdapter(route.response_model),)
    made = get_type_hints(route.endpoint).get("return")
    return (None,) if isinstance(made, type) and issubclass(made, Response) else None
