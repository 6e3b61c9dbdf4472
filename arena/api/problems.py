"""Errors as application/problem+json (RFC 9457): the one place where an `ArenaError` becomes a status."""

from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from arena import errors

STATUS: dict[type[errors.ArenaError], HTTPStatus] = {
    errors.Malformed: HTTPStatus.BAD_REQUEST,
    errors.Unauthenticated: HTTPStatus.UNAUTHORIZED,
    errors.Forbidden: HTTPStatus.FORBIDDEN,
    errors.NotFound: HTTPStatus.NOT_FOUND,
    errors.Ended: HTTPStatus.GONE,
    errors.Conflict: HTTPStatus.CONFLICT,
    errors.TooFewModels: HTTPStatus.CONFLICT,
    errors.NoTask: HTTPStatus.CONFLICT,
    errors.TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    errors.InvalidValue: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.TooMany: HTTPStatus.TOO_MANY_REQUESTS,
    errors.Overloaded: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.StoreStopped: HTTPStatus.SERVICE_UNAVAILABLE,
}


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
    if code is not None:
        body["code"] = code
    return JSONResponse(body, status, headers, media_type="application/problem+json")


def response(error: errors.ArenaError) -> JSONResponse:
    """The problem an arena error is."""
    retry_seconds = error.retry_seconds if isinstance(error, errors.TooMany) else RETRY_SECONDS
    for kind in type(error).__mro__:
        if kind in STATUS:
            return problem(STATUS[kind], str(error), code=error.code, retry_seconds=retry_seconds)
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "The arena could not do that; its log says why.")


def install(app: FastAPI) -> None:
    """Translate every error of the application."""

    @app.exception_handler(errors.ArenaError)
    async def arena_error(_: Request, error: errors.ArenaError) -> JSONResponse:
        return response(error)

    @app.exception_handler(RequestValidationError)
    async def unreadable(_: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"][1:]) or "body"
        return problem(HTTPStatus.BAD_REQUEST, f"{field}: {first['msg']}. See /api/openapi.json for the shape.")

    @app.exception_handler(HTTPException)
    async def http_error(_: Request, error: HTTPException) -> JSONResponse:
        return problem(error.status_code, str(error.detail))
