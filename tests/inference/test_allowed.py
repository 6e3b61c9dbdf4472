"""Where added models may be asked: what is on the list, however it is written, and nothing else."""

import itertools

import pytest

from arena import errors, settings
from arena.inference.allowed import Allowed

CONFIGURED = ("http://127.0.0.1:8001/v1", "https://api.example.org/v1")
LISTED = ("gpu-7:8001", "10.0.4.0/24", "[fd00::7]", "Models.Example.org")
ALLOWED = Allowed.of(LISTED, CONFIGURED)


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://127.0.0.1:8001/v1",
        "https://api.example.org/v1",
        "https://API.EXAMPLE.ORG:443/v1",
        "http://gpu-7:8001/v1",
        "http://10.0.4.21:8001/v1",
        "http://[fd00::7]:8001/v1",
        "http://[::ffff:10.0.4.9]:8001/v1",
        "http://models.example.org./v1",
    ],
)
def test_what_is_listed_may_be_asked(endpoint: str) -> None:
    assert ALLOWED.has(endpoint)


HOSTS = (
    *("169.254.169.254", "192.168.1.1", "10.0.5.1", "8.8.8.8", "0.0.0.1", "255.255.255.255", "127.0.0.2", "gpu-8"),
    *("localhost", "localhost.", "metadata.google.internal", "metadata", "kubernetes.default.svc", "example.org"),
    *("[::1]", "[::]", "[fe80::1]", "[fd00::8]", "[::ffff:169.254.169.254]", "[::ffff:7f00:2]", "[64:ff9b::a9fe:a9fe]"),
    *("127.0.0.1.nip.io", "10.0.4.21.example.net", "api.example.org.evil.test", "evil.test", "xn--api-example.org"),
    *("2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "169.254.43518", "1", "017700000002", "0x7f000002"),
    *("gpu-7.evil.test", "models-example.org", "apiexample.org", "127.0.0.1@evil.test", "api.example.org@evil.test"),
)
PORTS = ("", ":80", ":8001", ":22")


@pytest.mark.parametrize("host", HOSTS)
def test_nothing_else_may_be_asked_whatever_it_means_to_a_resolver(host: str) -> None:
    """Read as a table would be: what the configuration's own reader makes of an address is what is compared."""
    for scheme, port in itertools.product(("http", "https"), PORTS):
        table = {"name": "one-model", "served_name": "x", "endpoint": f"{scheme}://{host}{port}/v1"}
        try:
            endpoint = str(settings.model(table).endpoint)
        except errors.InvalidValue:
            continue  # no address at all
        assert not ALLOWED.has(endpoint), endpoint


def test_a_host_with_a_port_is_that_port_alone_and_user_names_are_refused() -> None:
    assert not ALLOWED.has("http://gpu-7/v1")
    assert not ALLOWED.has("http://gpu-7:8002/v1")
    assert not ALLOWED.has("http://127.0.0.1:9999/v1"), "the host of a configured model, on another port"
    assert not ALLOWED.has("http://someone@127.0.0.1:8001/v1")
    assert not ALLOWED.has("ftp://127.0.0.1:8001/v1")


@pytest.mark.parametrize(
    "endpoint", ["http://gpu-7:80x/v1", "http://any:0/v1", "http://any:99999/v1", "http://a\0b/v1"]
)
def test_what_is_no_address_is_on_no_list(endpoint: str) -> None:
    assert not Allowed.of(("gpu-7", "any"), ()).has(endpoint)
    assert Allowed.of(("any",), ()).has("http://any:65535/v1"), "positive control"


def test_without_a_list_only_the_servers_of_the_configuration_may_be_asked() -> None:
    """The positive control of the table above: another list, another answer."""
    bare = Allowed.of((), CONFIGURED)
    assert bare.has("http://127.0.0.1:8001/v1")
    assert not bare.has("http://10.0.4.21:8001/v1")
    assert Allowed.of(("0.0.0.0/0",), ()).has("http://169.254.169.254/v1")


@pytest.mark.parametrize(
    "entry", ["", "http://gpu-7", "a b", "user@gpu-7", "gpu-7:99999", "gpu-7:0", "gpu-7/v1", "10.0.4.21/24"]
)
def test_what_is_no_host_and_no_network_is_refused(entry: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - ours or that of `ipaddress`
        Allowed.of((entry,), ())


@pytest.mark.parametrize(
    "rest",
    [
        "/v1?all=1",
        "/v1?",
        "/v1#part",
        "/v1/../admin",
        "/v1/./x",
        "/..",
        "/v1/%2e%2e/admin",
        "/v1/.%2E/x",
        "/v 1",
    ],
)
def test_an_address_that_ends_elsewhere_than_it_says_is_refused(rest: str) -> None:
    assert ALLOWED.has("http://gpu-7:8001/v1/models.d/..v1"), "the control"
    assert not ALLOWED.has(f"http://gpu-7:8001{rest}")
