"""One event as one signed POST.

    X-Arena-Signature: sha256=HMAC-SHA256(secret, body)
    X-Arena-Event: votes
    X-Arena-Delivery: ID/NUMBER

The same event has the same delivery, however often it is sent, so that whoever got it and could not say so may tell.
"""

import asyncio
import functools
import hashlib
import hmac
import ipaddress
import socket
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Final, Self

import httpx

SECONDS: Final = 10.0
"""For one delivery."""
THREADS: Final = 4
PORTS: Final = {"http": 80, "https": 443}
METADATA: Final = (ipaddress.ip_address("fd00:ec2::254"), ipaddress.ip_address("100.100.100.200"))
"""Addresses of clouds' credentials that are not of the link."""


class WebhookSender:
    """Sends to addresses that are told of events, in threads of its own: looking up the name of a host may take long,
    and everything else that waits in a thread must not wait behind it. An async context manager."""

    def __init__(self) -> None:
        self._client = httpx.Client(timeout=SECONDS, follow_redirects=False, trust_env=False)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="webhooks")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._client.close()

    async def send(
        self, url: str, secret: str, event: str, delivery: str, body: bytes, *, listed: bool = False
    ) -> tuple[int | None, str | None]:
        """The status that the address answered, and why the event did not arrive; None for each that there is not.
        `listed`: whether the configuration names its host, so that it may be any address."""
        headers = {
            "Content-Type": "application/json",
            "X-Arena-Event": event,
            "X-Arena-Delivery": delivery,
            "X-Arena-Signature": signature(secret, body),
        }
        post = functools.partial(self._post, url, headers, body, listed=listed)
        return await asyncio.get_running_loop().run_in_executor(self._threads, post)

    def _post(self, url: str, headers: dict[str, str], body: bytes, *, listed: bool) -> tuple[int | None, str | None]:
        more: dict[str, str] = {}
        try:
            asked = httpx.URL(url)
            if not listed:
                # The address that was looked at is the one that is asked, whatever the name means a moment later.
                headers["Host"], more["sni_hostname"] = asked.netloc.decode("ascii"), asked.raw_host.decode("ascii")
                asked = asked.copy_with(host=looked_up(asked.host, asked.port or PORTS[asked.scheme]))
            with self._client.stream("POST", asked, content=body, headers=headers, extensions=more) as answer:
                status = answer.status_code
        except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as error:
            return None, f"{type(error).__name__}: {error}".rstrip(": ")
        return status, None if httpx.codes.is_success(status) else f"It answered {status}."


def looked_up(host: str, port: int) -> str:
    """The address of a host. Raises `OSError` for one that has none, and for one at which a machine finds its own
    credentials, or everybody."""
    for *_, reached in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        address = str(reached[0])
        if is_closed(address):
            raise OSError(f"{host} is {address}, to which an arena sends nothing unless [endpoints] lists it.")
        return address
    raise OSError(f"{host} has no address.")


def is_closed(host: str) -> bool:
    """Whether a host is written as an address of the link, of many, or of none: clouds keep credentials there."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0].strip("[]"))
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    known = mapped or address
    return known.is_link_local or known.is_multicast or known.is_unspecified or known in METADATA


def signature(secret: str, body: bytes) -> str:
    """What the header says of a body."""
    return f"sha256={hmac.digest(secret.encode(), body, hashlib.sha256).hex()}"
