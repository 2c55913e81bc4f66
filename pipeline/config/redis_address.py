"""A Redis behind Sentinels, as its URL names it. Pure.

`redis+sentinel://user:password@host:26379,host:26379/primary/0`: user and password are those of the primary.
`rediss+sentinel://` is TLS, to Sentinels and primary alike.
"""

from typing import NamedTuple
from urllib.parse import unquote, urlsplit

SCHEMES = ("redis+sentinel", "rediss+sentinel")
DEFAULT_PORT = 26_379
ALLOWED = "redis+sentinel://host:26379,host:26379/name-of-the-primary/0"


class SentinelAddress(NamedTuple):
    """Where the Sentinels are, and which primary they watch over."""

    hosts: tuple[tuple[str, int], ...]
    primary: str
    database: int
    username: str | None
    password: str | None
    tls: bool


def behind_sentinels(url: str) -> bool:
    """Whether a URL names Sentinels."""
    return url.partition("://")[0] in SCHEMES


def read_address(url: str) -> SentinelAddress:
    """The address in a URL of which `behind_sentinels` is true; ValueError for one that is not as it must be."""
    parts = urlsplit(url)
    login, _, places = parts.netloc.rpartition("@")
    username, _, password = login.partition(":")
    primary, _, database = parts.path.strip("/").partition("/")
    hosts = tuple(_place(place) for place in places.split(","))
    if not primary or parts.query or (database and not database.isdecimal()):
        raise ValueError("not the URL of Sentinels")
    return SentinelAddress(
        hosts, primary, int(database or 0), unquote(username) or None, unquote(password) or None,
        parts.scheme == "rediss+sentinel",
    )  # fmt: skip


def _place(place: str) -> tuple[str, int]:
    host, colon, port = place.rpartition(":") if not place.endswith("]") else (place, "", "")
    if not colon:
        host, port = place, str(DEFAULT_PORT)
    if not host.strip("[]") or not port.isdecimal() or not 0 < int(port) <= 65_535:
        raise ValueError("not host:port")
    return host.strip("[]"), int(port)
