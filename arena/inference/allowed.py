"""Where models that are added while the arena runs may be asked: an allow-list, so that nobody makes the arena reach
into a network for them.

A host is compared as it is written. No name is looked up to decide, so that what a name means later changes nothing.
Pure.
"""

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass

import httpx

PORTS = {"http": 80, "https": 443}
END_OF_PORTS = 65_536
WRITTEN = re.compile(r"[A-Za-z0-9._:\[\]-]+")
ELSEWHERE = re.compile(r"[?#\\\s]|/(\.|%2e){1,2}(/|$)", re.IGNORECASE)
"""What would make a request end at another path than the endpoint's own and what is added to it."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """Hosts, each with a port or with all; and networks."""

    hosts: frozenset[tuple[str, int | None]]
    networks: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]

    @classmethod
    def of(cls, written: Iterable[str], endpoints: Iterable[str]) -> "Allowed":
        """From entries as they are configured, and with the servers of these endpoints, each on its own port.

        Raises `ValueError` for an entry that is none.
        """
        hosts: set[tuple[str, int | None]] = {origin(one)[1:] for one in endpoints}
        networks = []
        for entry in written:
            if "/" in entry:
                networks.append(ipaddress.ip_network(entry))
            else:
                hosts.add(parsed(entry))
        return cls(frozenset(hosts), tuple(networks))

    def has(self, endpoint: str) -> bool:
        """Whether an endpoint may be asked."""
        try:
            url = httpx.URL(endpoint)
        except httpx.InvalidURL:
            return False
        if url.scheme not in PORTS or url.userinfo or ELSEWHERE.search(endpoint):
            return False
        host, port = _host(url), PORTS[url.scheme] if url.port is None else url.port
        if not 0 < port < END_OF_PORTS:
            return False
        if {(host, None), (host, port)} & self.hosts:
            return True
        try:
            address = ipaddress.ip_address(host)
        except ValueError:
            return False
        return any(address in network for network in self.networks)


def parsed(entry: str) -> tuple[str, int | None]:
    """The host of an entry, and its port where it has one. Raises `ValueError`."""
    try:
        url = httpx.URL(f"//{entry}")
    except httpx.InvalidURL as error:
        raise ValueError(f"{entry!r} is no host, HOST:PORT or network") from error
    bare = url.raw_host and not (url.userinfo or url.query or url.fragment) and url.path in ("", "/")
    if not bare or not WRITTEN.fullmatch(entry) or not 0 < (1 if url.port is None else url.port) < END_OF_PORTS:
        raise ValueError(f"{entry!r} is no host, HOST:PORT or network")
    return _host(url), url.port


def origin(endpoint: str) -> tuple[str, str, int]:
    """Which server an endpoint is on: scheme, host, port."""
    url = httpx.URL(endpoint)
    return url.scheme, _host(url), url.port or PORTS.get(url.scheme, 0)


def _host(url: httpx.URL) -> str:
    """In one spelling: an address as `ipaddress` writes it, a name in lower case without its last dot."""
    host = url.raw_host.decode("ascii").lower().strip("[]").removesuffix(".")
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)
