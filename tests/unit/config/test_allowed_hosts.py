"""Which names a web port answers to: nobody's page can read it by having its own name resolve to this machine."""

from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.config.allowed_hosts import AllowedHosts
from pipeline.config.settings import SetupError, load_settings

TOLD = AllowedHosts.of("board.example.com,Worker-1")
NAMES = st.from_regex(r"\A[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?){0,3}\.?\Z")


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:8080", "localhost.", "127.0.0.1", "127.0.0.1:9100", "[::1]:8080", "10.1.2.3:80"]
)
def test_addresses_and_this_machine_are_answered_untold(host: str) -> None:
    """Nobody else can have them resolved."""
    assert AllowedHosts().answers([host])


@pytest.mark.parametrize("host", ["board.example.com", "BOARD.example.com:443", "board.example.com.", "worker-1:9100"])
def test_names_that_were_told_are_answered(host: str) -> None:
    """With and without a port, in any case."""
    assert TOLD.answers([host])
    assert not AllowedHosts().answers([host])


@pytest.mark.parametrize(
    "host",
    [
        "", ":8080", "evil.example", "localhost.evil.example", "evil@localhost", "localhost:80:evil", "0x7f.1",
        "127.0.0.1.evil.example", "[localhost]", "[::1", "::1", "localhost/", "local host", "[::1]evil",
        "a.board.example.com",
    ],
)  # fmt: skip
def test_nothing_else_is_answered(host: str) -> None:
    """Whatever only looks like one of ours."""
    assert not TOLD.answers([host])


@given(NAMES)
def test_no_other_name_is_answered(name: str) -> None:
    """Whatever a registrar sells."""
    plain = name.rstrip(".")
    own = plain in ("localhost", "board.example.com", "worker-1")

    assert TOLD.answers([name]) == (own or _is_address(plain))


@given(st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)), st.integers(0, 65_535))
def test_any_address_is_answered(address: IPv4Address | IPv6Address, port: int) -> None:
    """As a browser writes it."""
    host = f"[{address}]" if address.version == 6 else str(address)

    assert AllowedHosts().answers([host, f"{host}:{port}"])


def test_a_request_with_one_foreign_name_of_two_is_refused() -> None:
    """Which of them counts is not ours to choose; without any it comes from no browser."""
    assert not AllowedHosts().answers(["localhost", "evil.example"])
    assert AllowedHosts().answers([])


@pytest.mark.parametrize("value", ["*", "http://board", "board:8080", "a,,b", "-a", "a b"])
def test_what_is_no_list_of_names_is_refused(value: str) -> None:
    """In one line that names the setting."""
    with pytest.raises(SetupError, match="ALLOWED_HOSTS"):
        load_settings({"SALESPULSE_ALLOWED_HOSTS": value})


def _is_address(name: str) -> bool:
    try:
        IPv4Address(name)
    except ValueError:
        return False
    return True
