"""Sentences for everything that can go wrong between us and a model server, as the errors of `arena.errors`.

    httpx.HTTPError
    ├── HTTPStatusError          Rejected, by its status
    └── RequestError
        ├── TooManyRedirects     NotAModelServer
        ├── DecodingError        NotAModelServer
        └── TransportError
            ├── TimeoutException
            │   ├── ConnectTimeout                Unreachable
            │   ├── PoolTimeout                   NotAsked
            │   └── ReadTimeout, WriteTimeout     TimedOut
            ├── NetworkError (Connect, Read, Write, Close)
            │                                     Unreachable, once the answer has begun Incomplete
            │   └── ConnectionsClosed, of ours    NotAsked
            ├── ProtocolError
            │   ├── LocalProtocolError            Unreachable
            │   └── RemoteProtocolError           NotAModelServer; Unreachable when it just hung up,
            │                                     once the answer has begun Incomplete
            ├── ProxyError                        Unreachable
            └── UnsupportedProtocol               Unreachable
    httpx.InvalidURL                              Unreachable

`httpx.StreamError` and `httpx.CookieConflict` would be bugs of ours and pass through. Messages name the model
and the server's address without user name, password and query, and never hold a key: what a server says is
shown with the key cut out, should it have been echoed.
"""

import httpx

from arena import errors
from arena.domain.model import Model
from arena.inference import refusals, wire
from arena.inference.connections import ConnectionsClosed
from arena.inference.keys import Key

ADVICE = {
    400: "Compare the prompt and the sampling of the model with what its server accepts.",
    401: "Set api_key_env to the variable that holds the server's key.",
    403: "Set api_key_env to a key that may use this model.",
    404: "Correct endpoint (it ends in /v1) or served_name.",
    429: "Wait, or raise the server's limit.",
}
"""What to do next, by status."""
PASSING = frozenset({408, 409, 425, 429})
"""Statuses below 500 by which a server says: not now."""


def who(model: Model) -> str:
    """The subject of every sentence: the model, and where its server is, without anything secret."""
    return f"{model.name} at {address(model.endpoint)}"


def address(endpoint: str) -> str:
    """An endpoint without user name, password, query and fragment."""
    try:
        url = httpx.URL(endpoint)
    except httpx.InvalidURL:
        return "an endpoint that is no URL"
    return str(url.copy_with(userinfo=b"", query=None, fragment=None))


def of_transport(error: httpx.HTTPError | httpx.InvalidURL, model: Model, *, begun: bool) -> errors.ModelError:
    """The error for what httpx raised; `begun` says whether the response had started."""
    subject = who(model)
    match error:
        case httpx.HTTPStatusError():
            return errors.Rejected(
                f"{subject}: the server answered with status {error.response.status_code}. "
                f"{advice(error.response.status_code)}",
                status=error.response.status_code,
            )
        case httpx.TooManyRedirects():
            return redirected(model)
        case httpx.DecodingError():
            return errors.NotAModelServer(f"{subject}: the server sent bytes that cannot be decoded. Check endpoint.")
        case ConnectionsClosed():
            return errors.NotAsked(f"{subject}: was not asked, since this arena is stopping. Start it again.")
        case httpx.ConnectTimeout():
            return errors.Unreachable(
                f"{subject}: no connection within the deadline. Check that the server runs and can be reached."
            )
        case httpx.PoolTimeout():
            return errors.NotAsked(
                f"{subject}: was not asked, since every connection that this arena or this machine allows is in use. "
                "Raise the machine's limit of open files, or lower limits.live_battles."
            )
        case httpx.TimeoutException():
            return errors.TimedOut(f"{subject}: the server stopped reading or writing. Look at its log.")
        case httpx.InvalidURL() | httpx.UnsupportedProtocol() | httpx.LocalProtocolError():
            return errors.Unreachable(f"{subject}: endpoint is no usable address; write http://HOST:PORT/v1.")
        case httpx.RemoteProtocolError() if not begun and "without sending a response" not in str(error):
            return errors.NotAModelServer(f"{subject}: what answered does not speak HTTP. Check endpoint.")
        case _ if begun:
            return errors.Incomplete(f"{subject}: the connection broke before the answer ended. Look at its log.")
        case httpx.ConnectError():
            return errors.Unreachable(f"{subject}: no connection. Start the server, or correct endpoint.")
        case _:
            return errors.Unreachable(f"{subject}: the server hung up without an answer. Look at its log.")


def of_status(model: Model, status: int, body: bytes, key: Key | None) -> errors.ModelError:
    """The error for a status other than 200."""
    if 300 <= status < 400:
        return redirected(model)
    if status < 400:
        return errors.NotAModelServer(
            f"{who(model)}: the server answered a chat request with status {status}. Check endpoint."
        )
    try:
        failure = wire.failure(wire.decode(body), status)
    except wire.Unreadable:
        failure = None
    said, code = ("", "") if failure is None else (failure.message, failure.code)
    return of_failure(model, wire.Failure(message=said, status=status, code=code), key)


def of_failure(model: Model, failure: wire.Failure, key: Key | None) -> errors.ModelError:
    """The error for an error object, in a body or inside the stream."""
    said = wire.excerpt(_without(failure.message, key), 300)
    reason = f": {said.rstrip('.')}. " if said else ". "
    if refusals.of_prompt(failure, model.sampling.max_tokens):
        return errors.PromptRefused(
            f"{who(model)}: the server refused the conversation with status {failure.status}{reason}"
            "Nothing is wrong with the server."
        )
    return errors.Rejected(
        f"{who(model)}: the server answered with status {failure.status}{reason}{advice(failure.status)}",
        status=failure.status,
    )


def of_unreadable(model: Model, error: wire.Unreadable, key: Key | None) -> errors.NotAModelServer:
    """The error for bytes that are not the OpenAI format."""
    return errors.NotAModelServer(
        f"{who(model)}: the server {_without(str(error), key)}. "
        "Check that endpoint is an OpenAI-compatible server's, ending in /v1."
    )


def redirected(model: Model) -> errors.NotAModelServer:
    """The error for a redirect: following one would let a server send our request, and its key, elsewhere."""
    return errors.NotAModelServer(
        f"{who(model)}: the server answered with a redirect, and those are not followed. "
        "Set endpoint to the address it leads to."
    )


def passing(error: errors.ModelError, *, elsewhere: bool) -> bool:
    """Whether asking once more may help, the same server or one `elsewhere`: the reason may pass."""
    if isinstance(error, errors.Rejected):
        return error.status >= 500 or error.status in PASSING
    if isinstance(error.__cause__, httpx.ConnectTimeout):
        return elsewhere
    return isinstance(error, errors.Unreachable | errors.Incomplete | errors.NotAModelServer)


def advice(status: int) -> str:
    """What to do about a status."""
    return ADVICE.get(status, "Look at the server's log.")


def _without(text: str, key: Key | None) -> str:
    return text if key is None else key.cut_from(text)
