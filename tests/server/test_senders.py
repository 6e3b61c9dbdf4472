"""Whose share a request takes: the connection's address, or what a trusted proxy says, read from the right."""

import logging
from ipaddress import ip_network

import pytest
from starlette.datastructures import Headers

from arena.server.senders import Senders

PROXIES = [ip_network("127.0.0.1/32"), ip_network("10.0.0.0/8"), ip_network("2001:db8::/48")]


def found(peer: str, *forwarded: str, trusted: bool = True, **more: str) -> tuple[str, bool]:
    """The address and whether it is local, for a connection from `peer` with these X-Forwarded-For lines."""
    headers = Headers(
        raw=[(b"x-forwarded-for", line.encode()) for line in forwarded]
        + [(name.replace("_", "-").encode(), value.encode()) for name, value in more.items()]
    )
    sender = Senders(PROXIES if trusted else []).find({"type": "http", "client": (peer, 1)}, headers)
    return sender.address, sender.local


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("203.0.113.9", [], "203.0.113.9"),
        ("203.0.113.9", ["198.51.100.1"], "203.0.113.9"),  # nobody we trust says so
        ("127.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("127.0.0.1", ["192.0.2.7, 198.51.100.1"], "198.51.100.1"),  # what stands left of it may be invented
        ("127.0.0.1", ["192.0.2.7, 198.51.100.1, 10.1.2.3"], "198.51.100.1"),  # two proxies in a row
        ("127.0.0.1", ["192.0.2.7", "198.51.100.1", "10.1.2.3"], "198.51.100.1"),
        ("127.0.0.1", ["198.51.100.1:4711"], "198.51.100.1"),
        ("127.0.0.1", ["[2001:db9::1]:4711"], "2001:db9::/64"),
        ("127.0.0.1", ["198.51.100.1, unknown"], "127.0.0.1"),
        ("127.0.0.1", ["unknown, 10.1.2.3"], "10.1.2.3"),
        ("127.0.0.1", [""], "127.0.0.1"),
        ("127.0.0.1", [], "127.0.0.1"),
        ("::ffff:203.0.113.9", [], "203.0.113.9"),
        ("::ffff:127.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("2001:db9::1:2:3:4", [], "2001:db9::/64"),
        ("2001:db8::5", ["198.51.100.1"], "198.51.100.1"),
        ("no address", ["198.51.100.1"], ""),
    ],
)
def test_an_address_is_believed_from_the_right_and_from_trusted_proxies_only(
    peer: str, forwarded: list[str], address: str
) -> None:
    assert found(peer, *forwarded)[0] == address


def test_neighbours_in_one_network_of_ipv6_are_one_address_and_others_are_not() -> None:
    assert found("2001:db9::1")[0] == found("2001:db9::ffff:2")[0] != found("2001:db9:0:1::1")[0]


@pytest.mark.parametrize(
    ("peer", "forwarded", "trusted", "local"),
    [
        ("127.0.0.1", [], True, True),
        ("127.0.0.1", [], False, True),
        ("::1", [], False, True),
        ("203.0.113.9", [], False, False),
        ("203.0.113.9", ["127.0.0.1"], False, False),
        ("10.1.2.3", ["127.0.0.1"], True, False),
        ("127.0.0.1", ["198.51.100.1"], True, False),
        ("127.0.0.1", ["198.51.100.1"], False, False),  # a proxy on this machine that nobody named
        ("127.0.0.1", ["unknown"], True, False),
    ],
)
def test_only_what_no_proxy_sent_is_local(peer: str, forwarded: list[str], trusted: bool, local: bool) -> None:
    assert found(peer, *forwarded, trusted=trusted)[1] is local


def test_what_the_standard_header_says_was_forwarded_is_not_local() -> None:
    assert not found("127.0.0.1", forwarded="for=198.51.100.1")[1]


@pytest.mark.parametrize(
    ("peer", "said", "scheme"),
    [
        ("127.0.0.1", "https", "https"),
        ("127.0.0.1", "javascript", None),
        ("203.0.113.9", "https", None),
    ],
)
def test_the_scheme_is_that_of_a_trusted_proxy(peer: str, said: str, scheme: str | None) -> None:
    headers = Headers({"x-forwarded-proto": said})
    assert Senders(PROXIES).find({"type": "http", "client": (peer, 1)}, headers).scheme == scheme


def test_a_proxy_that_nobody_named_is_told_to_the_admin_once(caplog: pytest.LogCaptureFixture) -> None:
    senders = Senders([])
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            senders.find({"type": "http", "client": ("127.0.0.1", 1)}, Headers({"x-forwarded-for": "198.51.100.1"}))
    assert [record.message.count("trusted_proxies") for record in caplog.records] == [1]
