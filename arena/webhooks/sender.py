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
from typing import Final, Literal, Self

import httpx

SECONDS: Final = 10.0
"""For one delivery."""
THREADS: Final = 4
PORTS: Final = {"http": 80, "https": 443}
END_OF_PORTS: Final = 65_536
METADATA: Final = frozenset(
    map(
        ipaddress.ip_address,
        ("fd00:ec2::254", "fd20:ce::254", "fd00:42::42", "100.100.100.200", "168.63.129.16", "192.0.0.192"),
    )
)
"""Addresses of clouds' credentials that are not of the link."""
TRANSLATED: Final = tuple(map(ipaddress.IPv6Network, ("64:ff9b::/96", "::/96")))
"""Networks whose addresses end with one of IPv4."""
Reach = Literal["anywhere", "public", "listed"]
"""Which addresses may be sent to that the configuration does not list; `listed`: none."""


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
        self, url: str, secret: str, event: str, delivery: str, body: bytes, *, reach: Reach | None = "anywhere"
    ) -> tuple[int | None, str | None]:
        """The status that the address answered, and why the event did not arrive; None for each that there is not.
        `reach` None: the configuration lists its host, so it may be any address."""
        headers = {
            "Content-Type": "application/json",
            "X-Arena-Event": event,
            "X-Arena-Delivery": delivery,
            "X-Arena-Signature": signature(secret, body),
        }
        post = functools.partial(self._post, url, headers, body, reach)
        return await asyncio.get_running_loop().run_in_executor(self._threads, post)

    def _post(
        self, url: str, headers: dict[str, str], body: bytes, reach: Reach | None
    ) -> tuple[int | None, str | None]:
        more: dict[str, str] = {}
        try:
            asked = checked_url(url)
            if reach is not None:
                # The address that was looked at is the one that is asked, whatever the name means a moment later.
                host = asked.raw_host.decode("ascii")
                headers["Host"], more["sni_hostname"] = asked.netloc.decode("ascii"), host
                asked = asked.copy_with(host=looked_up(host, asked.port or PORTS[asked.scheme], reach))
            with self._client.stream("POST", asked, content=body, headers=headers, extensions=more) as answer:
                status = answer.status_code
        except (httpx.HTTPError, OSError, ValueError) as error:
            return None, f"{type(error).__name__}: {error}".rstrip(": ")
        return status, None if httpx.codes.is_success(status) else f"It answered {status}."


def checked_url(url: str) -> httpx.URL:
    """An address as it is asked. Raises `ValueError` for what is none: not HTTP, without a host that can be looked up,
    with a port that is none, or with a name or password."""
    try:
        found = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise ValueError(str(error)) from error
    host, port = found.raw_host.decode("ascii"), found.port
    if found.scheme not in PORTS or not host or "%" in host or found.userinfo:
        raise ValueError("It is http:// or https:// and a host, without name or password.")
    host.encode("idna")  # which fails for a name that no resolver takes
    if port is not None and not 0 < port < END_OF_PORTS:
        raise ValueError(f"Port {port} is none.")
    return found


def looked_up(host: str, port: int, reach: Reach) -> str:
    """The address of a host. Raises `OSError` for one that has none, and for one that is out of reach."""
    for *_, reached in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        address = str(reached[0])
        if is_closed(address, reach):
            raise OSError(f"{host} is {address}, to which an arena sends nothing unless [endpoints] lists it.")
        return address
    raise OSError(f"{host} has no address.")


def is_closed(host: str, reach: Reach) -> bool:
    """Whether a host is out of reach as it is written. Of a name this is asked again when it was looked up.

    Out of every reach are addresses of the link, of many, and of none, and those at which clouds keep credentials."""
    try:
        known = _meant(ipaddress.ip_address(host.partition("%")[0].strip("[]")))
    except ValueError:
        return reach == "listed"
    closed = known.is_link_local or known.is_multicast or known.is_unspecified or known in METADATA
    return closed or reach == "listed" or (reach == "public" and not known.is_global)


def _meant(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """The address of IPv4 that one of IPv6 leads to; itself where it leads to none."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    last = int(address) & 0xFFFF_FFFF
    if any(address in network for network in TRANSLATED) and last > 1:  # `::` and `::1` are addresses of IPv6
        return ipaddress.IPv4Address(last)
    return address.ipv4_mapped or address.sixtofour or address


def signature(secret: str, body: bytes) -> str:
    """What the header says of a body."""
    return f"sha256={hmac.digest(secret.encode(), body, hashlib.sha256).hex()}"
