"""Where the webhook may go, and what signs it."""

import base64
from ipaddress import IPv4Address, IPv6Address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.config.settings import SetupError, load_settings
from pipeline.config.webhook import allowed_url, is_public
from pipeline.monitoring.logs import secrets_of

SECRET = "whsec_" + base64.b64encode(b"s" * 32).decode()
PRIVATE = [
    ip_network(each)
    for each in ("10.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")
]


@given(st.sampled_from(PRIVATE), st.integers(0, 2**24))
def test_no_address_of_a_private_network_is_public(network: object, number: int) -> None:
    """Nor is it in the form of IPv6."""
    address = network[number % network.num_addresses]  # type: ignore[index,attr-defined]

    assert not is_public(str(address))
    assert not is_public(f"::ffff:{address}")


@given(st.integers(0, 2**128 - 1))
def test_what_is_no_global_address_of_the_new_kind_is_none(number: int) -> None:
    """Whatever Python calls private, reserved or local is not public."""
    address = IPv6Address(number)
    if address.is_private or address.is_link_local or address.is_loopback or address.is_multicast:
        assert not is_public(str(address))


def test_addresses_of_the_internet_are_public() -> None:
    """Of both kinds."""
    assert is_public(str(IPv4Address("93.184.215.14")))
    assert is_public("2606:2800:21f:cb07:6820:80da:af6b:8b2c")
    assert not is_public("metadata")


@pytest.mark.parametrize(
    ("url", "public", "private"),
    [
        ("https://hooks.example.com/alerts?key=1", True, True),
        ("https://93.184.215.14/alerts", True, True),
        ("http://hooks.example.com/alerts", False, True),
        ("https://127.0.0.1/", False, True),
        ("https://[::1]:8443/", False, True),
        ("https://169.254.169.254/latest", False, True),
        ("https://user:word@hooks.example.com/", False, False),
        ("https://hooks.example.com/#part", False, False),
        ("https:///alerts", False, False),
        ("https://hooks.example.com:0/", False, False),
        ("https://hooks.example.com:99999/", False, False),
        ("ftp://hooks.example.com/", False, False),
        ("https://hooks.example.com/a b", False, False),
        ("hooks.example.com", False, False),
    ],
)
def test_where_it_may_go(url: str, public: bool, private: bool) -> None:
    """By default https to the Internet; a private receiver has to be asked for."""
    assert allowed_url(url, private=False) == public
    assert allowed_url(url, private=True) == private


@pytest.mark.parametrize(
    ("secret", "fits"),
    [
        (SECRET, True),
        (f"{SECRET},{SECRET}", True),
        (SECRET.removeprefix("whsec_"), False),
        ("whsec_" + base64.b64encode(b"s" * 23).decode(), False),
        ("whsec_" + base64.b64encode(b"s" * 65).decode(), False),
        ("whsec_%%%", False),
        (f"{SECRET},", False),
    ],
)
def test_what_a_secret_is(secret: str, fits: bool) -> None:
    """As the specification has it; one that is none is not repeated."""
    if fits:
        assert set(secret.split(",")) <= set(secrets_of(load_settings({}, webhook_secret=secret)))
        return
    with pytest.raises(SetupError) as refused:
        load_settings({}, webhook_secret=secret)
    assert secret not in str(refused.value)


def test_an_address_that_is_not_allowed_is_not_repeated() -> None:
    """It may hold a key."""
    with pytest.raises(SetupError, match="WEBHOOK_URL: the value is not allowed") as refused:
        load_settings({}, webhook_url="http://hooks.example.com/s3cret")
    assert "s3cret" not in str(refused.value)
