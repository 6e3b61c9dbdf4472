"""Errors as application/problem+json (RFC 9457): the one place where an `ArenaError` becomes a status."""

import functools
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from arena import errors

STATUS: dict[type[errors.ArenaError], HTTPStatus] = {
    errors.Malformed: HTTPStatus.BAD_REQUEST,
    errors.Unauthenticated: HTTPStatus.UNAUTHORIZED,
    errors.Forbidden: HTTPStatus.FORBIDDEN,
    errors.AccountNeeded: HTTPStatus.FORBIDDEN,
    errors.NotFound: HTTPStatus.NOT_FOUND,
    errors.Ended: HTTPStatus.GONE,
    errors.Conflict: HTTPStatus.CONFLICT,
    errors.TooFewModels: HTTPStatus.CONFLICT,
    errors.NoTask: HTTPStatus.CONFLICT,
    errors.TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    errors.InvalidValue: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.UnknownName: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.DoesNotFit: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.TooMany: HTTPStatus.TOO_MANY_REQUESTS,
    errors.Overloaded: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.Undecided: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.StoreStopped: HTTPStatus.SERVICE_UNAVAILABLE,
}


WORDS: dict[int, str] = {
    HTTPStatus.BAD_REQUEST: "malformed",
    HTTPStatus.UNAUTHORIZED: "unauthenticated",
    HTTPStatus.FORBIDDEN: "forbidden",
    HTTPStatus.NOT_FOUND: "not_found",
    HTTPStatus.METHOD_NOT_ALLOWED: "method_not_allowed",
    HTTPStatus.CONFLICT: "conflict",
    HTTPStatus.GONE: "ended",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "too_large",
    HTTPStatus.UNPROCESSABLE_ENTITY: "out_of_range",
    HTTPStatus.TOO_MANY_REQUESTS: "limit",
    HTTPStatus.SERVICE_UNAVAILABLE: "overloaded",
}
"""The `code` of a problem whose error says nothing closer."""
MEANINGS: dict[int, str] = {
    HTTPStatus.BAD_REQUEST: "It cannot be read",
    HTTPStatus.UNAUTHORIZED: "No token or cookie, or none that is valid here",
    HTTPStatus.FORBIDDEN: "Not for this role",
    HTTPStatus.NOT_FOUND: "It is not there, or not yours to see",
    HTTPStatus.CONFLICT: "It is in another state than this needs",
    HTTPStatus.GONE: "It is used up or over",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "It is too large",
    HTTPStatus.UNPROCESSABLE_ENTITY: "A value is out of range",
    HTTPStatus.TOO_MANY_REQUESTS: "More than one's share; Retry-After says when to try again",
    HTTPStatus.SERVICE_UNAVAILABLE: "The arena is full, or takes nothing at the moment",
}
"""What a refusal means, for the OpenAPI document."""
SCHEMA: dict[str, Any] = {
    "title": "Problem",
    "description": "Why a request was refused (RFC 9457).",
    "type": "object",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What happened, to what, and what to do next."},
        "code": {"type": "string", "description": "The same in one word, for programs."},
    },
    "required": ["type", "title", "status", "detail", "code"],
}
OUT_OF_RANGE = ("greater_than", "greater_than_equal", "less_than", "less_than_equal")
"""What the framework calls a number that it could read."""
UNFORESEEN = "The arena could not do that; its log says why."
RETRY_SECONDS = 2
"""When to try again an arena that is full or has stopped taking votes."""


def problem(status: int, detail: str, *, code: str | None = None, retry_seconds: int = RETRY_SECONDS) -> JSONResponse:
    """A refusal, with the sentence that says what to do; `code` is the same for a program."""
    headers = {}
    if status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    if status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
        headers["Retry-After"] = str(retry_seconds)
    detail = detail.encode("utf-8", "replace").decode()  # it may quote half a character that was sent
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": int(status), "detail": detail}
    body["code"] = code or WORDS.get(status, "failed")
    return JSONResponse(body, status, headers, media_type="application/problem+json")


def not_allowed(method: str, path: str, allowed: Sequence[str]) -> JSONResponse:
    """The refusal of a method that an address does not take, with those that it takes."""
    methods = ", ".join(dict.fromkeys(allowed))
    refusal = problem(HTTPStatus.METHOD_NOT_ALLOWED, f"{path} does not take {method}; it takes {methods}.")
    refusal.headers["Allow"] = methods
    return refusal


def response(error: errors.ArenaError) -> JSONResponse:
    """The problem an arena error is."""
    if isinstance(error, errors.TooMany):
        return _too_many(str(error), error.code, error.retry_seconds)
    for kind in type(error).__mro__:
        if kind in STATUS:
            return problem(STATUS[kind], str(error), code=error.code)
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, UNFORESEEN)


@functools.lru_cache(256)
def _too_many(sentence: str, code: str | None, retry_seconds: int) -> JSONResponse:
    """The problem for whoever has taken too much, made once: a flood is told the same thousands of times."""
    return problem(STATUS[errors.TooMany], sentence, code=code, retry_seconds=retry_seconds)


def install(app: FastAPI) -> None:
    """Translate every error of the application."""

    @app.exception_handler(errors.ArenaError)
    async def arena_error(_: Request, error: errors.ArenaError) -> JSONResponse:
        return response(error)

    @app.exception_handler(RequestValidationError)
    async def unreadable(_: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"][1:]) or "body"
        status = HTTPStatus.UNPROCESSABLE_ENTITY if first["type"] in OUT_OF_RANGE else HTTPStatus.BAD_REQUEST
        return problem(status, f"{field}: {first['msg']}. See /api/openapi.json for the shape.")

    @app.exception_handler(Exception)
    async def unforeseen(_: Request, error: Exception) -> JSONResponse:
        return problem(HTTPStatus.INTERNAL_SERVER_ERROR, UNFORESEEN)

    @app.exception_handler(HTTPException)
    async def http_error(_: Request, error: HTTPException) -> JSONResponse:
        return problem(error.status_code, str(error.detail))
