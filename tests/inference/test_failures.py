"""Every error of httpx has a sentence of ours."""

import inspect

import httpx
import pytest

from arena import errors
from arena.domain.ids import ModelName
from arena.domain.model import Model
from arena.inference import failures, wire
from arena.inference.keys import Key

MODEL = Model(name=ModelName("slug-under-test"), endpoint="http://127.0.0.1:9/v1", served_name="served")
BUGS = {"StreamError", "StreamConsumed", "StreamClosed", "ResponseNotRead", "RequestNotRead", "CookieConflict"}
"""Errors that httpx raises only when it is used wrongly; they pass through."""

EXPECTED = {
    "HTTPError": (errors.Unreachable, errors.Incomplete),
    "HTTPStatusError": (errors.Rejected, errors.Rejected),
    "RequestError": (errors.Unreachable, errors.Incomplete),
    "TooManyRedirects": (errors.NotAModelServer, errors.NotAModelServer),
    "DecodingError": (errors.NotAModelServer, errors.NotAModelServer),
    "TransportError": (errors.Unreachable, errors.Incomplete),
    "TimeoutException": (errors.TimedOut, errors.TimedOut),
    "ConnectTimeout": (errors.Unreachable, errors.Unreachable),
    "ReadTimeout": (errors.TimedOut, errors.TimedOut),
    "WriteTimeout": (errors.TimedOut, errors.TimedOut),
    "PoolTimeout": (errors.NotAsked, errors.NotAsked),
    "NetworkError": (errors.Unreachable, errors.Incomplete),
    "ConnectError": (errors.Unreachable, errors.Incomplete),
    "ReadError": (errors.Unreachable, errors.Incomplete),
    "WriteError": (errors.Unreachable, errors.Incomplete),
    "CloseError": (errors.Unreachable, errors.Incomplete),
    "ProxyError": (errors.Unreachable, errors.Incomplete),
    "UnsupportedProtocol": (errors.Unreachable, errors.Unreachable),
    "ProtocolError": (errors.Unreachable, errors.Incomplete),
    "LocalProtocolError": (errors.Unreachable, errors.Unreachable),
    "RemoteProtocolError": (errors.NotAModelServer, errors.Incomplete),
    "InvalidURL": (errors.Unreachable, errors.Unreachable),
}
"""Before and after the response began."""


def test_every_exception_of_httpx_is_listed() -> None:
    known = {name for name, kind in inspect.getmembers(httpx, inspect.isclass) if issubclass(kind, Exception)}
    assert known == EXPECTED.keys() | BUGS


@pytest.mark.parametrize("name", EXPECTED)
def test_each_exception_of_httpx_becomes_one_of_ours(name: str) -> None:
    kind = getattr(httpx, name)
    if kind is httpx.HTTPStatusError:
        request = httpx.Request("GET", MODEL.endpoint)
        error = kind("secret detail", request=request, response=httpx.Response(502))
    else:
        error = kind("secret detail")
    for begun, expected in zip((False, True), EXPECTED[name], strict=True):
        ours = failures.of_transport(error, MODEL, begun=begun)
        assert type(ours) is expected
        assert str(ours).startswith("slug-under-test at http://127.0.0.1:9/v1: ")
        assert "secret detail" not in str(ours)


@pytest.mark.parametrize("status", [*range(400, 430), 451, *range(500, 512)])
def test_an_error_status_is_told_with_what_to_do(status: int) -> None:
    ours = failures.of_status(MODEL, status, b"", None)
    assert isinstance(ours, errors.Rejected)
    assert ours.status == status
    assert f"status {status}" in str(ours)
    assert str(ours).rstrip(".").split(". ")[-1]


@pytest.mark.parametrize(
    "body",
    [
        b'{"error": {"message": "too long", "type": "BadRequestError", "param": null, "code": 400}}',
        b'{"error": {"code": 400, "message": "too long", "type": "invalid_request_error"}}',
        b'{"object": "error", "message": "too long", "code": 400}',
        b'{"error": "too long"}',
    ],
    ids=["vllm", "llama.cpp", "older vllm", "plain"],
)
def test_what_the_server_says_is_told(body: bytes) -> None:
    assert "status 400: too long. Compare" in str(failures.of_status(MODEL, 400, body, None))


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"<html>", b"[]", b'"x"', b"null", b'{"error": null}', b"[" * 9999])
def test_a_body_that_says_nothing_is_left_out(body: bytes) -> None:
    assert "the server answered with status 500. Look" in str(failures.of_status(MODEL, 500, body, None))


def test_what_the_server_says_is_short_printable_and_without_the_key() -> None:
    failure = wire.Failure(message="bad key sk-canary\x1b[31m\n" + "x" * 1000, status=401)
    told = str(failures.of_failure(MODEL, failure, Key("sk-canary")))
    assert "bad key [key] [31m xxx" in told
    assert told.isprintable()
    assert len(told) < 500


def test_an_address_is_told_without_user_password_and_query() -> None:
    assert failures.address("https://user:word@host.example:8443/v1?key=word#x") == "https://host.example:8443/v1"
