"""Which address a request came from: that of its connection, or what a proxy we trust says.

X-Forwarded-For is read from the right: each proxy adds the address it was asked by, so what stands further left than
the first address we do not trust was written by that address itself, and may be anything.
"""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from starlette.datastructures import Headers
from starlette.types import Scope

log = logging.getLogger(__name__)

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

SUBSCRIBER_BITS = 64
"""Of IPv6, what one subscriber is given at least: all of it is one address here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Where a request came from."""

    address: str
    """What shares are counted by."""
    local: bool
    """Whether it came from this machine, and not through a proxy on it."""
    scheme: str | None
    """`http` or `https`, where a trusted proxy says how it was asked."""


class Senders:
    """Tells senders apart, believing the proxies of `trusted_proxies` and nobody else."""

    def __init__(self, trusted: Sequence[Network]) -> None:
        self._trusted = tuple(trusted)
        self._untold = True

    def find(self, scope: Scope, headers: Headers) -> Sender:
        """Who sent this request."""
        client = scope.get("client")
        peer = _address(client[0]) if client else None
        if peer is None:
            return Sender(address="", local=False, scheme=None)
        forwarded = "x-forwarded-for" in headers or "forwarded" in headers
        if not self._trusts(peer):
            if forwarded and self._untold:
                self._untold = False
                log.warning(
                    "requests come through a proxy at %s, which trusted_proxies does not name: everybody behind it "
                    "has the share of one address",
                    peer,
                )
            return Sender(address=share_of(peer), local=peer.is_loopback and not forwarded, scheme=None)
        found = self._before_proxies(peer, headers.getlist("x-forwarded-for"))
        scheme = headers.get("x-forwarded-proto", "").strip().lower()
        return Sender(
            address=share_of(found),
            local=found.is_loopback and not forwarded,
            scheme=scheme if scheme in ("http", "https") else None,
        )

    def trusts(self, address: str) -> bool:
        """Whether this is the address of a proxy that speaks for others."""
        parsed = _address(address)
        return parsed is not None and self._trusts(parsed)

    def share(self, address: str) -> str:
        """The key under which the shares of this address are counted."""
        parsed = _address(address)
        return "" if parsed is None else share_of(parsed)

    def _trusts(self, address: Address) -> bool:
        return any(address in network for network in self._trusted)

    def _before_proxies(self, peer: Address, lines: Iterable[str]) -> Address:
        """The first address from the right that is no trusted proxy; what cannot be read ends the search."""
        found = peer
        for part in reversed(",".join(lines).split(",")):
            before = _address(_without_port(part.strip()))
            if before is None:
                return found
            found = before
            if not self._trusts(found):
                return found
        return found


@lru_cache(maxsize=4096)
def share_of(address: Address) -> str:
    """The name that shares of an address are counted by."""
    if isinstance(address, IPv6Address):
        return str(ip_network((address, SUBSCRIBER_BITS), strict=False))
    return str(address)


@lru_cache(maxsize=4096)
def _address(text: str) -> Address | None:
    """An address; an IPv4 address that was spelled as IPv6 is the same sender."""
    try:
        found = ip_address(text)
    except ValueError:
        return None
    return found.ipv4_mapped or found if isinstance(found, IPv6Address) else found


def _without_port(text: str) -> str:
    """`1.2.3.4:5678` and `[::1]:5678` name an address too."""
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0] if text.count(":") == 1 else text
